//! Tells the views what is stored. They say how far they are, and are told from
//! there; so nothing waits for them, and what they lack after a crash, after a
//! bulk load or after `reindex` is told by this same code.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use parking_lot::{Condvar, Mutex};
use wpsx_proto::{
    envelope::{Leaf, Operation},
    index::{BUNDLE, LeafIndex},
    origin::RecordId,
    payload::{SALT, SlotState},
    record::{Header, Kind},
};

use super::{
    error::{StoreError, chain},
    log::{Log, LogHandle},
    store::Shared,
};
use crate::views::ViewEntry;

/// Entries told in one go before another log has its turn.
const TURN: u64 = 4096;

/// What the feeding thread is to do.
#[derive(Debug, Default)]
pub(super) struct Feed {
    work: Mutex<Work>,
    more: Condvar,
    settled: Condvar,
}

#[derive(Debug, Default)]
struct Work {
    /// Something was stored since the thread last looked.
    news: bool,
    /// Slots of stored entries that changed.
    refills: HashMap<u32, BTreeSet<u64>>,
    refilling: bool,
    failed: Option<String>,
    stop: bool,
}

impl Feed {
    /// Something was stored.
    pub(super) fn wake(&self) {
        self.work.lock().news = true;
        self.more.notify_one();
    }

    /// Slots of stored entries changed.
    pub(super) fn refill(&self, log: u32, indexes: impl IntoIterator<Item = u64>) {
        let mut work = self.work.lock();
        work.refills.entry(log).or_default().extend(indexes);
        work.news = true;
        self.more.notify_one();
    }

    /// Waits until the views know all slots that changed.
    pub(super) fn settle_refills(&self) -> Result<(), StoreError> {
        let mut work = self.work.lock();
        while (work.refilling || !work.refills.is_empty()) && !work.stop {
            if let Some(reason) = &work.failed {
                // The views are rebuilt when they are opened the next time.
                tracing::error!(reason, "the views were not told of changed payloads");
                return Ok(());
            }
            self.settled.wait(&mut work);
        }
        Ok(())
    }

    pub(super) fn stop(&self) {
        self.work.lock().stop = true;
        self.more.notify_one();
        self.settled.notify_all();
    }

    /// Waits for work. None: stop.
    fn next(&self) -> Option<HashMap<u32, BTreeSet<u64>>> {
        let mut work = self.work.lock();
        work.refilling = false;
        self.settled.notify_all();
        while !work.news && !work.stop {
            self.more.wait(&mut work);
        }
        if work.stop {
            return None;
        }
        work.news = false;
        let refills = std::mem::take(&mut work.refills);
        work.refilling = !refills.is_empty();
        Some(refills)
    }

    /// Why the views cannot be told, if so.
    pub(super) fn failure(&self) -> Option<String> {
        self.work.lock().failed.clone()
    }

    fn is_stopped(&self) -> bool {
        self.work.lock().stop
    }

    fn has_refills(&self) -> bool {
        !self.work.lock().refills.is_empty()
    }

    fn failed(&self, error: &StoreError) {
        let mut work = self.work.lock();
        if work.failed.is_none() {
            let reason = chain(error);
            tracing::error!(
                reason,
                "the views cannot be kept up; `wpsx reindex` builds them anew"
            );
            work.failed = Some(reason);
        }
        self.settled.notify_all();
    }
}

/// Runs until it is told to stop.
pub(super) fn run(shared: &Arc<Shared>) {
    while let Some(refills) = shared.feed.next() {
        for (number, indexes) in refills {
            let Some(log) = shared.log_numbered(number) else {
                continue;
            };
            if let Err(error) = refill(shared, &log, &indexes) {
                shared.feed.failed(&error);
            }
        }
        let mut behind = true;
        while behind && !shared.feed.is_stopped() && !shared.feed.has_refills() {
            behind = false;
            for log in shared.logs() {
                match turn(shared, &log) {
                    Ok(more) => behind |= more,
                    Err(error) => shared.feed.failed(&error),
                }
            }
        }
        if behind {
            shared.feed.wake();
        }
    }
}

/// Tells the next entries of a log; true if there are more.
fn turn(shared: &Shared, log: &LogHandle) -> Result<bool, StoreError> {
    let number = log.number();
    let stored = log.stored().value();
    let start = shared.views().position(number);
    if start >= stored || log.inner.is_dropped() {
        return Ok(false);
    }
    let end = stored.min(start + TURN);
    let mut entries = Vec::with_capacity((end - start) as usize);
    let mut at = start;
    while at < end {
        let stop = end.min(at - at % BUNDLE + BUNDLE);
        read(log, at, stop, &mut entries)?;
        at = stop;
    }
    let records: Vec<RecordId> = if log.is_own() {
        entries.iter().map(|entry| entry.record_id).collect()
    } else {
        Vec::new()
    };
    shared
        .views()
        .post(number, start, entries)
        .map_err(StoreError::Views)?;
    log.inner.forget_recent(&records, end);
    Ok(end < stored)
}

fn refill(shared: &Shared, log: &LogHandle, indexes: &BTreeSet<u64>) -> Result<(), StoreError> {
    let told = shared.views().position(log.number());
    let mut entries = Vec::new();
    for index in indexes.iter().filter(|index| **index < told) {
        read(log, *index, index + 1, &mut entries)?;
    }
    if entries.is_empty() {
        return Ok(());
    }
    shared
        .views()
        .refill(log.number(), entries)
        .map_err(StoreError::Views)
}

/// What the views need to know of the entries `[start, end)` of one bundle.
fn read(
    log: &LogHandle,
    start: u64,
    end: u64,
    entries: &mut Vec<ViewEntry>,
) -> Result<(), StoreError> {
    let bundle = log.entries(LeafIndex::new(start), LeafIndex::new(end))?;
    let slots = log.slots(LeafIndex::new(start), LeafIndex::new(end))?;
    for ((index, entry), (state, slot)) in (start..).zip(bundle.iter()).zip(slots) {
        entries.push(view_entry(index, entry, state, slot));
    }
    Ok(())
}

fn view_entry(index: u64, entry: &[u8], state: SlotState, slot: Option<bytes::Bytes>) -> ViewEntry {
    let mut view = ViewEntry {
        index,
        record_id: RecordId::from_bytes([0; 16]),
        revision: 0,
        operation: Operation::Unknown(0),
        kind: 0,
        state,
        countries: Vec::new(),
        external_id: None,
        readable: false,
        unknown_kind: false,
    };
    let Leaf::Known(envelope) = Leaf::read(entry) else {
        return view;
    };
    view.record_id = envelope.record_id;
    view.revision = envelope.revision;
    view.operation = envelope.operation;
    view.kind = envelope.kind;
    view.readable = true;
    view.unknown_kind = !Kind::new(envelope.kind).is_known();
    if let Some(slot) = slot
        && let Some(payload) = slot.get(SALT..)
        && let Ok(header) = Header::read(payload)
    {
        view.countries = header.countries().to_vec();
        view.external_id = header.external_id().map(str::to_owned);
    }
    view
}

impl Log {
    /// The views know the entries before `end`, which are of these records.
    fn forget_recent(&self, records: &[RecordId], end: u64) {
        if records.is_empty() {
            return;
        }
        let mut contents = self.contents.write();
        for record in records {
            if contents
                .recent
                .get(record)
                .is_some_and(|recent| recent.index < end)
            {
                contents.recent.remove(record);
            }
        }
    }
}
