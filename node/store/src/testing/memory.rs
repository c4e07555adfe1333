//! A disk in memory that fails, loses power and panics when a test says.
//!
//! It keeps of each file what a reader finds now, and what is durable. A file that was
//! written without a sync and whose name was made durable is empty after a power cut:
//! that is the worst that a file system may do.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{
    faults::{Fault, Left, Trouble},
    names::{child, is_below, is_in, joined, no_room, path},
};
use crate::{
    StoreError, StoreFolder,
    backend::{Backend, Durable, Files, JournalFiles, Lock, Parts, SegmentFile, StateFiles},
    state::State,
};

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Disk>>);

#[derive(Clone, Default)]
struct Disk {
    /// By names below the folder.
    files: BTreeMap<String, File>,
    is_locked: bool,
    trouble: Trouble,
    /// Bytes that may still be written; none: as many as anybody wants.
    left: Option<u64>,
    reserve: u64,
}

#[derive(Clone, Default)]
struct File {
    now: Option<Bytes>,
    /// Whether the bytes that are there now are durable, though the name may not be.
    is_synced: bool,
    durable: Option<Bytes>,
}

impl Memory {
    /// The folder on this disk, for one store at a time.
    ///
    /// # Errors
    /// A store has it.
    pub fn folder(&self) -> Result<StoreFolder, StoreError> {
        let root = PathBuf::from("/memory");
        if std::mem::replace(&mut self.0.lock().is_locked, true) {
            return Err(StoreError::Locked(root));
        }
        let lock: Lock = Box::new(Unlock(self.clone()));
        let backend = Backend {
            files: Arc::new(self.clone()),
            journal: Arc::new(Part("journal", self.clone())),
            state: Arc::new(Part("state", self.clone())),
            reserve: Arc::new(self.clone()),
        };
        // What a cut left of an earlier making is no store yet.
        if self
            .names()
            .iter()
            .all(|name| name.starts_with("state/cover"))
        {
            State::create(&*backend.state)?;
        }
        Ok(StoreFolder::new(root, backend, lock))
    }

    /// The next write to the journal fails so.
    pub fn fail(&self, left: Left, kind: ErrorKind) {
        self.0.lock().trouble.journal = Some(Fault { left, kind });
    }

    /// Of the changes from now on this one fails so; 0 is the next.
    pub fn fail_at(&self, change: u64, left: Left) {
        let kind = ErrorKind::Other;
        self.0.lock().trouble.at = Some((change, Fault { left, kind }));
    }

    /// So many bytes may be written from now on, whatever is removed; none: all.
    pub fn leave_room(&self, bytes: Option<u64>) {
        self.0.lock().left = bytes;
    }

    /// How many bytes may still be written.
    pub(super) fn room_left(&self) -> Option<u64> {
        self.0.lock().left
    }

    /// Keeps so many of them in reserve.
    pub(super) fn keep_room(&self, bytes: u64) -> Option<()> {
        let mut disk = self.0.lock();
        if let Some(left) = &mut disk.left {
            *left = left.checked_sub(bytes)?;
        }
        disk.reserve = bytes;
        Some(())
    }

    pub(super) fn give_room_back(&self) -> u64 {
        let mut disk = self.0.lock();
        let kept = std::mem::take(&mut disk.reserve);
        disk.left = disk.left.map(|left| left + kept);
        kept
    }

    /// Nothing fails any more.
    pub fn take_back(&self) {
        let mut disk = self.0.lock();
        let changes = disk.trouble.changes;
        disk.trouble = Trouble {
            changes,
            ..Trouble::default()
        };
    }

    /// Whether a failure that was asked for is still to come.
    pub fn is_to_fail(&self) -> bool {
        let disk = self.0.lock();
        disk.trouble.at.is_some() || disk.trouble.journal.is_some()
    }

    /// Whoever reads or writes a file whose name begins so panics, once.
    pub fn panic_at(&self, prefix: &str) {
        self.0.lock().trouble.panic = Some(prefix.to_owned());
    }

    /// How many changes there were.
    pub fn changes(&self) -> u64 {
        self.0.lock().trouble.changes
    }

    /// Another disk with the same on it, and nothing that fails.
    pub fn copy(&self) -> Self {
        let files = self.0.lock().files.clone();
        Self(Arc::new(Mutex::new(Disk {
            files,
            ..Disk::default()
        })))
    }

    /// Another disk with what is durable on this one.
    pub fn without_power(&self) -> Self {
        let copy = self.copy();
        for file in copy.0.lock().files.values_mut() {
            file.now = file.durable.clone();
            file.is_synced = true;
        }
        copy
    }

    /// A file is gone, by nobody's order.
    pub fn lose(&self, name: &str) {
        self.0.lock().files.remove(name).expect("it is there");
    }

    /// The names of all files.
    pub fn names(&self) -> Vec<String> {
        let disk = self.0.lock();
        disk.there().map(|(name, _)| name.clone()).collect()
    }
}

impl Disk {
    fn there(&self) -> impl Iterator<Item = (&String, &Bytes)> {
        let files = self.files.iter();
        files.filter_map(|(name, file)| Some((name, file.now.as_ref()?)))
    }

    fn read(&mut self, name: &str) -> Option<Bytes> {
        self.trouble.look(name);
        self.files.get(name)?.now.clone()
    }

    /// A change that may fail; `leave` makes what it leaves then.
    fn change(
        &mut self,
        doing: &'static str,
        name: &str,
        leave: impl FnOnce(&mut Self, Left),
    ) -> Result<(), StoreError> {
        self.trouble.look(name);
        self.trouble.changes += 1;
        match &mut self.trouble.at {
            Some((0, fault)) => {
                let fault = *fault;
                self.trouble.at = None;
                leave(self, fault.left);
                Err(StoreError::io(doing, &path(name))(fault.kind.into()))
            }
            at => {
                if let Some((left, _)) = at {
                    *left -= 1;
                }
                leave(self, Left::Everything);
                Ok(())
            }
        }
    }

    /// Takes room for so many bytes.
    fn room(&mut self, name: &str, bytes: usize) -> Result<(), StoreError> {
        if let Some(left) = &mut self.left {
            let rest = left.checked_sub(bytes as u64);
            *left = rest.ok_or_else(|| no_room(name))?;
        }
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: Bytes, is_synced: bool) -> Result<(), StoreError> {
        self.room(name, bytes.len())?;
        self.change("write", name, |disk, left| {
            let (name, bytes) = match left {
                Left::Nothing => return,
                Left::Half => (format!("{name}.tmp"), bytes.slice(..bytes.len() / 2)),
                Left::Everything | Left::Unsynced => (name.to_owned(), bytes),
            };
            let file = disk.files.entry(name).or_default();
            file.now = Some(bytes);
            file.is_synced = is_synced;
        })
    }

    /// Makes files durable, also that they are gone; what was not synced is empty then.
    fn keep(&mut self, those: impl Fn(&str) -> bool) {
        for (_, file) in self.files.iter_mut().filter(|(name, _)| those(name)) {
            file.durable = match file.is_synced {
                true => file.now.clone(),
                false => file.now.as_ref().map(|_| Bytes::new()),
            };
        }
        self.files
            .retain(|_, file| file.now.is_some() || file.durable.is_some());
    }

    /// Makes what is in a file durable.
    fn sync(&mut self, name: &str) {
        if let Some(file) = self.files.get_mut(name) {
            file.is_synced = true;
            file.durable = file.now.clone();
        }
    }

    fn remove(&mut self, those: impl Fn(&str) -> bool) {
        for (_, file) in self.files.iter_mut().filter(|(name, _)| those(name)) {
            file.now = None;
            file.is_synced = true;
        }
    }
}

struct Unlock(Memory);

impl Drop for Unlock {
    fn drop(&mut self) {
        self.0.0.lock().is_locked = false;
    }
}

impl Files for Memory {
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(self.0.lock().read(name))
    }

    fn open(&self, name: &str) -> Result<Option<Box<dyn Parts>>, StoreError> {
        let bytes = self.0.lock().read(name);
        Ok(bytes.map(|bytes| Box::new(bytes) as Box<dyn Parts>))
    }

    fn exists(&self, name: &str) -> bool {
        self.0.lock().read(name).is_some()
    }

    fn write(&self, name: &str, parts: &[&[u8]], durable: Durable) -> Result<(), StoreError> {
        let is_synced = durable == Durable::Now;
        self.0.lock().write(name, joined(parts), is_synced)
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.0.lock().change("remove", name, |disk, left| {
            if left != Left::Nothing {
                disk.remove(|other| other == name);
            }
        })
    }

    fn remove_tree(&self, name: &str) -> Result<(), StoreError> {
        self.0.lock().change("remove", name, |disk, left| {
            if left != Left::Nothing {
                disk.remove(|other| is_below(other, name));
            }
        })
    }

    fn list(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let disk = self.0.lock();
        let names = disk.there().map(|(other, _)| other.clone());
        Ok(names.filter(|other| is_below(other, name)).collect())
    }

    fn children(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let disk = self.0.lock();
        let names = disk.there().filter_map(|(other, _)| child(other, name));
        let names: BTreeSet<&str> = names.collect();
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    fn sync_names(&self, name: &str) -> Result<(), StoreError> {
        self.0.lock().change("sync", name, |disk, left| {
            if left != Left::Nothing {
                disk.keep(|other| is_in(other, name));
            }
        })
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.0.lock().change("sync", "", |disk, left| {
            if left != Left::Nothing {
                disk.files
                    .values_mut()
                    .for_each(|file| file.is_synced = true);
                disk.keep(|_| true);
            }
        })
    }

    fn path_of(&self, name: &str) -> PathBuf {
        path(name)
    }

    fn in_memory(&self, _: &str) -> Option<Bytes> {
        None
    }
}

/// The journal, or the state, on the disk.
struct Part(&'static str, Memory);

impl Part {
    fn name(&self, name: &str) -> String {
        format!("{}/{name}", self.0)
    }
}

impl JournalFiles for Part {
    fn list(&self) -> Result<Vec<String>, StoreError> {
        self.1.children(self.0)
    }

    fn read(&self, name: &str) -> Result<Bytes, StoreError> {
        let bytes = self.1.0.lock().read(&self.name(name));
        bytes.ok_or_else(|| {
            let path = path(&self.name(name));
            StoreError::io("read", &path)(ErrorKind::NotFound.into())
        })
    }

    fn sync(&self, name: &str) -> Result<(), StoreError> {
        let name = self.name(name);
        self.1.0.lock().change("sync", &name, |disk, left| {
            if left != Left::Nothing {
                disk.sync(&name);
            }
        })
    }

    fn cut(&self, name: &str, length: u64) -> Result<(), StoreError> {
        cut(&self.1, &self.name(name), length)
    }

    fn create(&self, name: &str, header: &[u8]) -> Result<Box<dyn SegmentFile>, StoreError> {
        let name = self.name(name);
        let mut disk = self.1.0.lock();
        disk.write(&name, Bytes::copy_from_slice(header), true)?;
        disk.change("sync", &name, |disk, left| {
            if left != Left::Nothing {
                disk.keep(|other| other == name);
            }
        })?;
        Ok(Box::new(Segment {
            name,
            disk: self.1.clone(),
            fault: None,
        }))
    }

    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        let mut disk = self.1.0.lock();
        for name in names {
            let name = self.name(name);
            disk.change("remove", &name, |disk, left| {
                if left != Left::Nothing {
                    disk.remove(|other| other == name);
                }
            })?;
        }
        disk.change("sync", self.0, |disk, left| {
            if left != Left::Nothing {
                disk.keep(|name| is_below(name, self.0));
            }
        })
    }

    fn rename(&self, name: &str, to: &str) -> Result<(), StoreError> {
        let names = [name, to].map(|name| self.name(name));
        self.1.0.lock().change("rename", &names[0], |disk, left| {
            if left != Left::Nothing
                && let Some(file) = disk.files.remove(&names[0])
            {
                disk.files.insert(names[1].clone(), file);
            }
        })
    }

    fn path_of(&self, name: &str) -> PathBuf {
        path(self.0).join(name)
    }
}

fn cut(memory: &Memory, name: &str, length: u64) -> Result<(), StoreError> {
    memory.0.lock().change("cut", name, |disk, left| {
        if left != Left::Nothing
            && let Some(file) = disk.files.get_mut(name)
        {
            file.now = file.now.as_ref().map(|now| now.slice(..length as usize));
            file.durable = file.now.clone();
        }
    })
}

struct Segment {
    name: String,
    disk: Memory,
    /// How the next sync fails.
    fault: Option<Fault>,
}

impl Segment {
    fn add(disk: &mut Disk, name: &str, bytes: &[u8]) {
        let file = disk.files.entry(name.to_owned()).or_default();
        let now = file.now.take().unwrap_or_default();
        file.now = Some([&now, bytes].concat().into());
        file.is_synced = false;
    }
}

impl SegmentFile for Segment {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let mut disk = self.disk.0.lock();
        let leave = |disk: &mut Disk, left| match left {
            Left::Nothing => {}
            Left::Half => Self::add(disk, &self.name, &bytes[..bytes.len() / 2]),
            Left::Everything | Left::Unsynced => Self::add(disk, &self.name, bytes),
        };
        if let Err(error) = disk.room(&self.name, bytes.len()) {
            leave(&mut disk, Left::Half);
            return Err(error);
        }
        match disk.trouble.journal.take() {
            Some(fault) => {
                leave(&mut disk, fault.left);
                if fault.left == Left::Unsynced {
                    self.fault = Some(fault);
                    return Ok(());
                }
                Err(StoreError::io("write", &path(&self.name))(
                    fault.kind.into(),
                ))
            }
            None => disk.change("write", &self.name, leave),
        }
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        if let Some(fault) = self.fault.take() {
            return Err(StoreError::io("sync", &path(&self.name))(fault.kind.into()));
        }
        let name = &self.name;
        self.disk.0.lock().change("sync", name, |disk, left| {
            if left != Left::Nothing {
                disk.sync(name);
            }
        })
    }

    /// In memory, and durable with the next sync: the worst that a power cut may do.
    fn replace(&mut self, at: u64, bytes: &[u8]) {
        let mut disk = self.disk.0.lock();
        let Some(file) = disk.files.get_mut(&self.name) else {
            return;
        };
        let mut now = file.now.take().unwrap_or_default().to_vec();
        now[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        file.now = Some(now.into());
    }

    fn cut(&mut self, length: u64) -> Result<(), StoreError> {
        cut(&self.disk, &self.name, length)
    }
}

impl StateFiles for Part {
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(self.1.0.lock().read(&self.name(name)))
    }

    fn put(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError> {
        let name = self.name(name);
        let mut disk = self.1.0.lock();
        disk.write(&name, joined(parts), true)?;
        disk.change("sync", &name, |disk, left| {
            if left != Left::Nothing {
                disk.keep(|other| other == name);
            }
        })
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        let name = self.name(name);
        let mut disk = self.1.0.lock();
        disk.change("remove", &name, |disk, left| {
            if left != Left::Nothing {
                disk.remove(|other| other == name);
            }
        })?;
        disk.change("sync", &name, |disk, left| {
            if left != Left::Nothing {
                disk.keep(|other| other == name);
            }
        })
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let names = self.1.list(self.0)?.into_iter();
        let below = names.map(|name| name[self.0.len() + 1..].to_owned());
        Ok(below
            .filter(|name| name.starts_with(prefix) && !name.ends_with(".tmp"))
            .collect())
    }

    fn path_of(&self, name: &str) -> PathBuf {
        path(self.0).join(name)
    }
}
