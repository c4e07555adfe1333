//! What the tasks of a federation share: the parts that each of them uses.

use std::sync::Arc;

use wpsx_client::{random::Random, transport::Connection};
use wpsx_domain::{NodeError, publishing::ErasedNames, quiet::Quiet};
use wpsx_listen::Connections;
use wpsx_proto::note::VerifierKey;
use wpsx_store::{LogHandle, Store, StoreError};

use crate::{
    ahead::Ahead,
    card::OwnCard,
    choice::Choice,
    dialling::Dialling,
    follows::Follows,
    forks::Forks,
    kept_erasures::KeptErasures,
    lease::Leases,
    links::Links,
    movements::Movements,
    peering::Peering,
    peers::{Peer, Peers},
    refusals::Refusals,
};

/// The parts; a task takes those that it needs.
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) peers: Arc<Peers>,
    pub(crate) peering: Arc<Peering>,
    pub(crate) links: Arc<Links>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) forks: Arc<Forks>,
    /// What logs that stand still erase, to be passed on.
    pub(crate) erasures: KeptErasures,
    /// What peers have seen of our own logs that we lack.
    pub(crate) ahead: Arc<Ahead>,
    /// The own ids of erased records of our own logs.
    pub(crate) names: Arc<ErasedNames>,
    pub(crate) leases: Arc<Leases>,
    /// Held while one peer is asked for what is damaged here.
    pub(crate) healing: tokio::sync::Mutex<()>,
    pub(crate) follows: Follows,
    pub(crate) dialling: Arc<Dialling>,
    pub(crate) card: Arc<OwnCard>,
    /// The connections that others opened to us, and those that we let others ask over.
    pub(crate) connections: Connections,
    pub(crate) choice: Choice,
    pub(crate) random: Random,
    /// When the logs last grew.
    pub(crate) movements: Movements,
    /// How much of a trouble is told in the log.
    pub(crate) quiet: Quiet,
}

impl Context {
    /// The cosigner keys that this node can check: its peers' and its own.
    pub(crate) fn cosigners(&self) -> Vec<VerifierKey> {
        let mut keys = self.peers.cosigners();
        keys.push(self.card.cosigner().clone());
        keys
    }

    /// Whether nothing is taken of a log, though peers show more of it.
    pub(crate) fn stands_still(&self, log: &LogHandle) -> bool {
        let is_ahead = log.is_own() && self.ahead.of(log.origin()).is_some();
        is_ahead || self.forks.stopped(log.origin())
    }

    /// Why nothing is taken of others' logs, if the disk is full: all but erasures.
    pub(crate) fn no_room(&self) -> Option<NodeError> {
        let full = self.store.disk().full?;
        Some(NodeError::Store(StoreError::NoRoom(full)))
    }

    /// A connection on which we ask `peer`.
    ///
    /// # Errors
    /// Why the last endpoint of its card could not be reached.
    pub(crate) async fn dial(&self, peer: &Peer) -> Result<Connection, String> {
        self.links.of(peer.name()).dialled();
        self.dialling.dial(peer).await
    }

    /// A number that spreads waits.
    pub(crate) fn spread(&self) -> u32 {
        u32::from_le_bytes(self.random.bytes())
    }
}
