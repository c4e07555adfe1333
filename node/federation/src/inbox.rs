//! Connections that peers opened for us to ask over, handed to the peers' tasks.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::mpsc;
use wpsx_client::transport::Connection;
use wpsx_proto::origin::PeerId;

/// Turned connections that wait to be used; a peer opens one at a time.
const WAITING_TURNED: usize = 2;

/// Hands connections with turned roles to the peers' tasks. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Inbox {
    waiting: Arc<Mutex<HashMap<PeerId, mpsc::Sender<Connection>>>>,
}

impl Inbox {
    /// A peer dialled us and turned the roles; true if its task takes the connection.
    pub(crate) fn offer(&self, peer: &PeerId, connection: Connection) -> bool {
        let waiting = self.waiting.lock();
        waiting
            .get(peer)
            .is_some_and(|task| task.try_send(connection).is_ok())
    }

    /// What is offered from `peer` from now on.
    pub(crate) fn of(&self, peer: PeerId) -> mpsc::Receiver<Connection> {
        let (task, offered) = mpsc::channel(WAITING_TURNED);
        self.waiting.lock().insert(peer, task);
        offered
    }
}
