//! Places where a test opens stores.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use tempfile::TempDir;
use wpsx_proto::{cosignature::Cosigner, hash::Hash, origin::Origin};

use super::{
    index::MemoryIndex,
    logs::{START, publisher},
    memory::Memory,
};
use crate::{
    Appended, Appender, Followers, LogHandle, NewEntry, RequestId, Store, StoreError, StoreFolder,
    StoreOptions,
};

/// A place for one store, with a clock that tests move.
pub struct Place {
    at: At,
    pub time: Arc<AtomicU64>,
    /// Stays while the store is closed, as one on the disk would.
    pub index: MemoryIndex,
}

enum At {
    Memory(Memory),
    Folder(TempDir),
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

    /// As [`Appender::append_remembered`].
    pub async fn append_remembered(
        &self,
        origin: &Origin,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
        words: Option<bytes::Bytes>,
    ) -> Result<Appended, StoreError> {
        let appended = self
            .appender
            .append_remembered(origin, entries, request, words);
        appended.await
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Place {
    /// In memory.
    pub fn new() -> Self {
        Self::at(At::Memory(Memory::default()))
    }

    /// On this disk in memory.
    pub fn over(memory: Memory) -> Self {
        Self::at(At::Memory(memory))
    }

    /// In a temporary folder.
    pub fn on_disk() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Store::create(&dir.path().join("data")).unwrap();
        Self::at(At::Folder(dir))
    }

    /// The same place; what the index knew is lost.
    pub fn without_index(self) -> Self {
        Self {
            index: MemoryIndex::default(),
            ..self
        }
    }

    fn at(at: At) -> Self {
        Self {
            at,
            time: Arc::new(AtomicU64::new(START)),
            index: MemoryIndex::default(),
        }
    }

    /// The disk that is memory.
    pub fn memory(&self) -> &Memory {
        match &self.at {
            At::Memory(memory) => memory,
            At::Folder(_) => panic!("this place is on a disk"),
        }
    }

    /// The folder, of a place on a disk.
    pub fn path(&self) -> PathBuf {
        match &self.at {
            At::Folder(dir) => dir.path().join("data"),
            At::Memory(_) => panic!("this place is in memory"),
        }
    }

    pub fn open(&self) -> Opened {
        self.try_open().unwrap()
    }

    pub fn try_open(&self) -> Result<Opened, StoreError> {
        self.open_in(self.folder()?, Followers::only(self.index.clone()))
    }

    /// What lies anywhere else on the disk.
    pub fn try_open_at(&self, path: &Path) -> Result<Opened, StoreError> {
        let folder = StoreFolder::lock(path)?;
        self.open_in(folder, Followers::only(self.index.clone()))
    }

    /// With the followers that the folder's holder makes.
    pub fn open_with(
        &self,
        followers: impl FnOnce(&StoreFolder) -> Result<Followers, StoreError>,
    ) -> Result<Opened, StoreError> {
        let folder = self.folder()?;
        let followers = followers(&folder)?;
        self.open_in(folder, followers)
    }

    pub fn folder(&self) -> Result<StoreFolder, StoreError> {
        match &self.at {
            At::Memory(memory) => memory.folder(),
            At::Folder(_) => StoreFolder::lock(&self.path()),
        }
    }

    fn open_in(&self, folder: StoreFolder, followers: Followers) -> Result<Opened, StoreError> {
        let time = self.time.clone();
        let clock = Arc::new(move || time.load(Ordering::SeqCst));
        let options = StoreOptions {
            cosigner: Some(Cosigner::from_seed("node.example", &[7; 32]).unwrap()),
            ..StoreOptions::new(clock, Arc::new(nonce))
        };
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
    pub fn copy(&self) -> Self {
        let at = match &self.at {
            At::Memory(memory) => At::Memory(memory.copy()),
            At::Folder(_) => At::Folder(self.copy_folder()),
        };
        Self {
            time: self.time.clone(),
            ..Self::at(at)
        }
    }

    /// A copy of what is durable, and nothing else: what a power cut at this moment
    /// leaves at worst.
    pub fn without_power(&self) -> Self {
        Self {
            time: self.time.clone(),
            ..Self::at(At::Memory(self.memory().without_power()))
        }
    }

    fn copy_folder(&self) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("data");
        // A copy takes time, a kill does not: one that saw a change is made again.
        for _ in 0..500 {
            let before = self.listing();
            copy_tree(&self.path(), &to);
            if before == self.listing() {
                return dir;
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

    /// The names of the store's files that begin so, as `journal/…`, `logs/…`, `state/…`.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        let mut names = match &self.at {
            At::Memory(memory) => memory.names(),
            At::Folder(_) => {
                let path = self.path();
                let inside = |file: PathBuf| file.strip_prefix(&path).unwrap().to_owned();
                let files = files(&path).into_iter().map(inside);
                files.map(|file| file.display().to_string()).collect()
            }
        };
        names.retain(|name| name.starts_with(prefix));
        names
    }
}

/// Bytes that no other call gives.
pub fn nonce(bytes: &mut [u8]) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let hash = Hash::of(&n.to_be_bytes());
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
