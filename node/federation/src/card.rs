//! This node's own card, signed anew whenever something on it changes.
//!
//! Each has a higher number than those before, by which peers know the newest whatever
//! the clocks say. The last card is kept in `state/`. Where that is lost, as with a node
//! that was built again from its keys, numbers go on from the time in seconds, which is
//! more than a count can have come to; and a peer that holds a higher one shows it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use wpsx_client::clock::Clock;
use wpsx_domain::NodeError;
use wpsx_proto::{
    card::{CardParts, NodeCard},
    identity::Identity,
    note::{NoteSigner, VerifierKey},
    origin::{IdentityId, NodeName, TlsKeyHash},
};
use wpsx_store::{LogHandle, Store};

/// What does not change while the node runs.
pub struct CardSource {
    /// The node's name.
    pub name: NodeName,
    /// Signs the card.
    pub node_key: NoteSigner,
    /// The hash of the node's TLS key.
    pub tls_key: TlsKeyHash,
    /// The key of the node's cosignatures.
    pub cosigner: VerifierKey,
    /// Endpoints as the operator set them; empty: where the node listens.
    pub advertise: Vec<String>,
    /// The same of the static public log.
    pub advertise_http: Vec<String>,
    /// The time on the card.
    pub clock: Clock,
}

/// The card of a node, and where the node can be reached.
pub struct OwnCard {
    source: CardSource,
    store: Store,
    addresses: RwLock<Addresses>,
    kept: Mutex<Option<(Basis, Arc<NodeCard>)>>,
    /// The highest number that a peer has shown of a card of ours.
    seen: AtomicU64,
}

/// The last card that was signed.
const LAST: &str = "card";

/// Where the node listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// gRPC over TLS.
    pub listen: Option<SocketAddr>,
    /// The static public log.
    pub http: Option<SocketAddr>,
}

impl Addresses {
    /// Both for people to read; empty where the node does not listen.
    pub fn shown(&self) -> (String, String) {
        let show = |a: Option<SocketAddr>| a.map_or_else(String::new, |a| a.to_string());
        (show(self.listen), show(self.http))
    }
}

/// What a card says that may change; a card holds as long as it is the same.
type Basis = (Addresses, Vec<IdentityId>);

impl OwnCard {
    /// The card of the node whose logs are in `store`.
    pub fn new(source: CardSource, store: Store) -> Self {
        Self {
            source,
            store,
            addresses: RwLock::default(),
            kept: Mutex::default(),
            seen: AtomicU64::default(),
        }
    }

    /// The node's name.
    pub fn name(&self) -> &NodeName {
        &self.source.name
    }

    /// The hash of the node's TLS key.
    pub fn tls_key(&self) -> TlsKeyHash {
        self.source.tls_key
    }

    /// The key of the node's cosignatures.
    pub fn cosigner(&self) -> &VerifierKey {
        &self.source.cosigner
    }

    /// Where the listeners are.
    pub fn addresses(&self) -> Addresses {
        *self.addresses.read()
    }

    /// Tells where the listeners are, once they are bound.
    pub fn set_addresses(&self, addresses: Addresses) {
        *self.addresses.write() = addresses;
    }

    /// The card as it stands now.
    ///
    /// # Errors
    /// A configured endpoint is not well-formed.
    pub fn signed(&self) -> Result<Arc<NodeCard>, NodeError> {
        let addresses = self.addresses();
        let own = self.store.logs().into_iter().filter(LogHandle::is_own);
        let publishers: Vec<_> = own.map(|log| log.identity().clone()).collect();
        let basis = (
            addresses,
            publishers.iter().map(|identity| identity.id()).collect(),
        );
        let mut kept = self.kept.lock();
        if let Some((of, card)) = &*kept
            && *of == basis
        {
            return Ok(card.clone());
        }
        let source = &self.source;
        let last = self.last();
        let parts = CardParts {
            name: source.name.clone(),
            tls_key: source.tls_key,
            cosigner: source.cosigner.clone(),
            endpoints: reachable(&source.advertise, addresses.listen, |a| {
                format!("https://{a}")
            }),
            mirrors: reachable(&source.advertise_http, addresses.http, |a| {
                format!("http://{a}/mirror/")
            }),
            publishers,
            time: source.clock.unix_ms(),
            sequence: self.next(last.as_ref()),
        };
        let card = match last.filter(|last| says(last, &parts) && !self.is_passed(last)) {
            Some(last) => last,
            None => self.sign(parts)?,
        };
        let card = Arc::new(card);
        *kept = Some((basis, card.clone()));
        Ok(card)
    }
}

impl OwnCard {
    /// A peer holds this card of ours. If it has a higher number than the one that is
    /// shown, numbers go on behind it; true if there is a new card to show.
    pub(crate) fn is_held(&self, note: &[u8]) -> bool {
        let key = self.source.node_key.verifier_key();
        let Ok(held) = NodeCard::verify(note) else {
            return false;
        };
        if *held.key() != key {
            return false;
        }
        let mut kept = self.kept.lock();
        let shown = kept.as_ref().map_or(0, |(_, card)| card.sequence());
        if held.sequence() <= shown {
            return false;
        }
        self.seen.fetch_max(held.sequence(), Ordering::Relaxed);
        *kept = None;
        true
    }

    /// The last card that was signed, if it is kept.
    fn last(&self) -> Option<NodeCard> {
        let note = self.store.state().get(LAST).ok()??;
        let card = NodeCard::verify(&note).ok()?;
        (*card.key() == self.source.node_key.verifier_key()).then_some(card)
    }

    fn next(&self, last: Option<&NodeCard>) -> u64 {
        let before = match last {
            Some(last) => last.sequence(),
            None => self.source.clock.unix_seconds(),
        };
        let seen = self.seen.load(Ordering::Relaxed);
        before.max(seen).saturating_add(1)
    }

    fn is_passed(&self, card: &NodeCard) -> bool {
        card.sequence() <= self.seen.load(Ordering::Relaxed)
    }

    /// Signs a card, which is kept before anybody sees it.
    fn sign(&self, parts: CardParts) -> Result<NodeCard, NodeError> {
        let card = NodeCard::sign(parts, &self.source.node_key)
            .map_err(|e| NodeError::invalid("advertise", e))?;
        // A store that cannot be written shows its card all the same: the next one has
        // the same number then, and its time decides.
        if let Err(error) = self.store.state().put(LAST, &card.note_bytes()) {
            tracing::warn!(%error, "the number of this node's card could not be kept");
        }
        Ok(card)
    }
}

/// Whether `card` says what `parts` say, but for its number and time.
fn says(card: &NodeCard, parts: &CardParts) -> bool {
    let ids = |publishers: &[Identity]| -> Vec<IdentityId> {
        publishers.iter().map(Identity::id).collect()
    };
    card.name() == &parts.name
        && card.tls_key() == parts.tls_key
        && *card.cosigner() == parts.cosigner
        && card.endpoints() == parts.endpoints
        && card.mirrors() == parts.mirrors
        && ids(card.publishers()) == ids(&parts.publishers)
        && card.sequence() > 0
}

/// What was set, or else the address of the listener, if others can use it.
fn reachable(
    set: &[String],
    address: Option<SocketAddr>,
    show: impl Fn(SocketAddr) -> String,
) -> Vec<String> {
    if !set.is_empty() {
        return set.to_vec();
    }
    let reachable = address.filter(|a| !a.ip().is_unspecified());
    reachable.map(show).into_iter().collect()
}

impl std::fmt::Debug for OwnCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnCard")
            .field("name", self.name())
            .finish_non_exhaustive()
    }
}
