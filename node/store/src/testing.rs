//! What tests of a store and of its followers need: stores in temporary folders with
//! a clock that is set, publishers, and replicas that are brought up to date.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "helpers of tests: they panic, and their names say what they do"
)]

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use tempfile::TempDir;
use wpsx_proto::{
    checkpoint::{SignedCheckpoint, VerifiedCheckpoint},
    cosignature::Cosigner,
    envelope::{Leaf, Operation, Reason},
    identity::{Genesis, Identity},
    index::{LeafIndex, TreeSize},
    note::NoteSigner,
    origin::{Audience, Origin, PublisherName, RecordId},
    package::{Package, VerifiedPackage, prove_package, runs},
    payload::{Frame, SlotState, VerifiedFrame},
};

#[cfg(debug_assertions)]
use super::Faults;
use super::{
    Appended, Appender, Followers, LogHandle, LogRole, NewEntry, RecordTarget, RequestId, Store,
    StoreError, StoreFolder, StoreOptions,
};

mod dice;
mod index;

pub use self::{dice::Dice, index::MemoryIndex};

/// Hours after 1970.
pub const START: u64 = 1_700_000_000_000;

/// A publisher's name, key and identity.
pub struct Publisher {
    pub origin: Origin,
    pub identity: Identity,
    pub signer: NoteSigner,
}

pub fn publisher(name: &str) -> Publisher {
    let seed = wpsx_proto::hash::Hash::of(name.as_bytes());
    let name = PublisherName::parse(name).unwrap();
    let signer = NoteSigner::from_seed(name.as_str(), seed.as_bytes()).unwrap();
    let genesis = Genesis {
        name: name.clone(),
        title: "A publisher".to_owned(),
        countries: vec!["KEN".to_owned()],
        recovery_keys: Vec::new(),
        time: START,
    };
    let identity = Identity::create(genesis, &signer).unwrap();
    Publisher {
        origin: Origin::new(&name, Audience::Public),
        identity,
        signer,
    }
}

/// A store in a directory of its own, with a clock that tests move.
pub struct Place {
    pub dir: TempDir,
    pub time: Arc<AtomicU64>,
    #[cfg(debug_assertions)]
    pub faults: Faults,
    /// Stays while the store is closed, as one on the disk would.
    pub index: MemoryIndex,
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

/// A store that is open, with the right to append to it.
#[derive(Clone, Debug)]
pub struct Opened {
    store: Store,
    appender: Arc<Appender>,
}

impl Deref for Opened {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Opened {
    /// As [`Appender::append`].
    pub async fn append(
        &self,
        origin: &Origin,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
    ) -> Result<Appended, StoreError> {
        self.appender.append(origin, entries, request).await
    }
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Store::create(&dir.path().join("data")).unwrap();
        Self {
            dir,
            time: Arc::new(AtomicU64::new(START)),
            #[cfg(debug_assertions)]
            faults: Faults::default(),
            index: MemoryIndex::default(),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn open(&self) -> Opened {
        self.try_open(&self.path()).unwrap()
    }

    pub fn try_open(&self, path: &Path) -> Result<Opened, StoreError> {
        self.open_with(path, |_| Ok(Followers::only(self.index.clone())))
    }

    /// With the followers that the folder's holder makes.
    pub fn open_with(
        &self,
        path: &Path,
        followers: impl FnOnce(&StoreFolder) -> Result<Followers, StoreError>,
    ) -> Result<Opened, StoreError> {
        let time = self.time.clone();
        let options = StoreOptions {
            cosigner: Some(Cosigner::from_seed("node.example", &[7; 32]).unwrap()),
            #[cfg(debug_assertions)]
            faults: self.faults.clone(),
            ..StoreOptions::new(
                Arc::new(move || time.load(Ordering::SeqCst)),
                Arc::new(nonce),
            )
        };
        let folder = StoreFolder::lock(path)?;
        let followers = followers(&folder)?;
        let (store, appender) = Store::open(folder, options, followers)?;
        for log in store.logs().into_iter().filter(LogHandle::is_own) {
            let signer = publisher(log.identity().name().as_str()).signer;
            store.set_signer(log.origin(), signer)?;
        }
        Ok(Opened {
            store,
            appender: Arc::new(appender),
        })
    }

    /// A copy of the files as they are now: what a kill at this moment leaves.
    pub fn copy(&self) -> Place {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("data");
        // A copy takes time, a kill does not: one that saw a change is made again.
        for _ in 0..500 {
            let before = self.listing();
            copy_tree(&self.path(), &to);
            if before == self.listing() {
                return Place {
                    dir,
                    time: self.time.clone(),
                    #[cfg(debug_assertions)]
                    faults: Faults::default(),
                    index: MemoryIndex::default(),
                };
            }
            std::fs::remove_dir_all(&to).unwrap();
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the store does not come to rest");
    }

    /// All files but the followers', with their lengths and times.
    fn listing(&self) -> Vec<(PathBuf, u64, SystemTime)> {
        let parts = ["journal", "logs", "state"].map(|part| self.path().join(part));
        let paths = parts.iter().flat_map(|part| files(part));
        paths
            .filter_map(|path| {
                let data = std::fs::metadata(&path).ok()?;
                Some((path, data.len(), data.modified().ok()?))
            })
            .collect()
    }
}

/// Bytes that no other call gives.
pub fn nonce(bytes: &mut [u8]) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let hash = wpsx_proto::hash::Hash::of(&n.to_be_bytes());
    for (byte, random) in bytes.iter_mut().zip(hash.as_bytes().iter().cycle()) {
        *byte = *random;
    }
}

/// The files below a directory that hold the bytes.
pub fn holding(dir: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle)
    };
    files(dir).into_iter().filter(holds).collect()
}

/// All files below a directory, in order; one that goes meanwhile may be left out.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = file.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).into_iter().flatten().flatten() {
        if file.path().is_dir() {
            copy_tree(&file.path(), &to.join(file.file_name()));
        } else if let Ok(bytes) = std::fs::read(file.path()) {
            std::fs::write(to.join(file.file_name()), bytes).unwrap();
        }
    }
}

pub fn own(store: &Store, publisher: &Publisher) -> LogHandle {
    let role = LogRole::Own(publisher.signer.clone());
    store
        .add_log(&publisher.origin, publisher.identity.clone(), role)
        .unwrap()
}

pub fn replica(store: &Store, publisher: &Publisher) -> LogHandle {
    store
        .add_log(
            &publisher.origin,
            publisher.identity.clone(),
            LogRole::Replica,
        )
        .unwrap()
}

pub fn id(n: u64) -> RecordId {
    let mut bytes = [0xab; 16];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    RecordId::from_bytes(bytes)
}

/// A payload that says its number, of a length that depends on it.
pub fn payload(n: u64) -> Bytes {
    let mut text = format!("payload {n} ").into_bytes();
    let length = 20 + (n * 37 % 600) as usize;
    while text.len() < length {
        let words = format!("words {} and more, ", text.len() as u64 * n % 91);
        text.extend_from_slice(words.as_bytes());
    }
    text.into()
}

pub fn publish(target: RecordTarget, n: u64) -> NewEntry {
    NewEntry {
        target,
        operation: Operation::Publish,
        kind: 1,
        payload: Some(payload(n)),
        reason: Reason::Unspecified,
        salt: *wpsx_proto::hash::Hash::of(&n.to_be_bytes()).as_bytes(),
    }
}

pub fn new(n: u64) -> NewEntry {
    publish(RecordTarget::New(id(n)), n)
}

pub fn without_payload(n: u64, operation: Operation) -> NewEntry {
    NewEntry {
        target: RecordTarget::Existing(id(n)),
        operation,
        kind: 1,
        payload: None,
        reason: Reason::Mistake,
        salt: [0; 32],
    }
}

pub fn check(store: &Store, log: &LogHandle) {
    let report = store.verify(log, |_| {}).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(report.checked, log.stored().value());
}

/// The head of a log as its bytes travel.
pub fn carried(log: &LogHandle) -> VerifiedCheckpoint {
    let note = log.head().unwrap().note_bytes();
    SignedCheckpoint::parse(&note)
        .unwrap()
        .verify(&log.key())
        .unwrap()
}

/// The packages of `[from, size)` of a log, verified as a puller does, with their
/// payload frames.
pub fn packages(
    log: &LogHandle,
    from: u64,
    head: &VerifiedCheckpoint,
    erased: impl Fn(LeafIndex) -> bool,
) -> Vec<(VerifiedPackage, Vec<VerifiedFrame>)> {
    let size = head.size();
    let mut all = Vec::new();
    for run in runs(LeafIndex::new(from), size) {
        let (start, end) = (LeafIndex::new(run.start), LeafIndex::new(run.end));
        let proof = prove_package(log, start, TreeSize::new(run.end), size).unwrap();
        let package = Package::new(start, log.entries(start, end).unwrap(), proof).unwrap();
        let package = Package::from_api(package.to_api()).unwrap();
        let before = if start.in_bundle() > 0 {
            log.leaf_hashes(start.bundle_start(), start).unwrap()
        } else {
            Vec::new()
        };
        let package = package.verify(&before, head).unwrap();
        let frames = verified_frames(log, package.leaves(), run.start, run.end, &erased);
        all.push((package, frames));
    }
    all
}

pub fn verified_frames(
    log: &LogHandle,
    leaves: &[Leaf],
    from: u64,
    to: u64,
    erased: impl Fn(LeafIndex) -> bool,
) -> Vec<VerifiedFrame> {
    let frames = log
        .frames(LeafIndex::new(from), LeafIndex::new(to), true)
        .unwrap();
    frames
        .into_iter()
        .map(|frame| {
            let first = (frame.start - from) as usize;
            let leaves = &leaves[first..first + frame.states.len()];
            Frame::from_api(frame)
                .unwrap()
                .verify(leaves, &erased)
                .unwrap()
        })
        .collect()
}

/// Brings a replica up to its origin's head, with all payloads.
pub async fn pull(from: &LogHandle, store: &Store, to: &LogHandle) {
    let head = carried(from);
    store.set_pending(to.origin(), head.clone()).await.unwrap();
    for (package, frames) in packages(from, to.stored().value(), &head, |i| to.is_erased(i)) {
        store
            .extend(package, frames, SlotState::NotHeld)
            .await
            .unwrap();
    }
    store.commit_head(to.origin(), head).await.unwrap();
}

/// Both logs hold the same entries, and the same payloads where both have them.
pub fn same(a: &LogHandle, b: &LogHandle) {
    assert_eq!(a.stored(), b.stored());
    for index in (0..a.stored().value()).map(LeafIndex::new) {
        assert_eq!(
            a.entry(index).unwrap(),
            b.entry(index).unwrap(),
            "entry {index}"
        );
        assert_eq!(
            a.slot(index).unwrap(),
            b.slot(index).unwrap(),
            "slot {index}"
        );
    }
}

/// Waits for a state, with a bound.
pub async fn wait(until: impl Fn() -> bool) {
    for _ in 0..1000 {
        if until() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not come to that");
}
