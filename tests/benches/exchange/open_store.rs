//! A node's store alone, opened as the node opens it, for what is measured below its
//! doors: the raw append and the views that follow it.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use wpsx_client::{clock::Clock, random::Random};
use wpsx_doors::keys::Keys;
use wpsx_store::{Appender, Followers, LogHandle, Store, StoreFolder, StoreOptions};
use wpsx_views::Views;

/// The store of a node that does not run.
pub(crate) struct OpenStore {
    pub(crate) store: Store,
    pub(crate) appender: Appender,
    /// The log of its only publisher.
    pub(crate) log: LogHandle,
}

impl OpenStore {
    /// Opens the store in `dir`, which has one publisher.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let keys = Keys::open(&dir.join("keys"))?;
        let folder = StoreFolder::lock(dir)?;
        let views = Views::open(&folder.views())?;
        let options = StoreOptions {
            cosigner: Some(keys.cosigner().clone()),
            ..StoreOptions::new(Clock::system().as_fn(), Random::system().as_fn())
        };
        let followers = Followers {
            index: Arc::new(views),
            others: Vec::new(),
        };
        let (store, appender) = Store::open(folder, options, followers)?;
        let log = store.logs().into_iter().next().context("a publisher")?;
        store.set_signer(log.origin(), keys.publisher(log.identity().name())?)?;
        Ok(Self {
            store,
            appender,
            log,
        })
    }
}
