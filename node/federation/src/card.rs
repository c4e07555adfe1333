//! This node's own card, signed anew whenever something on it changes.

use std::{net::SocketAddr, sync::Arc};

use parking_lot::{Mutex, RwLock};
use wpsx_client::clock::Clock;
use wpsx_domain::NodeError;
use wpsx_proto::{
    card::{CardParts, NodeCard},
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
}

/// Where the node listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// gRPC over TLS.
    pub listen: Option<SocketAddr>,
    /// The static public log.
    pub http: Option<SocketAddr>,
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
        let card = NodeCard::sign(
            CardParts {
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
            },
            &source.node_key,
        )
        .map_err(|e| NodeError::invalid("advertise", e))?;
        let card = Arc::new(card);
        *kept = Some((basis, card.clone()));
        Ok(card)
    }
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
