//! Erase entries of logs that stand still, with their proof, kept to be passed on: who is
//! behind this node hears of them from nobody else.
//!
//! Of one log the first 256 packages are kept. Whatever is not kept is carried out all the
//! same. A file that cannot be read is not passed on, and stops nothing.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use prost::Message as _;
use tokio::sync::watch;
use wpsx_domain::NodeError;
use wpsx_proto::{
    api::log::v1::ErasureEvidence, chain, erasure::ProvenErasure, hash::Hash, origin::Origin,
};
use wpsx_store::{State, StoreError};

const PREFIX: &str = "erasures/";
const LOST: &str = "what it erases is erased here; a peer that has it passes it on again";
const MOST_OF_ONE_LOG: usize = 256;

/// All that is passed on.
pub(crate) struct KeptErasures {
    state: State,
    /// The names of the files, by what is in them.
    names: Mutex<BTreeMap<Hash, String>>,
    news: watch::Sender<u64>,
}

impl KeptErasures {
    pub(crate) fn open(state: State) -> Result<Self, NodeError> {
        let mut names = BTreeMap::new();
        for name in state.list(PREFIX)? {
            let read = state.get(&name);
            if let Err(StoreError::Damaged { .. }) = read {
                state.give_up(&name, LOST)?;
                continue;
            }
            read?;
            let id = name.rsplit('-').next().and_then(|id| id.parse().ok());
            names.extend(id.map(|id| (id, name)));
        }
        Ok(Self {
            names: Mutex::new(names),
            state,
            news: watch::Sender::new(0),
        })
    }

    /// Changes when there is more to pass on.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// What is kept, by its id.
    pub(crate) fn all(&self) -> Vec<Hash> {
        self.names.lock().keys().copied().collect()
    }

    pub(crate) fn has(&self, id: &Hash) -> bool {
        self.names.lock().contains_key(id)
    }

    /// The evidence as it travels, if its file can be read.
    pub(crate) fn get(&self, id: &Hash) -> Option<ErasureEvidence> {
        let name = self.names.lock().get(id)?.clone();
        let bytes = match self.state.get(&name) {
            Ok(bytes) => bytes?,
            Err(error) => {
                tracing::warn!(error = chain(&error), "an erasure is not passed on");
                return None;
            }
        };
        ErasureEvidence::decode(bytes).ok()
    }

    /// Keeps what was carried out, and has it passed on.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn keep(&self, erasure: &ProvenErasure) -> Result<(), NodeError> {
        let id = erasure.id();
        let of_log = of_log(erasure.origin());
        let mut names = self.names.lock();
        let kept = names.values().filter(|name| name.starts_with(&of_log));
        if names.contains_key(&id) || kept.count() >= MOST_OF_ONE_LOG {
            return Ok(());
        }
        let name = format!("{of_log}{id}");
        self.state.put(&name, &erasure.to_api().encode_to_vec())?;
        names.insert(id, name);
        drop(names);
        self.news.send_modify(|n| *n += 1);
        Ok(())
    }
}

fn of_log(origin: &Origin) -> String {
    format!("{PREFIX}{}-", origin.hash_hex())
}
