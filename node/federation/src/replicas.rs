//! Dropping our copy of another's log: to begin it anew, or to be rid of it.

use std::sync::Arc;

use futures::future::BoxFuture;
use wpsx_domain::{NodeError, blocking};
use wpsx_proto::origin::{Audience, Origin};
use wpsx_store::{LogHandle, LogRole, Part, Store};

use crate::{decided::Decision, follows::Follows, forks::Forks, lease::Leases, peers::Peers};

/// Drops replicas. Clones are the same.
#[derive(Clone)]
pub struct Replicas {
    store: Store,
    forks: Arc<Forks>,
    leases: Arc<Leases>,
    follows: Follows,
    peers: Arc<Peers>,
}

impl Replicas {
    pub(crate) fn new(
        store: Store,
        forks: Arc<Forks>,
        leases: Arc<Leases>,
        follows: Follows,
        peers: Arc<Peers>,
    ) -> Self {
        Self {
            store,
            forks,
            leases,
            follows,
            peers,
        }
    }

    /// Drops the replica of a log with all that was stored of it. Where a peer may still
    /// bring it, it begins anew and true is answered. Evidence of its forks and what was
    /// decided stay.
    ///
    /// # Errors
    /// It is not here, is our own, or is stopped by a fork that nobody has decided.
    pub fn drop_replica<'a>(
        &'a self,
        origin: &'a Origin,
    ) -> BoxFuture<'a, Result<bool, NodeError>> {
        Box::pin(async move {
            let log = self.store.log(origin);
            let stands_still = || {
                let damages = self.store.damage();
                let mut of_it = damages
                    .iter()
                    .filter(|it| it.origin.as_ref() == Some(origin));
                of_it.find(|it| it.part == Part::Log).and_then(|it| it.own)
            };
            let is_own = match &log {
                Some(log) => log.is_own(),
                None => stands_still().ok_or_else(|| NodeError::not_found("log", origin))?,
            };
            if is_own {
                return Err(NodeError::invalid(
                    "origin",
                    "this is a log of a publisher of this node, and nobody could bring it back",
                ));
            }
            if self.forks.stopped(origin) {
                return Err(NodeError::Stopped(origin.to_string()));
            }
            let lease = self.leases.take(origin).await;
            let (own, origin) = (self.clone(), origin.clone());
            blocking(move || {
                // Until it is done, whether or not who asked still waits.
                let _lease = lease;
                let Some(log) = log else {
                    // Whose it is cannot be read: the cards say who hosts it.
                    own.store.drop_replica(&origin)?;
                    return own.follow_again(&origin);
                };
                let again = own.may_come_back(&log);
                if again {
                    own.start_over(&log)?;
                    own.follows.again(log.origin().clone());
                } else {
                    own.store.drop_replica(log.origin())?;
                }
                Ok(again)
            })
            .await
        })
    }

    /// Drops the replica of a log and begins an empty one. Who holds the log's lease may
    /// call this.
    ///
    /// # Errors
    /// It cannot be removed or made.
    pub(crate) fn start_over(&self, log: &LogHandle) -> Result<(), NodeError> {
        let (origin, identity) = (log.origin(), log.identity().clone());
        self.store.drop_replica(origin)?;
        self.store.add_log(origin, identity, LogRole::Replica)?;
        if self.forks.decision(origin) == Some(Decision::Switch) {
            self.store.never_cosign(origin);
        }
        Ok(())
    }

    /// Follows a log that a peer's card names; whether one does or may introduce it.
    fn follow_again(&self, origin: &Origin) -> Result<bool, NodeError> {
        let peers = self.peers.all();
        for publisher in peers.iter().flat_map(|peer| peer.card.publishers()) {
            if publisher.origin(Audience::Public) == *origin {
                self.follows.follow(publisher)?;
                return Ok(true);
            }
        }
        Ok(peers.iter().any(|peer| peer.introduces))
    }

    /// Whether a peer hosts the log's publisher, or may introduce it.
    fn may_come_back(&self, log: &LogHandle) -> bool {
        self.peers.all().iter().any(|peer| {
            let mut hosted = peer.card.publishers().iter();
            peer.introduces || hosted.any(|publisher| publisher.id() == log.identity().id())
        })
    }
}

impl std::fmt::Debug for Replicas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replicas").finish_non_exhaustive()
    }
}
