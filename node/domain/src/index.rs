//! The record index together with the store that it is computed from, for questions
//! that have to see what was just published.

use std::{future::Future, time::Duration};

use futures::future::BoxFuture;
use wpsx_store::{LogHandle, Store, StoreError};
use wpsx_views::Views;

use crate::{access::Sight, error::NodeError};

/// How long a command waits for the index to show what was stored before it.
const BOUND: Duration = Duration::from_secs(60);

/// The views of a store.
#[derive(Clone)]
pub struct Index {
    store: Store,
    views: Views,
}

impl Index {
    /// The index `views`, which follows `store`.
    pub fn new(store: Store, views: Views) -> Self {
        Self { store, views }
    }

    pub(crate) fn views(&self) -> &Views {
        &self.views
    }

    /// Waits until the index shows all that is stored of `log` now.
    ///
    /// # Errors
    /// It does not catch up within a minute.
    pub fn settled<'a>(&'a self, log: &'a LogHandle) -> BoxFuture<'a, Result<(), NodeError>> {
        Box::pin(async move { self.in_time(self.store.followed(log)).await })
    }

    /// Waits until the index shows all that is stored now of the logs that `sight` admits.
    ///
    /// # Errors
    /// It does not catch up within a minute.
    pub fn settled_in<'a>(&'a self, sight: &'a Sight) -> BoxFuture<'a, Result<(), NodeError>> {
        Box::pin(async move {
            let logs = sight.logs();
            self.in_time(async {
                for log in logs {
                    self.store.followed(log.handle()).await?;
                }
                Ok(())
            })
            .await
        })
    }

    async fn in_time(
        &self,
        settled: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), NodeError> {
        tokio::time::timeout(BOUND, settled)
            .await
            .map_err(|_| NodeError::Busy("the views are being built; try again in a minute"))?
            .map_err(NodeError::from)
    }

    /// Entries that are stored but not yet in the index: all, as long as it is being opened.
    pub fn behind(&self) -> u64 {
        let logs = self.store.logs();
        if !self.views.is_open() {
            return logs.iter().map(|log| log.stored().value()).sum();
        }
        logs.iter()
            .map(|log| {
                let shown = self.views.position(log.number());
                log.stored().value().saturating_sub(shown)
            })
            .sum()
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").finish_non_exhaustive()
    }
}
