//! How to pull, and how long to wait for it.

use std::time::Duration;

use super::{error::PullError, filter::PayloadFilter};

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
    /// How long to wait for each message.
    pub patience: Duration,
    /// Bytes a second below which a whole call counts as stalled.
    pub min_rate: u64,
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
            min_rate: 4096,
            source: Source::Relay,
            keep_entries: false,
        }
    }
}

impl PullOptions {
    /// Waits for one message.
    pub(crate) async fn wait<V>(
        &self,
        message: impl Future<Output = Result<V, tonic::Status>>,
    ) -> Result<V, PullError> {
        match tokio::time::timeout(self.patience, message).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(PullError::Stalled {
                waited: self.patience,
            }),
        }
    }

    /// How long a call that brings about `bytes` may take in all.
    pub(super) fn whole_call(&self, bytes: u64) -> Duration {
        self.patience + Duration::from_secs(bytes / self.min_rate.max(1))
    }
}
