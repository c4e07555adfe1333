//! The damage that is known.
//!
//! It is found when a store is opened, when a file is read (each is checked before
//! anything of it is given out), and by whoever looks for it. Here it is listed until it
//! is mended, and with all other files that were found damaged until it was told (`told`).
//! The list is in memory: the files themselves are what is kept of it.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use parking_lot::Mutex;
use tokio::sync::watch;
use wpsx_proto::origin::Origin;

use crate::{
    damage::{Damage, Part},
    error::StoreError,
    format::layout,
    told::{Became, DamagedFile, Owner, Told},
};

/// All damage that is known of the logs of a store.
#[derive(Debug)]
pub(crate) struct Damages {
    found: Mutex<BTreeMap<(u32, Part), Damage>>,
    told: Mutex<Told>,
    changed: watch::Sender<u64>,
    /// How often the operator wanted all peers to be asked again.
    rounds: AtomicU64,
}

impl Default for Damages {
    fn default() -> Self {
        Self {
            found: Mutex::default(),
            told: Mutex::default(),
            changed: watch::Sender::new(0),
            rounds: AtomicU64::new(0),
        }
    }
}

impl Damages {
    /// Of a store that is only looked at: what is mended is so in memory alone.
    pub(crate) fn of_looking(only_looks: bool) -> Self {
        let damages = Self::default();
        damages.told.lock().only_looks = only_looks;
        damages
    }

    /// Lists damage; what is listed of a part already stays as it is.
    pub(crate) fn note(&self, damage: Damage) {
        let mut is_new = self.told.lock().note_part(&damage);
        if is_new {
            tracing::error!(log = damage.log_name(), %damage, "damaged");
        }
        let mut found = self.found.lock();
        found.entry((damage.log, damage.part)).or_insert_with(|| {
            is_new = true;
            damage
        });
        drop(found);
        self.change_if(is_new);
    }

    /// Lists a file that no log can mend.
    pub(crate) fn note_file(&self, owner: Owner, path: PathBuf, reason: &str) {
        let shown = path.display().to_string();
        let is_new = self.told.lock().note(owner, path, reason);
        if is_new {
            tracing::error!(path = shown, reason, "damaged");
        }
        self.change_if(is_new);
    }

    /// A part was mended.
    pub(crate) fn mended(&self, log: u32, part: Part) {
        self.told.lock().mended_part(log, part);
        let was_there = self.found.lock().remove(&(log, part)).is_some();
        self.change_if(was_there);
    }

    /// What became of a file, if it is listed.
    pub(crate) fn became(&self, path: &PathBuf, became: Became) {
        let is_new = self.told.lock().became(path, became);
        self.change_if(is_new);
    }

    /// The files of this sort that are damaged still.
    pub(crate) fn left(&self, of: impl Fn(&Owner) -> bool) -> Vec<(PathBuf, Owner)> {
        self.told.lock().left(of)
    }

    /// All that was found damaged, with what became of it.
    pub(crate) fn files(&self) -> Vec<DamagedFile> {
        self.told.lock().all()
    }

    /// The same, of which what is mended or lost is told with this.
    pub(crate) fn take_files(&self) -> Vec<DamagedFile> {
        self.told.lock().take()
    }

    fn change_if(&self, is_new: bool) {
        if is_new {
            self.changed.send_modify(|n| *n += 1);
        }
    }

    /// What is damaged as a whole turns out to be this log.
    pub(crate) fn name(&self, log: u32, origin: Origin) {
        if let Some(damage) = self.found.lock().get_mut(&(log, Part::Log)) {
            damage.origin = Some(origin);
            self.told.lock().note_part(damage);
        }
    }

    /// The log is gone, and with it what was damaged of it.
    pub(crate) fn forget(&self, log: u32) {
        self.found.lock().retain(|(number, _), _| *number != log);
        self.told.lock().forget(log, &layout::in_state(log));
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
