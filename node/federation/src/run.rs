//! Follows the peers: one task a peer that connects, watches its heads, pulls
//! what is missing, and starts again after a wait when the line is lost.
//!
//! Either side may open the connection. What a session needs is a
//! [`Connection`]; whether we dialled it or the peer did and the roles were
//! turned makes no difference to it.

mod backoff;
mod compare;
mod lease;
mod pull;
mod session;
mod turn;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use wpsx_client::transport::{Connection, Endpoint};
use wpsx_proto::origin::PeerId;

pub use compare::compare_with_peers;
pub use lease::{Lease, Leases};

use crate::{
    error::chain,
    links::LinkState,
    node::Node,
    peers::Peer,
    replicate::{
        backoff::Backoff,
        session::{Ended, Session},
    },
};

/// Turned connections that wait to be used; a peer opens one at a time.
const WAITING_TURNED: usize = 2;

/// Hands connections that peers opened for us to the peers' tasks.
#[derive(Clone, Default)]
pub struct Inbox {
    waiting: Arc<Mutex<HashMap<PeerId, mpsc::Sender<Connection>>>>,
}

impl Inbox {
    /// A peer dialled us and turned the roles; true if its task takes the connection.
    pub fn offer(&self, peer: &PeerId, connection: Connection) -> bool {
        let waiting = self.waiting.lock();
        waiting
            .get(peer)
            .is_some_and(|task| task.try_send(connection).is_ok())
    }
}

struct Task {
    peer: Arc<Peer>,
    stop: CancellationToken,
}

/// Replicates until the node stops.
pub async fn run(node: Node, inbox: Inbox, services: crate::serve::Services) {
    let mut changes = node.peer_changes();
    let stopping = node.stopping();
    let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
    let mut running = JoinSet::new();
    loop {
        changes.mark_unchanged();
        let peers = node.peers().all();
        tasks.retain(|name, task| {
            let stays = peers
                .iter()
                .any(|peer| peer.name() == name && Arc::ptr_eq(peer, &task.peer));
            if !stays {
                task.stop.cancel();
            }
            stays
        });
        for peer in peers {
            if tasks.contains_key(peer.name()) {
                continue;
            }
            let stop = stopping.child_token();
            tasks.insert(
                peer.name().to_owned(),
                Task {
                    peer: peer.clone(),
                    stop: stop.clone(),
                },
            );
            let (tx, rx) = mpsc::channel(WAITING_TURNED);
            inbox.waiting.lock().insert(peer.id(), tx);
            running.spawn(follow(node.clone(), peer.clone(), rx, stop.clone()));
            if peer.turn || node.config().node.listen.is_none() {
                running.spawn(turn::offer(node.clone(), peer, services.clone(), stop));
            }
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { break },
            () = stopping.cancelled() => break,
            Some(_) = running.join_next(), if !running.is_empty() => {}
        }
    }
    for task in tasks.values() {
        task.stop.cancel();
    }
    while running.join_next().await.is_some() {}
}

/// Keeps a session with one peer alive.
async fn follow(
    node: Node,
    peer: Arc<Peer>,
    mut turned: mpsc::Receiver<Connection>,
    stop: CancellationToken,
) {
    let link = node.links().of(peer.name());
    let mut backoff = Backoff::default();
    loop {
        let connected = tokio::select! {
            connected = connect(&node, &peer, &mut turned) => connected,
            () = stop.cancelled() => return,
        };
        let wait = match connected {
            Err(error) => {
                link.failed(error);
                backoff.failed(u32::from_le_bytes(node.random()))
            }
            Ok((connection, state)) => {
                link.set_state(state);
                link.set_open(Some(connection.counters().clone()));
                tracing::info!(peer = peer.name(), state = state.as_str(), "line open");
                let session = Session::new(node.clone(), peer.clone(), connection.clone());
                let ended = tokio::select! {
                    ended = session.run() => ended,
                    () = stop.cancelled() => {
                        connection.close();
                        return;
                    }
                };
                connection.close();
                link.set_open(None);
                match ended {
                    Ended::Lost { reason, worked } => {
                        tracing::info!(peer = peer.name(), reason, "line lost");
                        if worked {
                            backoff.succeeded();
                        }
                        link.failed(reason);
                        backoff.failed(u32::from_le_bytes(node.random()))
                    }
                    Ended::Refused(reason) => {
                        link.failed(reason);
                        backoff.lied(u32::from_le_bytes(node.random()))
                    }
                }
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// A connection on which we ask: dialled, or opened by the peer.
async fn connect(
    node: &Node,
    peer: &Peer,
    turned: &mut mpsc::Receiver<Connection>,
) -> Result<(Connection, LinkState), String> {
    if let Ok(connection) = turned.try_recv() {
        return Ok((connection, LinkState::Turned));
    }
    if peer.card.endpoints().is_empty() {
        return match turned.recv().await {
            Some(connection) => Ok((connection, LinkState::Turned)),
            None => Err("the peer's task ended".to_owned()),
        };
    }
    node.links()
        .of(peer.name())
        .set_state(LinkState::Connecting);
    dial(node, peer)
        .await
        .map(|connection| (connection, LinkState::Connected))
}

/// Dials a peer's endpoints in turn.
async fn dial(node: &Node, peer: &Peer) -> Result<Connection, String> {
    node.links().of(peer.name()).dialled();
    let dialer = node.dialer(peer).map_err(|e| chain(&e))?;
    let settings = node.dial_settings().map_err(|e| chain(&e))?;
    let mut last = "its card names no endpoint".to_owned();
    for endpoint in peer.card.endpoints() {
        let dialled = match endpoint.parse::<Endpoint>() {
            Ok(parsed) => Connection::dial(&parsed, &dialer, &settings).await,
            Err(error) => Err(error),
        };
        match dialled {
            Ok(connection) => return Ok(connection),
            Err(error) => last = format!("{endpoint}: {}", chain(&error)),
        }
    }
    Err(last)
}
