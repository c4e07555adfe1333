//! Tells one follower what is stored. It says how far it is, and is told from there; so
//! nothing waits for it, and what it lacks after a crash, after a bulk load or after
//! `reindex` is told by this same code.

use std::{collections::BTreeSet, time::Duration};

use wpsx_proto::{
    index::{BUNDLE, LeafIndex},
    payload::SALT,
};

use super::{
    mailbox::{Changes, Mailbox},
    shared::Shared,
};
use crate::{error::StoreError, follow::StoredEntry, log::handle::LogHandle};

/// Entries told in one go before another log has its turn.
const TURN: u64 = 4096;

/// While logs grow faster than by [`MUCH`] entries in a turn or a `PAUSE`, a follower that is
/// behind rests so long after each turn, [`PAUSES`] times at most. It cannot keep up then, and
/// what it derives comes soon enough after a bulk load; without rests the load would wait for
/// the processors and the disk that it keeps busy.
const PAUSE: Duration = Duration::from_millis(50);
const MUCH: u64 = 1000;
const PAUSES: u32 = 20;

/// Runs until the mailbox says that it is enough.
pub(crate) fn run(shared: &Shared, mailbox: &Mailbox, is_index: bool) {
    let feed = Feed {
        shared,
        mailbox,
        is_index,
    };
    let _end = mailbox.watch_end();
    while let Some(changes) = mailbox.next() {
        feed.tell_changes(changes);
        // Each log has a turn, however much changes meanwhile of what was told before.
        let mut stored = feed.stored();
        let mut behind = feed.tell_entries();
        while behind && !mailbox.is_interrupted() {
            stored = feed.stand_back(stored);
            behind = feed.tell_entries();
        }
        if behind {
            mailbox.wake();
        }
    }
}

struct Feed<'s> {
    shared: &'s Shared,
    mailbox: &'s Mailbox,
    /// It is the follower that the store asks for the newest entry of a record.
    is_index: bool,
}

impl Feed<'_> {
    fn tell_changes(&self, changes: Changes) {
        for log in changes.forgets {
            match self.forget(log) {
                Ok(()) => self.mailbox.forgot(log),
                Err(error) => self.mailbox.failed(log, &error),
            }
        }
        for (number, indexes) in changes.refills {
            // A log that is not there any more is forgotten as a whole.
            let told = match self.shared.log_numbered(number) {
                Some(log) => self.refill(&log, &indexes),
                None => Ok(()),
            };
            match told {
                Ok(()) => self.mailbox.refilled(number),
                Err(error) => self.mailbox.failed(number, &error),
            }
        }
    }

    /// Tells the next entries of each log; true if there are more.
    fn tell_entries(&self) -> bool {
        let mut behind = false;
        for log in self.shared.logs() {
            if self.mailbox.is_at_end() {
                return false;
            }
            if self.mailbox.is_forgetting(log.number()) {
                continue;
            }
            match self.turn(&log) {
                Ok(more) => behind |= more,
                // What was being told of it does not matter any more.
                Err(_) if log.inner.is_dropped() => {}
                Err(error) => self.mailbox.failed(log.number(), &error),
            }
        }
        behind
    }

    /// Rests while a bulk load goes on, and says how many entries there are then; before the
    /// turn there were `stored`.
    fn stand_back(&self, mut stored: u64) -> u64 {
        for _ in 0..PAUSES {
            let before = std::mem::replace(&mut stored, self.stored());
            if stored.saturating_sub(before) < MUCH || !self.mailbox.rests(PAUSE) {
                break;
            }
        }
        stored
    }

    /// How many entries there are in all logs.
    fn stored(&self) -> u64 {
        let logs = self.shared.logs();
        logs.iter().map(|log| log.stored().value()).sum()
    }

    fn position(&self, number: u32) -> Result<u64, StoreError> {
        self.mailbox.call(|follower| Ok(follower.position(number)))
    }

    fn forget(&self, number: u32) -> Result<(), StoreError> {
        let log = self.shared.log_numbered(number).filter(|_| self.is_index);
        if let Some(log) = &log {
            log.index_forgets();
        }
        self.mailbox.call(|follower| follower.forget(number))?;
        if let Some(log) = &log {
            log.index_forgot();
        }
        Ok(())
    }

    /// Tells the next entries of a log; true if there are more.
    fn turn(&self, log: &LogHandle) -> Result<bool, StoreError> {
        let number = log.number();
        let stored = log.stored().value();
        let start = self.position(number)?;
        if start >= stored || log.inner.is_dropped() {
            return Ok(false);
        }
        let end = stored.min(start + TURN);
        let mut entries = Vec::with_capacity((end - start) as usize);
        let mut at = start;
        while at < end {
            let stop = end.min(at - at % BUNDLE + BUNDLE);
            match read(log, at, stop, &mut entries) {
                // Its files went meanwhile.
                Err(_) if log.inner.is_dropped() => return Ok(false),
                other => other?,
            }
            at = stop;
        }
        self.mailbox
            .call(|follower| follower.post(number, start, &entries))?;
        if self.position(number)? <= start {
            return Err(self.mailbox.stands_still(start));
        }
        if self.is_index && log.is_own() {
            log.forget_recent(&entries, end);
        }
        self.mailbox.took(number);
        Ok(end < stored)
    }

    fn refill(&self, log: &LogHandle, indexes: &BTreeSet<u64>) -> Result<(), StoreError> {
        let told = self.position(log.number())?;
        let mut entries = Vec::new();
        for index in indexes.iter().filter(|index| **index < told) {
            match read(log, *index, index + 1, &mut entries) {
                Err(_) if log.inner.is_dropped() => return Ok(()),
                other => other?,
            }
        }
        if entries.is_empty() {
            return Ok(());
        }
        self.mailbox
            .call(|follower| follower.refill(log.number(), &entries))
    }
}

/// The entries `[start, end)` of one bundle.
fn read(
    log: &LogHandle,
    start: u64,
    end: u64,
    entries: &mut Vec<StoredEntry>,
) -> Result<(), StoreError> {
    let bundle = log.entries(LeafIndex::new(start), LeafIndex::new(end))?;
    let slots = log.slots(LeafIndex::new(start), LeafIndex::new(end))?;
    let stored = (start..).zip(slots).zip(0..bundle.len());
    entries.extend(stored.map(|((index, (state, slot)), at)| {
        StoredEntry {
            index,
            leaf: bundle.entry_bytes(at),
            state,
            payload: slot
                .filter(|slot| slot.len() >= SALT)
                .map(|slot| slot.slice(SALT..)),
        }
    }));
    Ok(())
}
