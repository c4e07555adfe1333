//! One at a time publishes in a log: a draft may name a record by its source's own id,
//! and the answer depends on what was published before.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;
use wpsx_proto::origin::Origin;

/// The turns of all logs.
#[derive(Default)]
pub(super) struct Turns {
    logs: Mutex<HashMap<Origin, Arc<tokio::sync::Mutex<()>>>>,
}

impl Turns {
    /// Waits for one's turn to publish in a log; it is over when the guard goes.
    pub(super) async fn take(&self, origin: &Origin) -> OwnedMutexGuard<()> {
        let turn = self.logs.lock().entry(origin.clone()).or_default().clone();
        turn.lock_owned().await
    }
}
