//! The composition root: the only place that knows all parts of a node.
//!
//! Settings, then the store with its followers, then what is exchanged with peers, what
//! is done with records, and the services over them. Each part is handed what it uses;
//! none of them knows this one. What comes of it is an [`App`], which only the doors (the
//! listeners, the commands, the demo) and tests hold.

mod hosts;
mod looking;
mod network;
mod opened;
mod own_keys;
mod public;
mod served;
mod settings;
mod state;
mod world;

use std::{path::Path, sync::Arc};

use tokio_util::sync::CancellationToken;
use wpsx_domain::{
    NodeError,
    access::Access,
    backup::{Backup, BackupParts},
    index::Index,
    publishing::{ErasedNames, Publishers, Publishing, PublishingParts},
    records::Records,
    upkeep::Upkeep,
};
use wpsx_doors::{
    app::{App, Look, Parts, Root},
    config::{Config, FILE_NAME},
    keys::{KEYS, Keys},
    scrub::Scrub,
};
use wpsx_federation::{Federation, FederationParts, card::CardSource};
use wpsx_listen::Connections;
use wpsx_proto::chain;
use wpsx_services::admin::Desk;
use wpsx_store::{LogHandle, Store, StoreOptions};
use wpsx_words::Vocabularies;

pub use self::world::World;
use self::{
    network::NodeNetwork,
    opened::Opened,
    own_keys::{KeysBeside, OwnKeys},
    public::PublicNetwork,
    served::Served,
    settings::limits,
    state::Observed,
};

/// This root, for who opens nodes.
pub const ROOT: Root = Root { open, look };

/// Opens the node in `dir` for this process alone.
///
/// # Errors
/// No node is there, another process has it open, or its files are damaged.
pub fn open(dir: &Path, config: Config) -> Result<App, NodeError> {
    open_in(World::real(), dir, config)
}

/// The same with another clock and other random bytes than the system's.
///
/// # Errors
/// As [`open`].
pub fn open_in(world: World, dir: &Path, config: Config) -> Result<App, NodeError> {
    let node = over(world, dir, config, Opened::alone(dir)?)?;
    sign_own_logs(node.keys(), node.store())?;
    Ok(node)
}

/// Opens the node in `dir` to look at it. Others may look at the same time.
///
/// # Errors
/// As [`open`].
pub fn look(dir: &Path, config: Config, look: Look) -> Result<App, NodeError> {
    let node = over(World::real(), dir, config, looking::opened(dir, look)?)?;
    for log in node.store().logs().into_iter().filter(LogHandle::is_own) {
        // Nothing is signed here: it is told what would not be.
        if let Err((_, reason)) = own_keys::signer_of(node.keys(), &log) {
            log.refuse_to_sign(reason);
        }
    }
    Ok(node)
}

fn over(world: World, dir: &Path, config: Config, opened: Opened) -> Result<App, NodeError> {
    let Opened {
        folder,
        views,
        followers,
        keys,
        cosigner,
    } = opened;
    let World { clock, random } = world;
    let name = keys.node_name().clone();
    let options = StoreOptions {
        cosigner,
        ..StoreOptions::new(clock.as_fn(), random.as_fn())
    };
    let (store, appender) = Store::open(folder, options, followers)?;
    store.look_after(Arc::new(KeysBeside(keys.clone())));
    let unknown_keys = own_keys::unknown(&keys, &store)?;
    let stopping = CancellationToken::new();
    let connections = Connections::new(limits(&config), clock.clone(), stopping.clone());
    let own_keys = Arc::new(OwnKeys {
        keys: keys.clone(),
        random: random.clone(),
    });
    let erased_names = ErasedNames::open(store.state().clone(), random.bytes())?;
    let erased_names = Arc::new(erased_names);
    let federation = Arc::new(Federation::open(FederationParts {
        store: store.clone(),
        card: CardSource {
            name: name.clone(),
            node_key: keys.node_key().clone(),
            tls_key: keys.tls_key_hash(),
            cosigner: keys.cosigner().verifier_key(),
            advertise: config.node.advertise.clone(),
            advertise_http: config.node.advertise_http.clone(),
            clock: clock.clone(),
        },
        tls_identity: keys.shared_tls_identity(),
        proxy: config.node.proxy.clone(),
        choice: settings::choice(&config),
        connections: connections.clone(),
        erased_names: erased_names.clone(),
        keys: own_keys.clone(),
        clock: clock.clone(),
        random: random.clone(),
    })?);
    let index = Index::new(store.clone(), views);
    let access = Access::new(store.clone(), federation.peers().clone());
    // What the operator calls countries and groups counts for questions too.
    let vocabularies = Vocabularies::with_folder(&dir.join("vocabularies"))
        .map_err(|error| NodeError::Internal(chain(&error)))?;
    let records = Records::new(store.clone(), index.clone()).with_vocabularies(vocabularies);
    let publishers = Publishers::new(store.clone(), own_keys, clock.clone())
        .with_licences(config.publishing.licences.clone());
    let publishing = Publishing::new(PublishingParts {
        store: store.clone(),
        appender,
        index,
        publishers,
        erased_names,
        gate: federation.gate(),
        random,
    });
    let every = config.store.scrub_every;
    let scrub = Scrub::new(store.clone(), clock.clone(), every);
    let network = Arc::new(NodeNetwork::new(
        federation.clone(),
        Observed::new(
            store.clone(),
            records.clone(),
            federation.clone(),
            unknown_keys.clone(),
            clock.clone(),
            scrub.clone(),
        ),
    ));
    let desk = Desk {
        access: access.clone(),
        records: records.clone(),
        publishing: publishing.clone(),
        upkeep: Upkeep::new(store.clone(), unknown_keys),
        backup: Backup::new(BackupParts {
            store: store.clone(),
            node: name,
            clock: clock.clone(),
            keys: dir.join(KEYS),
            settings: dir.join(FILE_NAME),
        }),
        tls_certificate: keys.tls_certificate().to_owned(),
        operations: network.clone(),
    };
    let services = Served {
        access: access.clone(),
        records: records.clone(),
        network: network.clone(),
        desk,
        deadline: config.limits.request_deadline,
        stopping: stopping.clone(),
    };
    // Whoever opens the node knows what of it is damaged, but for what only a check reads.
    store.look_over();
    Ok(App::of(Parts {
        dir: dir.to_owned(),
        config,
        clock,
        keys,
        store,
        access,
        records,
        publishing,
        scrub,
        federation,
        connections,
        network: Arc::new(PublicNetwork::new(network)),
        services: Arc::new(services),
        stopping,
    }))
}

/// Hands the store the keys of its own logs. One that cannot be read stops its own
/// log alone.
fn sign_own_logs(keys: &Keys, store: &Store) -> Result<(), NodeError> {
    for log in store.logs().into_iter().filter(LogHandle::is_own) {
        match own_keys::signer_of(keys, &log) {
            Ok(signer) => {
                store.set_signer(log.origin(), signer)?;
                keys.keep(log.identity().name())?;
            }
            Err((_, reason)) => log.refuse_to_sign(reason),
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
