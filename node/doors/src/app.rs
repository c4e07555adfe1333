//! A node that is put together, as its doors hold it.
//!
//! The [`Root`] makes it, which alone knows all parts. Doors know no service: they are
//! handed what is to be served, and hand on who comes.

mod look;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::Clock, random::Random};
use wpsx_domain::{
    NodeError,
    access::{Access, Sight},
    blocking,
    publishing::Publishing,
    records::Records,
};
use wpsx_federation::Federation;
use wpsx_listen::Connections;
use wpsx_proto::{api::admin::v1::GetStatusResponse, card::NodeCard, chain, origin::NodeName};
use wpsx_store::Store;

pub use self::look::Look;
use crate::{
    config::Config,
    keys::{KEYS, Keys},
    scrub::Scrub,
};

/// How a node is put together of what is in its folder.
#[derive(Clone, Copy, Debug)]
pub struct Root {
    /// For this process alone, to run it or to change it.
    pub open: fn(&Path, Config) -> Result<App, NodeError>,
    /// To look at it; others may look at the same time.
    pub look: fn(&Path, Config, Look) -> Result<App, NodeError>,
}

/// What can be called of a node.
pub trait Services: Send + Sync {
    /// The services that peers and readers call.
    ///
    /// # Errors
    /// The schemas cannot be described, which is a fault of the build.
    fn public(&self) -> BoxFuture<'_, Result<Router, NodeError>>;

    /// The service that the operator's commands call.
    fn operator(&self) -> Router;

    /// The node as `wpsx status` shows it to whom `sight` is. Blocks.
    ///
    /// # Errors
    /// The views cannot be read.
    fn status(&self, sight: &Sight) -> Result<GetStatusResponse, NodeError>;
}

/// What doors use of a node.
pub struct Parts {
    /// The data directory.
    pub dir: PathBuf,
    /// What the operator set.
    pub config: Config,
    /// The node's clock.
    pub clock: Clock,
    /// The node's keys.
    pub keys: Arc<Keys>,
    /// The logs.
    pub store: Store,
    /// Who may read which of them.
    pub access: Access,
    /// Questions about records.
    pub records: Records,
    /// The door to own logs.
    pub publishing: Publishing,
    /// Reading all files from time to time.
    pub scrub: Scrub,
    /// Peers and what is exchanged with them.
    pub federation: Arc<Federation>,
    /// The connections that others opened to us.
    pub connections: Connections,
    /// The network as pages show it.
    pub network: Arc<dyn wpsx_observatory::Network>,
    /// What is called.
    pub services: Arc<dyn Services>,
    /// Cancelled when the node stops.
    pub stopping: CancellationToken,
}

/// One node, put together. Clones are the same node; it starts nothing by itself.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
}

impl App {
    /// Makes a new node in `dir`: keys and an empty store. Starts nothing.
    ///
    /// # Errors
    /// Something is in `dir` already, or it cannot be written.
    pub fn create(dir: &Path, name: &NodeName) -> Result<(), NodeError> {
        Store::create(dir)?;
        Keys::create(&dir.join(KEYS), name, &Random::system())?;
        Ok(())
    }

    /// The same with keys that there are already: a copy of the folder `keys` of the
    /// node that was lost.
    ///
    /// # Errors
    /// Something is in `dir` already, it cannot be written, or the keys are not whole.
    pub fn create_from(dir: &Path, keys: &Path) -> Result<(), NodeError> {
        // Found out before anything is made.
        Keys::open(keys)?;
        Store::create(dir)?;
        Keys::copy(keys, &dir.join(KEYS))?;
        Ok(())
    }

    /// The node that is made of these parts.
    #[must_use]
    pub fn of(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// Posts everything, closes the store and lets go of the lock.
    ///
    /// # Errors
    /// The last writes failed; the journal still has them.
    pub async fn close(&self) -> Result<(), NodeError> {
        self.parts.stopping.cancel();
        let store = self.parts.store.clone();
        blocking(move || Ok(store.close()?)).await
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.parts.dir
    }

    /// The node's name.
    pub fn name(&self) -> &NodeName {
        self.parts.keys.node_name()
    }

    /// What the operator set.
    pub fn config(&self) -> &Config {
        &self.parts.config
    }

    /// The node's clock.
    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// The node's keys.
    pub fn keys(&self) -> &Keys {
        &self.parts.keys
    }

    /// The logs.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// Who may read which of them.
    pub fn access(&self) -> &Access {
        &self.parts.access
    }

    /// Questions about records.
    pub fn records(&self) -> &Records {
        &self.parts.records
    }

    /// The door to own logs.
    pub fn publishing(&self) -> &Publishing {
        &self.parts.publishing
    }

    /// Reading all files from time to time.
    pub fn scrub(&self) -> &Scrub {
        &self.parts.scrub
    }

    /// Peers and what is exchanged with them.
    pub fn federation(&self) -> &Arc<Federation> {
        &self.parts.federation
    }

    /// The connections that others opened to us.
    pub fn connections(&self) -> &Connections {
        &self.parts.connections
    }

    /// Cancelled when the node stops.
    pub fn stopping(&self) -> &CancellationToken {
        &self.parts.stopping
    }

    /// The node's card as it stands now.
    ///
    /// # Errors
    /// A configured endpoint is not well-formed.
    pub fn card(&self) -> Result<Arc<NodeCard>, NodeError> {
        self.parts.federation.card().signed()
    }

    /// Where the node listens over TLS and over plain HTTP; empty where it does not.
    pub fn addresses(&self) -> (String, String) {
        self.parts.federation.card().addresses().shown()
    }

    /// The network as pages show it.
    pub fn public_network(&self) -> Arc<dyn wpsx_observatory::Network> {
        self.parts.network.clone()
    }

    /// What can be called of it.
    pub fn services(&self) -> &dyn Services {
        &*self.parts.services
    }

    /// Waits until the records are there that are looked at. Says of which logs they are
    /// not, because their files are damaged.
    pub async fn show_records(&self, look: Look) -> Vec<String> {
        let mut lacking = Vec::new();
        let all = async {
            for log in self.store().logs() {
                if let Err(error) = self.store().followed(&log).await {
                    let origin = log.origin();
                    lacking.push(format!(
                        "not all records of {origin} are shown: {}",
                        chain(&error)
                    ));
                }
            }
        };
        look.wait(all).await;
        lacking
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("name", self.name())
            .finish_non_exhaustive()
    }
}
