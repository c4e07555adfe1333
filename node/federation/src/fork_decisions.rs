//! Carrying out what the operator decided about a fork.

use std::sync::Arc;

use wpsx_domain::{NodeError, blocking};
use wpsx_proto::origin::Origin;
use wpsx_store::{LogHandle, LogRole, Store};

use crate::{
    follows::Follows,
    forks::{Decision, Forks},
    lease::Leases,
};

/// Decides forks. Clones are the same.
#[derive(Clone)]
pub struct ForkDecisions {
    store: Store,
    forks: Arc<Forks>,
    leases: Arc<Leases>,
    follows: Follows,
}

impl ForkDecisions {
    pub(crate) fn new(
        store: Store,
        forks: Arc<Forks>,
        leases: Arc<Leases>,
        follows: Follows,
    ) -> Self {
        Self {
            store,
            forks,
            leases,
            follows,
        }
    }

    /// Follows on one tree of a forked log: ours, or the other one from its start.
    ///
    /// # Errors
    /// No fork of that log, or its replica cannot be dropped.
    pub async fn accept(&self, origin: &Origin, decision: Decision) -> Result<(), NodeError> {
        let log = self
            .store
            .log(origin)
            .ok_or_else(|| NodeError::not_found("log", origin))?;
        if decision == Decision::Switch && log.is_own() {
            return Err(NodeError::invalid(
                "choice",
                "this is a log of this node; it can only keep its own tree",
            ));
        }
        // Nothing is pulled until it is settled which tree goes on.
        let lease = self.leases.take(origin).await;
        let own = self.clone();
        let other = blocking(move || {
            let other = own.forks.other_tree(&log)?;
            own.forks.decide(log.origin(), decision)?;
            if decision == Decision::Switch {
                own.start_over(&log)?;
            }
            Ok(other)
        })
        .await?;
        if decision == Decision::Switch
            && let Some(other) = other
        {
            // From now on only what extends the other tree is pulled.
            self.store.set_pending(origin, other).await?;
        }
        drop(lease);
        self.follows.again(origin.clone());
        Ok(())
    }

    /// Drops the replica of a log and begins an empty one that is never cosigned.
    fn start_over(&self, log: &LogHandle) -> Result<(), NodeError> {
        let (origin, identity) = (log.origin(), log.identity().clone());
        self.store.drop_replica(origin)?;
        self.store.add_log(origin, identity, LogRole::Replica)?;
        self.store.never_cosign(origin);
        Ok(())
    }
}

impl std::fmt::Debug for ForkDecisions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForkDecisions").finish_non_exhaustive()
    }
}
