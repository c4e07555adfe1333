//! Whose keys a reader believes: those on the cards it was given, and no others.

use std::collections::BTreeMap;

use wpsx_proto::{card::NodeCard, identity::Identity, note::VerifierKey, origin::Origin};

use crate::ClientError;

/// The publishers a reader knows.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    publishers: BTreeMap<String, Identity>,
}

impl Trust {
    /// The publishers on a card.
    ///
    /// # Errors
    ///
    /// [`ClientError::NameTaken`] if the card names two of the same name.
    pub fn from_card(card: &NodeCard) -> Result<Self, ClientError> {
        let mut trust = Self::default();
        trust.add_card(card)?;
        Ok(trust)
    }

    /// Adds the publishers on a card.
    ///
    /// # Errors
    ///
    /// [`ClientError::NameTaken`] if a known name comes with another identity; then
    /// nothing is added.
    pub fn add_card(&mut self, card: &NodeCard) -> Result<(), ClientError> {
        let mut all = self.clone();
        for identity in card.publishers() {
            all.add(identity.clone())?;
        }
        *self = all;
        Ok(())
    }

    /// Adds a publisher.
    ///
    /// # Errors
    ///
    /// [`ClientError::NameTaken`] if its name is known with another identity.
    pub fn add(&mut self, identity: Identity) -> Result<(), ClientError> {
        let name = identity.name().to_string();
        match self.publishers.get(&name) {
            Some(known) if known.id() != identity.id() => Err(ClientError::NameTaken { name }),
            _ => {
                self.publishers.insert(name, identity);
                Ok(())
            }
        }
    }

    /// The publishers, by name.
    pub fn publishers(&self) -> impl Iterator<Item = &Identity> {
        self.publishers.values()
    }

    /// The key that signs the checkpoints of a log.
    ///
    /// # Errors
    ///
    /// [`ClientError::NotTrusted`] if its publisher is not known.
    pub fn key(&self, origin: &Origin) -> Result<VerifierKey, ClientError> {
        origin
            .publisher()
            .and_then(|name| self.publishers.get(name.as_str()))
            .and_then(|identity| identity.log_key(origin))
            .ok_or_else(|| ClientError::NotTrusted {
                origin: origin.to_string(),
            })
    }
}
