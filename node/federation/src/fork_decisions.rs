//! Carrying out what the operator decided about a fork.
//!
//! The decision is kept first, with the tree that it takes and the one that it leaves.
//! From then on it is carried out to the end: now, or after the next start. Each pull of
//! the log begins with the tree that is to be taken.

use std::sync::Arc;

use futures::future::BoxFuture;
use wpsx_domain::{NodeError, blocking};
use wpsx_proto::origin::Origin;
use wpsx_store::{LogHandle, Store};

use crate::{
    decided::{Decided, Decision},
    follows::Follows,
    forks::Forks,
    lease::Leases,
    replicas::Replicas,
};

/// Decides forks. Clones are the same.
#[derive(Clone)]
pub struct ForkDecisions {
    store: Store,
    forks: Arc<Forks>,
    leases: Arc<Leases>,
    follows: Follows,
    replicas: Replicas,
}

impl ForkDecisions {
    pub(crate) fn new(
        store: Store,
        forks: Arc<Forks>,
        leases: Arc<Leases>,
        follows: Follows,
        replicas: Replicas,
    ) -> Self {
        Self {
            store,
            forks,
            leases,
            follows,
            replicas,
        }
    }

    /// Follows on one tree of a forked log: ours, or the other one from its start.
    ///
    /// # Errors
    /// No fork of that log, or its replica cannot be dropped.
    pub fn accept<'a>(
        &'a self,
        origin: &'a Origin,
        decision: Decision,
    ) -> BoxFuture<'a, Result<(), NodeError>> {
        Box::pin(async move {
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
            blocking(move || {
                // To the end, whether or not who decided still waits for it.
                let _lease = lease;
                own.decide(&log, decision)?;
                own.follows.again(log.origin().clone());
                Ok(())
            })
            .await
        })
    }

    fn decide(&self, log: &LogHandle, decision: Decision) -> Result<(), NodeError> {
        let other = self.forks.other_tree(log)?;
        let decided = Decided::about(log, decision, other.as_ref())?;
        self.forks.decide(log.origin(), decided)?;
        if decision == Decision::Switch {
            self.replicas.start_over(log)?;
        }
        Ok(())
    }

    /// Finishes what was decided and not carried out before the process ended. Blocks.
    ///
    /// # Errors
    /// A replica cannot be read or dropped.
    pub(crate) fn finish(&self) -> Result<(), NodeError> {
        for log in self.store.logs() {
            let Some(decided) = self.forks.decided(log.origin()) else {
                continue;
            };
            if decided.decision != Decision::Switch || log.is_own() {
                continue;
            }
            if decided.is_still_to_be_left(&log)? {
                tracing::warn!(origin = %log.origin(), "the other tree of a fork is taken now");
                self.replicas.start_over(&log)?;
            } else {
                self.store.never_cosign(log.origin());
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for ForkDecisions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForkDecisions").finish_non_exhaustive()
    }
}
