//! The keys on the disk: publishers' keys as publishing makes new ones, what our own logs are
//! signed with, and all of them looked after with the store's files.

use std::{path::PathBuf, sync::Arc};

use wpsx_client::random::Random;
use wpsx_domain::{NodeError, publishing::PublisherKeys};
use wpsx_doors::keys::Keys;
use wpsx_proto::{
    chain,
    note::NoteSigner,
    origin::{Audience, Origin, PublisherName},
};
use wpsx_store::{KeptBeside, LogHandle, Store};

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

/// The key of an own log.
///
/// # Errors
/// It cannot be had, or is another one; a sentence with what to do.
pub(super) fn signer_of(keys: &Keys, log: &LogHandle) -> Result<NoteSigner, (PathBuf, String)> {
    let name = log.identity().name();
    let path = keys.publisher_path(name);
    match keys.publisher(name) {
        Ok(signer) if log.is_signed_by(&signer) => Ok(signer),
        Ok(_) => {
            let reason = "it is not the key of the log; restore it from your backup of the keys";
            let shown = format!("{}: {reason}", path.display());
            Err((path, shown))
        }
        Err(error) => Err((path, chain(&error))),
    }
}

/// All keys of the node, for who looks through its folder.
pub(super) struct KeysBeside(pub(super) Arc<Keys>);

impl KeptBeside for KeysBeside {
    fn damaged(&self, logs: &[LogHandle]) -> Vec<(PathBuf, String)> {
        let of_node = self.0.look_over().into_iter();
        let of_node = of_node.filter_map(|error| Some((error.path()?.to_owned(), chain(&error))));
        let own = logs.iter().filter(|log| log.is_own());
        let of_logs = own.filter_map(|log| signer_of(&self.0, log).err());
        of_node.chain(of_logs).collect()
    }
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
