//! Opens a store. Recovery applies the journal by the function that wrote it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, mpsc as jobs},
    thread::JoinHandle,
};

use parking_lot::{Mutex, RwLock};
use tokio::sync::mpsc;

use crate::{
    appender::Appender,
    damaged_log::{self, stands_still},
    damages::Damages,
    disk::folder,
    error::StoreError,
    folder::StoreFolder,
    follow::Followers,
    format::{kept::Kept, layout::VERSION_FILE, saved::Saved},
    found::{finish_drops, heed_doubts, look_for_evidence, name_strangers, set_journal_aside},
    load::load,
    log::{caches::Caches, handle::LogHandle},
    look_over::look_at_version,
    set_aside,
    state::State,
    store::{Store, StoreOptions, Threads},
    wait::block_on,
    write::{
        answer::Reply,
        backlog::Backlog,
        committer::{Committer, MOST_WAITING},
        feed,
        group::apply_group,
        job::MOST_JOBS,
        journal::Journal,
        live::Live,
        mailbox::Mailbox,
        poster, reading,
        room::Room,
        shared::Shared,
        standing::Standing,
        threads::{spawn, stand_back},
    },
};

impl Store {
    /// Makes an empty store in a directory that is empty or not there.
    ///
    /// # Errors
    /// Something is there, or it cannot be written.
    pub fn create(dir: &Path) -> Result<(), StoreError> {
        folder::create(dir)
    }

    /// Opens the store in a folder, and finishes what a crash interrupted. The
    /// [`Appender`] alone appends to its own logs; there is one.
    ///
    /// # Errors
    /// Its files are damaged or cannot be read.
    pub fn open(
        folder: StoreFolder,
        options: StoreOptions,
        followers: Followers,
    ) -> Result<(Self, Appender), StoreError> {
        let store = open(folder, options, followers)?;
        let appender = Appender::of(&store);
        Ok((store, appender))
    }
}

fn open(
    folder: StoreFolder,
    options: StoreOptions,
    followers: Followers,
) -> Result<Store, StoreError> {
    let backend = folder.backend.clone();
    let damages = Arc::new(Damages::of_looking(folder.only_looks));
    let (state, found) = State::open(backend.state.clone(), damages.clone())?;
    let (live, damaged_list) = Live::read(&state)?;
    let kept = Kept::all(&state)?;
    let standing = Arc::new(Standing::default());
    let mailboxes = followers
        .all()
        .map(|follower| Mailbox::open(follower, &state, &standing).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;
    let names: BTreeSet<&str> = mailboxes.iter().map(|mailbox| mailbox.name()).collect();
    if names.len() < mailboxes.len() {
        return Err(StoreError::SameName);
    }
    let (waiting, requests) = mpsc::channel(MOST_WAITING);
    let (job_sender, job_receiver) = jobs::sync_channel(MOST_JOBS);
    let shared = Arc::new(Shared {
        dir: folder.dir().to_owned(),
        room: Room::new(backend.reserve.clone()),
        backend,
        state,
        followers,
        mailboxes,
        backlog: Backlog::default(),
        caches: Arc::new(Caches::default()),
        damages,
        beside: Mutex::default(),
        has_version: folder.backend.files.exists(VERSION_FILE),
        wanted: Mutex::default(),
        signers: Mutex::default(),
        cosigner: options.cosigner.clone(),
        news: Arc::default(),
        logs: RwLock::new(BTreeMap::new()),
        live: Arc::new(live),
        strangers: Mutex::default(),
        waiting,
        clock: options.clock.clone(),
        standing,
        turn: Mutex::new(()),
        named: Mutex::new(()),
    });
    look_at_version(&shared);
    let reading = reading::read(&*shared.backend.journal, &shared.live)?;
    let begin = set_aside::begin(&shared, &reading.found);
    for (number, kept) in &kept {
        // A log that is damaged stands still, and no other with it.
        match kept
            .as_ref()
            .map(|kept| load(&shared, kept, begin.contains(number)))
        {
            Ok(Ok(log)) => {
                let inner = Arc::new(log);
                shared.logs.write().insert(*number, LogHandle { inner });
            }
            Ok(Err(stuck)) => {
                damaged_log::wants(&shared, *number, stuck.wanted);
                stands_still(&shared, *number, kept.as_ref().ok(), &stuck.error);
            }
            Err(error) => stands_still(&shared, *number, None, error),
        }
    }
    finish_drops(&shared)?;
    damaged_log::find_name(&shared)?;
    name_strangers(&shared, &found.strangers, &reading.strangers)?;
    heed_doubts(&shared, &[found.doubt, damaged_list, reading.doubt.clone()])?;
    let applied = kept.iter().filter_map(|(number, _)| {
        let log = shared.log_numbered(*number);
        let loaded = log.map(|log| log.inner.contents.read().applied);
        loaded.or_else(|| Some(Saved::read(&shared.state, *number).ok()??.applied))
    });
    let applied = applied.max();
    let poster = {
        let shared = shared.clone();
        start(
            &shared.clone(),
            "wpsx-poster".to_owned(),
            "writes files",
            move || {
                poster::run(&shared, &job_receiver);
            },
        )?
    };
    if !reading.found.is_empty() {
        for log in shared.logs() {
            log.inner.clean_up(&mut log.inner.contents.write())?;
        }
    }
    let mut to_write = false;
    for log in shared.logs() {
        to_write |= log.inner.contents.read().dirty.log;
        to_write |= set_aside::take_up(&shared, &job_sender, &log)?;
    }
    for segment in &reading.found {
        for (number, body) in &segment.groups {
            let stop = |log, error| damaged_log::stop(&shared, log, &error);
            apply_group(&shared, &job_sender, *number, body.clone(), stop)?;
            shared
                .backlog
                .wait(|| shared.standing.has_failed() || shared.room.is_full());
        }
    }
    set_aside::keep(&shared, &reading.found)?;
    look_for_evidence(&shared)?;
    let journal = Journal::after(
        shared.backend.journal.clone(),
        shared.live.clone(),
        &reading,
        applied.unwrap_or(0),
        options.random.clone(),
    );
    let mut committer = Committer {
        shared: shared.clone(),
        journal,
        jobs: job_sender,
        segments: reading.used().collect(),
    };
    if reading.doubt.is_some() {
        // What was used has to be elsewhere before anything new is written.
        let (reply, dropped) = Reply::new();
        committer.drop_journal(Some(reply));
        block_on(dropped).unwrap_or(Err(StoreError::Closed))?;
        set_journal_aside(&shared, &reading)?;
    } else if to_write || !committer.segments.is_empty() {
        committer.drop_journal(None);
    }
    let feeds = start_feeds(&shared);
    let committer = feeds.and_then(|feeds| {
        let name = "wpsx-committer".to_owned();
        let work = move || committer.run(requests);
        Ok((start(&shared, name, "writes the journal", work)?, feeds))
    });
    let (committer, feeds) = committer.inspect_err(|_| {
        for mailbox in &shared.mailboxes {
            mailbox.stop();
        }
    })?;
    let threads = Threads {
        committer,
        poster,
        feeds,
    };
    Ok(Store::new(shared, threads, folder))
}

/// The thread of each follower, in their order.
fn start_feeds(shared: &Arc<Shared>) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let mut feeds = Vec::new();
    for (at, mailbox) in shared.mailboxes.iter().enumerate() {
        forget_dropped(shared, mailbox)?;
        mailbox.wake();
        let name = format!("wpsx-{}", mailbox.name());
        let (fed, mailbox) = (shared.clone(), mailbox.clone());
        feeds.push(start(shared, name, "tells a follower", move || {
            stand_back();
            feed::run(&fed, &mailbox, at == 0);
        })?);
    }
    Ok(feeds)
}

fn start(
    shared: &Shared,
    name: String,
    what: &'static str,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    spawn(name, what, &shared.standing, &shared.dir, work)
}

/// Has a follower forget the replicas that were dropped without it, because the process
/// ended too early.
fn forget_dropped(shared: &Shared, mailbox: &Mailbox) -> Result<(), StoreError> {
    let mut dropped = Vec::new();
    for number in 0..shared.numbers() {
        let gone = shared.log_numbered(number).is_none() && !shared.damages.stops(number);
        if gone && mailbox.position(number)? > 0 {
            dropped.push(number);
        }
    }
    if mailbox.is_lost {
        let name = mailbox.name();
        tracing::warn!("what the {name} lack is not known: they are built anew");
        dropped.extend(shared.logs().iter().map(LogHandle::number));
    }
    mailbox.forget(dropped);
    Ok(())
}
