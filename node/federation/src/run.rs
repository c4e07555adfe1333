//! One task for each peer that follows it, and one for each that cannot dial us or be
//! dialled and is offered a turned connection; started and ended as peers come and go.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::Router;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    context::Context, failed_task::pass_panic_on, following::follow, healing::mend_alone,
    inbox::Inbox, peers::Peer, turn,
};

/// How often it is looked whether logs have grown.
const LOOK: Duration = Duration::from_secs(5);

/// A peer's tasks.
struct Task {
    peer: Arc<Peer>,
    stop: CancellationToken,
}

/// What the tasks need besides the parts.
pub(crate) struct Run {
    pub(crate) context: Arc<Context>,
    pub(crate) inbox: Inbox,
    /// What peers call on turned connections: the services of the listener.
    pub(crate) services: Router,
    /// Others can dial this node.
    pub(crate) listens: bool,
    pub(crate) stop: CancellationToken,
}

impl Run {
    /// Follows the peers until `stop`.
    ///
    /// # Panics
    /// One of the tasks did: whoever runs this ends the node with a sentence.
    pub(crate) async fn run(self) {
        let mut changes = self.context.peering.changes();
        let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
        let mut running = JoinSet::new();
        let mut look = tokio::time::interval(LOOK);
        let alone = self.stop.child_token();
        running.spawn(mend_alone(self.context.store.clone(), alone.clone()));
        loop {
            changes.mark_unchanged();
            let peers = self.context.peers.all();
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
                if !tasks.contains_key(peer.name()) {
                    let task = self.start(peer.clone(), &mut running);
                    tasks.insert(peer.name().to_owned(), task);
                }
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { break },
                () = self.stop.cancelled() => break,
                _ = look.tick() => self.context.movements.look(),
                Some(ended) = running.join_next(), if !running.is_empty() => pass_panic_on(ended),
            }
        }
        alone.cancel();
        for task in tasks.values() {
            task.stop.cancel();
        }
        while let Some(ended) = running.join_next().await {
            pass_panic_on(ended);
        }
    }

    fn start(&self, peer: Arc<Peer>, running: &mut JoinSet<()>) -> Task {
        let (context, stop) = (&self.context, self.stop.child_token());
        let turned = self.inbox.of(peer.id());
        running.spawn(follow(context.clone(), peer.clone(), turned, stop.clone()));
        if peer.turn || !self.listens {
            let services = self.services.clone();
            let offer = turn::offer(context.clone(), peer.clone(), services, stop.clone());
            running.spawn(offer);
        }
        Task { peer, stop }
    }
}
