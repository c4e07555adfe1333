//! The thread that writes layers to the table, and the gate in front of it.
//!
//! Posting fills the newest layer. The thread takes the oldest sealed one, writes
//! it, and drops it. A layer is sealed when it is full, when posting pauses, when
//! it has waited for a few seconds, or when somebody flushes: large steps cost a
//! fraction of small ones, and nobody waits for them.
//!
//! When a step took something out of the table that must be nowhere, the thread
//! copies the table before it rests (`rewrite`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing::{error, warn};

use crate::layer::Layer;
use crate::rows::keys::{FORGETTING, log_key};
use crate::table::{MemoryTable, Table, TableError};
use crate::work::refills::Refills;
use crate::{ViewEntry, ViewsError, open, work::rewrite, work::step};

/// Posting waits for room beyond this many bytes in memory: about 1.2 million entries.
const MEMORY: usize = 80 << 20;

/// How often the thread looks whether posting has paused.
const TICK: Duration = Duration::from_millis(500);

/// After this many ticks a layer is written even if posting goes on.
const PATIENCE: u32 = 8;

/// How long to wait before a failed step is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// The layers, the oldest first; the last one takes entries.
pub(crate) type Layers = Vec<Arc<RwLock<Layer>>>;

/// The running thread. Dropping it stops the thread where it is.
pub(crate) struct Poster {
    pub(crate) shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What queries, posting and the thread share.
pub(crate) struct Shared {
    table: RwLock<Box<dyn Table>>,
    layers: RwLock<Layers>,
    gate: Mutex<Gate>,
    /// Something to do for the thread.
    work: Condvar,
    /// Something done by the thread.
    done: Condvar,
    /// Held by whoever changes the table.
    writing: Mutex<()>,
    dir: Option<PathBuf>,
}

/// What the thread does next.
enum Work {
    Write(Arc<RwLock<Layer>>),
    Rewrite,
}

struct Gate {
    /// The next index of each log.
    ends: BTreeMap<u32, u64>,
    /// Posts and refills taken, and how many of them are in the table.
    taken: u64,
    settled: u64,
    /// Write at least up to here without waiting.
    urgent: u64,
    stop: bool,
    failure: Option<Arc<str>>,
    /// The thread is gone and will not come back.
    dead: bool,
    /// The table's files may hold what is not in its rows any more.
    stale: bool,
    refills: Refills,
    unsettled: BTreeSet<(u32, u64)>,
}

impl Poster {
    pub(crate) fn start(table: Box<dyn Table>, dir: Option<&Path>) -> Result<Self, ViewsError> {
        let io = |source| ViewsError::Table(TableError::Io(source));
        for log in unfinished(&*table)? {
            step::forget(&*table, log)?;
            table.apply(vec![(log_key(FORGETTING, log), None)])?;
        }
        let ends = open::positions(&*table)?.into_iter().collect();
        let (refills, unsettled) = Refills::open(dir).map_err(io)?;
        let stale = dir.is_some_and(open::is_stale);
        let shared = Arc::new(Shared {
            table: RwLock::new(table),
            layers: RwLock::new(vec![Arc::default()]),
            gate: Mutex::new(Gate {
                ends,
                taken: 0,
                settled: 0,
                urgent: 0,
                stop: false,
                failure: None,
                dead: false,
                stale,
                refills,
                unsettled,
            }),
            work: Condvar::new(),
            done: Condvar::new(),
            writing: Mutex::new(()),
            dir: dir.map(Path::to_path_buf),
        });
        let thread = std::thread::Builder::new()
            .name("views".to_string())
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.run()
            })
            .map_err(io)?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(crate) fn position(&self, log: u32) -> u64 {
        self.shared.gate().ends.get(&log).copied().unwrap_or(0)
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
        let mut gate = self.shared.gate();
        let posted = gate.ends.get(&log).copied().unwrap_or(0);
        if start > posted {
            return Err(ViewsError::Gap { log, posted, start });
        }
        let known = usize::try_from(posted - start).unwrap_or(usize::MAX);
        // In portions, so that one large post fills several layers.
        for portion in entries.get(known..).unwrap_or_default().chunks(4096) {
            gate = self.shared.room(gate)?;
            // While this waited, another thread may have posted the same.
            let posted = gate.ends.get(&log).copied().unwrap_or(0);
            self.shared.take(&mut gate, |layer| {
                for entry in portion.iter().filter(|entry| entry.index >= posted) {
                    layer.post(log, entry);
                }
            });
            if let Some(last) = portion.last() {
                let end = posted.max(last.index + 1);
                gate.ends.insert(log, end);
            }
        }
        Ok(())
    }

    pub(crate) fn refill(&self, log: u32, entries: &[ViewEntry]) -> Result<(), ViewsError> {
        let mut gate = self.shared.gate();
        let posted = gate.ends.get(&log).copied().unwrap_or(0);
        // What is not posted yet will be posted as it is by then.
        let known = || entries.iter().filter(|entry| entry.index < posted);
        gate = self.shared.room(gate)?;
        gate.refills
            .note(log, known().map(|entry| entry.index))
            .map_err(TableError::Io)?;
        self.shared.take(&mut gate, |layer| {
            for entry in known() {
                layer.refill(log, entry);
            }
        });
        for entry in entries {
            gate.unsettled.remove(&(log, entry.index));
        }
        Ok(())
    }

    pub(crate) fn flush(&self) -> Result<(), ViewsError> {
        drop(self.written()?);
        Ok(self.shared.table().flush()?)
    }

    pub(crate) fn close(&self) -> Result<(), ViewsError> {
        let flushed = self.flush();
        self.stop();
        let shared = &self.shared;
        let _writing = shared.writing();
        let mut gate = shared.gate();
        gate.ends.clear();
        gate.failure = Some("they are closed".into());
        gate.dead = true;
        *shared
            .layers
            .write()
            .unwrap_or_else(PoisonError::into_inner) = vec![Arc::default()];
        // The last one who reads it closes it.
        *shared.table.write().unwrap_or_else(PoisonError::into_inner) =
            Box::new(MemoryTable::default());
        shared.done.notify_all();
        flushed
    }

    fn stop(&self) {
        self.shared.gate().stop = true;
        self.shared.work.notify_all();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }

    pub(crate) fn leave_no_trace(&self) -> Result<(), ViewsError> {
        let mut gate = self.written()?;
        while gate.stale {
            gate = self.shared.done(gate)?;
        }
        Ok(())
    }

    /// Waits until everything taken so far is in the table.
    fn written(&self) -> Result<MutexGuard<'_, Gate>, ViewsError> {
        let mut gate = self.shared.gate();
        let upto = gate.taken;
        gate.urgent = gate.urgent.max(upto);
        if !gate.dead {
            gate.failure = None;
        }
        self.shared.work.notify_all();
        while gate.settled < upto {
            gate = self.shared.done(gate)?;
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
        let _writing = self.shared.writing();
        self.shared.gate().ends.remove(&log);
        self.shared.becomes_stale()?;
        // The mark makes the next start finish what a crash leaves half done.
        let table = &**self.shared.table();
        table.apply(vec![(log_key(FORGETTING, log), Some(Vec::new()))])?;
        step::forget(table, log)?;
        table.apply(vec![(log_key(FORGETTING, log), None)])?;
        self.shared.work.notify_all();
        Ok(())
    }
}

impl Drop for Poster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Logs whose forgetting was cut.
fn unfinished(table: &dyn Table) -> Result<Vec<u32>, TableError> {
    let mut logs = Vec::new();
    table.scan(&[FORGETTING], &[FORGETTING + 1], &mut |key, _| {
        if let Some(log) = key.get(1..).and_then(|log| log.try_into().ok()) {
            logs.push(u32::from_be_bytes(log));
        }
        ControlFlow::Continue(())
    })?;
    Ok(logs)
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition
        .wait(guard)
        .unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The table as it is now. It stays this one while somebody reads.
    pub(crate) fn table(&self) -> RwLockReadGuard<'_, Box<dyn Table>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the thread has done something.
    fn done<'a>(&self, gate: MutexGuard<'a, Gate>) -> Result<MutexGuard<'a, Gate>, ViewsError> {
        match &gate.failure {
            Some(reason) => Err(ViewsError::Stopped(Arc::clone(reason))),
            None => Ok(wait(&self.done, gate)),
        }
    }

    /// The layers as they are now; whoever holds them sees what they hold even
    /// after it has moved to the table.
    pub(crate) fn layers(&self) -> Layers {
        self.layers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The next index of each log.
    pub(crate) fn ends(&self) -> BTreeMap<u32, u64> {
        self.gate().ends.clone()
    }

    /// Waits until memory has room.
    fn room<'a>(&self, mut gate: MutexGuard<'a, Gate>) -> Result<MutexGuard<'a, Gate>, ViewsError> {
        while self.weight() > MEMORY {
            gate = self.done(gate)?;
        }
        Ok(gate)
    }

    fn weight(&self) -> usize {
        self.layers().iter().map(|layer| read(layer).weight).sum()
    }

    /// Lets `fill` add to the newest layer, and seals it if it is full.
    fn take(&self, gate: &mut Gate, fill: impl FnOnce(&mut Layer)) {
        let Some(newest) = self.layers().pop() else {
            return;
        };
        let mut layer = newest.write().unwrap_or_else(PoisonError::into_inner);
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
    fn seal(&self) {
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        layers.push(Arc::default());
    }

    /// The thread.
    fn run(&self) {
        while let Some(work) = self.next_work() {
            let result = {
                let _writing = self.writing();
                catch_unwind(AssertUnwindSafe(|| match &work {
                    Work::Write(layer) => self.write(&read(layer)),
                    Work::Rewrite => self.rewrite(),
                }))
                .unwrap_or_else(|_| Err(TableError::Damaged("a step gave up".to_string())))
            };
            match result {
                Ok(()) => match work {
                    Work::Write(layer) => self.settle(&layer),
                    Work::Rewrite => self.done.notify_all(),
                },
                Err(error) => {
                    let dead = error.needs_rebuild();
                    let mut gate = self.gate();
                    gate.failure = Some(error.to_string().into());
                    gate.dead = dead;
                    self.done.notify_all();
                    if dead {
                        error!(%error, "the views stop here and are built again at the next start");
                        if let Some(dir) = &self.dir {
                            open::mark_damaged(dir);
                        }
                        return;
                    }
                    warn!(%error, "cannot write the views, trying again");
                    if !gate.stop {
                        drop(self.work.wait_timeout(gate, RETRY));
                    }
                }
            }
        }
    }

    fn write(&self, layer: &Layer) -> Result<(), TableError> {
        if !layer.emptied.is_empty() {
            self.becomes_stale()?;
        }
        step::write(&**self.table(), layer)
    }

    /// From here on the table's files may hold what must be nowhere. That is kept on
    /// the disk first, so that a crash does not forget it.
    fn becomes_stale(&self) -> Result<(), TableError> {
        let Some(dir) = &self.dir else {
            return Ok(());
        };
        let mut gate = self.gate();
        if !gate.stale {
            open::mark_stale(dir).map_err(TableError::Io)?;
            gate.stale = true;
        }
        Ok(())
    }

    /// Puts a copy of the table in its place.
    fn rewrite(&self) -> Result<(), TableError> {
        let Some(dir) = &self.dir else {
            return Ok(());
        };
        let copy = open::Successor::make(dir)?;
        rewrite::copy(&**self.table(), copy.table())?;
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        *table = Box::new(copy.take_over()?);
        drop(table);
        open::remove_what_was_replaced(dir).map_err(TableError::Io)?;
        self.gate().stale = false;
        Ok(())
    }

    /// Waits for a layer that is due, and seals it; or for a table to copy.
    fn next_work(&self) -> Option<Work> {
        let mut gate = self.gate();
        let (mut ticks, mut seen) = (0, gate.taken);
        loop {
            if gate.stop {
                return None;
            }
            let layers = self.layers();
            let oldest = layers.first()?;
            if layers.len() > 1 {
                return Some(Work::Write(Arc::clone(oldest)));
            }
            let empty = read(oldest).is_empty();
            // After a failure too: a copy that cannot be made holds nobody up.
            let due = gate.urgent > gate.settled || ticks >= PATIENCE || gate.failure.is_some();
            if !empty && due {
                self.seal();
                continue;
            }
            if gate.stale {
                return Some(Work::Rewrite);
            }
            if empty {
                gate = wait(&self.work, gate);
                (ticks, seen) = (0, gate.taken);
                continue;
            }
            let (next, waited) = self
                .work
                .wait_timeout(gate, TICK)
                .unwrap_or_else(PoisonError::into_inner);
            gate = next;
            if waited.timed_out() {
                ticks = if gate.taken == seen {
                    PATIENCE
                } else {
                    ticks + 1
                };
                seen = gate.taken;
            }
        }
    }

    /// The layer is in the table: drop it.
    fn settle(&self, layer: &Arc<RwLock<Layer>>) {
        let (upto, refilled) = {
            let layer = read(layer);
            (layer.upto, layer.refilled)
        };
        {
            let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
            layers.retain(|other| !Arc::ptr_eq(other, layer));
        }
        let flushed = refilled && self.table().flush().is_ok();
        let mut gate = self.gate();
        gate.settled = upto;
        gate.failure = None;
        let others = self.layers().iter().any(|layer| read(layer).refilled);
        if flushed
            && !others
            && gate.unsettled.is_empty()
            && let Err(error) = gate.refills.clear()
        {
            warn!(%error, "cannot remove the note of refilled slots");
        }
        self.done.notify_all();
    }
}

pub(crate) fn read(layer: &RwLock<Layer>) -> std::sync::RwLockReadGuard<'_, Layer> {
    layer.read().unwrap_or_else(PoisonError::into_inner)
}
