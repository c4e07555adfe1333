//! Reads every stored file from time to time, at a quiet pace, so that damage is found
//! while there is still someone who can mend it.
//!
//! Which log is next, and when the last round ended, are kept: a node that is started
//! often does not begin anew each time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use wpsx_client::clock::Clock;
use wpsx_domain::NodeError;
use wpsx_proto::chain;
use wpsx_store::{Store, StoreError};

const FILE: &str = "scrub";
const LOST: &str = "when all files were read last is not known any more: a round begins soon";
/// The rest after each bundle of 256 entries: some 10,000 entries in a second.
const REST: Duration = Duration::from_millis(25);
/// How long a node that was started does other things first, and how often it looks
/// whether a round is due.
const LOOK: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    /// The number of the log that is read next.
    next: u32,
    /// When the last whole round ended, milliseconds since 1970; 0: never.
    ended: u64,
}

/// The rounds over all files. Clones are the same.
#[derive(Clone)]
pub struct Scrub {
    store: Store,
    clock: Clock,
    every: Duration,
    ended: Arc<AtomicU64>,
}

impl Scrub {
    /// Rounds over `store`, one in `every`.
    pub fn new(store: Store, clock: Clock, every: Duration) -> Self {
        if let Err(StoreError::Damaged { .. }) = store.state().get(FILE)
            && let Err(error) = store.state().give_up(FILE, LOST)
        {
            tracing::warn!(%error, "how far the reading of all files was is not known");
        }
        let scrub = Self {
            store,
            clock,
            every,
            ended: Arc::default(),
        };
        scrub.ended.store(scrub.kept().ended, Ordering::Relaxed);
        scrub
    }

    /// When the last whole round ended, milliseconds since 1970; 0: never.
    pub fn ended(&self) -> u64 {
        self.ended.load(Ordering::Relaxed)
    }

    /// Reads in rounds until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => return,
            }
            let since = self.clock.unix_ms().saturating_sub(self.ended());
            if u128::from(since) < self.every.as_millis() {
                continue;
            }
            if let Err(error) = self.round(&stop).await {
                tracing::warn!(error = chain(&error), "the files could not all be read");
            }
        }
    }

    /// Reads all files once, those of logs from where the last round was left. Where it is
    /// stopped it is left there again.
    ///
    /// # Errors
    /// What was reached cannot be kept.
    pub async fn round(&self, stop: &CancellationToken) -> Result<(), NodeError> {
        let from = self.kept().next;
        let store = self.store.clone();
        let looking = tokio::task::spawn_blocking(move || store.look_over()).await;
        looking.map_err(|_| NodeError::Internal("reading the files panicked".to_owned()))?;
        for log in self.store.logs() {
            if log.number() < from {
                continue;
            }
            if stop.is_cancelled() {
                return Ok(());
            }
            self.keep(log.number(), self.ended())?;
            let halt = Arc::new(AtomicBool::new(false));
            let (store, halted) = (self.store.clone(), halt.clone());
            let pace = tokio::runtime::Handle::current();
            let reading = tokio::task::spawn_blocking(move || {
                let mut before = 0;
                store.verify_until(&log, &halted, |progress| {
                    // A second look is quick: the node waits for it.
                    if progress.checked > before && !halted.load(Ordering::Relaxed) {
                        pace.block_on(tokio::time::sleep(REST));
                    }
                    before = before.max(progress.checked);
                })
            });
            tokio::pin!(reading);
            let read = tokio::select! {
                read = &mut reading => read,
                () = stop.cancelled() => {
                    halt.store(true, Ordering::Relaxed);
                    // A bundle at most.
                    let _ = reading.await;
                    return Ok(());
                }
            };
            match read {
                // It was dropped, or stands still.
                Ok(Ok(_) | Err(StoreError::UnknownLog(_) | StoreError::DamagedLog { .. })) => {}
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => return Err(NodeError::Internal("reading the files panicked".to_owned())),
            }
        }
        let now = self.clock.unix_ms();
        self.keep(0, now)?;
        self.ended.store(now, Ordering::Relaxed);
        Ok(())
    }

    fn kept(&self) -> Kept {
        // What cannot be read is as if there had been no round.
        let bytes = self.store.state().get(FILE).ok().flatten();
        let kept: Value = bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let number = |name: &str| kept[name].as_u64().unwrap_or_default();
        Kept {
            next: u32::try_from(number("next")).unwrap_or_default(),
            ended: number("ended"),
        }
    }

    fn keep(&self, next: u32, ended: u64) -> Result<(), NodeError> {
        let kept = json!({ "next": next, "ended": ended }).to_string();
        Ok(self.store.state().put(FILE, kept.as_bytes())?)
    }
}

impl std::fmt::Debug for Scrub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scrub").finish_non_exhaustive()
    }
}
