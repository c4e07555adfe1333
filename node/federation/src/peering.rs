//! Who is a peer, and everything that follows from it: the logs on its card are
//! followed, its key may connect, and with the peer its connections go.

use std::sync::Arc;

use tokio::sync::watch;
use wpsx_client::clock::Clock;
use wpsx_domain::{NodeError, quiet::Quiet};
use wpsx_listen::Connections;
use wpsx_proto::{
    card::NodeCard,
    origin::{Audience, NodeName, TlsKeyHash},
    skew,
};
use wpsx_store::Store;

use crate::{
    dialling::Dialling,
    follows::Follows,
    links::Links,
    peers::{Peer, Peers},
    refusals::Refusals,
};

/// What changes with the set of peers.
pub struct PeeringParts {
    /// This node's name.
    pub name: NodeName,
    /// The hash of this node's TLS key.
    pub tls_key: TlsKeyHash,
    /// The logs.
    pub store: Store,
    /// The peers.
    pub peers: Arc<Peers>,
    /// The lines to them.
    pub links: Arc<Links>,
    /// What was refused of them.
    pub refusals: Arc<Refusals>,
    /// What their connections must show.
    pub dialling: Arc<Dialling>,
    /// The logs that are followed.
    pub follows: Follows,
    /// The connections that others opened to us.
    pub connections: Connections,
    /// Which times on cards can be.
    pub clock: Clock,
}

/// Adds, renews and removes peers.
pub struct Peering {
    parts: PeeringParts,
    changed: watch::Sender<u64>,
    quiet: Quiet,
}

impl Peering {
    /// Peers and what follows from them.
    pub fn new(parts: PeeringParts) -> Self {
        Self {
            parts,
            changed: watch::Sender::new(0),
            quiet: Quiet::default(),
        }
    }

    /// Changes when the set of peers does, or the card of one of them.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Adds a peer and follows the publishers on its card, or leaves everything as it
    /// is. Blocks.
    ///
    /// # Errors
    /// The card is this node's own, or contradicts what is known.
    pub fn add(&self, peer: Peer) -> Result<Arc<Peer>, NodeError> {
        let parts = &self.parts;
        if peer.name() == parts.name.as_str() {
            return Err(NodeError::invalid(
                "card",
                "this is the card of this very node",
            ));
        }
        self.refuse_own_key(&peer.card)?;
        for identity in peer.card.publishers() {
            let origin = identity.origin(Audience::Public);
            if parts.store.log(&origin).is_some_and(|log| log.is_own()) {
                return Err(NodeError::Exists {
                    what: "publisher",
                    name: identity.name().to_string(),
                    detail: " on this very node".to_owned(),
                });
            }
        }
        // All of the card is checked before any of it is stored.
        for identity in peer.card.publishers() {
            parts.follows.known(identity)?;
        }
        let publishers = peer.card.publishers().to_vec();
        let is_new = parts.peers.named(peer.name()).is_none();
        let peer = parts.peers.add(peer)?;
        for identity in &publishers {
            parts.follows.follow(identity)?;
        }
        if is_new {
            // It called as a stranger until now: it is to call again, and to say what
            // only a peer may, such as evidence of a fork.
            parts.connections.close_all_of(&peer.card.tls_key());
        }
        self.changed();
        Ok(peer)
    }

    /// Takes over what a peer says of itself in a newer card, shown over a line with
    /// it: where it is, and its keys.
    ///
    /// # Errors
    /// It cannot be read, is of another node, or has the TLS key of another node.
    pub fn renew(&self, name: &str, note: &[u8]) -> Result<(), NodeError> {
        let card = NodeCard::verify(note).map_err(|e| NodeError::invalid("card", e))?;
        self.refuse_own_key(&card)?;
        let latest = skew::latest(self.parts.clock.unix_ms());
        let Some(renewed) = self.parts.peers.renew(name, card, latest)? else {
            return Ok(());
        };
        if let Some(left_out) = self.quiet.may_say(name, "card") {
            tracing::info!(peer = name, left_out, "the peer has a newer card");
        }
        if let Some(key) = renewed.dropped_key {
            self.parts.connections.close_all_of(&key);
        }
        self.changed();
        Ok(())
    }

    /// Forgets a peer and closes every connection with it. Its logs stay.
    ///
    /// # Errors
    /// No such peer.
    pub fn remove(&self, name: &str) -> Result<(), NodeError> {
        let parts = &self.parts;
        let peer = parts.peers.remove(name)?;
        parts.connections.close_all_of(&peer.card.tls_key());
        parts.dialling.forget(&peer);
        parts.links.remove(name);
        parts.refusals.forget(name);
        self.changed();
        Ok(())
    }

    fn changed(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    fn refuse_own_key(&self, card: &NodeCard) -> Result<(), NodeError> {
        if card.tls_key() == self.parts.tls_key {
            return Err(NodeError::invalid(
                "card",
                "it pins this node's own TLS key",
            ));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Peering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peering").finish_non_exhaustive()
    }
}
