//! A log as it stands at the end of a journal segment: what has to be on the disk
//! before that segment may go.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use prost::Message as _;
use wpsx_proto::hash::Hash;

use crate::{
    error::StoreError,
    format::layout::{self, FileKey, Sync},
    format::payloads::Payloads,
    format::slots::Holes,
    log::contents::Contents,
    log::handle::Log,
    state::State,
};

const VERSION: u32 = 1;

/// The open bundle and tiles of a log, and what its state files say.
pub(crate) struct Snapshot {
    log: Arc<Log>,
    saved: Saved,
    tiles: Vec<(u8, u64, Vec<Hash>)>,
    bundle: u64,
    entries: Vec<u8>,
    slots: Payloads,
    erased: Option<Vec<u8>>,
    requests: Option<Vec<u8>>,
}

/// What is kept of a log besides its files. Notes are signed notes.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Saved {
    #[prost(uint32, tag = "1")]
    version: u32,
    /// Entries that the files hold.
    #[prost(uint64, tag = "2")]
    pub(crate) size: u64,
    /// The last journal group that the files hold.
    #[prost(uint64, tag = "3")]
    pub(crate) applied: u64,
    #[prost(bytes = "bytes", tag = "4")]
    pub(crate) head: Bytes,
    #[prost(bytes = "bytes", tag = "5")]
    pub(crate) pending: Bytes,
    #[prost(uint64, tag = "6")]
    filtered: u64,
    #[prost(uint64, tag = "7")]
    erased: u64,
    #[prost(uint64, tag = "8")]
    not_held: u64,
}

impl Saved {
    pub(crate) fn holes(&self) -> Holes {
        Holes {
            filtered: self.filtered,
            erased: self.erased,
            not_held: self.not_held,
        }
    }

    pub(crate) fn read(state: &State, number: u32) -> Result<Option<Self>, StoreError> {
        let name = name(number, "head");
        let Some(bytes) = state.get(&name)? else {
            return Ok(None);
        };
        let damaged = |reason: String| StoreError::damaged(&state.path_of(&name), reason);
        let saved = Self::decode(bytes).map_err(|e| damaged(e.to_string()))?;
        if saved.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, not {VERSION}",
                saved.version
            )));
        }
        Ok(Some(saved))
    }
}

/// The name of a log's state file.
pub(crate) fn name(number: u32, what: &str) -> String {
    format!("logs/{number}/{what}")
}

impl Snapshot {
    /// Takes what changed since the last one; none if nothing did.
    pub(crate) fn take(log: &Arc<Log>) -> Option<Self> {
        let mut contents = log.contents.write();
        let dirty = std::mem::take(&mut contents.dirty);
        if !dirty.log {
            return None;
        }
        let contents: &Contents = &contents;
        let note = |head: &Option<_>| {
            head.as_ref().map_or_else(Bytes::new, |head: &Arc<_>| {
                wpsx_proto::checkpoint::VerifiedCheckpoint::note_bytes(head)
            })
        };
        Some(Self {
            log: log.clone(),
            saved: Saved {
                version: VERSION,
                size: contents.size(),
                applied: contents.applied,
                head: note(&contents.head),
                pending: note(&contents.pending),
                filtered: contents.holes.filtered,
                erased: contents.holes.erased,
                not_held: contents.holes.not_held,
            },
            tiles: contents
                .edge
                .open_tiles()
                .map(|(l, i, h)| (l, i, h.to_vec()))
                .collect(),
            bundle: contents.open_bundle(),
            entries: contents.open.bytes().to_vec(),
            slots: contents.open.slots.clone(),
            erased: dirty.erased.then(|| contents.erased.to_bytes()),
            requests: dirty.requests.then(|| contents.requests.to_bytes()),
        })
    }

    pub(crate) fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Writes the partial files and the checkpoint; they are durable after a sync
    /// of the file system, or of each path in `written`.
    pub(crate) fn write_partials(
        &self,
        written: &mut crate::write::poster::Written,
    ) -> Result<(), StoreError> {
        for (level, index, hashes) in &self.tiles {
            let key = FileKey::Tile {
                level: *level,
                index: *index,
            };
            let path = self.log.path(key, Some(hashes.len()));
            if !path.exists() {
                layout::write_whole(&path, &[&Hash::list_to_bytes(hashes)], Sync::Later)?;
                written.add(path);
            }
        }
        let width = self.slots.len();
        if width > 0 {
            let path = self.log.path(FileKey::Entries(self.bundle), Some(width));
            if !path.exists() {
                layout::write_whole(&path, &[&self.entries], Sync::Later)?;
                written.add(path);
            }
            // Slots change while their number stays: a payload came or was erased.
            let path = self.log.path(FileKey::Payload(self.bundle), Some(width));
            let (head, data) = self.slots.file();
            let mut parts: Vec<&[u8]> = vec![&head];
            parts.extend(data.map(Bytes::as_ref));
            layout::write_whole(&path, &parts, replacing(&path))?;
            written.add(path);
        }
        if !self.saved.head.is_empty() {
            let path = self.log.dir.join("checkpoint");
            layout::write_whole(&path, &[&self.saved.head], replacing(&path))?;
            written.add(path);
        }
        Ok(())
    }

    /// Puts the state files, the one that counts last.
    pub(crate) fn write_state(&self, state: &State) -> Result<(), StoreError> {
        let number = self.log.number;
        if let Some(erased) = &self.erased {
            state.put(&name(number, "erased"), erased)?;
        }
        if let Some(requests) = &self.requests {
            state.put(&name(number, "requests"), requests)?;
        }
        state.put(&name(number, "head"), &self.saved.encode_to_vec())
    }

    /// Removes the partial files of an earlier time.
    pub(crate) fn remove_older(&self) -> Result<(), StoreError> {
        let mut now: BTreeSet<(FileKey, usize)> = self
            .tiles
            .iter()
            .map(|(level, index, hashes)| {
                (
                    FileKey::Tile {
                        level: *level,
                        index: *index,
                    },
                    hashes.len(),
                )
            })
            .collect();
        if self.slots.len() > 0 {
            now.insert((FileKey::Entries(self.bundle), self.slots.len()));
            now.insert((FileKey::Payload(self.bundle), self.slots.len()));
        }
        let mut before = self.log.partials.lock();
        for (key, width) in before.difference(&now) {
            let path = self.log.path(*key, Some(*width));
            layout::remove_if_there(&path)?;
            if let Some(dir) = path.parent()
                && !now.iter().any(|(other, _)| other == key)
            {
                layout::remove_tree(dir)?;
            }
        }
        *before = now;
        Ok(())
    }
}

fn replacing(path: &std::path::Path) -> Sync {
    if path.exists() {
        Sync::BeforeRename
    } else {
        Sync::Later
    }
}
