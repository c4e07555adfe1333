//! The peers that the operator added: their cards and what we want of them.
//!
//! Kept in `state/`, one small fsynced file a peer. A card that a node shows of itself
//! replaces the one held only if the same node key signed it and it is newer; one that
//! the operator hands in replaces it in any case.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use wpsx_domain::{NodeError, access::Membership};
use wpsx_proto::{
    card::NodeCard,
    chain,
    note::VerifierKey,
    origin::{PeerId, TlsKeyHash},
};
use wpsx_store::{State, StoreError};

const PREFIX: &str = "peers/";
const SUFFIX: &str = ".json";

/// Which payloads we fetch from a peer; empty lists mean all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadFilter {
    /// Numbers of `wpsx.record.v1.Kind`.
    #[serde(default)]
    pub kinds: Vec<u32>,
    /// ISO 3166-1 alpha-3 codes or user-assigned ones.
    #[serde(default)]
    pub countries: Vec<String>,
}

/// A node we exchange with.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its verified card.
    pub card: NodeCard,
    /// Publishers that it tells of are accepted and followed.
    pub introduces: bool,
    /// What we fetch from it.
    pub filter: PayloadFilter,
    /// It cannot dial us, so we offer it a connection with turned roles.
    pub turn: bool,
}

impl Peer {
    /// The node's name, unique among the peers.
    pub fn name(&self) -> &str {
        self.card.name().as_str()
    }

    /// The same with the options that `held` has and that were not given.
    #[must_use]
    pub fn keeping(self, held: &Self) -> Self {
        let or = |given: bool, held: bool| given || held;
        Self {
            card: self.card,
            introduces: or(self.introduces, held.introduces),
            filter: PayloadFilter {
                kinds: given_or(self.filter.kinds, &held.filter.kinds),
                countries: given_or(self.filter.countries, &held.filter.countries),
            },
            turn: or(self.turn, held.turn),
        }
    }

    /// The node's identity.
    pub fn id(&self) -> PeerId {
        self.card.peer_id()
    }
}

fn given_or<T: Clone>(given: Vec<T>, held: &[T]) -> Vec<T> {
    match given.is_empty() {
        true => held.to_vec(),
        false => given,
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    card: String,
    introduces: bool,
    filter: PayloadFilter,
    turn: bool,
}

/// A peer with a newer card.
pub struct Renewed {
    /// The peer as it is now.
    pub peer: Arc<Peer>,
    /// The TLS key that is not its key any more, if it has another one.
    pub dropped_key: Option<TlsKeyHash>,
}

/// A stored peer that cannot be read: nothing is exchanged with it until its card is
/// added again.
#[derive(Debug, Clone)]
pub struct DamagedPeer {
    /// The name of its file, which is its own.
    pub name: String,
    /// The file and what is wrong with it.
    pub reason: String,
}

/// All peers of this node.
pub struct Peers {
    state: State,
    known: RwLock<BTreeMap<String, Arc<Peer>>>,
    damaged: RwLock<Vec<DamagedPeer>>,
}

impl Peers {
    /// Reads the peers from `state`. One that cannot be read is damaged, and the others
    /// go on.
    ///
    /// # Errors
    /// The list of them cannot be read.
    pub fn open(state: State) -> Result<Self, NodeError> {
        let mut known = BTreeMap::new();
        let mut damaged = Vec::new();
        for name in state.list(PREFIX)? {
            match read(&state, &name) {
                Ok(None) => {}
                Ok(Some(peer)) => {
                    known.insert(peer.name().to_owned(), Arc::new(peer));
                }
                Err(reason) => {
                    state.unreadable(&name, &reason);
                    let name = name[PREFIX.len()..].trim_end_matches(SUFFIX).to_owned();
                    damaged.push(DamagedPeer { name, reason });
                }
            }
        }
        Ok(Self {
            state,
            known: RwLock::new(known),
            damaged: RwLock::new(damaged),
        })
    }

    /// The peers whose stored card cannot be read.
    pub fn damaged(&self) -> Vec<DamagedPeer> {
        self.damaged.read().clone()
    }

    /// Adds a peer or replaces its card.
    ///
    /// # Errors
    /// Another node key under a known name, or the TLS key of another peer.
    pub fn add(&self, peer: Peer) -> Result<Arc<Peer>, NodeError> {
        self.put(&mut self.known.write(), peer)
    }

    fn put(
        &self,
        known: &mut BTreeMap<String, Arc<Peer>>,
        peer: Peer,
    ) -> Result<Arc<Peer>, NodeError> {
        if known
            .get(peer.name())
            .is_some_and(|held| held.id() != peer.id())
        {
            return Err(NodeError::Exists {
                what: "peer",
                name: peer.name().to_owned(),
                detail: " under another key; remove it first if its operator confirms the new one"
                    .to_owned(),
            });
        }
        let same_key = |held: &&Arc<Peer>| {
            held.card.tls_key() == peer.card.tls_key() && held.name() != peer.name()
        };
        if let Some(other) = known.values().find(same_key) {
            return Err(NodeError::invalid(
                "card",
                format!(
                    "it pins the TLS key of the peer {}; each node has its own",
                    other.name()
                ),
            ));
        }
        let stored = Stored {
            card: String::from_utf8_lossy(&peer.card.note_bytes()).into_owned(),
            introduces: peer.introduces,
            filter: peer.filter.clone(),
            turn: peer.turn,
        };
        let bytes =
            serde_json::to_vec_pretty(&stored).map_err(|e| NodeError::Internal(e.to_string()))?;
        self.state.put(&key(peer.name()), &bytes)?;
        let peer = Arc::new(peer);
        known.insert(peer.name().to_owned(), peer.clone());
        self.damaged.write().retain(|it| it.name != peer.name());
        Ok(peer)
    }

    /// Takes over a newer card that a known peer shows of itself; none if it says nothing
    /// new. No clock is right that is beyond `latest`, milliseconds since 1970.
    ///
    /// # Errors
    /// As [`Peers::add`]; or it is of another node.
    pub fn renew(
        &self,
        name: &str,
        card: NodeCard,
        latest: u64,
    ) -> Result<Option<Renewed>, NodeError> {
        let mut known = self.known.write();
        let held = known
            .get(name)
            .cloned()
            .ok_or_else(|| NodeError::not_found("peer", name))?;
        if card.peer_id() != held.id() || card.name() != held.card.name() {
            return Err(NodeError::invalid(
                "card",
                format!("this is the card of another node than {name}"),
            ));
        }
        let newer = card.replaces(&held.card, latest);
        // A number that is higher is kept, though nothing else changed.
        let numbered = card.sequence() > held.card.sequence();
        if !newer || !numbered && says_the_same(&card, &held.card) {
            return Ok(None);
        }
        let before = held.card.tls_key();
        let peer = Peer {
            card,
            ..Peer::clone(&held)
        };
        let peer = self.put(&mut known, peer)?;
        let dropped_key = Some(before).filter(|before| *before != peer.card.tls_key());
        Ok(Some(Renewed { peer, dropped_key }))
    }

    /// Forgets a peer and gives it back.
    ///
    /// # Errors
    /// No such peer.
    pub fn remove(&self, name: &str) -> Result<Arc<Peer>, NodeError> {
        let mut known = self.known.write();
        let peer = known
            .get(name)
            .cloned()
            .ok_or_else(|| NodeError::not_found("peer", name))?;
        self.state.remove(&key(name))?;
        known.remove(name);
        Ok(peer)
    }

    /// All peers by name.
    pub fn all(&self) -> Vec<Arc<Peer>> {
        self.known.read().values().cloned().collect()
    }

    /// The peer of that name.
    pub fn named(&self, name: &str) -> Option<Arc<Peer>> {
        self.known.read().get(name).cloned()
    }

    /// The peer whose card pins that TLS key.
    pub fn by_key(&self, key: &TlsKeyHash) -> Option<Arc<Peer>> {
        self.known
            .read()
            .values()
            .find(|p| p.card.tls_key() == *key)
            .cloned()
    }

    /// The cosigner keys of all peers.
    pub fn cosigners(&self) -> Vec<VerifierKey> {
        self.known
            .read()
            .values()
            .map(|p| p.card.cosigner().clone())
            .collect()
    }
}

impl Membership for Peers {
    fn is_peer(&self, key: &TlsKeyHash) -> bool {
        self.by_key(key).is_some()
    }
}

/// Whether two cards of a node differ in their time alone, as after a restart.
fn says_the_same(one: &NodeCard, other: &NodeCard) -> bool {
    let ids = |card: &NodeCard| -> Vec<_> {
        let publishers = card.publishers().iter();
        publishers.map(|identity| identity.id()).collect()
    };
    one.tls_key() == other.tls_key()
        && one.cosigner() == other.cosigner()
        && one.endpoints() == other.endpoints()
        && one.mirrors() == other.mirrors()
        && ids(one) == ids(other)
}

fn key(name: &str) -> String {
    format!("{PREFIX}{name}{SUFFIX}")
}

fn read(state: &State, name: &str) -> Result<Option<Peer>, String> {
    let bytes = state.get(name).map_err(|error| match error {
        StoreError::Damaged { reason, .. } => format!("state/{name} is damaged: {reason}"),
        other => chain(&other),
    })?;
    let peer = bytes.map(|bytes| decode(&bytes)).transpose();
    peer.map_err(|reason| format!("state/{name} cannot be read: {reason}"))
}

fn decode(bytes: &[u8]) -> Result<Peer, String> {
    let stored: Stored = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let card = NodeCard::verify(stored.card.as_bytes()).map_err(|e| e.to_string())?;
    Ok(Peer {
        card,
        introduces: stored.introduces,
        filter: stored.filter,
        turn: stored.turn,
    })
}
