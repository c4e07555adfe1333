//! What the operator has done with the whole store: checking it, building what is
//! computed anew.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use wpsx_store::{LogHandle, Part, Store};

use crate::{access::Sight, error::NodeError};

/// What is said in place of a log's name of what is of the node itself.
pub const THE_NODE: &str = "(the node)";

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

    /// What is wrong that was not told of these logs.
    fn of_no_log(&self, told: &BTreeSet<String>) -> Vec<String> {
        let own = self.store.logs().iter().any(LogHandle::is_own);
        let doubt = self.store.doubt().filter(|_| !own);
        // What a check of its log found is told there.
        let damages = self.store.damage().into_iter();
        let of_logs = damages
            .filter(|damage| damage.part != Part::State && told.contains(&damage.log_name()));
        let of_logs: BTreeSet<PathBuf> = of_logs.map(|damage| damage.path).collect();
        let files = self.store.damaged_files().into_iter();
        let files = files.filter(|file| !of_logs.contains(&file.path));
        doubt
            .into_iter()
            .chain(self.unsound.iter().cloned())
            .chain(files.map(|file| format!("{}: {file}", file.path.display())))
            .collect()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Reads all files of the node, tells what was found damaged, and derives everything anew
    /// from the raw bytes of each log that `sight` admits.
    /// `tell` hears how far it is and then what was found, log by log; where it answers
    /// false to that, nobody listens and the check ends with the log under way. Blocks.
    pub fn verify(&self, sight: &Sight, tell: &mut dyn FnMut(Result<Checked, NodeError>) -> bool) {
        self.store.look_over();
        let mut told = BTreeSet::new();
        let of = |origin: &str, problems| Checked {
            origin: origin.to_owned(),
            checked: 0,
            total: 0,
            payloads: 0,
            problems,
        };
        for damage in sight.damage() {
            if damage.part == Part::Log {
                told.insert(damage.log_name());
                let found = of(&damage.log_name(), vec![damage.to_string()]);
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
            if found.as_ref().is_ok_and(|found| !found.problems.is_empty()) {
                told.insert(log.origin().to_string());
            }
            if !tell(found) {
                return;
            }
        }
        // Last: what was found and mended meanwhile is told too.
        let problems = self.of_no_log(&told);
        if !problems.is_empty() {
            tell(Ok(of(THE_NODE, problems)));
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
