//! What queries, posting and the thread share, and the gate through which all that
//! changes it goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use parking_lot::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard};

use super::{kept::Kept, pace::Pace, refills::Refills, tallies::Tallies};
use crate::{
    clocks::Clocks,
    error::ViewsError,
    folder,
    layer::{Layer, WEIGHT},
    table::{TableError, stored::Stored},
};

/// Posting waits for room beyond this many bytes in memory: one layer that is written and one
/// that fills.
const MEMORY: usize = 2 * WEIGHT;

/// After so many entries the database is made ready for the next opening.
const MANY: u64 = if cfg!(test) { 1_000 } else { 100_000 };

/// The layers, the oldest first; the last one takes entries.
pub(crate) type Layers = Vec<Arc<RwLock<Layer>>>;

/// What queries, posting and the thread share.
pub(crate) struct Shared {
    /// Whoever asks before it is there waits.
    opened: OnceLock<Opened>,
    pub(crate) layers: RwLock<Layers>,
    gate: Mutex<Gate>,
    /// Something to do for the thread.
    pub(crate) work: Condvar,
    /// Something done by the thread.
    pub(crate) done: Condvar,
    /// Held by whoever changes the table.
    pub(crate) writing: Mutex<()>,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) clocks: Clocks,
    /// Counts of logs, for whoever asks.
    pub(crate) kept: Kept,
    /// Counts of facets in runs that nothing comes to.
    pub(crate) tallies: Tallies,
}

/// What the thread has opened.
struct Opened {
    stored: RwLock<Stored>,
    /// The next index of each log. Who changes it holds the gate; who asks for it never
    /// waits for the gate, which is held while an entry waits for a list to be read.
    ends: RwLock<BTreeMap<u32, u64>>,
}

/// How far everything is. Who changes it holds it.
pub(crate) struct Gate {
    /// Posts and refills taken, and how many of them are in the table.
    pub(crate) taken: u64,
    pub(crate) settled: u64,
    /// Write at least up to here without waiting.
    pub(crate) urgent: u64,
    pub(crate) stop: bool,
    pub(crate) failure: Option<Arc<str>>,
    /// Nothing was opened.
    pub(crate) unopened: bool,
    /// Why, for whoever waited for it.
    pub(crate) not_opened: Option<ViewsError>,
    /// The thread is gone and will not come back.
    pub(crate) dead: bool,
    /// It went in a panic.
    pub(crate) panicked: bool,
    /// Generations of rows may have to be merged.
    pub(crate) untidy: bool,
    /// The table's files may hold what is not in its rows any more.
    pub(crate) stale: bool,
    /// Somebody waits until they hold nothing of it.
    pub(crate) hurry: bool,
    /// When the table may be copied for an erasure again, if nobody waits for that.
    pub(crate) copying: Pace,
    /// How often something of each log changed.
    pub(crate) marks: BTreeMap<u32, u64>,
    pub(crate) refills: Refills,
    pub(crate) unsettled: BTreeSet<(u32, u64)>,
}

impl Gate {
    /// Something of the log changes.
    pub(crate) fn marks(&mut self, log: u32) {
        *self.marks.entry(log).or_default() += 1;
    }

    /// The same, where nothing can be taken even into memory.
    pub(crate) fn check_open(&self) -> Result<(), ViewsError> {
        match self.unopened {
            true => self.check(),
            false => Ok(()),
        }
    }

    /// Why nothing is taken, if so.
    pub(crate) fn check(&self) -> Result<(), ViewsError> {
        match &self.failure {
            Some(reason) if self.panicked => Err(ViewsError::Panicked(reason.clone())),
            Some(reason) => Err(ViewsError::Stopped(reason.clone())),
            None => Ok(()),
        }
    }
}

impl Shared {
    /// Milliseconds of the clock that measures work.
    pub(crate) fn now(&self) -> u64 {
        (self.clocks.steady_ms)()
    }

    /// Over what is yet to be opened.
    pub(crate) fn new(dir: Option<&Path>, clocks: Clocks) -> Result<Self, ViewsError> {
        let (refills, unsettled) = Refills::open(dir).map_err(TableError::Io)?;
        Ok(Self {
            opened: OnceLock::new(),
            layers: RwLock::new(vec![Arc::default()]),
            gate: Mutex::new(Gate {
                taken: 0,
                settled: 0,
                urgent: 0,
                stop: false,
                failure: None,
                unopened: false,
                not_opened: None,
                dead: false,
                panicked: false,
                stale: dir.is_some_and(folder::is_stale),
                hurry: false,
                copying: Pace::default(),
                untidy: true,
                marks: BTreeMap::new(),
                refills,
                unsettled,
            }),
            work: Condvar::new(),
            done: Condvar::new(),
            writing: Mutex::new(()),
            dir: dir.map(Path::to_path_buf),
            clocks,
            kept: Kept::default(),
            tallies: Tallies::default(),
        })
    }

    pub(crate) fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock()
    }

    /// Whether somebody holds the gate, also while it waits for something else.
    #[cfg(test)]
    pub(crate) fn is_held(&self) -> bool {
        self.gate.is_locked()
    }

    /// This is stored, with so many entries of each log.
    pub(crate) fn opens(&self, stored: Stored, ends: BTreeMap<u32, u64>) {
        let (stored, ends) = (RwLock::new(stored), RwLock::new(ends));
        // Nobody else opens.
        let _ = self.opened.set(Opened { stored, ends });
    }

    /// Whether that is so.
    pub(crate) fn is_open(&self) -> bool {
        self.opened.get().is_some()
    }

    fn opened(&self) -> &Opened {
        self.opened.wait()
    }

    /// What is stored now. It stays this one while somebody reads.
    pub(crate) fn stored(&self) -> RwLockReadGuard<'_, Stored> {
        self.opened().stored.read()
    }

    /// Puts something else in its place, when nobody reads it any more.
    pub(crate) fn replaces(&self, stored: Stored) {
        *self.opened().stored.write() = stored;
    }

    /// Waits until the thread has done something.
    pub(crate) fn done(&self, gate: &mut MutexGuard<'_, Gate>) -> Result<(), ViewsError> {
        gate.check()?;
        self.done.wait(gate);
        Ok(())
    }

    /// The layers as they are now; whoever holds them sees what they hold even
    /// after it has moved to the table.
    pub(crate) fn layers(&self) -> Layers {
        self.layers.read().clone()
    }

    /// The next index of each log.
    pub(crate) fn ends(&self) -> BTreeMap<u32, u64> {
        self.opened().ends.read().clone()
    }

    /// That of one log.
    pub(crate) fn end(&self, log: u32) -> u64 {
        self.opened().ends.read().get(&log).copied().unwrap_or(0)
    }

    /// Sets that of one log; none: it has no entries.
    pub(crate) fn set_end(&self, _: &mut Gate, log: u32, end: Option<u64>) {
        let mut ends = self.opened().ends.write();
        match end {
            Some(end) => ends.insert(log, end),
            None => ends.remove(&log),
        };
    }

    /// Waits until memory has room.
    pub(crate) fn room(&self, gate: &mut MutexGuard<'_, Gate>) -> Result<(), ViewsError> {
        while self.weight() > MEMORY {
            self.done(gate)?;
        }
        Ok(())
    }

    fn weight(&self) -> usize {
        self.layers().iter().map(|layer| layer.read().weight).sum()
    }

    /// Lets `fill` add to the newest layer, and seals it if it is full.
    pub(crate) fn take(&self, gate: &mut Gate, fill: impl FnOnce(&mut Layer)) {
        let Some(newest) = self.layers().pop() else {
            return;
        };
        let mut layer = newest.write();
        let before = layer.count;
        fill(&mut layer);
        gate.taken += layer.count - before;
        layer.upto = gate.taken;
        let full = layer.is_full();
        drop(layer);
        if full {
            self.seal();
        }
        if full || before == 0 {
            self.work.notify_all();
        }
    }

    /// Starts a new layer. The caller holds the gate.
    pub(crate) fn seal(&self) {
        self.layers.write().push(Arc::default());
    }

    /// From here on the table's files may hold what must be nowhere. That is kept on
    /// the disk first, so that a crash does not forget it.
    pub(crate) fn becomes_stale(&self) -> Result<(), TableError> {
        let mut gate = self.gate();
        if !gate.stale {
            if let Some(dir) = &self.dir {
                folder::mark_stale(dir).map_err(TableError::Io)?;
            }
            gate.stale = true;
        }
        Ok(())
    }

    /// Lets go of the table, though someone may still hold the views.
    pub(crate) fn close(&self) {
        let _writing = self.writing.lock();
        let mut gate = self.gate();
        let many = gate.settled >= MANY;
        self.opened().ends.write().clear();
        gate.failure = Some("they are closed".into());
        gate.dead = true;
        *self.layers.write() = vec![Arc::default()];
        self.replaces(Stored::default());
        self.done.notify_all();
        drop(gate);
        if let Some(dir) = self.dir.as_ref().filter(|_| many) {
            folder::make_ready(dir);
        }
    }
}
