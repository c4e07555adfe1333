//! New entries as they are stored, for one reader.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use tokio::sync::watch;
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint, envelope::Leaf, index::LeafIndex, payload::SALT, record::Header,
};
use wpsx_store::Store;

use super::{proven::Proven, question::Question};
use crate::{access::Sight, error::NodeError, served::ServedLog, work::blocking};

/// Entries that are read in one go.
const AT_ONCE: usize = 64;
/// Entries that are looked at in one go, whether they are wanted or not.
const LOOKED_AT: usize = 4_096;

/// An entry and the head that it is proven against.
pub type WatchedEntry = (Proven, Arc<VerifiedCheckpoint>);

/// What comes from now on, of the logs that a reader may see.
pub struct Watch {
    sight: Sight,
    question: Question,
    changes: watch::Receiver<u64>,
    /// The index of each log that is looked at next.
    next: HashMap<u32, u64>,
    ready: VecDeque<Result<WatchedEntry, NodeError>>,
    /// A look ended in a panic: the same would come again.
    failed: bool,
}

/// What a look at the logs found.
struct Look {
    next: HashMap<u32, u64>,
    found: VecDeque<Result<WatchedEntry, NodeError>>,
    /// There is more to look at.
    more: bool,
}

impl Watch {
    pub(super) fn begin(
        store: &Store,
        sight: Sight,
        question: Question,
    ) -> Result<Self, NodeError> {
        question.check()?;
        // Of every log: one that the reader may see later is news from now on too.
        let next = store.logs().into_iter().map(|log| {
            let size = log.head().map_or(0, |head| head.size().value());
            (log.number(), size)
        });
        Ok(Self {
            next: next.collect(),
            sight,
            question,
            changes: store.changes(),
            ready: VecDeque::new(),
            failed: false,
        })
    }

    /// The next entry that the question wants; none when the store has closed. An entry
    /// that cannot be read is an error, after which the watch goes on.
    pub async fn next(&mut self) -> Option<Result<WatchedEntry, NodeError>> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.failed {
                return None;
            }
            self.changes.mark_unchanged();
            let (sight, question) = (self.sight.clone(), self.question.clone());
            // A copy: who gives this look up, and asks again, misses nothing.
            let next = self.next.clone();
            match blocking(move || Ok(look(&sight, &question, next))).await {
                Ok(look) => {
                    self.next = look.next;
                    self.ready = look.found;
                    if self.ready.is_empty() && !look.more {
                        self.changes.changed().await.ok()?;
                    }
                }
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

fn look(sight: &Sight, question: &Question, mut next: HashMap<u32, u64>) -> Look {
    let mut found = VecDeque::new();
    let mut looked_at = 0;
    for log in question.logs(sight) {
        let Some(head) = log.head() else { continue };
        let at = next.entry(log.number()).or_default();
        while *at < head.size().value() {
            if found.len() == AT_ONCE || looked_at == LOOKED_AT {
                return Look {
                    next,
                    found,
                    more: true,
                };
            }
            let index = LeafIndex::new(*at);
            *at += 1;
            looked_at += 1;
            if let Some(entry) = wanted(&log, &head, index, question).transpose() {
                found.push_back(entry.map(|entry| (entry, head.clone())));
            }
        }
    }
    Look {
        next,
        found,
        more: false,
    }
}

/// One new entry, if the question wants it.
fn wanted(
    log: &ServedLog,
    head: &VerifiedCheckpoint,
    index: LeafIndex,
    question: &Question,
) -> Result<Option<Proven>, NodeError> {
    let entry = log.entry(index)?;
    let Leaf::Known(envelope) = Leaf::read(&entry) else {
        return Ok(None);
    };
    if !(question.kinds.is_empty() || question.kinds.contains(&envelope.kind)) {
        return Ok(None);
    }
    if !question.countries.is_empty() {
        let (_, slot) = log.slot(index)?;
        let Some(slot) = slot else { return Ok(None) };
        let payload = slot.get(SALT..).unwrap_or_default();
        let Ok(header) = Header::read(payload) else {
            return Ok(None);
        };
        let mut countries = header.countries().iter();
        if !countries.any(|country| question.countries.contains(country)) {
            return Ok(None);
        }
    }
    Proven::of(log, head, index).map(Some)
}
