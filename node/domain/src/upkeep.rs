//! What the operator has done with the whole store: checking it, building what is
//! computed anew.

use wpsx_proto::origin::Origin;
use wpsx_store::Store;

use crate::{access::Sight, error::NodeError};

/// How far a check of one log has come, or what it found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The log.
    pub origin: Origin,
    /// Entries whose place in the tree was proven.
    pub checked: u64,
    /// All entries.
    pub total: u64,
    /// Payloads that fit their entry's commitment.
    pub payloads: u64,
    /// What is wrong, in sentences.
    pub problems: Vec<String>,
}

/// Checks and rebuilds.
#[derive(Clone, Debug)]
pub struct Upkeep {
    store: Store,
}

impl Upkeep {
    /// The upkeep of `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Derives everything anew from the raw bytes of each log that `sight` admits.
    /// `tell` hears how far it is and then what was found, log by log; where it answers
    /// false to that, nobody listens and the check ends with the log under way. Blocks.
    pub fn verify(&self, sight: &Sight, mut tell: impl FnMut(Result<Checked, NodeError>) -> bool) {
        for log in sight.logs() {
            let at = |checked, total, payloads, problems| Checked {
                origin: log.origin().clone(),
                checked,
                total,
                payloads,
                problems,
            };
            let report = self.store.verify(log.handle(), |progress| {
                let (checked, total) = (progress.checked, progress.total);
                tell(Ok(at(checked, total, progress.payloads, Vec::new())));
            });
            let found = match report {
                Ok(report) => Ok(at(
                    report.checked,
                    report.total,
                    report.payloads,
                    report.problems,
                )),
                Err(error) => Err(NodeError::Store(error)),
            };
            if !tell(found) {
                return;
            }
        }
    }

    /// Builds all that is computed from the logs anew; `progress` gets the entries told
    /// and their number. Blocks.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn reindex(&self, progress: impl FnMut(u64, u64)) -> Result<(), NodeError> {
        Ok(self.store.reindex(progress)?)
    }
}
