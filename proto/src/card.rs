//! Node cards: what operators exchange so that their nodes know each other.
//!
//! A card is signed by the node key that it names, so nobody but the node can change
//! it; that it is the card of the right node is what the operator vouches for. Lines
//! that are not known here are passed over, so that newer nodes can say more.

mod parts;
#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;

pub use self::parts::{CardError, CardParts, HEADER, MAX_ADDRESS, MAX_ADDRESSES, MAX_PUBLISHERS};
use crate::{
    hash::Hash,
    identity::Identity,
    note::{Note, NoteSigner, VerifierKey},
    origin::{NodeName, PeerId, TlsKeyHash},
};

/// The largest card, in bytes.
pub const MAX_CARD: usize = 64 * 1024;

/// The card of one node, signed by its own key.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeCard {
    parts: CardParts,
    key: VerifierKey,
    note: Bytes,
}

impl NodeCard {
    /// Signs a card with the node's key, which is named like the node.
    ///
    /// # Errors
    /// The parts break a rule that a reader would check.
    pub fn sign(parts: CardParts, signer: &NoteSigner) -> Result<Self, CardError> {
        let key = signer.verifier_key();
        parts.check(&key)?;
        let note = signer.note(&parts.text(&key), MAX_CARD)?;
        Self::verify(&note.to_bytes())
    }

    /// Reads a card of at most 64 KiB and checks that the key on it signed it.
    ///
    /// # Errors
    /// The first rule that the card breaks.
    pub fn verify(bytes: &[u8]) -> Result<Self, CardError> {
        let note = Note::parse_within(bytes, MAX_CARD)?;
        let (parts, key) = CardParts::parse(note.text())?;
        let note = note.verify(std::slice::from_ref(&key))?;
        Ok(Self {
            parts,
            key,
            note: note.to_bytes().into(),
        })
    }

    /// The node's name.
    #[must_use]
    pub fn name(&self) -> &NodeName {
        &self.parts.name
    }

    /// The key that signed the card.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// SHA-256 of the node's public key.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        PeerId::from_hash(Hash::of(self.key.public_key()))
    }

    /// The hash that pins the node's TLS key.
    #[must_use]
    pub fn tls_key(&self) -> TlsKeyHash {
        self.parts.tls_key
    }

    /// The key of its cosignatures.
    #[must_use]
    pub fn cosigner(&self) -> &VerifierKey {
        &self.parts.cosigner
    }

    /// Where it can be dialled; empty for a node that cannot be.
    #[must_use]
    pub fn endpoints(&self) -> &[String] {
        &self.parts.endpoints
    }

    /// Where its static logs are served over HTTP.
    #[must_use]
    pub fn mirrors(&self) -> &[String] {
        &self.parts.mirrors
    }

    /// The publishers that it hosts.
    #[must_use]
    pub fn publishers(&self) -> &[Identity] {
        &self.parts.publishers
    }

    /// When the card was made: milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.parts.time
    }

    /// Which of the node's cards it is; 0: it does not say.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.parts.sequence
    }

    /// Whether this card of a node replaces `held`, another one of it: by its number,
    /// which no clock can spoil, and between equal ones by its time. A time after `latest`,
    /// milliseconds since 1970, counts as none: it is a clock's mistake.
    #[must_use]
    pub fn replaces(&self, held: &Self, latest: u64) -> bool {
        let rank = |card: &Self| {
            let time = Some(card.time()).filter(|time| *time <= latest);
            (card.sequence(), time)
        };
        rank(self) > rank(held)
    }

    /// The card as a note.
    #[must_use]
    pub fn note_bytes(&self) -> Bytes {
        self.note.clone()
    }
}

impl fmt::Debug for NodeCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeCard")
            .field("name", self.name())
            .field("key", &self.key)
            .field("time", &self.time())
            .field("sequence", &self.sequence())
            .finish_non_exhaustive()
    }
}
