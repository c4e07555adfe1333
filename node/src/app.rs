//! The composition root: the only place that knows all parts of a node.
//!
//! Settings, then the store with its followers, then what is exchanged with peers, what
//! is done with records, and the services over them. Each part is handed what it uses;
//! none of them knows this one. Only the doors (`serve`, the commands, the demo) and
//! tests hold an [`App`].

mod hosts;
mod look;
mod looking;
mod network;
mod own_keys;
mod public;
mod settings;
mod state;
mod world;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::Clock, random::Random};
use wpsx_domain::{
    NodeError,
    access::{Access, Sight},
    backup::{Backup, BackupParts},
    blocking,
    index::Index,
    publishing::{ErasedNames, Publishers, Publishing, PublishingParts},
    records::Records,
    upkeep::Upkeep,
};
use wpsx_federation::{Federation, FederationParts, card::CardSource};
use wpsx_listen::Connections;
use wpsx_proto::{card::NodeCard, chain, cosignature::Cosigner, origin::NodeName};
use wpsx_services::{
    admin::Desk,
    network::Network,
    router::{self, PublicParts},
    state::NodeState,
};
use wpsx_store::{Followers, LogHandle, Store, StoreFolder, StoreOptions};
use wpsx_views::Views;
use wpsx_words::Vocabularies;

pub use self::{look::Look, world::World};
use self::{
    network::NodeNetwork, own_keys::OwnKeys, public::PublicNetwork, settings::limits,
    state::Observed,
};
use crate::{
    config::{Config, FILE_NAME},
    keys::{KEYS, Keys},
    scrub::Scrub,
};

/// One node, put together. Clones are the same node; it starts nothing by itself.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
}

/// What a node is put together over.
struct Opened {
    folder: StoreFolder,
    views: Views,
    followers: Followers,
    keys: Arc<Keys>,
    cosigner: Option<Cosigner>,
}

struct Parts {
    dir: PathBuf,
    config: Config,
    world: World,
    keys: Arc<Keys>,
    store: Store,
    access: Access,
    records: Records,
    publishing: Publishing,
    upkeep: Upkeep,
    scrub: Scrub,
    federation: Arc<Federation>,
    connections: Connections,
    network: Arc<NodeNetwork>,
    stopping: CancellationToken,
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
        Keys::copy(keys, &dir.join("keys"))?;
        Ok(())
    }

    /// Opens the node in `dir` for this process alone.
    ///
    /// # Errors
    /// No node is there, another process has it open, or its files are damaged.
    pub fn open(dir: &Path, config: Config) -> Result<Self, NodeError> {
        Self::open_in(World::real(), dir, config)
    }

    /// The same with another clock and other random bytes than the system's.
    ///
    /// # Errors
    /// As [`App::open`].
    pub fn open_in(world: World, dir: &Path, config: Config) -> Result<Self, NodeError> {
        let keys = Arc::new(Keys::open(&dir.join(KEYS))?);
        let folder = StoreFolder::lock(dir)?;
        let views = Views::open(&folder.views())?;
        let followers = Followers {
            index: Arc::new(views.clone()),
            others: Vec::new(),
        };
        let cosigner = Some(keys.cosigner().clone());
        let opened = Opened {
            folder,
            views,
            followers,
            keys,
            cosigner,
        };
        let node = Self::over(world, dir, config, opened)?;
        node.sign_own_logs()?;
        Ok(node)
    }

    fn over(world: World, dir: &Path, config: Config, opened: Opened) -> Result<Self, NodeError> {
        let Opened {
            folder,
            views,
            followers,
            keys,
            cosigner,
        } = opened;
        let name = keys.node_name().clone();
        let options = StoreOptions {
            cosigner,
            ..StoreOptions::new(world.clock.as_fn(), world.random.as_fn())
        };
        let (store, appender) = Store::open(folder, options, followers)?;
        let unknown_keys = own_keys::unknown(&keys, &store)?;
        let stopping = CancellationToken::new();
        let connections = Connections::new(limits(&config), world.clock.clone(), stopping.clone());
        let own_keys = Arc::new(OwnKeys {
            keys: keys.clone(),
            random: world.random.clone(),
        });
        let erased_names = ErasedNames::open(store.state().clone(), world.random.bytes())?;
        let erased_names = Arc::new(erased_names);
        let federation = Arc::new(Federation::open(FederationParts {
            store: store.clone(),
            card: CardSource {
                name,
                node_key: keys.node_key().clone(),
                tls_key: keys.tls_key_hash(),
                cosigner: keys.cosigner().verifier_key(),
                advertise: config.node.advertise.clone(),
                advertise_http: config.node.advertise_http.clone(),
                clock: world.clock.clone(),
            },
            tls_identity: keys.shared_tls_identity(),
            proxy: config.node.proxy.clone(),
            choice: settings::choice(&config),
            connections: connections.clone(),
            erased_names: erased_names.clone(),
            keys: own_keys.clone(),
            clock: world.clock.clone(),
            random: world.random.clone(),
        })?);
        let index = Index::new(store.clone(), views);
        let access = Access::new(store.clone(), federation.peers().clone());
        // What the operator calls countries and groups counts for questions too.
        let vocabularies = Vocabularies::with_folder(&dir.join("vocabularies"))
            .map_err(|error| NodeError::Internal(chain(&error)))?;
        let records = Records::new(store.clone(), index.clone()).with_vocabularies(vocabularies);
        let publishers = Publishers::new(store.clone(), own_keys, world.clock.clone())
            .with_licences(config.publishing.licences.clone());
        let publishing = Publishing::new(PublishingParts {
            store: store.clone(),
            appender,
            index,
            publishers,
            erased_names,
            gate: federation.gate(),
            random: world.random.clone(),
        });
        let every = config.store.scrub_every;
        let scrub = Scrub::new(store.clone(), world.clock.clone(), every);
        let network = Arc::new(NodeNetwork::new(
            federation.clone(),
            Observed::new(
                store.clone(),
                records.clone(),
                federation.clone(),
                unknown_keys.clone(),
                world.clock.clone(),
                scrub.clone(),
            ),
        ));
        let parts = Parts {
            dir: dir.to_owned(),
            upkeep: Upkeep::new(store.clone(), unknown_keys),
            scrub,
            config,
            world,
            keys,
            store,
            access,
            records,
            publishing,
            federation,
            connections,
            network,
            stopping,
        };
        Ok(Self {
            parts: Arc::new(parts),
        })
    }

    /// Hands the store the keys of its own logs. One that cannot be read stops its own
    /// log alone.
    fn sign_own_logs(&self) -> Result<(), NodeError> {
        let Parts { keys, store, .. } = &*self.parts;
        for log in store.logs().into_iter().filter(LogHandle::is_own) {
            let name = log.identity().name();
            match keys.publisher(name) {
                Ok(signer) => {
                    store.set_signer(log.origin(), signer)?;
                    keys.keep(name)?;
                }
                Err(error) => log.refuse_to_sign(chain(&error)),
            }
        }
        for origin in store.damage().into_iter().filter_map(|it| it.origin) {
            // It is ours if we have its key, and goes on with it once it is mended.
            let publisher = origin.publisher();
            if let Some(Ok(signer)) = publisher.map(|name| keys.publisher(&name)) {
                store.keep_signer(&origin, signer);
            }
        }
        Ok(())
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
        &self.parts.world.clock
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

    /// Checking and rebuilding.
    pub fn upkeep(&self) -> &Upkeep {
        &self.parts.upkeep
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
        state::addresses(&self.parts.federation)
    }

    /// The node as `wpsx status` shows it to whom `sight` is. Blocks.
    ///
    /// # Errors
    /// The views cannot be read.
    pub fn state(&self, sight: &Sight) -> Result<NodeState, NodeError> {
        self.parts.network.observed().state(sight)
    }

    /// The network as pages show it.
    pub fn public_network(&self) -> Arc<dyn wpsx_observatory::Network> {
        Arc::new(PublicNetwork::new(self.parts.network.clone()))
    }

    /// The services that peers and readers call.
    ///
    /// # Errors
    /// The schemas cannot be described, which is a fault of the build.
    pub async fn public_services(&self) -> Result<Router, NodeError> {
        let parts = &self.parts;
        router::public(PublicParts {
            access: parts.access.clone(),
            records: parts.records.clone(),
            network: parts.network.clone() as Arc<dyn Network>,
            deadline: parts.config.limits.request_deadline,
            stop: parts.stopping.clone(),
        })
        .await
    }

    /// The service that the operator's commands call.
    pub fn operator_service(&self) -> Router {
        let parts = &self.parts;
        router::operator(Desk {
            access: parts.access.clone(),
            records: parts.records.clone(),
            publishing: parts.publishing.clone(),
            upkeep: parts.upkeep.clone(),
            backup: Backup::new(BackupParts {
                store: parts.store.clone(),
                node: self.name().clone(),
                clock: parts.world.clock.clone(),
                keys: parts.dir.join(KEYS),
                settings: parts.dir.join(FILE_NAME),
            }),
            tls_certificate: parts.keys.tls_certificate().to_owned(),
            operations: parts.network.clone(),
        })
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("name", self.name())
            .finish_non_exhaustive()
    }
}
