//! A mirrored log as it lies in a folder: complete, checked again when it is opened,
//! and readable without a node.

mod asked;
mod update;

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::PathBuf,
    sync::Arc,
};

use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    envelope::{Leaf, Operation},
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    note::VerifierKey,
    origin::{Origin, RecordId},
    payload::{SALT, SlotState},
    tree::MemoryTree,
};

use super::{
    bundle::Bundle,
    folder::{Folder, damaged},
};
use crate::{ClientError, Complete, Entry, pull::verify_note};

/// A log in a folder. Reading needs no node; see [`Client::mirror`](crate::Client::mirror) for keeping it current.
pub struct LocalLog {
    origin: Origin,
    key: VerifierKey,
    folder: Folder,
    /// Over all entries stored, which may be more than the checkpoint's.
    tree: MemoryTree,
    head: Option<Arc<VerifiedCheckpoint>>,
    target: Option<VerifiedCheckpoint>,
    newest: HashMap<RecordId, Newest>,
    indexed: TreeSize,
    /// Bundles where payloads are missing; none before all were looked through.
    gaps: Option<BTreeSet<u64>>,
}

#[derive(Debug, Clone, Copy)]
struct Newest {
    index: LeafIndex,
    operation: Operation,
}

impl LocalLog {
    /// Opens the mirror of a log, hashes every entry again and compares the root with
    /// the signed one. A folder with nothing in it is an empty mirror. Payloads are
    /// checked when they are read, and by [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// If the files cannot be read or do not give the signed root.
    pub fn open(
        folder: impl Into<PathBuf>,
        origin: Origin,
        key: VerifierKey,
    ) -> Result<Self, ClientError> {
        let kept = |source| kept(&origin, source);
        let broken = |why: String| ClientError::Damaged {
            origin: origin.clone(),
            why,
        };
        let folder = Folder::open(folder.into()).map_err(kept)?;
        let read_note = |name| {
            let note = folder.note(name).map_err(kept)?;
            note.map(|note| verify_note(&note, &origin, &key))
                .transpose()
                .map_err(|error| broken(error.to_string()))
        };
        let head = read_note("checkpoint")?;
        let target = read_note("target")?;
        let mut log = Self {
            tree: MemoryTree::new(),
            newest: HashMap::new(),
            indexed: TreeSize::ZERO,
            gaps: None,
            target: target.clone(),
            head: None,
            folder,
            origin: origin.clone(),
            key,
        };
        let size = head
            .as_ref()
            .map_or(TreeSize::ZERO, VerifiedCheckpoint::size);
        log.hash_entries(size).map_err(kept)?;
        if let Some(head) = head {
            if log.tree.root() != head.root() {
                return Err(broken("its entries do not give the signed root".to_owned()));
            }
            log.head = Some(Arc::new(head));
        }
        log.index(size).map_err(kept)?;
        // What an interrupted update left is kept if it can be read; the packages that
        // follow and the root at the end prove it.
        if let Some(target) = target {
            log.hash_whole_bundles(target.size());
        }
        Ok(log)
    }

    /// The log.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key that signs the log.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The checkpoint of what is here; `None` before the first update is done.
    pub fn checkpoint(&self) -> Option<&VerifiedCheckpoint> {
        self.head.as_deref()
    }

    /// How many entries are here, all proven.
    pub fn size(&self) -> TreeSize {
        self.head
            .as_ref()
            .map_or(TreeSize::ZERO, |head| head.size())
    }

    /// The size of a checkpoint that was seen and is not all here yet, as an interrupted
    /// update leaves it, or a node that shows less than another one did.
    pub fn awaited(&self) -> Option<TreeSize> {
        self.interrupted().map(|target| target.size())
    }

    /// The checkpoint that is being fetched, if it is larger than the head.
    pub(in crate::mirror) fn interrupted(&self) -> Option<VerifiedCheckpoint> {
        let size = self.size();
        self.target.clone().filter(|target| target.size() > size)
    }

    /// The entry at an index; `None` beyond the checkpoint.
    ///
    /// # Errors
    ///
    /// If its files cannot be read or were changed.
    pub fn entry(&self, index: LeafIndex) -> Result<Option<Complete<Entry>>, ClientError> {
        let Some(head) = self
            .head
            .as_ref()
            .filter(|head| head.size().contains(index))
        else {
            return Ok(None);
        };
        let bundle = self.bundle(index.bundle())?;
        Ok(Some(self.read(&bundle, index.in_bundle(), head)))
    }

    /// The newest entry of a record up to the checkpoint: no later one exists. It may
    /// say that the record was withdrawn or erased.
    ///
    /// # Errors
    ///
    /// As [`entry`](Self::entry).
    pub fn get(&self, id: &RecordId) -> Result<Option<Complete<Entry>>, ClientError> {
        match self.newest.get(id) {
            Some(newest) => self.entry(newest.index),
            None => Ok(None),
        }
    }

    /// All current records: the newest revision of each that was not withdrawn or
    /// erased, in the log's order. None is missing.
    pub fn records(&self) -> impl Iterator<Item = Result<Complete<Entry>, ClientError>> + '_ {
        self.newest_where(Operation::publishes)
    }

    /// The newest entry of every record, in the log's order, also of those that were
    /// withdrawn or erased. None is missing.
    pub fn latest(&self) -> impl Iterator<Item = Result<Complete<Entry>, ClientError>> + '_ {
        self.newest_where(|_| true)
    }

    /// The ids of all records, in no order.
    pub fn ids(&self) -> impl Iterator<Item = &RecordId> {
        self.newest.keys()
    }

    fn newest_where(
        &self,
        is_wanted: fn(Operation) -> bool,
    ) -> impl Iterator<Item = Result<Complete<Entry>, ClientError>> + '_ {
        let bundles = self.size().value().div_ceil(BUNDLE);
        (0..bundles).flat_map(move |number| match self.bundle(number) {
            Ok(bundle) => {
                let newest = self.newest_of(&bundle, is_wanted);
                newest.into_iter().map(Ok).collect()
            }
            Err(error) => vec![Err(error)],
        })
    }

    fn newest_of(&self, bundle: &Bundle, is_wanted: fn(Operation) -> bool) -> Vec<Complete<Entry>> {
        let Some(head) = &self.head else {
            return Vec::new();
        };
        let is_newest = |position: &usize| {
            let Leaf::Known(envelope) = &bundle.leaves[*position] else {
                return false;
            };
            let index = bundle.start.plus(*position as u64);
            self.newest
                .get(&envelope.record_id)
                .is_some_and(|newest| newest.index == index && is_wanted(newest.operation))
        };
        (0..bundle.leaves.len())
            .filter(is_newest)
            .map(|position| self.read(bundle, position, head))
            .collect()
    }

    /// Reads every payload and compares it with what its entry commits to. Returns how
    /// many are here.
    ///
    /// # Errors
    ///
    /// The first that cannot be read or was changed.
    pub fn verify(&self) -> Result<u64, ClientError> {
        let mut full = 0;
        for number in 0..self.size().value().div_ceil(BUNDLE) {
            let bundle = self.bundle(number)?;
            let slots = (0..bundle.leaves.len()).map(|position| bundle.slot(position));
            full += slots.filter(|(state, _)| *state == SlotState::Full).count() as u64;
        }
        Ok(full)
    }

    fn bundle(&self, number: u64) -> Result<Bundle, ClientError> {
        let bundle = self.folder.bundle(number, self.size()).and_then(|bundle| {
            let first = (number * BUNDLE) as usize;
            let known = self.tree.leaves().get(first..first + bundle.leaves.len());
            let hashes = bundle.entries.iter().map(Hash::leaf);
            match known.is_some_and(|known| hashes.eq(known.iter().copied())) {
                true => Ok(bundle),
                false => Err(damaged(format!("entries from {first} on were changed"))),
            }
        });
        bundle.map_err(|source| self.kept(source))
    }

    fn read(
        &self,
        bundle: &Bundle,
        position: usize,
        head: &Arc<VerifiedCheckpoint>,
    ) -> Complete<Entry> {
        let (state, slot) = bundle.slot(position);
        let entry = Entry {
            origin: self.origin.clone(),
            index: bundle.start.plus(position as u64),
            bytes: bundle.entries.entry_bytes(position),
            leaf: bundle.leaves[position],
            state,
            payload: slot.map(|slot| slot.slice(SALT..)),
        };
        Complete::new(entry, Arc::clone(head))
    }

    pub(super) fn kept(&self, source: io::Error) -> ClientError {
        kept(&self.origin, source)
    }

    fn hash_entries(&mut self, size: TreeSize) -> io::Result<()> {
        for bundle in 0..size.value().div_ceil(BUNDLE) {
            let entries = self.folder.entries(bundle, size)?;
            self.tree.extend(entries.iter().map(Hash::leaf));
        }
        Ok(())
    }

    fn hash_whole_bundles(&mut self, size: TreeSize) {
        loop {
            let stored = self.tree.size();
            let next = stored.next_index().bundle();
            let end = TreeSize::new((next + 1) * BUNDLE).min(size);
            if end <= stored {
                return;
            }
            let Ok(entries) = self.folder.entries(next, end) else {
                return;
            };
            if self.folder.adopt(next, entries.len()).is_err() {
                return;
            }
            let new = stored.next_index().in_bundle();
            self.tree.extend(entries.iter().skip(new).map(Hash::leaf));
        }
    }

    /// Takes the entries up to `size` into the index.
    fn index(&mut self, size: TreeSize) -> io::Result<()> {
        let mut next = self.indexed;
        while next < size {
            let bundle = next.next_index().bundle();
            let entries = self.folder.entries(bundle, size)?;
            for position in next.next_index().in_bundle()..entries.len() {
                if let Leaf::Known(envelope) = Leaf::read(entries.entry(position)) {
                    let newest = Newest {
                        index: LeafIndex::new(bundle * BUNDLE + position as u64),
                        operation: envelope.operation,
                    };
                    self.newest.insert(envelope.record_id, newest);
                }
            }
            next = TreeSize::new((bundle + 1) * BUNDLE).min(size);
        }
        self.indexed = size.max(self.indexed);
        Ok(())
    }
}

fn kept(origin: &Origin, source: io::Error) -> ClientError {
    match source.kind() {
        io::ErrorKind::InvalidData => ClientError::Damaged {
            origin: origin.clone(),
            why: source.to_string(),
        },
        _ => ClientError::Kept {
            origin: origin.clone(),
            source,
        },
    }
}
