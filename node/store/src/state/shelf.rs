//! The files of the state, one by one: each under its line, the small ones also in memory, so
//! that a damaged one can be written again, and what is damaged of them listed.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::{
    backend::StateFiles,
    damages::Damages,
    error::StoreError,
    told::{Became, Owner},
};

const LINE: &str = "wpsx state 2";
/// Files that are larger are not kept in memory beside the disk: they have a twin, or are of
/// a log, which can say them again.
const MOST_COPIED: usize = 64 << 10;

/// All files, whatever the cover says of them.
pub(super) struct Shelf {
    pub(super) files: Arc<dyn StateFiles>,
    copies: Mutex<BTreeMap<String, Bytes>>,
    damages: Arc<Damages>,
}

impl Shelf {
    pub(super) fn new(files: Arc<dyn StateFiles>, damages: Arc<Damages>) -> Self {
        Self {
            files,
            copies: Mutex::default(),
            damages,
        }
    }

    /// The bytes that were put as `name`, if the file is there.
    pub(super) fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        let Some(bytes) = self.files.read(name)? else {
            return Ok(None);
        };
        let damaged = |reason| Err(StoreError::damaged(&self.path_of(name), reason));
        let Some(end) = bytes.iter().take(64).position(|b| *b == b'\n') else {
            return damaged("it does not begin with its line");
        };
        let body = bytes.slice(end + 1..);
        if bytes[..=end] != *line(name, &body).as_bytes() {
            return damaged("its content does not match its first line");
        }
        Ok(Some(body))
    }

    /// Writes a file; if it was damaged, this became of it.
    pub(super) fn write(&self, name: &str, bytes: &[u8], became: Became) -> Result<(), StoreError> {
        self.files
            .put(name, &[line(name, bytes).as_bytes(), bytes])?;
        let mut copies = self.copies.lock();
        match bytes.len() > MOST_COPIED {
            true => copies.remove(name),
            false => copies.insert(name.to_owned(), Bytes::copy_from_slice(bytes)),
        };
        drop(copies);
        self.became(name, became);
        Ok(())
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.files.remove(name)?;
        self.copies.lock().remove(name);
        self.became(name, Became::REMOVED);
        Ok(())
    }

    /// What a small file said when it was put or read last.
    pub(super) fn copy(&self, name: &str) -> Option<Bytes> {
        self.copies.lock().get(name).cloned()
    }

    /// Keeps what was read, unless something was put since.
    pub(super) fn copy_if_none(&self, name: &str, bytes: &Bytes) {
        if bytes.len() <= MOST_COPIED {
            // Not a slice of the whole file.
            let copy = || Bytes::copy_from_slice(bytes);
            let mut copies = self.copies.lock();
            copies.entry(name.to_owned()).or_insert_with(copy);
        }
    }

    /// Lists a file that is not what was put.
    pub(super) fn damaged(&self, name: &str, reason: &str) {
        let owner = Owner::State(name.to_owned());
        self.damages.note_file(owner, self.path_of(name), reason);
    }

    /// Lists a file that is what was put, and does not say what it has to.
    pub(super) fn unreadable(&self, name: &str, reason: &str) {
        let path = self.path_of(name);
        self.damages.note_file(Owner::Nobody, path, reason);
    }

    pub(super) fn became(&self, name: &str, became: Became) {
        self.damages.became(&self.path_of(name), became);
    }

    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.files.path_of(name)
    }
}

/// The first line of a file.
pub(super) fn line(name: &str, bytes: &[u8]) -> String {
    let mut crc = crc32fast::Hasher::new();
    crc.update(name.as_bytes());
    crc.update(bytes);
    format!("{LINE} {:08x} {}\n", crc.finalize(), bytes.len())
}
