//! When each log last grew, as this run of the node has seen it. It tells a log that has
//! nothing new from one that nobody brings, or nobody takes.

use std::collections::HashMap;

use parking_lot::Mutex;
use wpsx_client::clock::Clock;
use wpsx_proto::{index::TreeSize, origin::Origin};
use wpsx_store::Store;

/// When the logs of a store last grew.
pub struct Movements {
    clock: Clock,
    store: Store,
    seen: Mutex<HashMap<Origin, (TreeSize, u64)>>,
}

impl Movements {
    pub(crate) fn new(store: Store, clock: Clock) -> Self {
        Self {
            clock,
            store,
            seen: Mutex::default(),
        }
    }

    /// Looks at all logs; called now and then while the node runs.
    pub(crate) fn look(&self) {
        let now = self.clock.unix_ms();
        let mut seen = self.seen.lock();
        let logs = self.store.logs();
        seen.retain(|origin, _| logs.iter().any(|log| log.origin() == origin));
        for log in logs {
            let stored = log.stored();
            let (before, since) = seen.entry(log.origin().clone()).or_insert((stored, now));
            if *before != stored {
                (*before, *since) = (stored, now);
            }
        }
    }

    /// When the log was last seen to grow, or first seen, milliseconds since 1970; 0: the
    /// node does not run.
    pub fn since(&self, origin: &Origin) -> u64 {
        let seen = self.seen.lock().get(origin).copied();
        match (seen, self.store.log(origin)) {
            // It has grown since the last look.
            (Some((before, _)), Some(log)) if log.stored() != before => self.clock.unix_ms(),
            (Some((_, since)), _) => since,
            (None, _) => 0,
        }
    }
}

impl std::fmt::Debug for Movements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Movements").finish_non_exhaustive()
    }
}
