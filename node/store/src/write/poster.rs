//! Writes files from the logs' queues, and drops journal segments once all that
//! they hold is on the disk. One thread, so that the order is the journal's.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;
use wpsx_proto::hash::Hash;

use crate::{
    crash::{Step, reached},
    error::StoreError,
    format::layout::{self, FileKey, Sync},
    log::handle::Log,
    store::Shared,
    write::snapshot::Snapshot,
};

/// The committer waits while files for so many bytes are to be written.
const MOST_BACKLOG: usize = 64 << 20;

/// What the poster is asked to do, in order.
pub(crate) enum Job {
    /// Files whose content is in the log's queue.
    Files {
        log: Arc<Log>,
        files: Vec<(FileKey, Sync)>,
        bytes: usize,
    },
    /// All before this is in these segments: make it durable elsewhere, drop them.
    Drop {
        segments: Vec<PathBuf>,
        snapshots: Vec<Snapshot>,
        done: Option<Done>,
    },
    /// Remove a log's directory.
    Remove { log: Arc<Log>, done: Done },
}

/// Who waits for a job.
pub(crate) type Done = oneshot::Sender<Result<(), StoreError>>;

/// How much waits to be written.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    bytes: Mutex<usize>,
    less: Condvar,
}

impl Backlog {
    pub(crate) fn add(&self, bytes: usize) {
        *self.bytes.lock() += bytes;
    }

    /// Waits until there is room, or `give_up`.
    pub(crate) fn wait(&self, give_up: impl Fn() -> bool) {
        let mut bytes = self.bytes.lock();
        while *bytes > MOST_BACKLOG && !give_up() {
            self.less
                .wait_for(&mut bytes, std::time::Duration::from_millis(100));
        }
    }

    fn done(&self, bytes: usize) {
        *self.bytes.lock() -= bytes;
        self.less.notify_all();
    }
}

/// Files written since the last sync, for systems without `syncfs`.
#[derive(Debug, Default)]
pub(crate) struct Written(Vec<PathBuf>);

impl Written {
    pub(crate) fn add(&mut self, path: PathBuf) {
        self.0.push(path);
    }

    /// Makes all of them durable.
    fn sync(&mut self, dir: &Path) -> Result<(), StoreError> {
        let paths = std::mem::take(&mut self.0);
        if layout::sync_everything(dir)? {
            return Ok(());
        }
        let mut dirs = std::collections::BTreeSet::new();
        for path in paths {
            match File::open(&path).and_then(|file| file.sync_all()) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::io("sync", &path)(error));
                }
                _ => {}
            }
            let within = path
                .ancestors()
                .skip(1)
                .take_while(|above| above.starts_with(dir));
            dirs.extend(within.map(Path::to_owned));
        }
        dirs.iter()
            .filter(|dir| dir.exists())
            .try_for_each(|dir| layout::sync_dir(dir))
    }
}

/// Runs until all senders are gone.
pub(crate) fn run(shared: &Arc<Shared>, jobs: &mpsc::Receiver<Job>) {
    let mut written = Written::default();
    for job in jobs {
        match job {
            Job::Files { log, files, bytes } => {
                // After a failure the journal keeps what the files lack.
                if shared.failure().is_none()
                    && !log.is_dropped()
                    && let Err(error) = write_files(&log, &files, &mut written)
                {
                    shared.fail(&error);
                }
                shared.backlog.done(bytes);
            }
            Job::Drop {
                segments,
                snapshots,
                done,
            } => {
                let result = match shared.failure() {
                    Some(reason) => Err(StoreError::ReadOnly(reason)),
                    None => drop_segments(shared, &segments, &snapshots, &mut written),
                };
                if let Err(error) = &result {
                    shared.fail(error);
                }
                if let Some(done) = done {
                    let _ = done.send(result);
                }
            }
            Job::Remove { log, done } => {
                let _ = done.send(layout::remove_tree(&log.dir));
            }
        }
    }
}

/// Step 4 of the write order.
fn write_files(
    log: &Log,
    files: &[(FileKey, Sync)],
    written: &mut Written,
) -> Result<(), StoreError> {
    for (key, sync) in files {
        let path = log.path(*key, None);
        match *key {
            FileKey::Tile { level, index } => {
                let hashes = log
                    .contents
                    .read()
                    .queue
                    .tiles
                    .get(&(level, index))
                    .cloned();
                let Some(hashes) = hashes else { continue };
                layout::write_whole(&path, &[&Hash::list_to_bytes(&hashes)], *sync)?;
                log.contents.write().queue.tiles.remove(&(level, index));
            }
            FileKey::Entries(bundle) => {
                let entries = log.contents.read().queue.entries.get(&bundle).cloned();
                let Some(entries) = entries else { continue };
                layout::write_whole(&path, &[&entries], *sync)?;
                log.contents.write().queue.entries.remove(&bundle);
            }
            FileKey::Payload(bundle) => {
                let slots = log.contents.read().queue.payloads.get(&bundle).cloned();
                let Some(slots) = slots else { continue };
                let joined = slots.joined().map_err(|e| log.damaged(*key, e))?;
                let (head, data) = joined.as_ref().unwrap_or(&slots).file();
                let mut parts: Vec<&[u8]> = vec![&head];
                parts.extend(data.map(Bytes::as_ref));
                layout::write_whole(&path, &parts, *sync)?;
                let mut contents = log.contents.write();
                let queue = &mut contents.queue.payloads;
                // Changed meanwhile: the job for the change comes later.
                if queue
                    .get(&bundle)
                    .is_some_and(|now| Arc::ptr_eq(now, &slots))
                {
                    queue.remove(&bundle);
                }
            }
        }
        written.add(path);
    }
    Ok(())
}

/// Steps 5 and 6 of the write order.
fn drop_segments(
    shared: &Shared,
    segments: &[PathBuf],
    snapshots: &[Snapshot],
    written: &mut Written,
) -> Result<(), StoreError> {
    // A crash here: the journal still has all of it, and recovery writes the same
    // files again.
    reached(Step::FilesWritten);
    // New entries need no care here: the followers know how far they are and are told
    // from there. What changed behind that point is only told once.
    for mailbox in &shared.mailboxes {
        mailbox.note_what_is_owed(&shared.state)?;
    }
    reached(Step::ViewsPosted);
    let _named = shared.named.lock();
    let live: Vec<&Snapshot> = snapshots.iter().filter(|s| !s.log().is_dropped()).collect();
    for snapshot in &live {
        snapshot.write_partials(written)?;
    }
    // A crash here leaves wider partial files beside those that the state names;
    // nobody reads them, and they are written again.
    reached(Step::PartialsWritten);
    written.sync(&shared.dir)?;
    // A crash here: as before, but now the files survive a power cut.
    reached(Step::FilesSynced);
    for snapshot in &live {
        // Replaced as a whole: recovery skips, log by log, the groups that the
        // state says are in the files.
        snapshot.write_state(&shared.state)?;
    }
    for snapshot in &live {
        snapshot.remove_older()?;
    }
    for segment in segments {
        layout::remove_if_there(segment)?;
    }
    if !segments.is_empty() {
        layout::sync_dir(&shared.dir.join("journal"))?;
    }
    // A crash before the removal is on the disk: recovery skips all groups.
    reached(Step::JournalDropped);
    Ok(())
}
