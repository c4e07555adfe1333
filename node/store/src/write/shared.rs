//! What the store's threads and handles share.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use parking_lot::{Mutex, RwLock};
use tokio::sync::mpsc;
use wpsx_proto::{
    cosignature::Cosigner,
    note::{NoteSigner, VerifierKey},
    origin::Origin,
    skew::latest,
};

use super::{
    backlog::Backlog, live::Live, mailbox::Mailbox, news::News, request::Request, room::Room,
    standing::Standing,
};
use crate::{
    backend::Backend,
    beside::KeptBeside,
    damages::Damages,
    error::StoreError,
    follow::Followers,
    log::{
        caches::Caches,
        handle::{LogHandle, Shelf},
    },
    source::Time,
    state::State,
    stuck::Wanted,
};

/// What the threads and the handles share.
pub(crate) struct Shared {
    /// The store's folder, for messages.
    pub(crate) dir: PathBuf,
    pub(crate) backend: Backend,
    pub(crate) state: State,
    pub(crate) followers: Followers,
    /// One for each follower; the first is that of the record index.
    pub(crate) mailboxes: Vec<Arc<Mailbox>>,
    pub(crate) backlog: Backlog,
    pub(crate) room: Room,
    pub(crate) caches: Arc<Caches>,
    pub(crate) damages: Arc<Damages>,
    /// Who looks after the files of the folder that the store does not keep.
    pub(crate) beside: Mutex<Option<Arc<dyn KeptBeside>>>,
    /// Whether a file says that the folder is a store: a disk in memory has none.
    pub(crate) has_version: bool,
    /// What would have logs that stand still go on.
    pub(crate) wanted: Mutex<BTreeMap<u32, Wanted>>,
    /// The keys of own logs that stand still.
    pub(crate) signers: Mutex<BTreeMap<Origin, NoteSigner>>,
    pub(crate) cosigner: Option<Cosigner>,
    pub(crate) news: Arc<News>,
    pub(crate) logs: RwLock<BTreeMap<u32, LogHandle>>,
    pub(crate) live: Arc<Live>,
    /// What was found in the folder that belongs to nothing.
    pub(crate) strangers: Mutex<Vec<PathBuf>>,
    pub(crate) waiting: mpsc::Sender<Request>,
    pub(crate) clock: Time,
    pub(crate) standing: Arc<Standing>,
    /// Adding and dropping logs, one at a time.
    pub(crate) turn: Mutex<()>,
    /// Held by who changes which files the state names, and by who needs it to stay.
    pub(crate) named: Mutex<()>,
}

impl Shared {
    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// What each log has of it.
    pub(crate) fn shelf(&self) -> Shelf {
        Shelf {
            files: self.backend.files.clone(),
            caches: self.caches.clone(),
            damages: self.damages.clone(),
        }
    }

    /// The latest time, in seconds since 1970, that a cosignature can bear now.
    pub(crate) fn latest_stamp(&self) -> u64 {
        latest(self.now()) / 1000
    }

    /// The mailbox of the record index.
    pub(crate) fn index(&self) -> &Mailbox {
        &self.mailboxes[0]
    }

    pub(crate) fn logs(&self) -> Vec<LogHandle> {
        self.logs.read().values().cloned().collect()
    }

    pub(crate) fn log(&self, origin: &Origin) -> Option<LogHandle> {
        self.logs
            .read()
            .values()
            .find(|log| log.origin() == origin)
            .cloned()
    }

    pub(crate) fn log_numbered(&self, number: u32) -> Option<LogHandle> {
        self.logs.read().get(&number).cloned()
    }

    /// The log of an origin.
    ///
    /// # Errors
    /// None is kept here, or it is damaged as a whole.
    pub(crate) fn known(&self, origin: &Origin) -> Result<LogHandle, StoreError> {
        self.log(origin).ok_or_else(|| {
            let refusal = self.damages.refusal(origin);
            refusal.unwrap_or_else(|| StoreError::UnknownLog(origin.clone()))
        })
    }

    /// The number that the next new log gets.
    pub(crate) fn numbers(&self) -> u32 {
        self.state.next_number()
    }

    /// The key of our cosignatures, if we make any.
    pub(crate) fn own_cosigner(&self) -> Vec<VerifierKey> {
        self.cosigner
            .iter()
            .map(|cosigner| cosigner.verifier_key())
            .collect()
    }
}
