//! What the operator has done with the whole store: checking it, building what is
//! computed anew.

use std::sync::Arc;

use wpsx_store::{LogHandle, Part, Store};

use crate::{access::Sight, error::NodeError};

/// How far a check of one log has come, or what it found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The log's name.
    pub origin: String,
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
    unsound: Arc<[String]>,
}

impl Upkeep {
    /// The upkeep of `store`; `unsound` says what else of the node contradicts it.
    pub fn new(store: Store, unsound: Arc<[String]>) -> Self {
        Self { store, unsound }
    }

    /// What is wrong that no log can tell of.
    fn of_no_log(&self) -> Vec<String> {
        let own = self.store.logs().iter().any(LogHandle::is_own);
        let doubt = self.store.doubt().filter(|_| !own);
        doubt
            .into_iter()
            .chain(self.unsound.iter().cloned())
            .collect()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Derives everything anew from the raw bytes of each log that `sight` admits, after
    /// telling which logs stand still because they are damaged.
    /// `tell` hears how far it is and then what was found, log by log; where it answers
    /// false to that, nobody listens and the check ends with the log under way. Blocks.
    pub fn verify(&self, sight: &Sight, tell: &mut dyn FnMut(Result<Checked, NodeError>) -> bool) {
        let problems = self.of_no_log();
        if !problems.is_empty() {
            let origin = "(the node)".to_owned();
            let found = Checked {
                origin,
                checked: 0,
                total: 0,
                payloads: 0,
                problems,
            };
            if !tell(Ok(found)) {
                return;
            }
        }
        for damage in sight.damage() {
            if damage.part == Part::Log {
                let found = Checked {
                    origin: damage.log_name(),
                    checked: 0,
                    total: 0,
                    payloads: 0,
                    problems: vec![damage.to_string()],
                };
                if !tell(Ok(found)) {
                    return;
                }
            }
        }
        for log in sight.logs() {
            let at = |checked, total, payloads, problems| Checked {
                origin: log.origin().to_string(),
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
    pub fn reindex(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), NodeError> {
        Ok(self.store.reindex(progress)?)
    }
}
