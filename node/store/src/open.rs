//! Makes a store, and opens one: `create` makes, `open` opens, neither does the
//! other's work. Recovery applies the journal by the function that wrote it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32},
        mpsc as jobs,
    },
    thread,
};

use parking_lot::{Mutex, RwLock};
use rustix::fs::FlockOperation;
use tokio::sync::{mpsc, watch};
use wpsx_proto::{
    hash::Hash, identity::Identity, index::BUNDLE, note::VerifierKey, origin::Origin,
};

use super::{
    committer::{Committer, MOST_WAITING, apply_group},
    contents::Contents,
    edge::Edge,
    erased::Erased,
    error::StoreError,
    feed,
    journal::{self, Journal},
    layout::{self, FORMAT, FileKey, Sync, VERSION_FILE},
    log::{Cosigning, Log, LogHandle},
    logs::Kept,
    payloads::Payloads,
    poster,
    request::Requests,
    snapshot::{Saved, name},
    state::State,
    store::{Open, Shared, Store, StoreOptions},
};
use crate::views::{TableError, Views, ViewsError};

const VERSION_LINE: &str = "wpsx store format ";
/// What a store has besides the file with its version; the views may be missing.
const PARTS: [&str; 3] = ["journal", "logs", "state"];

pub(super) fn create(dir: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(dir).map_err(StoreError::io("create", dir))?;
    let mut there = fs::read_dir(dir).map_err(StoreError::io("read", dir))?;
    if there.next().is_some() {
        return Err(StoreError::Foreign(dir.to_owned()));
    }
    for part in PARTS {
        let path = dir.join(part);
        fs::create_dir(&path).map_err(StoreError::io("create", &path))?;
    }
    // Last: before it is there, the directory is no store.
    let line = format!("{VERSION_LINE}{FORMAT}\n");
    layout::write_whole(
        &dir.join(VERSION_FILE),
        &[line.as_bytes()],
        Sync::BeforeRename,
    )?;
    layout::sync_dir(dir)
}

pub(super) fn open(dir: &Path, options: StoreOptions) -> Result<Store, StoreError> {
    check_format(dir)?;
    let lock = lock(dir)?;
    for part in PARTS {
        let path = dir.join(part);
        if !path.is_dir() {
            return Err(StoreError::damaged(&path, "it is missing"));
        }
    }
    let state = State::new(dir.join("state"));
    let views = open_views(&dir.join("views"))?;
    let kept = Kept::all(&state)?;
    let next_number = Kept::next_number(&state)?;
    let (waiting, requests) = mpsc::channel(MOST_WAITING);
    let (job_sender, job_receiver) = jobs::channel();
    let shared = Arc::new(Shared {
        dir: dir.to_owned(),
        state,
        views: RwLock::new(views),
        feed: feed::Feed::default(),
        backlog: poster::Backlog::default(),
        caches: Arc::default(),
        cosigner: options.cosigner.clone(),
        changed: watch::Sender::new(0),
        logs: RwLock::new(BTreeMap::new()),
        next_number: AtomicU32::new(next_number),
        waiting,
        jobs: Mutex::new(job_sender.clone()),
        clock: options.clock.clone(),
        failure: RwLock::new(None),
        read_only: RwLock::new(None),
        turn: Mutex::new(()),
        named: Mutex::new(()),
    });
    for kept in &kept {
        let log = load(&shared, kept)?;
        shared.logs.write().insert(
            kept.number,
            LogHandle {
                inner: Arc::new(log),
            },
        );
    }
    remove_strangers(&shared)?;
    let found = journal::read(&dir.join("journal"))?;
    let applied = shared
        .logs()
        .iter()
        .map(|log| log.inner.contents.read().applied)
        .max();
    let mut threads = Vec::new();
    let posting = shared.clone();
    threads.push(spawn(
        "wpsx-poster",
        move || poster::run(&posting, &job_receiver),
        dir,
    )?);
    let open = Arc::new(Open {
        shared: shared.clone(),
        threads: Mutex::new(Vec::new()),
        lock: Mutex::new(Some(lock)),
    });
    if !found.is_empty() {
        for log in shared.logs() {
            log.inner.clean_up(&mut log.inner.contents.write())?;
        }
    }
    for segment in &found {
        for (number, body) in &segment.groups {
            apply_group(&shared, &job_sender, *number, body.clone())?;
            shared.backlog.wait(|| shared.failure().is_some());
        }
    }
    #[cfg_attr(
        not(debug_assertions),
        expect(unused_mut, reason = "only tests inject faults")
    )]
    let mut journal = Journal::after(dir.join("journal"), &found, applied.unwrap_or(0));
    #[cfg(debug_assertions)]
    journal.set_faults(options.faults.clone());
    let mut committer = Committer {
        shared: shared.clone(),
        journal,
        jobs: job_sender,
        segments: found.into_iter().map(|segment| segment.path).collect(),
    };
    if !committer.segments.is_empty() {
        committer.drop_journal(None);
    }
    for (log, index) in shared.views().unsettled() {
        shared.feed.refill(log, [index]);
    }
    shared.feed.wake();
    threads.push(spawn(
        "wpsx-committer",
        move || committer.run(requests),
        dir,
    )?);
    let feeding = shared.clone();
    threads.push(spawn("wpsx-feed", move || feed::run(&feeding), dir)?);
    *open.threads.lock() = threads;
    Ok(Store::from_open(open))
}

fn check_format(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(VERSION_FILE);
    let Some(line) = layout::read_whole(&path)? else {
        return Err(StoreError::Missing(dir.to_owned()));
    };
    let line = String::from_utf8_lossy(&line);
    let found = line.strip_prefix(VERSION_LINE).map(str::trim);
    match found.map(|found| (found, found.parse::<u32>())) {
        Some((_, Ok(FORMAT))) => Ok(()),
        Some((found, Ok(newer))) if newer > FORMAT => Err(StoreError::Newer {
            path,
            found: found.to_owned(),
            ours: FORMAT,
        }),
        _ => Err(StoreError::damaged(
            &path,
            "it does not name a store format",
        )),
    }
}

fn open_views(dir: &Path) -> Result<Views, StoreError> {
    Views::open(dir).map_err(|error| match error {
        ViewsError::Table(TableError::Io(cause)) => StoreError::io("open", dir)(cause),
        other => StoreError::Views(other),
    })
}

/// Held until the file is closed, by the end of the process at the latest.
fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(StoreError::io("open", &path))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreError::Locked(dir.to_owned())),
        Err(error) => Err(StoreError::io("lock", &path)(error.into())),
    }
}

fn spawn(
    name: &str,
    work: impl FnOnce() + Send + 'static,
    dir: &Path,
) -> Result<thread::JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(StoreError::io("start a thread for", dir))
}

/// A log without contents.
pub(super) fn new_log(
    shared: &Arc<Shared>,
    kept: &Kept,
    origin: Origin,
    identity: Identity,
    key: VerifierKey,
) -> Log {
    Log {
        dir: shared.dir.join("logs").join(origin.hash_hex()),
        origin,
        number: kept.number,
        identity,
        key,
        own: kept.own,
        signer: Mutex::new(None),
        cosigning: Mutex::new(Cosigning::default()),
        contents: RwLock::new(Contents::default()),
        caches: shared.caches.clone(),
        changed: watch::Sender::new(0),
        partials: Mutex::new(BTreeSet::new()),
        dropped: AtomicBool::new(false),
        store: Arc::downgrade(shared),
    }
}

/// A log as its files hold it: the right edge alone is read.
fn load(shared: &Arc<Shared>, kept: &Kept) -> Result<Log, StoreError> {
    let state = &shared.state;
    let damaged =
        |what: &str, e: String| StoreError::damaged(&state.path_of(&name(kept.number, what)), e);
    let origin = Origin::parse(&kept.origin).map_err(|e| damaged("log", e.to_string()))?;
    let identity = Identity::verify(&kept.identity).map_err(|e| damaged("log", e.to_string()))?;
    let key = identity
        .log_key(&origin)
        .ok_or_else(|| damaged("log", "its identity does not speak for it".to_owned()))?;
    let log = new_log(shared, kept, origin, identity, key);
    let Some(saved) = Saved::read(state, kept.number)? else {
        return Ok(log);
    };
    let mut contents = Contents {
        applied: saved.applied,
        holes: saved.holes(),
        recent_from: saved.size,
        ..Contents::default()
    };
    if let Some(bytes) = state.get(&name(kept.number, "erased"))? {
        contents.erased = Erased::parse(&bytes).map_err(|e| damaged("erased", e))?;
    }
    if let Some(bytes) = state.get(&name(kept.number, "requests"))? {
        contents.requests = Requests::parse(&bytes).map_err(|e| damaged("requests", e))?;
    }
    let mut partials = BTreeSet::new();
    let mut partial = |key: FileKey, width: usize| {
        partials.insert((key, width));
        let path = log.path(key, Some(width));
        match layout::read_whole(&path)? {
            Some(bytes) => Ok((path, bytes::Bytes::from(bytes))),
            None => Err(StoreError::damaged(&path, "it is missing")),
        }
    };
    contents.edge = Edge::load(saved.size, |level, index, width| {
        let (path, bytes) = partial(FileKey::Tile { level, index }, width)?;
        let hashes =
            Hash::list_from_bytes(&bytes, width).map_err(|e| StoreError::damaged(&path, e))?;
        if hashes.len() == width {
            Ok(hashes)
        } else {
            Err(StoreError::damaged(
                &path,
                format!("it is not {width} hashes long"),
            ))
        }
    })?;
    let width = (saved.size % BUNDLE) as usize;
    if width > 0 {
        let bundle = saved.size / BUNDLE;
        let (path, bytes) = partial(FileKey::Entries(bundle), width)?;
        let entries = wpsx_proto::bundle::EntryBundle::parse(bytes.clone())
            .map_err(|e| StoreError::damaged(&path, e))?;
        let hashes = entries.iter().map(Hash::leaf);
        if !hashes.eq(contents.edge.open_tile(0).1.iter().copied()) {
            return Err(StoreError::damaged(
                &path,
                "its entries do not hash to their tile",
            ));
        }
        contents.open.extend(&bytes);
        let (path, bytes) = partial(FileKey::Payload(bundle), width)?;
        contents.open.slots =
            Payloads::parse(&bytes, true).map_err(|e| StoreError::damaged(&path, e))?;
        if contents.open.slots.len() != width {
            return Err(StoreError::damaged(
                &path,
                format!("it does not hold {width} slots"),
            ));
        }
    }
    let note = |bytes: &bytes::Bytes| {
        let known = !bytes.is_empty();
        known
            .then(|| log.checkpoint(bytes).map(Arc::new))
            .transpose()
    };
    contents.head = note(&saved.head)?;
    contents.pending = note(&saved.pending)?;
    if let Some(head) = contents
        .head
        .as_ref()
        .filter(|head| head.size().value() == saved.size)
        && head.root() != contents.edge.frontier().root()
    {
        return Err(StoreError::damaged(
            &log.dir,
            "its tiles do not hash to its head",
        ));
    }
    *log.partials.lock() = partials;
    *log.contents.write() = contents;
    Ok(log)
}

/// Removes what a dropped replica left when its removal was interrupted.
fn remove_strangers(shared: &Shared) -> Result<(), StoreError> {
    let dir = shared.dir.join("logs");
    let known: BTreeSet<_> = shared
        .logs()
        .iter()
        .map(|log| log.inner.dir.clone())
        .collect();
    for file in fs::read_dir(&dir).map_err(StoreError::io("read", &dir))? {
        let path = file.map_err(StoreError::io("read", &dir))?.path();
        if !known.contains(&path) {
            tracing::warn!(path = %path.display(), "removed: it belongs to no log of this store");
            layout::remove_tree(&path)?;
        }
    }
    Ok(())
}
