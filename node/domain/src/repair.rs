//! Mending on the operator's word, with an account of what became of each thing.

use std::{collections::BTreeMap, time::Duration};

use futures::future::BoxFuture;
use wpsx_proto::index::{BUNDLE, LeafIndex};
use wpsx_proto::payload::SlotState;
use wpsx_store::{Damage, Part};

use crate::upkeep::Upkeep;

/// How many times its patience a repair may take in all.
const MOST_PATIENCE: u32 = 30;

/// Something that was damaged, and what became of it.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The log's name.
    pub origin: String,
    /// The file, or the folder of the log.
    pub path: String,
    /// How it showed, or what is left of it.
    pub reason: String,
    /// It is what it was. Else nobody who could be asked has what it takes.
    pub mended: bool,
}

impl Upkeep {
    /// Mends what is listed as damaged: alone what can be, and for the rest waits for the
    /// peers, who are asked again, while anything moves within `patience`. A node that is
    /// published to moves all the time, so that it ends after `MOST_PATIENCE` times that.
    pub fn repair(&self, patience: Duration) -> BoxFuture<'_, Vec<Repaired>> {
        Box::pin(async move {
            let mut found = BTreeMap::new();
            // What is mended by then is told all the same.
            let mending = self.mend_all(&mut found, patience);
            let _ = tokio::time::timeout(patience * MOST_PATIENCE, mending).await;
            self.account(found)
        })
    }

    async fn mend_all(&self, found: &mut BTreeMap<(u32, Part), Damage>, patience: Duration) {
        let store = self.store();
        let mut damage = store.damage_changes();
        let mut commits = store.changes();
        store.ask_again();
        loop {
            damage.mark_unchanged();
            commits.take();
            for listed in store.damage() {
                // What cannot be mended stays listed, and is told below.
                let _ = store.mend(&listed).await;
                found.insert((listed.log, listed.part), listed);
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

    fn account(&self, found: BTreeMap<(u32, Part), Damage>) -> Vec<Repaired> {
        let left = self.store().damage();
        let is_left = |damage: &Damage| {
            let mut left = left.iter();
            left.any(|it| (it.log, it.part) == (damage.log, damage.part))
        };
        let lost = self.lost(&found);
        let told = found.into_values().map(|damage| Repaired {
            origin: damage.log_name(),
            path: damage.path.display().to_string(),
            mended: !is_left(&damage),
            reason: damage.reason,
        });
        told.chain(lost).collect()
    }

    /// The payloads that nobody gave: those of own logs, and those that were damaged.
    fn lost(&self, found: &BTreeMap<(u32, Part), Damage>) -> Vec<Repaired> {
        let mut lost = Vec::new();
        for log in self.store().logs() {
            let missing = match log.is_own() {
                true => log.holes().not_held,
                false => {
                    let parts = found.keys().filter(|(number, _)| *number == log.number());
                    let bundles = parts.filter_map(|(_, part)| match part {
                        Part::Payloads(bundle) => Some(*bundle),
                        _ => None,
                    });
                    bundles.map(|bundle| not_held(&log, bundle)).sum()
                }
            };
            if missing > 0 {
                lost.push(Repaired {
                    origin: log.origin().to_string(),
                    path: self.store().path_of(&log).display().to_string(),
                    reason: format!("{missing} payloads of it are with nobody who was asked"),
                    mended: false,
                });
            }
        }
        lost
    }
}

fn not_held(log: &wpsx_store::LogHandle, bundle: u64) -> u64 {
    let start = LeafIndex::new(bundle * BUNDLE);
    let end = LeafIndex::new(log.stored().value().min((bundle + 1) * BUNDLE));
    let states = log.slot_states(start, end).unwrap_or_default();
    states
        .iter()
        .filter(|state| **state == SlotState::NotHeld)
        .count() as u64
}
