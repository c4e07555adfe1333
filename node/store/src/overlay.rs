//! A backend over another one that is only read: what is written, cut and removed stays
//! in memory. So a store is opened, its journal replayed and its orders carried out by
//! the same functions as ever, and nothing on the disk changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::{
    backend::{Backend, Durable, Files, JournalFiles, Parts, Reserve, SegmentFile, StateFiles},
    error::StoreError,
};

/// The same bytes, of which none is changed.
pub(crate) fn over(base: Backend) -> Backend {
    Backend {
        files: Arc::new(Over::new(base.files)),
        journal: Arc::new(Over::new(base.journal)),
        state: Arc::new(Over::new(base.state)),
        reserve: Arc::new(Kept(base.reserve)),
    }
}

/// What was changed, over what lies below.
struct Over<B: ?Sized> {
    base: Arc<B>,
    changes: Arc<Changes>,
}

/// The files that were written or removed, and the folders that were.
#[derive(Default)]
struct Changes {
    files: Mutex<BTreeMap<String, Option<Bytes>>>,
    folders: Mutex<BTreeSet<String>>,
}

impl<B: ?Sized> Over<B> {
    fn new(base: Arc<B>) -> Self {
        let changes = Arc::default();
        Self { base, changes }
    }
}

impl Changes {
    /// What a file is now, if it was changed.
    fn get(&self, name: &str) -> Option<Option<Bytes>> {
        self.files.lock().get(name).cloned()
    }

    fn put(&self, name: &str, bytes: Bytes) {
        self.files.lock().insert(name.to_owned(), Some(bytes));
    }

    fn remove(&self, name: &str) {
        self.files.lock().insert(name.to_owned(), None);
    }

    /// These names, without those that were removed and with those that were written.
    fn seen(&self, names: Vec<String>, mut wanted: impl FnMut(&str) -> bool) -> Vec<String> {
        let files = self.files.lock();
        let mut names: BTreeSet<String> = names.into_iter().collect();
        for (name, bytes) in files.iter().filter(|(name, _)| wanted(name)) {
            match bytes {
                Some(_) => names.insert(name.clone()),
                None => names.remove(name),
            };
        }
        names.into_iter().collect()
    }
}

fn is_below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

impl Files for Over<dyn Files> {
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        match self.changes.get(name) {
            Some(changed) => Ok(changed),
            None => self.base.read(name),
        }
    }

    fn open(&self, name: &str) -> Result<Option<Box<dyn Parts>>, StoreError> {
        match self.changes.get(name) {
            Some(changed) => Ok(changed.map(|bytes| Box::new(bytes) as Box<dyn Parts>)),
            None => self.base.open(name),
        }
    }

    fn exists(&self, name: &str) -> bool {
        let changed = self.changes.get(name);
        changed.map_or_else(|| self.base.exists(name), |bytes| bytes.is_some())
    }

    fn write(&self, name: &str, parts: &[&[u8]], _: Durable) -> Result<(), StoreError> {
        self.changes.put(name, parts.concat().into());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.changes.remove(name);
        Ok(())
    }

    fn remove_tree(&self, name: &str) -> Result<(), StoreError> {
        for file in self.list(name)? {
            self.changes.remove(&file);
        }
        self.changes.folders.lock().insert(name.to_owned());
        Ok(())
    }

    fn list(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let names = self.base.list(name)?;
        Ok(self.changes.seen(names, |other| is_below(other, name)))
    }

    fn children(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let mut children: BTreeSet<String> = self.base.children(name)?.into_iter().collect();
        children.retain(|child| {
            let path = format!("{name}/{child}");
            !self.changes.folders.lock().contains(&path) && self.changes.get(&path) != Some(None)
        });
        let files = self.changes.files.lock();
        let written = files.iter().filter(|(_, bytes)| bytes.is_some());
        let below = written.filter_map(|(file, _)| file.strip_prefix(name)?.strip_prefix('/'));
        children.extend(
            below
                .filter_map(|file| file.split('/').next())
                .map(str::to_owned),
        );
        Ok(children.into_iter().collect())
    }

    fn sync_names(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.base.path_of(name)
    }

    fn in_memory(&self, name: &str) -> Option<Bytes> {
        self.changes.get(name).flatten()
    }
}

impl JournalFiles for Over<dyn JournalFiles> {
    fn list(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.changes.seen(self.base.list()?, |_| true))
    }

    fn read(&self, name: &str) -> Result<Bytes, StoreError> {
        match self.changes.get(name) {
            Some(changed) => Ok(changed.unwrap_or_default()),
            None => self.base.read(name),
        }
    }

    fn sync(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn cut(&self, name: &str, length: u64) -> Result<(), StoreError> {
        let bytes = self.read(name)?;
        let length = bytes.len().min(length as usize);
        self.changes.put(name, bytes.slice(..length));
        Ok(())
    }

    fn create(&self, name: &str, header: &[u8]) -> Result<Box<dyn SegmentFile>, StoreError> {
        self.changes.put(name, Bytes::copy_from_slice(header));
        Ok(Box::new(Segment {
            name: name.to_owned(),
            changes: self.changes.clone(),
        }))
    }

    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        names.iter().for_each(|name| self.changes.remove(name));
        Ok(())
    }

    fn rename(&self, name: &str, to: &str) -> Result<(), StoreError> {
        let bytes = self.read(name)?;
        self.changes.put(to, bytes);
        self.changes.remove(name);
        Ok(())
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.base.path_of(name)
    }
}

struct Segment {
    name: String,
    changes: Arc<Changes>,
}

impl Segment {
    fn change(&self, by: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self
            .changes
            .get(&self.name)
            .flatten()
            .unwrap_or_default()
            .to_vec();
        by(&mut bytes);
        self.changes.put(&self.name, bytes.into());
    }
}

impl SegmentFile for Segment {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.change(|all| all.extend_from_slice(bytes));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn cut(&mut self, length: u64) -> Result<(), StoreError> {
        self.change(|all| all.truncate(length as usize));
        Ok(())
    }

    fn replace(&mut self, at: u64, bytes: &[u8]) {
        let at = at as usize;
        self.change(|all| all[at..at + bytes.len()].copy_from_slice(bytes));
    }
}

/// The reserve of whoever writes: it stays as it is.
struct Kept(Arc<dyn Reserve>);

impl Reserve for Kept {
    fn keep(&self, _: u64) -> Result<(), StoreError> {
        Ok(())
    }

    fn give_back(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn free(&self) -> Option<u64> {
        self.0.free()
    }
}

impl StateFiles for Over<dyn StateFiles> {
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        match self.changes.get(name) {
            Some(changed) => Ok(changed),
            None => self.base.read(name),
        }
    }

    fn put(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError> {
        self.changes.put(name, parts.concat().into());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.changes.remove(name);
        Ok(())
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let names = self.base.list(prefix)?;
        Ok(self.changes.seen(names, |name| name.starts_with(prefix)))
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.base.path_of(name)
    }
}
