//! Opens a store. Recovery applies the journal by the function that wrote it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32},
        mpsc as jobs,
    },
    thread,
};

use parking_lot::{Mutex, RwLock};
use tokio::sync::{mpsc, watch};
use wpsx_proto::{
    hash::Hash, identity::Identity, index::BUNDLE, note::VerifierKey, origin::Origin,
};

use crate::{
    error::StoreError,
    folder::StoreFolder,
    follow::Followers,
    format::edge::Edge,
    format::erased::Erased,
    format::journal::{self, Journal},
    format::layout::{self, FileKey},
    format::payloads::Payloads,
    format::request::Requests,
    log::contents::Contents,
    log::handle::{Cosigning, Log, LogHandle},
    log::recent::Recent,
    logs::Kept,
    state::State,
    store::{Open, Shared, Store, StoreOptions, Threads},
    write::committer::{Committer, MOST_WAITING, apply_group},
    write::feed,
    write::mailbox::Mailbox,
    write::poster,
    write::snapshot::{Saved, name},
};

pub(crate) fn open(
    folder: StoreFolder,
    options: StoreOptions,
    followers: Followers,
) -> Result<Store, StoreError> {
    let dir = folder.dir();
    let state = State::new(dir.join("state"));
    let kept = Kept::all(&state)?;
    let next_number = Kept::next_number(&state)?;
    let (waiting, requests) = mpsc::channel(MOST_WAITING);
    let (job_sender, job_receiver) = jobs::channel();
    let mailboxes = followers
        .all()
        .map(|follower| Mailbox::open(follower, &state).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;
    let shared = Arc::new(Shared {
        dir: dir.to_owned(),
        state,
        followers,
        mailboxes,
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
    let posting = shared.clone();
    let poster = spawn(
        "wpsx-poster".to_owned(),
        move || poster::run(&posting, &job_receiver),
        dir,
    )?;
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
    let mut journal = Journal::after(
        dir.join("journal"),
        &found,
        applied.unwrap_or(0),
        options.random.clone(),
    );
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
    let committer = spawn(
        "wpsx-committer".to_owned(),
        move || committer.run(requests),
        dir,
    )?;
    let mut feeds = Vec::new();
    for (at, mailbox) in shared.mailboxes.iter().enumerate() {
        forget_dropped(&shared, mailbox)?;
        mailbox.wake();
        let (shared, mailbox) = (shared.clone(), mailbox.clone());
        feeds.push(spawn(
            format!("wpsx-{}", mailbox.name()),
            move || feed::run(&shared, &mailbox, at == 0),
            dir,
        )?);
    }
    let threads = Threads {
        committer,
        poster,
        feeds,
    };
    Ok(Store::from_open(Arc::new(Open {
        shared,
        threads: Mutex::new(Some(threads)),
        folder: Mutex::new(Some(folder)),
    })))
}

/// Has a follower forget the replicas that were dropped without it, because the process
/// ended too early.
fn forget_dropped(shared: &Shared, mailbox: &Mailbox) -> Result<(), StoreError> {
    let mut dropped = Vec::new();
    for number in 0..shared.numbers() {
        if shared.log_numbered(number).is_none() && mailbox.position(number)? > 0 {
            dropped.push(number);
        }
    }
    mailbox.forget(dropped);
    Ok(())
}

fn spawn(
    name: String,
    work: impl FnOnce() + Send + 'static,
    dir: &Path,
) -> Result<thread::JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name)
        .spawn(work)
        .map_err(StoreError::io("start a thread for", dir))
}

/// A log without contents.
pub(crate) fn new_log(
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
        recent_turn: Mutex::new(()),
        partials: Mutex::new(BTreeSet::new()),
        dropped: AtomicBool::new(false),
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
        recent: Recent::after(saved.size),
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
