//! Which logs are followed: the publishers whose identity was given by the operator or
//! by a peer that may introduce others.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::broadcast;
use wpsx_domain::NodeError;
use wpsx_proto::{
    identity::Identity,
    origin::{Audience, Origin},
};
use wpsx_store::{LogHandle, LogRole, Store, StoreError};

use crate::forks::Forks;

/// Logs that sessions may learn of one by one; with more, they ask for all heads anew.
const FOLLOWED_AT_ONCE: usize = 1_024;

/// The followed logs. Clones are the same.
#[derive(Clone)]
pub struct Follows {
    store: Store,
    forks: Arc<Forks>,
    /// Held while a log is introduced, so that many at once keep to the bound.
    introducing: Arc<Mutex<()>>,
    news: broadcast::Sender<Origin>,
}

impl Follows {
    /// The followed logs of `store`, and the evidence that there is of them.
    pub fn new(store: Store, forks: Arc<Forks>) -> Self {
        Self {
            store,
            forks,
            introducing: Arc::default(),
            news: broadcast::Sender::new(FOLLOWED_AT_ONCE),
        }
    }

    /// Follows the public log of a publisher. Blocks shortly.
    ///
    /// # Errors
    /// The name is known under another identity: keys are never replaced so.
    pub fn follow(&self, identity: &Identity) -> Result<Origin, NodeError> {
        let origin = identity.origin(Audience::Public);
        if self.known(identity)?.is_some() {
            return Ok(origin);
        }
        match self
            .store
            .add_log(&origin, identity.clone(), LogRole::Replica)
        {
            Ok(log) => {
                // Evidence that was kept without knowing the log stops it from now on.
                self.forks.log_is_known(&origin, &log.key());
                self.again(origin.clone());
            }
            // It is followed, and stands still until it is mended.
            Err(StoreError::DamagedLog { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(origin)
    }

    /// Follows a log that a peer introduces, by whatever way: none if there are `most`
    /// logs already. Blocks shortly.
    ///
    /// # Errors
    /// As [`Follows::follow`].
    pub fn introduced(
        &self,
        identity: &Identity,
        most: usize,
    ) -> Result<Option<Origin>, NodeError> {
        let _turn = self.introducing.lock();
        match self.known(identity)? {
            Some(log) => Ok(Some(log.origin().clone())),
            None if self.store.logs().len() >= most => Ok(None),
            None => self.follow(identity).map(Some),
        }
    }

    /// The public log of a publisher, if it is here. Changes nothing.
    ///
    /// # Errors
    /// As [`Follows::follow`].
    pub fn known(&self, identity: &Identity) -> Result<Option<LogHandle>, NodeError> {
        match self.store.log(&identity.origin(Audience::Public)) {
            Some(log) if log.identity().id() != identity.id() => Err(NodeError::Exists {
                what: "publisher",
                name: identity.name().to_string(),
                detail: " with another identity; keys of a known name are never replaced"
                    .to_owned(),
            }),
            log => Ok(log),
        }
    }

    /// Heads of `origin`, which were passed over until now, have to be asked for.
    pub fn again(&self, origin: Origin) {
        // No receiver means that no peer is connected; each tells its heads on connecting.
        let _ = self.news.send(origin);
    }

    /// Logs that are followed from now on, or again after the operator decided a fork.
    pub fn news(&self) -> broadcast::Receiver<Origin> {
        self.news.subscribe()
    }
}

impl std::fmt::Debug for Follows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follows").finish_non_exhaustive()
    }
}
