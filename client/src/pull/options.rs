//! How to pull, and how long to wait for it.

use std::{pin::pin, sync::Arc, time::Duration};

use super::{error::PullError, filter::PayloadFilter, speed::Speed};
use crate::transport::Counters;

/// Bytes over the whole line that count as a sign of life while a message is awaited.
const SIGN: u64 = 1_024;
/// How many times our patience one message may take while the line brings others.
const PATIENT: usize = 30;

/// Who answers: it decides what a smaller head means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// A node that replicates the log: a smaller head is behind.
    #[default]
    Relay,
    /// The node that hosts the log's publisher: a smaller head was rolled back.
    Publisher,
}

/// How to pull.
#[derive(Debug, Clone)]
pub struct PullOptions {
    /// Which payloads to fetch.
    pub payloads: PayloadFilter,
    /// Whether frames may come compressed with Zstandard.
    pub zstd: bool,
    /// How long to wait for each message while nothing comes over the line.
    pub patience: Duration,
    /// Bytes a second below which a whole call counts as stalled.
    pub min_rate: u64,
    /// What came over the line, if somebody counts it: a message that takes long is
    /// awaited as long as bytes come.
    pub counters: Option<Arc<Counters>>,
    /// How fast the line is. Whoever asks over the same line shares it.
    pub speed: Arc<Speed>,
    /// Who answers.
    pub source: Source,
    /// Whether entries that came before the line broke are yielded though their
    /// payloads did not come, which are then not held and can be filled later. Without
    /// it they are fetched again.
    pub keep_entries: bool,
}

impl Default for PullOptions {
    fn default() -> Self {
        Self {
            payloads: PayloadFilter::everything(),
            zstd: true,
            patience: Duration::from_secs(20),
            min_rate: 256,
            counters: None,
            speed: Arc::default(),
            source: Source::Relay,
            keep_entries: false,
        }
    }
}

impl PullOptions {
    /// Waits for one message, as long as something comes over the line.
    pub(crate) async fn wait<V>(
        &self,
        message: impl Future<Output = Result<V, tonic::Status>>,
    ) -> Result<V, PullError> {
        let mut message = pin!(message);
        let mut waited = Duration::ZERO;
        for _ in 0..PATIENT {
            let before = self.received();
            if let Ok(answer) = tokio::time::timeout(self.patience, &mut message).await {
                return Ok(answer?);
            }
            waited += self.patience;
            if self.received() - before < SIGN {
                break;
            }
        }
        Err(PullError::Stalled { waited })
    }

    /// Bytes that came over the line so far.
    fn received(&self) -> u64 {
        self.counters.as_ref().map_or(0, |line| line.received())
    }

    /// How long a call that brings about `bytes` may take in all.
    pub(super) fn whole_call(&self, bytes: u64) -> Duration {
        self.patience + Duration::from_secs(bytes / self.min_rate.max(1))
    }
}
