//! New entries as they are stored, for one reader.
//!
//! It looks at those logs that changed, and at no others: what a change costs a watch does
//! not grow with the number of logs.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use wpsx_listen::{Allowance, Holding};
use wpsx_proto::{checkpoint::VerifiedCheckpoint, envelope::Leaf, index::LeafIndex, payload::SALT};
use wpsx_store::{Changes, Store, StoredEntry};
use wpsx_views::{Filter, Views, admits};

use super::{position::Position, proven::Proven, question::Question};
use crate::{
    access::Sight,
    error::NodeError,
    served::ServedLog,
    work::{Wanted, while_wanted},
};

#[cfg(test)]
mod tests;

/// Bytes of entries after which a look ends.
const AT_ONCE: usize = 512 << 10;
/// Entries that are looked at in one go, whether they are wanted or not.
const LOOKED_AT: usize = 4_096;
/// The memory that a look may take: what it finds, and the frames that it reads.
const LOOK: usize = 4 << 20;

/// An entry and the head that it is proven against.
pub type WatchedEntry = (Proven, Arc<VerifiedCheckpoint>);

/// What comes from now on, of the logs that a reader may see.
pub struct Watch {
    sight: Sight,
    asked: Arc<Asked>,
    changes: Changes,
    /// The index of each log that is looked at next.
    next: HashMap<u32, u64>,
    /// Logs that changed and have to be looked at.
    due: BTreeSet<u32>,
    /// Logs that changed while the reader could not see them.
    unseen: BTreeSet<u32>,
    /// Whether it could see those of the network.
    reached: bool,
    ready: VecDeque<Result<WatchedEntry, NodeError>>,
    /// What is ready is held at the reader's cost.
    held: Holding,
    /// A look ended in a panic: the same would come again.
    failed: bool,
}

/// What is wanted of new entries.
struct Asked {
    question: Question,
    filter: Filter,
    views: Views,
}

/// What a look at some logs found.
#[derive(Default)]
struct Look {
    next: Vec<(u32, u64)>,
    found: VecDeque<Result<WatchedEntry, NodeError>>,
    bytes: usize,
    /// There is nothing more to look at in these.
    done: Vec<u32>,
    /// The reader cannot see these.
    unseen: Vec<u32>,
}

impl Watch {
    pub(super) fn begin(
        store: &Store,
        views: Views,
        sight: Sight,
        question: Question,
        filter: Filter,
        from: Option<Position>,
    ) -> Result<Self, NodeError> {
        let changes = store.changes();
        // Of every log: one that the reader may see later is news from now on too.
        let sizes = || {
            let logs = store.logs().into_iter().map(|log| {
                let size = log.head().map_or(0, |head| head.size().value());
                (log.number(), size)
            });
            logs.collect()
        };
        let due = from.iter().flat_map(|_| sight.logs());
        let due = due.map(|log| log.number()).collect();
        Ok(Self {
            next: from.map_or_else(sizes, |from| from.0),
            due,
            unseen: BTreeSet::new(),
            reached: sight.reaches_the_network(),
            sight,
            asked: Arc::new(Asked {
                question,
                filter,
                views,
            }),
            changes,
            ready: VecDeque::new(),
            held: Holding::default(),
            failed: false,
        })
    }

    /// The next entry that the question wants, at the cost of `allowance`; none when the
    /// store has closed. An entry that cannot be read is an error, after which the watch
    /// goes on. Who gives this up, and asks again, misses nothing.
    pub async fn next(&mut self, allowance: &Allowance) -> Option<Result<WatchedEntry, NodeError>> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.failed {
                return None;
            }
            self.held = Holding::default();
            if self.due.is_empty() {
                if !self.changes.come().await {
                    return None;
                }
                self.due.extend(self.changes.take());
                self.look_again();
            }
            let held = allowance.memory(LOOK).await;
            let place = allowance.places(1).await;
            let (sight, asked) = (self.sight.clone(), Arc::clone(&self.asked));
            let due = self.due.iter().map(|log| (*log, self.next_of(*log)));
            let due: Vec<(u32, u64)> = due.collect();
            let work = move |wanted: &Wanted| {
                let _until_it_ends = place;
                Ok(look(&sight, &asked, due, wanted))
            };
            match while_wanted(work).await {
                Ok(look) => self.take(look, held),
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
    }

    /// Up to where the logs are told that its reader sees.
    #[must_use]
    pub fn position(&self) -> Position {
        let seen = self.sight.logs().into_iter();
        let seen = seen.map(|log| (log.number(), self.next_of(log.number())));
        Position(seen.collect())
    }

    /// The part of a position that says that its log is told up to this entry.
    #[must_use]
    pub fn position_after(&self, told: &Proven) -> Position {
        let log = self.sight.log(&told.origin);
        Position(
            log.map(|log| (log.number(), told.index.value() + 1))
                .into_iter()
                .collect(),
        )
    }

    fn next_of(&self, log: u32) -> u64 {
        self.next.get(&log).copied().unwrap_or_default()
    }

    fn take(&mut self, look: Look, mut held: Holding) {
        self.next.extend(look.next);
        for log in look.done {
            self.due.remove(&log);
        }
        for log in look.unseen {
            self.due.remove(&log);
            self.unseen.insert(log);
        }
        held.shrink(2 * look.bytes);
        (self.ready, self.held) = (look.found, held);
    }

    /// What could not be seen is due once it can.
    fn look_again(&mut self) {
        let reaches = self.sight.reaches_the_network();
        if std::mem::replace(&mut self.reached, reaches) != reaches {
            self.due.append(&mut self.unseen);
        }
    }
}

fn look(sight: &Sight, asked: &Asked, due: Vec<(u32, u64)>, wanted: &Wanted) -> Look {
    let mut look = Look::default();
    let mut looked_at = 0;
    for (number, mut at) in due {
        let Some(log) = sight.numbered(number) else {
            look.unseen.push(number);
            continue;
        };
        let size = log.head().map_or(0, |head| head.size().value());
        if asked.question.wants(&log)
            && let Some(head) = log.head()
        {
            while at < size {
                let enough = look.bytes >= AT_ONCE || looked_at == LOOKED_AT;
                if enough || wanted.is_gone() {
                    look.next.push((number, at));
                    return look;
                }
                let index = LeafIndex::new(at);
                at += 1;
                looked_at += 1;
                if let Some(entry) = wanted_entry(&log, &head, index, asked).transpose() {
                    look.bytes += entry.as_ref().map_or(0, Proven::bytes);
                    look.found
                        .push_back(entry.map(|entry| (entry, head.clone())));
                }
            }
        }
        look.next.push((number, at.max(size)));
        look.done.push(number);
    }
    look
}

/// One new entry, if the question wants it.
fn wanted_entry(
    log: &ServedLog,
    head: &VerifiedCheckpoint,
    index: LeafIndex,
    asked: &Asked,
) -> Result<Option<Proven>, NodeError> {
    let leaf = log.entry(index)?;
    let Leaf::Known(envelope) = Leaf::read(&leaf) else {
        return Ok(None);
    };
    let kinds = &asked.question.kinds;
    if !(kinds.is_empty() || kinds.contains(&envelope.kind)) {
        return Ok(None);
    }
    // The filter knows the batches that there were when the watch began.
    if asked.question.news_only && log.is_backfill(index) {
        return Ok(None);
    }
    let entry = stored(log, index)?;
    // What ends a record says nothing more: it is found by what it was last.
    let stood = match envelope.operation.publishes() {
        true => None,
        false => {
            let record = &envelope.record_id;
            let stood = asked.views.stood(log.number(), record, index.value())?;
            let stood = stood.map(LeafIndex::new).or(envelope.previous);
            let stood = stood.filter(|stood| *stood < index);
            stood.map(|stood| stored(log, stood)).transpose()?
        }
    };
    if !admits(&asked.filter, log.number(), &entry, stood.as_ref()) {
        return Ok(None);
    }
    Proven::of(log, head, index).map(Some)
}

/// An entry as the views are told of it.
fn stored(log: &ServedLog, index: LeafIndex) -> Result<StoredEntry, NodeError> {
    let (state, slot) = log.slot(index)?;
    Ok(StoredEntry {
        index: index.value(),
        leaf: log.entry(index)?,
        state,
        payload: slot.map(|slot| slot.slice(SALT.min(slot.len())..)),
    })
}
