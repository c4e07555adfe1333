//! The thread that writes layers to the table.
//!
//! When a step took something out of the table that must be nowhere, the thread
//! copies the table before it rests (`rewrite`): at once where somebody waits for it, else
//! no more often than what the last copy cost allows, so that a stream of erasures from
//! elsewhere does not keep it copying. One that ends in a panic leaves nobody
//! waiting: all calls are answered with what it said.

use std::{
    any::Any,
    collections::BTreeMap,
    io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{Builder, JoinHandle},
    time::Duration,
};

use parking_lot::RwLock;
use tracing::{error, warn};

use super::{forget, rewrite, shared::Shared, step};
use crate::{
    error::ViewsError,
    folder::{self, Successor},
    layer::Layer,
    rows::keys::{FORGETTING, log_key},
    table::{TableError, positions::positions, stored::Stored},
};

/// How often the thread looks whether posting has paused.
const TICK: Duration = Duration::from_millis(500);

/// After this many ticks a layer is written even if posting goes on.
const PATIENCE: u32 = 8;

/// How long to wait before a failed step is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// What the thread does next.
enum Work {
    Write(Arc<RwLock<Layer>>),
    /// Merge what the steps before wrote.
    Tidy,
    Rewrite,
}

/// How the thread comes to what is stored.
pub(crate) type Opening = Box<dyn FnOnce() -> Result<Stored, ViewsError> + Send>;

/// Starts the thread.
pub(crate) fn start(shared: &Arc<Shared>, opening: Opening) -> io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    let work = move || {
        // Also the threads that sled starts for this one.
        wpsx_store::stand_back();
        if !shared.open(opening) {
            return;
        }
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| shared.run())) {
            shared.is_lost(words(&*panic));
        }
    };
    Builder::new().name("views".to_string()).spawn(work)
}

impl Shared {
    /// Opens what is stored, and finishes what a crash cut. If that fails there is nothing.
    fn open(&self, opening: Opening) -> bool {
        let open = || {
            let stored = opening()?;
            for log in forget::unfinished(stored.table())? {
                forget::forget(&stored, log)?;
                let done = (log_key(FORGETTING, log), None);
                stored.table().apply(vec![done])?;
            }
            let ends = positions(stored.table())?;
            Ok((stored, ends.into_iter().collect()))
        };
        let opened = catch_unwind(AssertUnwindSafe(open));
        match opened.unwrap_or_else(|panic| Err(ViewsError::Panicked(words(&*panic).into()))) {
            Ok((stored, ends)) => {
                self.opens(stored, ends);
                true
            }
            Err(error) => {
                error!(%error, "the views cannot be opened");
                let mut gate = self.gate();
                gate.failure = Some(error.to_string().into());
                gate.dead = true;
                (gate.unopened, gate.not_opened) = (true, Some(error));
                drop(gate);
                self.opens(Stored::default(), BTreeMap::new());
                false
            }
        }
    }

    fn run(&self) {
        while let Some(work) = self.next_work() {
            let result = {
                let _writing = self.writing.lock();
                catch_unwind(AssertUnwindSafe(|| match &work {
                    Work::Write(layer) => self.write(&layer.read()),
                    Work::Tidy => self.stored().tidy(&|| !self.gate().stop),
                    Work::Rewrite => self.rewrite(),
                }))
                .unwrap_or_else(|_| Err(TableError::Damaged("a step gave up".to_string())))
            };
            match result {
                Ok(()) => match work {
                    Work::Write(layer) => self.settle(&layer),
                    Work::Tidy => {}
                    Work::Rewrite => {
                        self.done.notify_all();
                    }
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
                            folder::mark_damaged(dir);
                        }
                        return;
                    }
                    warn!(%error, "cannot write the views, trying again");
                    if !gate.stop {
                        self.work.wait_for(&mut gate, RETRY);
                    }
                }
            }
        }
    }

    fn is_lost(&self, why: &str) {
        let mut gate = self.gate();
        gate.failure = Some(why.into());
        gate.dead = true;
        gate.panicked = true;
        self.done.notify_all();
    }

    fn write(&self, layer: &Layer) -> Result<(), TableError> {
        if !layer.emptied.is_empty() {
            self.becomes_stale()?;
        }
        let changed = step::write(&self.stored(), layer);
        // Also of a step that failed half way something may be there.
        match &changed {
            Ok(runs) => self.tallies.changed(runs),
            Err(_) => self.tallies.forget(),
        }
        changed.map(|_| ())
    }

    /// Puts a copy of the table in its place.
    fn rewrite(&self) -> Result<(), TableError> {
        let begun = self.now();
        match &self.dir {
            Some(dir) => {
                let copy = Successor::make(dir)?;
                rewrite::copy(&self.stored(), copy.stored())?;
                self.replaces(copy.take_over()?);
                folder::remove_what_was_replaced(dir).map_err(TableError::Io)?;
            }
            // A table in memory has no files that remember.
            None => self.stored().retain_all()?,
        }
        let mut gate = self.gate();
        (gate.stale, gate.hurry) = (false, false);
        gate.copying.ended(begun, self.now());
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
            if mem::take(&mut gate.untidy) {
                return Some(Work::Tidy);
            }
            let layers = self.layers();
            let oldest = layers.first()?;
            if layers.len() > 1 {
                return Some(Work::Write(Arc::clone(oldest)));
            }
            let empty = oldest.read().is_empty();
            // After a failure too: a copy that cannot be made holds nobody up.
            let due = gate.urgent > gate.settled || ticks >= PATIENCE || gate.failure.is_some();
            if !empty && due {
                self.seal();
                continue;
            }
            let pause = gate.copying.wait(self.now()).filter(|_| !gate.hurry);
            if gate.stale && pause.is_none() {
                return Some(Work::Rewrite);
            }
            if empty {
                match pause.filter(|_| gate.stale) {
                    Some(pause) => {
                        self.work.wait_for(&mut gate, pause);
                    }
                    None => self.work.wait(&mut gate),
                }
                (ticks, seen) = (0, gate.taken);
                continue;
            }
            if self.work.wait_for(&mut gate, TICK).timed_out() {
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
            let layer = layer.read();
            (layer.upto, layer.refilled)
        };
        self.layers
            .write()
            .retain(|other| !Arc::ptr_eq(other, layer));
        let flushed = refilled && self.stored().table().flush().is_ok();
        let mut gate = self.gate();
        gate.settled = upto;
        gate.untidy = true;
        gate.failure = None;
        let others = self.layers().iter().any(|layer| layer.read().refilled);
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

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it did not say why")
}
