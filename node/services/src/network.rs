//! What the services ask of the network of peers, and of the node as a whole. The root
//! implements it; the services know neither the federation nor the store.

use bytes::Bytes;
use futures::future::BoxFuture;
use tokio::sync::mpsc;
use wpsx_domain::{NodeError, access::Sight};
use wpsx_proto::{
    api::log::v1::ForkEvidence,
    card::NodeCard,
    erasure::ProvenErasure,
    fork::ProvenFork,
    hash::Hash,
    identity::Identity,
    origin::{Origin, PeerId, TlsKeyHash},
};

use crate::state::NodeState;

/// What peers and readers are told of this node, and what peers tell it.
pub trait Network: Send + Sync + 'static {
    /// This node's card, signed.
    ///
    /// # Errors
    /// A configured endpoint is not well-formed.
    fn card(&self) -> Result<Bytes, NodeError>;

    /// The peer that has that TLS key.
    fn peer_name(&self, key: &TlsKeyHash) -> Option<String>;

    /// A peer said what it can do, and showed its card where that is not empty. Gives the
    /// card of the peer that counts here if it has a higher number; else nothing.
    ///
    /// # Errors
    /// The card is not the peer's.
    fn said_hello(
        &self,
        peer: &str,
        capabilities: Vec<String>,
        card: &[u8],
    ) -> Result<Bytes, NodeError>;

    /// A peer refused an answer of ours about the log called `origin`.
    fn refused_by(&self, peer: &str, origin: &str, code: &str, reason: &str);

    /// What a peer refused of the log called `origin` has come right.
    fn refused_no_more(&self, peer: &str, origin: &str);

    /// A peer proved that two trees of a log were signed.
    ///
    /// # Errors
    /// The evidence could not be made durable.
    fn take_fork(&self, fork: ProvenFork) -> Result<(), NodeError>;

    /// A peer proved that entries of a signed tree of a log erase records.
    ///
    /// # Errors
    /// It could not be carried out.
    fn take_erasure(&self, erasure: ProvenErasure) -> BoxFuture<'_, Result<(), NodeError>>;

    /// Whether a log stands still until the operator has decided its fork.
    fn is_stopped(&self, origin: &Origin) -> bool;
}

/// What the operator's commands do with peers and see of the node.
pub trait Operations: Network {
    /// Adds a peer, or takes over the card and the options that its operator hands in.
    /// Options of a known peer that are not given stay, unless `only_given`.
    ///
    /// # Errors
    /// The card contradicts what is known.
    fn add_peer(&self, peer: PeerState, only_given: bool) -> Result<PeerState, NodeError>;

    /// All peers by name.
    fn peers(&self) -> Vec<PeerState>;

    /// Forgets a peer; its logs stay.
    ///
    /// # Errors
    /// No such peer.
    fn remove_peer(&self, name: &str) -> Result<(), NodeError>;

    /// Follows the public log of a publisher.
    ///
    /// # Errors
    /// The name is known under another identity.
    fn follow(&self, identity: &Identity) -> Result<Origin, NodeError>;

    /// Drops the replica of a log; true if it begins anew, as a peer may still bring it.
    fn drop_origin(&self, origin: Origin) -> BoxFuture<'_, Result<bool, NodeError>>;

    /// All evidence of forks.
    fn forks(&self) -> Vec<ForkState>;

    /// Decides the fork of a log: for the other tree, or for the one held here.
    fn accept_fork(&self, origin: Origin, other_tree: bool)
    -> BoxFuture<'_, Result<(), NodeError>>;

    /// Asks all peers what they hold of our logs, and with `yes` gets back what is missing.
    fn recover<'a>(
        &'a self,
        yes: bool,
        tell: &'a mpsc::Sender<RecoveryStep>,
    ) -> BoxFuture<'a, Result<(), NodeError>>;

    /// Whether there is, or is about to be, a line to any peer.
    fn is_connected(&self) -> bool;

    /// The node as `wpsx status` shows it, with the logs that `sight` admits. Blocks.
    ///
    /// # Errors
    /// The views cannot be read.
    fn state(&self, sight: &Sight) -> Result<NodeState, NodeError>;
}

/// A peer as the operator set it.
#[derive(Clone, Debug)]
pub struct PeerState {
    /// Its card.
    pub card: NodeCard,
    /// Its identity.
    pub id: PeerId,
    /// Publishers that it tells of are accepted and followed.
    pub introduces: bool,
    /// Kinds whose payloads are fetched from it; empty: all.
    pub kinds: Vec<u32>,
    /// Countries whose payloads are fetched from it; empty: all.
    pub countries: Vec<String>,
    /// It is offered connections with turned roles.
    pub turn: bool,
}

/// What is told while own logs are recovered.
#[derive(Clone, Debug)]
pub enum RecoveryStep {
    /// What a peer shows.
    Shown {
        /// The peer.
        peer: String,
        /// The log; empty where the peer could not be asked.
        origin: String,
        /// Entries stored here.
        held: u64,
        /// Entries of the peer's head.
        size: u64,
        /// The newest time of its cosignatures, in seconds since 1970; 0: unknown.
        time: u64,
        /// Why it does not count.
        reason: String,
    },
    /// How far a log has come back.
    Pulled {
        /// The log.
        origin: String,
        /// Entries stored.
        stored: u64,
        /// Entries in all.
        total: u64,
    },
    /// The end.
    Done {
        /// Entries that came back, or would.
        entries: u64,
        /// Own logs are signed.
        signs: bool,
    },
}

/// A piece of evidence and what was decided.
#[derive(Clone, Debug)]
pub struct ForkState {
    /// The log.
    pub origin: Origin,
    /// SHA-256 of the evidence.
    pub id: Hash,
    /// The evidence as it travels.
    pub evidence: ForkEvidence,
    /// The operator's decision in a word; empty: none yet.
    pub decision: &'static str,
    /// The log is known here; evidence of another stops nothing.
    pub known: bool,
}
