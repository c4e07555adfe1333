//! The publishers' keys on the disk, as publishing makes new ones.

use std::sync::Arc;

use wpsx_client::random::Random;
use wpsx_domain::{NodeError, publishing::PublisherKeys};
use wpsx_doors::keys::Keys;
use wpsx_proto::{
    note::NoteSigner,
    origin::{Audience, Origin, PublisherName},
};
use wpsx_store::Store;

/// What it means of each publisher that has a key here and no log, in sentences.
pub(super) fn unknown(keys: &Keys, store: &Store) -> Result<Arc<[String]>, NodeError> {
    let mut sentences = Vec::new();
    for name in keys.publishers()? {
        let origin = Origin::new(&name, Audience::Public);
        if store.log(&origin).is_none() && !store.stands_still(&origin) {
            let sentence = keys.unknown(&name).to_string();
            tracing::error!(reason = sentence, "a key has no log");
            sentences.push(sentence);
        }
    }
    Ok(sentences.into())
}

/// The keys, and the source of new ones.
pub(super) struct OwnKeys {
    pub(super) keys: Arc<Keys>,
    pub(super) random: Random,
}

impl PublisherKeys for OwnKeys {
    fn make(&self, name: &PublisherName) -> Result<NoteSigner, NodeError> {
        Ok(self.keys.add_publisher(name, &self.random)?)
    }

    fn keep(&self, name: &PublisherName) -> Result<(), NodeError> {
        Ok(self.keys.keep(name)?)
    }

    fn kept(&self) -> Result<Vec<NoteSigner>, NodeError> {
        let names = self.keys.publishers()?.into_iter();
        let keys = names.map(|name| Ok(self.keys.publisher(&name)?));
        keys.collect()
    }
}
