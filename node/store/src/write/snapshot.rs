//! A log as it stands at the end of a journal segment: what has to be on the disk
//! before that segment may go.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use bytes::Bytes;
use prost::Message as _;
use wpsx_proto::{checkpoint::VerifiedCheckpoint, hash::Hash};

use crate::{
    backend::Durable,
    damage::Part,
    error::StoreError,
    format::{
        layout::FileKey,
        payloads::Payloads,
        saved::{Saved, VERSION, name, remove_set_aside},
    },
    log::{contents::Contents, handle::Log},
    state::State,
};

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
    remembered: Option<Vec<u8>>,
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
                VerifiedCheckpoint::note_bytes(head)
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
            remembered: dirty.remembered.then(|| contents.remembered.to_bytes()),
        })
    }

    pub(crate) fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Writes the partial files and the checkpoint; they are durable after the next sync.
    pub(crate) fn write_partials(&self) -> Result<(), StoreError> {
        let log = &self.log;
        for (level, index, hashes) in &self.tiles {
            let (level, index) = (*level, *index);
            let name = log.name_of(FileKey::Tile { level, index }, Some(hashes.len()));
            let damaged = log
                .damages
                .has(log.number, FileKey::Tile { level, index }.into());
            if damaged || !log.files.exists(&name) {
                let bytes = Hash::list_to_bytes(hashes);
                log.files.write(&name, &[&bytes], Durable::Later)?;
            }
        }
        let width = self.slots.len();
        if width > 0 {
            let name = log.name_of(FileKey::Entries(self.bundle), Some(width));
            let damaged = log.damages.has(log.number, Part::Entries(self.bundle));
            if damaged || !log.files.exists(&name) {
                log.files.write(&name, &[&self.entries], Durable::Later)?;
            }
            // Slots change while their number stays: a payload came or was erased.
            let name = log.name_of(FileKey::Payload(self.bundle), Some(width));
            let (head, data) = self.slots.file();
            let mut parts: Vec<&[u8]> = vec![&head];
            parts.extend(data.map(Bytes::as_ref));
            self.replace(&name, &parts)?;
        }
        if log.damages.has(log.number, Part::State) {
            let line = format!("{}\n", log.origin);
            log.files
                .write(&log.name("origin"), &[line.as_bytes()], Durable::Now)?;
        }
        // A larger one is there that the log does not know: it is all that tells of it.
        if !self.saved.head.is_empty() && !log.keeps_evidence() {
            self.replace(&log.name("checkpoint"), &[&self.saved.head])?;
        }
        Ok(())
    }

    fn replace(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError> {
        let durable = match self.log.files.exists(name) {
            true => Durable::Now,
            false => Durable::Later,
        };
        self.log.files.write(name, parts, durable)
    }

    /// The state files, the one that counts last.
    pub(crate) fn state_files(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let number = self.log.number;
        let files = [
            ("erased", self.erased.clone()),
            ("requests", self.requests.clone()),
            // Nobody else could say it again, so it lies there twice.
            ("batches", self.remembered.clone()),
            ("batches.twin", self.remembered.clone()),
            ("head", Some(self.saved.encode_to_vec())),
        ];
        let changed = files.into_iter();
        changed.filter_map(move |(file, bytes)| Some((name(number, file), bytes?)))
    }

    /// What was set aside of the journal for the log is in its files now.
    pub(crate) fn remove_set_aside(&self, state: &State) -> Result<(), StoreError> {
        match self.log.set_aside.swap(false, Ordering::AcqRel) {
            true => remove_set_aside(state, self.log.number),
            false => Ok(()),
        }
    }

    /// Removes the partial files of an earlier time; true if there were any.
    pub(crate) fn remove_older(&self) -> Result<bool, StoreError> {
        let log = &self.log;
        let tiles = self.tiles.iter().map(|(level, index, hashes)| {
            let (level, index) = (*level, *index);
            (FileKey::Tile { level, index }, hashes.len())
        });
        let mut now: BTreeSet<(FileKey, usize)> = tiles.collect();
        if self.slots.len() > 0 {
            now.insert((FileKey::Entries(self.bundle), self.slots.len()));
            now.insert((FileKey::Payload(self.bundle), self.slots.len()));
        }
        if log.keeps_evidence() {
            return Ok(false);
        }
        for part in now
            .iter()
            .map(|(key, _)| (*key).into())
            .chain([Part::State])
        {
            log.damages.mended(log.number, part);
        }
        let mut before = log.partials.lock();
        for (key, width) in before.difference(&now) {
            log.files.remove(&log.name_of(*key, Some(*width)))?;
            if !now.iter().any(|(other, _)| other == key) {
                // The directory of its partial files.
                log.files
                    .remove_tree(&format!("{}.p", log.name_of(*key, None)))?;
            }
        }
        let removed = before.difference(&now).next().is_some();
        *before = now;
        Ok(removed)
    }
}
