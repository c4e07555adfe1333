//! Takes entries into the newest layer, and waits for what the thread does with them.
//!
//! Posting fills the newest layer. The thread (`writer`) takes the oldest sealed one,
//! writes it, and drops it. A layer is sealed when it is full, when posting pauses, when
//! it has waited for a few seconds, or when somebody flushes: large steps cost a
//! fraction of small ones, and nobody waits for them.

use std::{collections::HashMap, path::Path, sync::Arc, thread::JoinHandle};

use parking_lot::{Mutex, MutexGuard};

use super::{
    forget,
    shared::{Gate, Shared},
    writer::{self, Opening},
};
use crate::{
    clocks::Clocks,
    entry::ViewEntry,
    error::ViewsError,
    rows::{
        keys::{FORGETTING, LINKS, ROWS, entry_key, index_of, log_key},
        row::{Row, RowKey},
    },
    table::TableError,
};

/// The running thread. Dropping it stops the thread where it is.
pub(crate) struct Poster {
    pub(crate) shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Poster {
    /// Starts the thread, which opens what is stored.
    pub(crate) fn start(
        dir: Option<&Path>,
        clocks: Clocks,
        opening: Opening,
    ) -> Result<Self, ViewsError> {
        let shared = Arc::new(Shared::new(dir, clocks)?);
        let thread = writer::start(&shared, opening).map_err(TableError::Io)?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Waits until it is open.
    pub(crate) fn opened(&self) -> Result<(), ViewsError> {
        drop(self.shared.stored());
        match self.shared.gate().not_opened.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    pub(crate) fn position(&self, log: u32) -> u64 {
        self.shared.end(log)
    }

    pub(crate) fn unsettled(&self) -> Vec<(u32, u64)> {
        self.shared.gate().unsettled.iter().copied().collect()
    }

    pub(crate) fn post(
        &self,
        log: u32,
        start: u64,
        entries: &[ViewEntry],
    ) -> Result<(), ViewsError> {
        for (index, entry) in (start..).zip(entries) {
            if entry.index != index {
                let index = entry.index;
                return Err(ViewsError::OutOfOrder { log, index });
            }
        }
        let mut gate = self.open()?;
        let posted = self.shared.end(log);
        if start > posted {
            return Err(ViewsError::Gap { log, posted, start });
        }
        let known = usize::try_from(posted - start).unwrap_or(usize::MAX);
        // In portions, so that one large post fills several layers.
        for portion in entries.get(known..).unwrap_or_default().chunks(4096) {
            self.shared.room(&mut gate)?;
            // While this waited, another thread may have posted the same.
            let posted = self.shared.end(log);
            let stood = self.stood(log, portion)?;
            self.shared.take(&mut gate, |layer| {
                for entry in portion.iter().filter(|entry| entry.index >= posted) {
                    layer.post(log, entry, stood.get(&entry.index).copied());
                }
            });
            gate.marks(log);
            if let Some(last) = portion.last() {
                let end = posted.max(last.index + 1);
                self.shared.set_end(&mut gate, log, Some(end));
            }
        }
        Ok(())
    }

    /// At which entries the records stand that these entries end: by what those said, an
    /// ended record is found.
    fn stood(&self, log: u32, entries: &[ViewEntry]) -> Result<HashMap<u64, u64>, TableError> {
        let ends = |entry: &&ViewEntry| entry.readable && !entry.operation.publishes();
        let mut stood = HashMap::new();
        for entry in entries.iter().filter(ends) {
            let key = RowKey::new(entry.record_id.as_bytes(), log);
            if let Some(at) = stands_at(&self.shared, key, entry.index)? {
                stood.insert(entry.index, at);
            }
        }
        Ok(stood)
    }

    pub(crate) fn refill(&self, log: u32, entries: &[ViewEntry]) -> Result<(), ViewsError> {
        let mut gate = self.open()?;
        let posted = self.shared.end(log);
        // What is not posted yet will be posted as it is by then.
        let known = || entries.iter().filter(|entry| entry.index < posted);
        self.shared.room(&mut gate)?;
        gate.refills
            .note(log, known().map(|entry| entry.index))
            .map_err(TableError::Io)?;
        self.shared.take(&mut gate, |layer| {
            for entry in known() {
                layer.refill(log, entry);
            }
        });
        gate.marks(log);
        for entry in entries {
            gate.unsettled.remove(&(log, entry.index));
        }
        Ok(())
    }

    pub(crate) fn flush(&self) -> Result<(), ViewsError> {
        drop(self.written()?);
        Ok(self.shared.stored().table().flush()?)
    }

    pub(crate) fn leave_no_trace(&self) -> Result<(), ViewsError> {
        let mut gate = self.written()?;
        while gate.stale {
            gate.hurry = true;
            self.shared.work.notify_all();
            self.shared.done(&mut gate)?;
        }
        Ok(())
    }

    /// The gate, of what is open. Whoever waits for that does not hold it.
    fn open(&self) -> Result<MutexGuard<'_, Gate>, ViewsError> {
        drop(self.shared.stored());
        let gate = self.shared.gate();
        gate.check_open()?;
        Ok(gate)
    }

    /// Waits until everything taken so far is in the table.
    fn written(&self) -> Result<MutexGuard<'_, Gate>, ViewsError> {
        let mut gate = self.open()?;
        let upto = gate.taken;
        gate.urgent = gate.urgent.max(upto);
        if !gate.dead {
            gate.failure = None;
        }
        self.shared.work.notify_all();
        while gate.settled < upto {
            self.shared.done(&mut gate)?;
        }
        Ok(gate)
    }

    pub(crate) fn behind(&self) -> u64 {
        let gate = self.shared.gate();
        gate.taken - gate.settled
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.shared.gate().failure.as_ref().map(ToString::to_string)
    }

    pub(crate) fn forget(&self, log: u32) -> Result<(), ViewsError> {
        self.flush()?;
        let _writing = self.shared.writing.lock();
        {
            let mut gate = self.shared.gate();
            self.shared.set_end(&mut gate, log, None);
            gate.marks(log);
        }
        self.shared.becomes_stale()?;
        self.shared.tallies.forget();
        // The mark makes the next start finish what a crash leaves half done.
        let stored = self.shared.stored();
        let table = stored.table();
        table.apply(vec![(log_key(FORGETTING, log), Some(Vec::new()))])?;
        forget::forget(&stored, log)?;
        self.shared.tallies.forget();
        table.apply(vec![(log_key(FORGETTING, log), None)])?;
        self.shared.work.notify_all();
        Ok(())
    }

    pub(crate) fn close(&self) -> Result<(), ViewsError> {
        let flushed = self.flush();
        self.stop();
        self.shared.close();
        flushed
    }

    fn stop(&self) {
        self.shared.gate().stop = true;
        self.shared.work.notify_all();
        if let Some(thread) = self.thread.lock().take() {
            // It says itself when it panics.
            let _ = thread.join();
        }
    }
}

/// The entry before `index` that says what the record is: the newest, or what that one
/// is linked to. No layer is held while the table is asked.
pub(crate) fn stands_at(
    shared: &Shared,
    key: RowKey,
    index: u64,
) -> Result<Option<u64>, TableError> {
    let layers = shared.layers();
    let in_layer = layers
        .iter()
        .rev()
        .find_map(|layer| layer.read().rows.get(&key).map(|newest| newest.index));
    let newest = match in_layer {
        Some(newest) => Some(newest),
        None => match shared.stored().lookup(ROWS, key.as_ref())? {
            Some(row) => Row::from_bytes(&row)?.newest_before(index),
            None => None,
        },
    };
    let Some(newest) = newest.filter(|newest| *newest < index) else {
        return Ok(None);
    };
    let linked = linked(shared, (key.log(), newest))?;
    Ok(Some(linked.unwrap_or(newest)))
}

/// The entry that one that ended its record is linked to.
pub(crate) fn linked(shared: &Shared, place: (u32, u64)) -> Result<Option<u64>, TableError> {
    let layers = shared.layers();
    let in_layer = layers
        .iter()
        .rev()
        .find_map(|layer| layer.read().links.get(&place).copied());
    match in_layer {
        Some(linked) => Ok(Some(linked)),
        None => shared
            .stored()
            .lookup(LINKS, &entry_key(place.0, place.1))?
            .map(|link| index_of(&link))
            .transpose(),
    }
}

impl Drop for Poster {
    fn drop(&mut self) {
        self.stop();
    }
}
