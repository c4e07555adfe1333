//! What is not what was written: it stops the log that it is of, and nothing else.
//!
//! Damage is found when a store is opened, when a file is read (each is checked before
//! anything of it is given out), and by whoever looks for it. Here it is listed until it
//! is mended. The list is in memory: the files themselves are what is kept of it.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use parking_lot::Mutex;
use tokio::sync::watch;
use wpsx_proto::origin::Origin;

use crate::{error::StoreError, format::layout::FileKey};

/// What can be done where something may be missing of an own log that was acknowledged.
pub(crate) const RECOVER: &str = "no log of this node is signed until `wpsx recover` has asked its \
                                  peers what they hold";

/// Something of a log that is not what was written.
#[derive(Clone, Debug)]
pub struct Damage {
    /// The number of the log.
    pub log: u32,
    /// Its name, if that can still be read.
    pub origin: Option<Origin>,
    /// Whether it is signed here, if that can still be read.
    pub own: Option<bool>,
    /// Which part of it.
    pub part: Part,
    /// The file, or the folder of the log.
    pub path: PathBuf,
    /// How it shows.
    pub reason: String,
}

/// A part of a log that can be damaged by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What all of it hangs on: nothing of the log is served, pulled or appended.
    Log,
    /// What the state keeps of it; it was made anew from the log itself.
    State,
    /// 256 hashes.
    Tile {
        /// 0: the hashes of entries.
        level: u8,
        /// Which of that level.
        index: u64,
    },
    /// The entries from 256 times this number on.
    Entries(u64),
    /// The payloads of these entries.
    Payloads(u64),
}

impl Damage {
    /// The log as messages call it.
    pub fn log_name(&self) -> String {
        match &self.origin {
            Some(origin) => origin.to_string(),
            None => format!("log number {}", self.log),
        }
    }
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

impl Part {
    pub(crate) fn key(self) -> Option<FileKey> {
        match self {
            Self::Log | Self::State => None,
            Self::Tile { level, index } => Some(FileKey::Tile { level, index }),
            Self::Entries(bundle) => Some(FileKey::Entries(bundle)),
            Self::Payloads(bundle) => Some(FileKey::Payload(bundle)),
        }
    }
}

impl From<FileKey> for Part {
    fn from(key: FileKey) -> Self {
        match key {
            FileKey::Tile { level, index } => Self::Tile { level, index },
            FileKey::Entries(bundle) => Self::Entries(bundle),
            FileKey::Payload(bundle) => Self::Payloads(bundle),
        }
    }
}

/// All damage that is known of the logs of a store.
#[derive(Debug)]
pub(crate) struct Damages {
    found: Mutex<BTreeMap<(u32, Part), Damage>>,
    changed: watch::Sender<u64>,
    /// How often the operator wanted all peers to be asked again.
    rounds: AtomicU64,
}

impl Default for Damages {
    fn default() -> Self {
        Self {
            found: Mutex::default(),
            changed: watch::Sender::new(0),
            rounds: AtomicU64::new(0),
        }
    }
}

impl Damages {
    /// Lists damage; what is listed of a part already stays as it is.
    pub(crate) fn note(&self, damage: Damage) {
        let key = (damage.log, damage.part);
        let mut found = self.found.lock();
        if found.contains_key(&key) {
            return;
        }
        tracing::error!(log = damage.log_name(), %damage, "damaged");
        found.insert(key, damage);
        drop(found);
        self.changed.send_modify(|n| *n += 1);
    }

    /// A part was mended.
    pub(crate) fn mended(&self, log: u32, part: Part) {
        if self.found.lock().remove(&(log, part)).is_some() {
            self.changed.send_modify(|n| *n += 1);
        }
    }

    /// What is damaged as a whole turns out to be this log.
    pub(crate) fn name(&self, log: u32, origin: Origin) {
        if let Some(damage) = self.found.lock().get_mut(&(log, Part::Log)) {
            damage.origin = Some(origin);
        }
    }

    /// The log is gone, and with it what was damaged of it.
    pub(crate) fn forget(&self, log: u32) {
        self.found.lock().retain(|(number, _), _| *number != log);
        self.changed.send_modify(|n| *n += 1);
    }

    /// Whether a part of a log is damaged.
    pub(crate) fn has(&self, log: u32, part: Part) -> bool {
        self.found.lock().contains_key(&(log, part))
    }

    /// Whether anything of a log is damaged.
    pub(crate) fn of(&self, log: u32) -> bool {
        self.found.lock().keys().any(|(number, _)| *number == log)
    }

    pub(crate) fn all(&self) -> Vec<Damage> {
        self.found.lock().values().cloned().collect()
    }

    /// All peers are to be asked again.
    pub(crate) fn ask_again(&self) {
        self.rounds.fetch_add(1, Ordering::AcqRel);
        self.changed.send_modify(|n| *n += 1);
    }

    pub(crate) fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Acquire)
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Whether a log of that number is here, but damaged as a whole.
    pub(crate) fn stops(&self, log: u32) -> bool {
        self.found.lock().contains_key(&(log, Part::Log))
    }

    /// Whether this is the folder of a log that is damaged as a whole.
    pub(crate) fn is_of(&self, folder: &str) -> bool {
        let found = self.found.lock();
        let mut whole = found.values().filter(|damage| damage.part == Part::Log);
        whole.any(|damage| {
            let origin = damage.origin.as_ref();
            origin.is_some_and(|origin| format!("logs/{}", origin.hash_hex()) == folder)
        })
    }

    /// Why nothing can be done with a log, if it is damaged as a whole.
    pub(crate) fn refusal(&self, origin: &Origin) -> Option<StoreError> {
        let found = self.found.lock();
        let mut whole = found.values().filter(|damage| damage.part == Part::Log);
        whole
            .find(|damage| damage.origin.as_ref() == Some(origin))
            .map(|damage| StoreError::DamagedLog {
                origin: origin.clone(),
                damage: damage.to_string(),
            })
    }
}
