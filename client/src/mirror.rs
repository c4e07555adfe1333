//! Mirrors a whole log into a folder: complete, checked again when it is opened, and
//! readable without a node.

mod folder;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use wpsx_proto::{
    api::log::v1::PayloadFrame,
    bundle::EntryBundle,
    checkpoint::VerifiedCheckpoint,
    envelope::{Leaf, Operation},
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    note::VerifierKey,
    origin::{Origin, RecordId},
    package::VerifiedPackage,
    payload::{SALT, SlotState, VerifiedFrame},
    tree::MemoryTree,
};

use self::folder::{Bundle, Folder, damaged, stored};
use crate::{
    Client, ClientError, Complete, Connection, Entry,
    follow::Heads,
    pull::{Held, PullError, Step, Transport, nothing_erased, verify_note},
};

/// How far an update has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Entries that are here.
    pub entries: u64,
    /// Entries of the checkpoint that is being fetched.
    pub of: u64,
    /// Payload bytes taken by this update.
    pub payload_bytes: u64,
}

/// A log in a folder. Reading needs no node; see [`Client::mirror`] for keeping it current.
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
        let kept = |source| ClientError::Kept {
            origin: origin.clone(),
            source,
        };
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
        let bundles = self.size().value().div_ceil(BUNDLE);
        (0..bundles).flat_map(|number| match self.bundle(number) {
            Ok(bundle) => self.current(&bundle).into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })
    }

    fn current(&self, bundle: &Bundle) -> Vec<Complete<Entry>> {
        let Some(head) = &self.head else {
            return Vec::new();
        };
        let is_current = |position: &usize| {
            let Leaf::Known(envelope) = &bundle.leaves[*position] else {
                return false;
            };
            let index = bundle.start.plus(*position as u64);
            self.newest.get(&envelope.record_id).is_some_and(|newest| {
                newest.index == index && newest.operation == Operation::Publish
            })
        };
        (0..bundle.leaves.len())
            .filter(is_current)
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

    fn kept(&self, source: io::Error) -> ClientError {
        ClientError::Kept {
            origin: self.origin.clone(),
            source,
        }
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

    fn held(&self) -> Held {
        let stored = self.tree.size();
        let verified = match (&self.target, &self.head) {
            (Some(target), Some(head)) if target.size() > head.size() => Some(target.clone()),
            (Some(target), None) => Some(target.clone()),
            (_, head) => head.as_deref().cloned(),
        };
        Held::of(&self.tree, stored, verified).expect("the tree holds what it has hashed")
    }

    fn set_target(&mut self, target: VerifiedCheckpoint) -> io::Result<()> {
        self.folder.keep_note("target", &target.note_bytes())?;
        self.target = Some(target);
        Ok(())
    }

    /// Stores the next entries with their payloads.
    fn extend(&mut self, package: &VerifiedPackage, frames: &[VerifiedFrame]) -> io::Result<()> {
        let start = package.start();
        if start != self.tree.size().next_index() {
            return Err(damaged(format!("a package at {start} does not come next")));
        }
        let bundle = start.bundle();
        let mut before = Vec::new();
        let mut entries = package.entries().clone();
        if start.in_bundle() > 0 {
            let old = self.folder.entries(bundle, start.size_before())?;
            let leaves: Vec<Leaf> = old.iter().map(Leaf::read).collect();
            before = self.folder.frames(bundle, &leaves)?;
            entries =
                EntryBundle::from_entries(old.iter().chain(entries.iter())).map_err(damaged)?;
        }
        let all: Vec<PayloadFrame> = before.iter().chain(frames).flat_map(stored).collect();
        // Payloads first: entries whose payloads are not there yet would look like holes.
        self.folder.put_frames(bundle, &all)?;
        self.folder.put_entries(bundle, &entries)?;
        self.tree.extend(package.leaf_hashes().iter().copied());
        for (at, leaf) in package.leaves().iter().enumerate() {
            if let Leaf::Known(envelope) = leaf
                && envelope.operation == Operation::Erase
            {
                self.erase_before(start.plus(at as u64), envelope.record_id, envelope.previous)?;
            }
        }
        Ok(())
    }

    /// Destroys the payloads of all revisions of a record before its erase entry.
    fn erase_before(
        &self,
        erase: LeafIndex,
        id: RecordId,
        mut previous: Option<LeafIndex>,
    ) -> io::Result<()> {
        let size = self.tree.size();
        let mut after = erase;
        while let Some(index) = previous.filter(|index| *index < after) {
            self.folder.erase(index, size)?;
            let entries = self.folder.entries(index.bundle(), size)?;
            let Leaf::Known(envelope) = Leaf::read(entries.entry(index.in_bundle())) else {
                break;
            };
            if envelope.record_id != id {
                break;
            }
            (after, previous) = (index, envelope.previous);
        }
        Ok(())
    }

    /// Everything of a checkpoint is stored: it becomes the head.
    fn commit(&mut self, head: VerifiedCheckpoint) -> Result<(), ClientError> {
        if self.tree.size() != head.size() || self.tree.root() != head.root() {
            // Only what an interrupted update left can be wrong: it is fetched again.
            let proven = self.size().value() as usize;
            self.tree = self.tree.leaves()[..proven].iter().copied().collect();
            return Err(ClientError::Damaged {
                origin: self.origin.clone(),
                why: "what an interrupted update left was changed; update again".to_owned(),
            });
        }
        let done = (|| {
            self.folder.settle(&self.tree, self.size(), head.size())?;
            self.folder.keep_note("checkpoint", &head.note_bytes())?;
            self.index(head.size())
        })();
        done.map_err(|source| self.kept(source))?;
        self.head = Some(Arc::new(head));
        Ok(())
    }
}

/// Keeps a [`LocalLog`] current from a node.
pub struct Mirror<T = Connection> {
    client: Client<T>,
    heads: Heads<T>,
    log: Arc<Mutex<LocalLog>>,
}

impl<T: Transport> Client<T> {
    /// Mirrors a log into a folder, or goes on where an earlier mirror stopped.
    ///
    /// # Errors
    ///
    /// If the log's publisher is not known or what is in the folder is damaged.
    pub async fn mirror(
        &self,
        origin: &Origin,
        folder: impl AsRef<Path>,
    ) -> Result<Mirror<T>, ClientError> {
        let key = self.trust().key(origin)?;
        let (folder, log) = (folder.as_ref().to_owned(), origin.clone());
        let log = blocking(move || LocalLog::open(folder, log, key)).await?;
        Ok(Mirror {
            client: self.clone(),
            heads: Heads::new(self.clone(), origin.clone()),
            log: Arc::new(Mutex::new(log)),
        })
    }
}

impl<T: Transport> Mirror<T> {
    /// The log as it is here now. Updates wait while it is looked at.
    pub fn log(&self) -> MutexGuard<'_, LocalLog> {
        lock(&self.log)
    }

    /// Fetches everything up to the node's newest head, if it has a newer one.
    ///
    /// # Errors
    ///
    /// If an answer is refused, the connection fails more often than allowed, or the
    /// disk fails. What was proven stays; the next update goes on from there.
    pub async fn update(&mut self) -> Result<(), ClientError> {
        self.update_with(|_| {}).await
    }

    /// The same, telling how far it has come.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn update_with(
        &mut self,
        mut progress: impl FnMut(Progress),
    ) -> Result<(), ClientError> {
        let mut tried = 0;
        loop {
            let before = self.log().tree.size();
            let Err(error) = self.try_update(&mut progress).await else {
                return Ok(());
            };
            if matches!(error, ClientError::Pull(PullError::Behind { .. })) {
                return Ok(());
            }
            tried = match self.log().tree.size() > before {
                true => 1,
                false => tried + 1,
            };
            self.client.pause_after(error, tried).await?;
        }
    }

    /// Waits until the node has a newer head, then fetches everything up to it.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn next_update(&mut self) -> Result<(), ClientError> {
        let mut tried = 0;
        loop {
            let held = self.log().held();
            match self.heads.next(&held).await {
                Ok(_) => return self.update().await,
                Err(error) => {
                    self.heads.close();
                    tried += 1;
                    self.client.pause_after(error, tried).await?;
                }
            }
        }
    }

    async fn try_update(&self, progress: &mut impl FnMut(Progress)) -> Result<(), ClientError> {
        let (origin, mut held) = {
            let log = self.log();
            (log.origin.clone(), log.held())
        };
        if let Some(kept) = self.client.kept(&origin)?
            && held
                .verified
                .as_ref()
                .is_none_or(|verified| verified.size() < kept.size())
        {
            held.verified = Some(kept);
        }
        let puller = self.client.puller(&origin).await?;
        let Some(head) = puller.head(&held).await? else {
            return Ok(());
        };
        // An erase entry stands after what it erases, so nothing new is erased yet.
        let mut pull = puller.pull(held, head, nothing_erased());
        let (mut of, mut payload_bytes) = (0, 0);
        while let Some(step) = pull.next().await {
            match step? {
                Step::Target(target) => {
                    of = target.size().value();
                    self.client.keep(&target)?;
                    self.change(move |log| {
                        log.set_target(target).map_err(|source| log.kept(source))
                    })
                    .await?;
                }
                Step::Package {
                    package, frames, ..
                } => {
                    payload_bytes += frames
                        .iter()
                        .map(|frame| frame.decoded().len() as u64)
                        .sum::<u64>();
                    let entries = package.end().value();
                    self.change(move |log| {
                        log.extend(&package, &frames)
                            .map_err(|source| log.kept(source))
                    })
                    .await?;
                    progress(Progress {
                        entries,
                        of,
                        payload_bytes,
                    });
                }
                Step::Head(head) => self.change(move |log| log.commit(head)).await?,
            }
        }
        Ok(())
    }

    async fn change(
        &self,
        change: impl FnOnce(&mut LocalLog) -> Result<(), ClientError> + Send + 'static,
    ) -> Result<(), ClientError> {
        let log = Arc::clone(&self.log);
        blocking(move || change(&mut lock(&log))).await
    }
}

fn lock(log: &Mutex<LocalLog>) -> MutexGuard<'_, LocalLog> {
    log.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Runs work on files off the network's task.
async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, ClientError> + Send + 'static,
) -> Result<R, ClientError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(ClientError::Pull(PullError::Interrupted)))
}
