//! Who may pull a log right now: one connection at a time, so that no byte is
//! fetched twice, but never one that keeps the others waiting.
//!
//! The holder looks at [`Lease::is_wanted`] between packages and gives way to a
//! waiting peer when it is slow; what it stored stays stored.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;
use wpsx_proto::origin::Origin;

#[derive(Default)]
struct Turn {
    turn: Arc<tokio::sync::Mutex<()>>,
    waiting: AtomicUsize,
}

/// The leases of all logs.
#[derive(Default)]
pub(crate) struct Leases {
    turns: Mutex<HashMap<Origin, Arc<Turn>>>,
}

/// The right to pull one log, until dropped.
pub(crate) struct Lease {
    _held: OwnedMutexGuard<()>,
    turn: Arc<Turn>,
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Leases {
    /// Waits for the lease of `origin`, first come first served.
    pub(crate) async fn take(&self, origin: &Origin) -> Lease {
        let turn = self.turns.lock().entry(origin.clone()).or_default().clone();
        turn.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&turn.waiting);
        let held = turn.turn.clone().lock_owned().await;
        drop(waiting);
        Lease { _held: held, turn }
    }

    /// The lease of `origin`, if nobody has it or waits for it.
    pub(crate) fn try_take(&self, origin: &Origin) -> Option<Lease> {
        let turn = self.turns.lock().entry(origin.clone()).or_default().clone();
        let held = turn.turn.clone().try_lock_owned().ok()?;
        Some(Lease { _held: held, turn })
    }
}

impl Lease {
    /// Another connection waits for this log.
    pub(crate) fn is_wanted(&self) -> bool {
        self.turn.waiting.load(Ordering::Relaxed) > 0
    }
}
