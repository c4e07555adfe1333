//! One node: its keys, its store, its peers, and what it may do with them.
//!
//! Commands and services call this; it starts nothing by itself. `serve`
//! listens and replicates for it.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::{Mutex, RwLock};
use tokio::sync::{OnceCell, OwnedMutexGuard, broadcast, watch};
use tokio_util::sync::CancellationToken;
use wpsx_client::{
    random::Random,
    tls::{Pins, TlsDialer},
    transport::{Proxy, Settings},
};
use wpsx_proto::{
    card::{CardParts, MAX_PUBLISHERS, NodeCard},
    fork::ProvenFork,
    identity::{Genesis, Identity},
    index::LeafIndex,
    note::VerifierKey,
    origin::{Audience, NodeName, Origin, PeerId, PublisherName, RecordId},
};

use crate::{
    calls::blocking,
    clock::Clock,
    config::Config,
    erased_names::ErasedNames,
    error::NodeError,
    forks::{Decision, Forks},
    keys::Keys,
    links::Links,
    listen::{Connections, Limits},
    peers::{Peer, Peers},
    refusals::Refusals,
    replicate::{Lease, Leases},
    store::{Appended, LogHandle, LogRole, NewEntry, RequestId, Store, StoreError, StoreOptions},
    views::Views,
};

/// How long a command waits for the views to show what was published before it.
const VIEWS_BOUND: Duration = Duration::from_secs(60);
/// Logs that sessions may learn of one by one; with more, they ask for all heads anew.
const FOLLOWED_AT_ONCE: usize = 1_024;

/// A node. Clones are the same node.
#[derive(Clone)]
pub struct Node {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    name: NodeName,
    config: Config,
    clock: Clock,
    keys: Keys,
    store: Store,
    peers: Peers,
    refusals: Refusals,
    erased_names: ErasedNames,
    forks: Forks,
    links: Links,
    leases: Leases,
    connections: Connections,
    /// The TLS keys that connections with a peer must show, until it is removed.
    pins: Mutex<HashMap<PeerId, Pins>>,
    /// Bumped when the set of peers changes.
    peers_changed: watch::Sender<u64>,
    /// Logs that are followed from now on, or again: heads that were passed over count.
    followed: broadcast::Sender<Origin>,
    /// Bumped when evidence of a fork came that every connected peer has to be told.
    forks_found: watch::Sender<u64>,
    addresses: RwLock<Addresses>,
    card: Mutex<Option<Arc<NodeCard>>>,
    publishing: Mutex<HashMap<Origin, Arc<tokio::sync::Mutex<()>>>>,
    may_sign: OnceCell<()>,
    stopping: CancellationToken,
}

#[derive(Default, Clone, Copy)]
struct Addresses {
    listen: Option<SocketAddr>,
    http: Option<SocketAddr>,
}

impl Node {
    /// Makes a new node in `dir`: keys and an empty store. Starts nothing.
    ///
    /// # Errors
    /// Something is in `dir` already, or it cannot be written.
    pub fn create(dir: &Path, name: &NodeName) -> Result<(), NodeError> {
        Store::create(dir).map_err(NodeError::Store)?;
        Keys::create(&dir.join("keys"), name, &Random::system()).map_err(NodeError::from)?;
        Ok(())
    }

    /// Opens the node in `dir` for this process alone.
    ///
    /// # Errors
    /// No node is there, another process has it open, or its files are damaged.
    pub fn open(dir: &Path, config: Config) -> Result<Self, NodeError> {
        Self::open_with_clock(dir, config, Clock::system())
    }

    /// The same with another clock.
    ///
    /// # Errors
    /// As [`Node::open`].
    pub fn open_with_clock(dir: &Path, config: Config, clock: Clock) -> Result<Self, NodeError> {
        let keys = Keys::open(&dir.join("keys")).map_err(NodeError::from)?;
        let name = keys.node_name().clone();
        let store = Store::open(
            dir,
            StoreOptions {
                cosigner: Some(keys.cosigner().clone()),
                clock: clock.as_fn(),
                ..StoreOptions::default()
            },
        )
        .map_err(NodeError::Store)?;
        for log in store.logs().into_iter().filter(LogHandle::is_own) {
            let signer = keys
                .publisher(log.identity().name())
                .map_err(NodeError::from)?;
            store
                .set_signer(log.origin(), signer)
                .map_err(NodeError::Store)?;
        }
        let state = store.state().clone();
        let peers = Peers::open(state.clone())?;
        let refusals = Refusals::open(state.clone(), clock.clone());
        let erased_names = ErasedNames::open(state.clone(), random())?;
        let forks = Forks::open(state, clock.clone(), |origin| {
            store.log(origin).map(|log| log.key())
        })?;
        for log in store.logs() {
            if forks.decision(log.origin()) == Some(Decision::Switch) {
                store.never_cosign(log.origin());
            }
        }
        let stopping = CancellationToken::new();
        let connections = Connections::new(limits(&config), clock.clone(), stopping.clone());
        let inner = Inner {
            dir: dir.to_owned(),
            name,
            config,
            clock,
            keys,
            store,
            peers,
            refusals,
            erased_names,
            forks,
            links: Links::default(),
            leases: Leases::default(),
            connections,
            pins: Mutex::default(),
            peers_changed: watch::Sender::new(0),
            followed: broadcast::Sender::new(FOLLOWED_AT_ONCE),
            forks_found: watch::Sender::new(0),
            addresses: RwLock::default(),
            card: Mutex::default(),
            publishing: Mutex::default(),
            may_sign: OnceCell::new(),
            stopping,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Posts everything, closes the store and lets go of the lock.
    ///
    /// # Errors
    /// The last writes failed; the journal still has them.
    pub async fn close(&self) -> Result<(), NodeError> {
        self.inner.stopping.cancel();
        let store = self.inner.store.clone();
        tokio::task::spawn_blocking(move || store.close())
            .await
            .map_err(|e| NodeError::Internal(e.to_string()))?
            .map_err(NodeError::Store)
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// The node's name.
    pub fn name(&self) -> &NodeName {
        &self.inner.name
    }

    /// What the operator set.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The node's clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The node's keys.
    pub fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// The node's store.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What can be asked about records.
    pub fn views(&self) -> Views {
        self.inner.store.views()
    }

    /// The node's peers.
    pub fn peers(&self) -> &Peers {
        &self.inner.peers
    }

    /// Refused answers.
    pub fn refusals(&self) -> &Refusals {
        &self.inner.refusals
    }

    /// The own ids of erased records.
    pub fn erased_names(&self) -> &ErasedNames {
        &self.inner.erased_names
    }

    /// Evidence of forks.
    pub fn forks(&self) -> &Forks {
        &self.inner.forks
    }

    /// The lines to the peers.
    pub fn links(&self) -> &Links {
        &self.inner.links
    }

    /// The connections that others opened to us.
    pub fn connections(&self) -> &Connections {
        &self.inner.connections
    }

    /// Bumped on every commit of any log.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.store.changes()
    }

    /// Bumped when peers are added or removed.
    pub fn peer_changes(&self) -> watch::Receiver<u64> {
        self.inner.peers_changed.subscribe()
    }

    /// Logs that are followed from now on, or again after the operator decided a
    /// fork: their heads, which were passed over until now, have to be asked for.
    pub fn followed(&self) -> broadcast::Receiver<Origin> {
        self.inner.followed.subscribe()
    }

    /// Bumped when evidence of a fork came.
    pub fn fork_news(&self) -> watch::Receiver<u64> {
        self.inner.forks_found.subscribe()
    }

    /// Cancelled when the node stops.
    pub fn stopping(&self) -> CancellationToken {
        self.inner.stopping.clone()
    }

    /// `N` random bytes from the operating system.
    ///
    /// # Panics
    /// The operating system has no randomness to give; nothing safe can be done then.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        random()
    }

    /// Where the node listens: over TLS, and over plain HTTP.
    pub fn addresses(&self) -> (String, String) {
        let addresses = *self.inner.addresses.read();
        let show = |a: Option<SocketAddr>| a.map_or_else(String::new, |a| a.to_string());
        (show(addresses.listen), show(addresses.http))
    }

    /// Tells where the listeners are, once they are bound.
    pub fn set_addresses(&self, listen: Option<SocketAddr>, http: Option<SocketAddr>) {
        *self.inner.addresses.write() = Addresses { listen, http };
        *self.inner.card.lock() = None;
    }

    /// The node's card as it stands now.
    ///
    /// # Errors
    /// A configured endpoint is not well-formed.
    pub fn card(&self) -> Result<Arc<NodeCard>, NodeError> {
        let mut kept = self.inner.card.lock();
        if let Some(card) = &*kept {
            return Ok(card.clone());
        }
        let addresses = *self.inner.addresses.read();
        let node = &self.inner.config.node;
        let mut endpoints = node.advertise.clone();
        if endpoints.is_empty() {
            let reachable = addresses.listen.filter(|a| !a.ip().is_unspecified());
            endpoints.extend(reachable.map(|a| format!("https://{a}")));
        }
        let mut mirrors = node.advertise_http.clone();
        if mirrors.is_empty() {
            let reachable = addresses.http.filter(|a| !a.ip().is_unspecified());
            mirrors.extend(reachable.map(|a| format!("http://{a}/mirror/")));
        }
        let own = self
            .inner
            .store
            .logs()
            .into_iter()
            .filter(LogHandle::is_own);
        let publishers = own.map(|log| log.identity().clone()).collect();
        let card = NodeCard::sign(
            CardParts {
                name: self.inner.name.clone(),
                tls_key: self.inner.keys.tls_key_hash(),
                cosigner: self.inner.keys.cosigner().verifier_key(),
                endpoints,
                mirrors,
                publishers,
                time: self.inner.clock.unix_ms(),
            },
            self.inner.keys.node_key(),
        )
        .map_err(|e| NodeError::invalid("advertise", e))?;
        let card = Arc::new(card);
        *kept = Some(card.clone());
        Ok(card)
    }

    /// The TLS keys that a connection with `peer` must show. Emptied when the
    /// peer is removed, which ends the connections that look at them.
    pub fn pins(&self, peer: &Peer) -> Pins {
        let mut pins = self.inner.pins.lock();
        let of_peer = pins
            .entry(peer.id())
            .or_insert_with(|| Pins::only(peer.card.tls_key()));
        of_peer.replace([peer.card.tls_key()]);
        of_peer.clone()
    }

    /// Dials `peer` with this node's own certificate.
    ///
    /// # Errors
    /// The node's TLS key cannot be used.
    pub fn dialer(&self, peer: &Peer) -> Result<TlsDialer, NodeError> {
        TlsDialer::new(Some(self.inner.keys.tls_identity()), self.pins(peer))
            .map_err(|e| NodeError::Internal(crate::error::chain(&e)))
    }

    /// How this node's own connections behave.
    ///
    /// # Errors
    /// The configured proxy is not well-formed.
    pub fn dial_settings(&self) -> Result<Settings, NodeError> {
        let proxy = match &self.inner.config.node.proxy {
            None => None,
            Some(proxy) => Some(
                proxy
                    .parse::<Proxy>()
                    .map_err(|e| NodeError::invalid("proxy", e))?,
            ),
        };
        Ok(Settings {
            proxy,
            ..Settings::default()
        })
    }

    /// The cosigner keys this node can check: its own and its peers'.
    pub fn cosigners(&self) -> Vec<VerifierKey> {
        let mut keys = self.inner.peers.cosigners();
        keys.push(self.inner.keys.cosigner().verifier_key());
        keys
    }

    /// Makes a publisher with its own identity, key and logs.
    ///
    /// # Errors
    /// A name that is not well-formed or taken.
    pub fn create_publisher(
        &self,
        name: &str,
        title: &str,
        countries: &[String],
    ) -> Result<LogHandle, NodeError> {
        let name = PublisherName::parse(name).map_err(|e| NodeError::invalid("name", e))?;
        let origin = Origin::new(&name, Audience::Public);
        if self.inner.store.log(&origin).is_some() {
            return Err(NodeError::Exists {
                what: "publisher",
                name: name.to_string(),
                detail: String::new(),
            });
        }
        let logs = self.inner.store.logs();
        if logs.iter().filter(|log| log.is_own()).count() >= MAX_PUBLISHERS {
            return Err(NodeError::invalid(
                "name",
                format!("a card holds {MAX_PUBLISHERS} publishers; run another node for more"),
            ));
        }
        let signer = self
            .inner
            .keys
            .add_publisher(&name, &Random::system())
            .map_err(NodeError::from)?;
        let genesis = Genesis {
            name,
            title: title.to_owned(),
            countries: countries.to_vec(),
            recovery_keys: Vec::new(),
            time: self.inner.clock.unix_ms(),
        };
        let identity =
            Identity::create(genesis, &signer).map_err(|e| NodeError::invalid("publisher", e))?;
        let log = self
            .inner
            .store
            .add_log(&origin, identity, LogRole::Own(signer))
            .map_err(NodeError::Store)?;
        *self.inner.card.lock() = None;
        Ok(log)
    }

    /// Follows the public log of a publisher.
    ///
    /// # Errors
    /// The name is known under another identity: keys are never replaced so.
    pub fn follow(&self, identity: &Identity) -> Result<LogHandle, NodeError> {
        let origin = identity.origin(Audience::Public);
        if let Some(log) = self.inner.store.log(&origin) {
            if log.identity().id() == identity.id() {
                return Ok(log);
            }
            return Err(NodeError::Exists {
                what: "publisher",
                name: identity.name().to_string(),
                detail: " with another identity; keys of a known name are never replaced"
                    .to_owned(),
            });
        }
        let log = self
            .inner
            .store
            .add_log(&origin, identity.clone(), LogRole::Replica)
            .map_err(NodeError::Store)?;
        self.ask_again(origin);
        Ok(log)
    }

    fn ask_again(&self, origin: Origin) {
        // No receiver means that no peer is connected; each tells its heads on connecting.
        let _ = self.inner.followed.send(origin);
    }

    /// Adds a peer and follows the publishers on its card.
    ///
    /// # Errors
    /// The card is this node's own, or contradicts what is known.
    pub fn add_peer(&self, peer: Peer) -> Result<Arc<Peer>, NodeError> {
        if peer.name() == self.inner.name.as_str() {
            return Err(NodeError::invalid(
                "card",
                "this is the card of this very node",
            ));
        }
        self.refuse_own_key(&peer.card)?;
        for identity in peer.card.publishers() {
            let origin = identity.origin(Audience::Public);
            if self
                .inner
                .store
                .log(&origin)
                .is_some_and(|log| log.is_own())
            {
                return Err(NodeError::Exists {
                    what: "publisher",
                    name: identity.name().to_string(),
                    detail: " on this very node".to_owned(),
                });
            }
        }
        let publishers = peer.card.publishers().to_vec();
        let is_new = self.inner.peers.named(peer.name()).is_none();
        let peer = self.inner.peers.add(peer)?;
        for identity in &publishers {
            self.follow(identity)?;
        }
        if is_new {
            // It called as a stranger until now: it is to call again, and to say what
            // only a peer may, such as evidence of a fork.
            self.inner.connections.close_all_of(&peer.card.tls_key());
        }
        self.inner.peers_changed.send_modify(|n| *n += 1);
        Ok(peer)
    }

    /// Takes over what a peer says of itself in a newer card, shown over a line with
    /// it: where it is, and its keys.
    ///
    /// # Errors
    /// It cannot be read, is of another node, or has the TLS key of another node.
    pub fn renew_card(&self, name: &str, note: &[u8]) -> Result<(), NodeError> {
        let card = NodeCard::verify(note).map_err(|e| NodeError::invalid("card", e))?;
        self.refuse_own_key(&card)?;
        let Some(renewed) = self.inner.peers.renew(name, card)? else {
            return Ok(());
        };
        tracing::info!(peer = name, "the peer has a newer card");
        if let Some(key) = renewed.dropped_key {
            self.inner.connections.close_all_of(&key);
        }
        self.inner.peers_changed.send_modify(|n| *n += 1);
        Ok(())
    }

    fn refuse_own_key(&self, card: &NodeCard) -> Result<(), NodeError> {
        if card.tls_key() == self.inner.keys.tls_key_hash() {
            return Err(NodeError::invalid(
                "card",
                "it pins this node's own TLS key",
            ));
        }
        Ok(())
    }

    /// Forgets a peer and closes every connection with it. Its logs stay.
    ///
    /// # Errors
    /// No such peer.
    pub fn remove_peer(&self, name: &str) -> Result<(), NodeError> {
        let peer = self.inner.peers.remove(name)?;
        self.inner.connections.close_all_of(&peer.card.tls_key());
        if let Some(pins) = self.inner.pins.lock().remove(&peer.id()) {
            pins.clear();
        }
        self.inner.links.remove(name);
        self.inner.peers_changed.send_modify(|n| *n += 1);
        Ok(())
    }

    /// The log of a publisher hosted here; the only one where `publisher` is empty.
    ///
    /// # Errors
    /// No such publisher, or more than one to choose from.
    pub fn own_log(&self, publisher: &str) -> Result<LogHandle, NodeError> {
        let mut own: Vec<LogHandle> = self
            .inner
            .store
            .logs()
            .into_iter()
            .filter(LogHandle::is_own)
            .collect();
        if !publisher.is_empty() {
            own.retain(|log| log.identity().name().as_str() == publisher);
            return own
                .pop()
                .ok_or_else(|| NodeError::not_found("publisher", publisher));
        }
        match own.len() {
            0 => Err(NodeError::invalid(
                "publisher",
                "this node hosts no publisher yet; make one with `wpsx publisher add`",
            )),
            1 => Ok(own.remove(0)),
            _ => Err(NodeError::invalid(
                "publisher",
                "this node hosts several; name one",
            )),
        }
    }

    /// The own log that holds a record, and its newest entry there.
    ///
    /// # Errors
    /// No own log holds it.
    pub async fn own_record(&self, id: &RecordId) -> Result<(LogHandle, LeafIndex), NodeError> {
        self.all_views_settled().await?;
        for (number, latest) in self.views().find(id).map_err(NodeError::from)? {
            let Some(log) = self.inner.store.log_numbered(number) else {
                continue;
            };
            if log.is_own() {
                return Ok((log, LeafIndex::new(latest.index)));
            }
        }
        Err(NodeError::not_found(
            "record",
            format!("{id} of a publisher on this node"),
        ))
    }

    /// Waits for one's turn to publish in a log.
    pub async fn publishing(&self, origin: &Origin) -> OwnedMutexGuard<()> {
        let turn = self
            .inner
            .publishing
            .lock()
            .entry(origin.clone())
            .or_default()
            .clone();
        turn.lock_owned().await
    }

    /// Appends to an own log once this node knows that it may sign.
    ///
    /// # Errors
    /// The node is read-only, the log is stopped by a fork, or the write failed and
    /// left nothing.
    pub async fn append(
        &self,
        log: &LogHandle,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
    ) -> Result<Appended, NodeError> {
        self.ensure_may_sign().await;
        if let Some(reason) = self.inner.store.read_only() {
            return Err(NodeError::ReadOnly(reason));
        }
        if self.inner.forks.stopped(log.origin()) {
            return Err(NodeError::Stopped(log.origin().to_string()));
        }
        self.inner
            .store
            .append(log.origin(), entries, request)
            .await
            .map_err(|error| match error {
                StoreError::ReadOnly(reason) => NodeError::ReadOnly(reason),
                other => NodeError::Store(other),
            })
    }

    /// Asks the peers, once and before the first signature, how far they have
    /// seen this node's own logs.
    pub async fn ensure_may_sign(&self) {
        self.inner
            .may_sign
            .get_or_init(|| crate::replicate::compare_with_peers(self))
            .await;
    }

    /// A peer has seen more of an own log than this node holds: it was restored
    /// from an old copy, or runs twice. It must not sign.
    pub fn seen_further(&self, origin: &Origin, peer: &str, theirs: u64, ours: u64) {
        let reason = format!(
            "peer {peer} has seen {theirs} entries of {origin}, this store holds {ours}; \
             the store was restored from an older copy or runs twice, and signing on would \
             fork the log; stop the other copy, or bring the newer store back"
        );
        tracing::error!(%origin, peer, theirs, ours, "read-only: a peer has seen further");
        self.inner.store.set_read_only(reason);
    }

    /// Keeps evidence of a fork and passes it on.
    ///
    /// # Errors
    /// It could not be made durable.
    pub fn record_fork(&self, fork: ProvenFork) -> Result<(), NodeError> {
        if self.inner.forks.record(fork)? {
            self.inner.forks_found.send_modify(|n| *n += 1);
        }
        Ok(())
    }

    /// Carries out the operator's decision about a fork.
    ///
    /// # Errors
    /// No fork of that log, or its replica cannot be dropped.
    pub async fn accept_fork(&self, origin: &Origin, decision: Decision) -> Result<(), NodeError> {
        let log = self
            .inner
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
        let lease = self.lease(origin).await;
        let node = self.clone();
        let other = blocking(move || {
            let other = node.inner.forks.other_tree(&log)?;
            node.inner.forks.decide(log.origin(), decision)?;
            if decision == Decision::Switch {
                node.start_over(&log)?;
            }
            Ok(other)
        })
        .await?;
        if decision == Decision::Switch
            && let Some(other) = other
        {
            // From now on only what extends the other tree is pulled.
            let pending = self.inner.store.set_pending(origin, other);
            pending.await.map_err(NodeError::Store)?;
        }
        drop(lease);
        self.ask_again(origin.clone());
        Ok(())
    }

    /// Drops the replica of a log and begins an empty one that is never cosigned.
    fn start_over(&self, log: &LogHandle) -> Result<(), NodeError> {
        let (origin, identity) = (log.origin(), log.identity().clone());
        let store = &self.inner.store;
        store.drop_replica(origin).map_err(NodeError::Store)?;
        store
            .add_log(origin, identity, LogRole::Replica)
            .map_err(NodeError::Store)?;
        store.never_cosign(origin);
        Ok(())
    }

    /// The right to pull one log, held by one connection at a time.
    pub async fn lease(&self, origin: &Origin) -> Lease {
        self.inner.leases.take(origin).await
    }

    /// Entries that are stored but not yet in the views.
    pub fn views_behind(&self) -> u64 {
        let views = self.views();
        let logs = self.inner.store.logs();
        logs.iter()
            .map(|log| {
                log.stored()
                    .value()
                    .saturating_sub(views.position(log.number()))
            })
            .sum()
    }

    /// Waits until the views show all that is stored of `log`.
    ///
    /// # Errors
    /// They do not catch up within a minute.
    pub async fn views_settled(&self, log: &LogHandle) -> Result<(), NodeError> {
        let target = log.stored().value();
        let number = log.number();
        let settled = async {
            while self.views().position(number) < target {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(VIEWS_BOUND, settled)
            .await
            .map_err(|_| NodeError::Busy("the views are being built; try again in a minute"))
    }

    /// Waits until the views show all that is stored.
    ///
    /// # Errors
    /// They do not catch up within a minute.
    pub async fn all_views_settled(&self) -> Result<(), NodeError> {
        for log in self.inner.store.logs() {
            self.views_settled(&log).await?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("name", &self.inner.name)
            .finish_non_exhaustive()
    }
}

fn random<const N: usize>() -> [u8; N] {
    Random::system().bytes()
}

fn limits(config: &Config) -> Limits {
    let set = &config.limits;
    let usual = Limits::default();
    Limits {
        connections: set.connections,
        strangers: (set.connections * 3 / 4).max(1),
        connections_per_address: set.connections_per_address,
        streams: set.streams,
        handshake: set.handshake,
        ..usual
    }
}
