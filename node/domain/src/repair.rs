//! Mending on the operator's word, with an account of what became of each thing.

use std::{collections::BTreeSet, time::Duration};

use futures::future::BoxFuture;
use wpsx_proto::index::{BUNDLE, LeafIndex};
use wpsx_proto::payload::SlotState;
use wpsx_store::{DamagedFile, Part};

use crate::upkeep::{THE_NODE, Upkeep};

/// How many times its patience a repair may take in all.
const MOST_PATIENCE: u32 = 30;
/// Runs of entries that one sentence names.
const MOST_NAMED: usize = 20;

/// Something that was damaged, and what became of it.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The log's name, or that it is of the node.
    pub origin: String,
    /// The file, or the folder of the log.
    pub path: String,
    /// How it showed, and how it was mended or what is left of it.
    pub reason: String,
    /// It is what it was. Else nobody who could be asked has what it takes.
    pub mended: bool,
}

impl From<DamagedFile> for Repaired {
    fn from(file: DamagedFile) -> Self {
        Self {
            mended: file.is_mended(),
            reason: file.to_string(),
            path: file.path.display().to_string(),
            origin: file.log.unwrap_or_else(|| THE_NODE.to_owned()),
        }
    }
}

impl Upkeep {
    /// Mends what is listed as damaged: alone what can be, and for the rest waits for the
    /// peers, who are asked again, while anything moves within `patience`. A node that is
    /// published to moves all the time, so that it ends after `MOST_PATIENCE` times that.
    ///
    /// Gives all that was found damaged since it was told last, what was mended long before
    /// too: with this it is told.
    pub fn repair(&self, patience: Duration) -> BoxFuture<'_, Vec<Repaired>> {
        Box::pin(async move {
            let mut found = BTreeSet::new();
            // What is mended by then is told all the same.
            let mending = self.mend_all(&mut found, patience);
            let _ = tokio::time::timeout(patience * MOST_PATIENCE, mending).await;
            let told = self.store().tell_damaged_files().into_iter();
            let mut told: Vec<Repaired> = told.map(Repaired::from).collect();
            told.extend(self.lost(&found));
            let mut unsigned = self.unsigned();
            // Of a key it is told already.
            unsigned.retain(|why| told.iter().all(|it| !why.reason.contains(&it.path)));
            told.extend(unsigned);
            told
        })
    }

    /// Why own logs are not signed: something of them is missing, or may be.
    fn unsigned(&self) -> Vec<Repaired> {
        let store = self.store();
        let left = |origin: String, path: String, reason| Repaired {
            origin,
            path,
            reason,
            mended: false,
        };
        let folder = store.dir().display().to_string();
        let doubt = store.doubt();
        let doubt = doubt.map(|reason| left(THE_NODE.to_owned(), folder, reason));
        let logs = store.logs();
        let logs = logs.iter().filter_map(|log| {
            let path = store.path_of(log).display().to_string();
            Some(left(log.origin().to_string(), path, log.contradiction()?))
        });
        doubt.into_iter().chain(logs).collect()
    }

    async fn mend_all(&self, found: &mut BTreeSet<(u32, Part)>, patience: Duration) {
        let store = self.store();
        let mut damage = store.damage_changes();
        let mut commits = store.changes();
        store.ask_again();
        loop {
            damage.mark_unchanged();
            commits.take();
            // What cannot be mended stays listed, and is told in the end.
            let _ = store.mend_files().await;
            for listed in store.damage() {
                let _ = store.mend(&listed).await;
                found.insert((listed.log, listed.part));
            }
            if store.damage().is_empty() && self.lost(found).is_empty() {
                return;
            }
            let moved = async {
                tokio::select! {
                    _ = damage.changed() => {}
                    _ = commits.come() => {}
                }
            };
            if tokio::time::timeout(patience, moved).await.is_err() {
                return;
            }
        }
    }

    /// The payloads that nobody gave: those of own logs, and those that were damaged.
    fn lost(&self, found: &BTreeSet<(u32, Part)>) -> Vec<Repaired> {
        let mut lost = Vec::new();
        for log in self.store().logs() {
            if log.holes().not_held == 0 {
                continue;
            }
            let bundles: Vec<u64> = match log.is_own() {
                true => (0..log.stored().value().div_ceil(BUNDLE)).collect(),
                false => {
                    let parts = found.iter().filter(|(number, _)| *number == log.number());
                    let bundles = parts.filter_map(|(_, part)| match part {
                        Part::Payloads(bundle) => Some(*bundle),
                        _ => None,
                    });
                    bundles.collect()
                }
            };
            let missing = bundles.into_iter().flat_map(|it| not_held(&log, it));
            let missing: Vec<u64> = missing.collect();
            if !missing.is_empty() {
                lost.push(Repaired {
                    origin: log.origin().to_string(),
                    path: self.store().path_of(&log).display().to_string(),
                    reason: format!(
                        "{} payloads of it are with nobody who was asked: of {}",
                        missing.len(),
                        named(&missing)
                    ),
                    mended: false,
                });
            }
        }
        lost
    }
}

/// The entries of a bundle whose payloads are missing.
fn not_held(log: &wpsx_store::LogHandle, bundle: u64) -> Vec<u64> {
    let start = bundle * BUNDLE;
    let end = log.stored().value().min(start + BUNDLE);
    let states = log.slot_states(LeafIndex::new(start), LeafIndex::new(end));
    let states = (start..).zip(states.unwrap_or_default());
    let missing = states.filter(|(_, state)| *state == SlotState::NotHeld);
    missing.map(|(index, _)| index).collect()
}

/// Entries in their order, as a sentence has them.
fn named(entries: &[u64]) -> String {
    let runs: Vec<String> = entries
        .chunk_by(|one, next| one + 1 == *next)
        .map(|run| match run {
            [one] => format!("entry {one}"),
            [first, .., last] => format!("entries {first} to {last}"),
            [] => String::new(),
        })
        .collect();
    match runs.len().checked_sub(MOST_NAMED) {
        None | Some(0) => runs.join(", "),
        Some(more) => format!("{}, and {more} more such", runs[..MOST_NAMED].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_named_by_their_runs_and_never_without_end() {
        assert_eq!(named(&[7]), "entry 7");
        assert_eq!(
            named(&[0, 1, 2, 9, 256, 257]),
            "entries 0 to 2, entry 9, entries 256 to 257"
        );
        let apart: Vec<u64> = (0..100).map(|n| 2 * n).collect();
        assert!(named(&apart).ends_with("entry 38, and 80 more such"));
    }
}
