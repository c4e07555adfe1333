//! One log and the handle that reads it.

use std::{
    collections::BTreeSet,
    fmt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    identity::Identity,
    index::{LeafIndex, TreeSize},
    note::{NoteSigner, VerifierKey},
    origin::Origin,
    tree::Frontier,
};

use super::{caches::Caches, contents::Contents};
use crate::{
    backend::Files,
    damage::RECOVER,
    damages::Damages,
    error::StoreError,
    format::{holes::Holes, layout::FileKey},
};

/// Who appends to a log.
#[expect(clippy::large_enum_variant, reason = "made once for each log")]
#[derive(Debug)]
pub enum LogRole {
    /// We do, with this key.
    Own(NoteSigner),
    /// Its publisher does, elsewhere.
    Replica,
}

/// One log of the store. Clones are the same log.
#[derive(Clone)]
pub struct LogHandle {
    pub(crate) inner: Arc<Log>,
}

pub(crate) struct Log {
    pub(crate) origin: Origin,
    pub(crate) number: u32,
    pub(crate) identity: Identity,
    pub(crate) key: VerifierKey,
    pub(crate) own: bool,
    pub(crate) files: Arc<dyn Files>,
    pub(crate) damages: Arc<Damages>,
    /// The name of the directory of its files.
    pub(crate) dir: String,
    pub(crate) signer: Mutex<Option<NoteSigner>>,
    pub(crate) cosigning: Mutex<Cosigning>,
    pub(crate) contents: RwLock<Contents>,
    pub(crate) caches: Arc<Caches>,
    pub(crate) changed: watch::Sender<u64>,
    /// Where the last package ended that had an entry which erases, since the store was opened.
    pub(crate) erases_until: AtomicU64,
    /// Held while what `recent` says, and the record index with it, must not change.
    pub(crate) recent_turn: Mutex<()>,
    /// The partial files that are on the disk.
    pub(crate) partials: Mutex<BTreeSet<(FileKey, usize)>>,
    pub(crate) dropped: AtomicBool,
    /// Why it is not signed, if its files contradict what is known of it.
    pub(crate) contradiction: Mutex<Option<String>>,
    /// Which group of the journal is the last in its files is not known any more: entries
    /// that are there already are passed over.
    pub(crate) passes_over: AtomicBool,
    /// Groups of the journal were set aside while it stood still.
    pub(crate) set_aside: AtomicBool,
}

/// What all logs of a store share.
#[derive(Clone)]
pub(crate) struct Shelf {
    pub(crate) files: Arc<dyn Files>,
    pub(crate) caches: Arc<Caches>,
    pub(crate) damages: Arc<Damages>,
}

/// When we cosigned a log, and whether we do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cosigning {
    /// A fork was decided against what we cosigned before.
    pub(crate) never: bool,
    /// The time of our newest cosignature, in milliseconds.
    pub(crate) last: u64,
    /// The head lacks our cosignature because the last one is too fresh.
    pub(crate) owed: bool,
}

impl Log {
    /// Whether its files say that it was longer than is known: they stay as they are. A key
    /// that cannot be read keeps it from being signed, and says nothing of its files.
    pub(crate) fn keeps_evidence(&self) -> bool {
        let contradiction = self.contradiction.lock();
        contradiction
            .as_ref()
            .is_some_and(|it| it.ends_with(RECOVER))
    }
}

impl LogHandle {
    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// A small number that stands for the log with the followers; never used twice.
    pub fn number(&self) -> u32 {
        self.inner.number
    }

    /// Whose log it is.
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// The key that signs its checkpoints.
    pub fn key(&self) -> VerifierKey {
        self.inner.key.clone()
    }

    /// Whether it is signed here.
    pub fn is_own(&self) -> bool {
        self.inner.own
    }

    /// Whether this is the key that signs it.
    pub fn is_signed_by(&self, signer: &NoteSigner) -> bool {
        self.inner.signer_of(signer).is_ok()
    }

    /// Why it is not signed, if its files or keys contradict what is known of it.
    pub fn contradiction(&self) -> Option<String> {
        self.inner.contradiction.lock().clone()
    }

    /// Has it not signed, for a reason, unless there is one already.
    pub fn refuse_to_sign(&self, reason: String) {
        self.inner.contradiction.lock().get_or_insert(reason);
    }

    /// The newest checkpoint whose entries are all stored.
    pub fn head(&self) -> Option<Arc<VerifiedCheckpoint>> {
        self.inner.contents.read().head.clone()
    }

    /// The largest checkpoint that was verified; its entries may be missing still.
    pub fn pending(&self) -> Option<Arc<VerifiedCheckpoint>> {
        self.inner.contents.read().pending.clone()
    }

    /// How many entries are stored: a prefix of the log.
    pub fn stored(&self) -> TreeSize {
        TreeSize::new(self.inner.contents.read().size())
    }

    /// The right edge of the tree of what is stored.
    pub fn frontier(&self) -> Frontier {
        self.inner.contents.read().edge.frontier()
    }

    /// How many payload slots are holes, by reason.
    pub fn holes(&self) -> Holes {
        self.inner.contents.read().holes
    }

    /// Whether an entry's payload was destroyed by an erase entry.
    pub fn is_erased(&self, index: LeafIndex) -> bool {
        self.inner.contents.read().erased.contains(index.value())
    }

    /// Changes with every commit to this log: entries, head, filled or erased payloads.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }
}

impl LogHandle {
    /// Whether both are the same log of the same store.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Log {
    /// A log without contents.
    pub(crate) fn new(
        number: u32,
        own: bool,
        origin: Origin,
        identity: Identity,
        key: VerifierKey,
        shelf: Shelf,
    ) -> Self {
        let Shelf {
            files,
            caches,
            damages,
        } = shelf;
        Self {
            dir: format!("logs/{}", origin.hash_hex()),
            origin,
            number,
            identity,
            key,
            own,
            files,
            damages,
            signer: Mutex::new(None),
            cosigning: Mutex::new(Cosigning::default()),
            contents: RwLock::new(Contents::default()),
            caches,
            changed: watch::Sender::new(0),
            erases_until: AtomicU64::new(0),
            recent_turn: Mutex::new(()),
            partials: Mutex::new(BTreeSet::new()),
            dropped: AtomicBool::new(false),
            contradiction: Mutex::default(),
            passes_over: AtomicBool::new(false),
            set_aside: AtomicBool::new(false),
        }
    }

    /// Whether the replica was dropped while work for it was under way.
    pub(crate) fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::Acquire)
    }

    /// Its own key under its own name, if the signer has it.
    ///
    /// # Errors
    /// The signer has another key.
    pub(crate) fn signer_of(&self, signer: &NoteSigner) -> Result<NoteSigner, StoreError> {
        signer
            .named(self.origin.as_str())
            .ok()
            .filter(|signer| signer.verifier_key() == self.key)
            .ok_or_else(|| StoreError::WrongSigner(self.origin.clone()))
    }

    /// The name of a file below its directory.
    pub(crate) fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.dir)
    }

    pub(crate) fn name_of(&self, key: FileKey, width: Option<usize>) -> String {
        self.name(&key.path(width))
    }

    /// Where its directory lies, for messages.
    pub(crate) fn path(&self) -> PathBuf {
        self.files.path_of(&self.dir)
    }

    /// Something about the log itself is not what was written.
    pub(crate) fn broken(&self, reason: impl ToString) -> StoreError {
        StoreError::damaged(&self.path(), reason)
    }

    /// A file is not what was written.
    pub(crate) fn damaged(&self, key: FileKey, reason: impl ToString) -> StoreError {
        StoreError::damaged(&self.files.path_of(&self.name_of(key, None)), reason)
    }
}

impl fmt::Debug for LogHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogHandle")
            .field("origin", &self.inner.origin)
            .field("stored", &self.stored())
            .finish_non_exhaustive()
    }
}
