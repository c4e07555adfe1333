//! Writes files from the logs' queues, and drops journal segments once all that
//! they hold is on the disk. One thread, so that the order is the journal's.

use std::sync::{Arc, mpsc::Receiver};

use bytes::Bytes;
use wpsx_proto::hash::Hash;

use super::{job::Job, shared::Shared, snapshot::Snapshot};
use crate::{
    backend::Durable,
    crash::{Step, reached},
    error::StoreError,
    format::layout::FileKey,
    log::handle::Log,
};

/// Runs until all senders are gone.
pub(crate) fn run(shared: &Shared, jobs: &Receiver<Job>) {
    for job in jobs {
        match job {
            Job::Files { log, files, bytes } => {
                // After a failure the journal keeps what the files lack.
                if !shared.standing.has_failed()
                    && !log.is_dropped()
                    && let Err(error) = shared.room.until_done(|| write_files(&log, &files))
                {
                    shared.standing.fail(&error);
                }
                shared.backlog.done(bytes);
            }
            Job::Drop {
                segments,
                snapshots,
                done,
            } => {
                let result = match shared.standing.refusal() {
                    Some(refusal) => Err(refusal),
                    None => shared
                        .room
                        .until_done(|| drop_segments(shared, &segments, &snapshots))
                        .inspect_err(|error| shared.standing.fail(error)),
                };
                if let Some(done) = done {
                    done.send(result);
                }
            }
            Job::Hold { held, until } => held.send(match shared.standing.refusal() {
                Some(refusal) => Err(refusal),
                None => Ok(until),
            }),
            Job::Mend {
                log,
                key,
                bytes,
                done,
            } => {
                let written = match shared.standing.refusal() {
                    Some(refusal) => Err(refusal),
                    None if log.is_dropped() => Ok(()),
                    None => log
                        .files
                        .write(&log.name_of(key, None), &[&bytes], Durable::Now),
                };
                if written.is_ok() {
                    log.damages.mended(log.number, key.into());
                }
                done.send(written);
            }
            Job::Remove { log, done } => {
                done.send(log.files.remove_tree(&log.dir));
            }
        }
    }
}

/// Step 4 of the write order.
fn write_files(log: &Log, files: &[(FileKey, Durable)]) -> Result<(), StoreError> {
    for (key, durable) in files {
        let name = log.name_of(*key, None);
        match *key {
            FileKey::Tile { level, index } => {
                let tree = log
                    .contents
                    .read()
                    .queue
                    .tiles
                    .get(&(level, index))
                    .cloned();
                let Some(tree) = tree else { continue };
                let hashes = Hash::list_to_bytes(tree.leaves());
                log.files.write(&name, &[&hashes], *durable)?;
                log.contents.write().queue.tiles.remove(&(level, index));
            }
            FileKey::Entries(bundle) => {
                let entries = log.contents.read().queue.entries.get(&bundle).cloned();
                let Some(entries) = entries else { continue };
                log.files.write(&name, &[&entries], *durable)?;
                log.contents.write().queue.entries.remove(&bundle);
            }
            FileKey::Payload(bundle) => {
                let slots = log.contents.read().queue.payloads.get(&bundle).cloned();
                let Some(slots) = slots else { continue };
                let joined = slots.joined().map_err(|e| log.damaged(*key, e))?;
                let (head, data) = joined.as_ref().unwrap_or(&slots).file();
                let mut parts: Vec<&[u8]> = vec![&head];
                parts.extend(data.map(Bytes::as_ref));
                log.files.write(&name, &parts, *durable)?;
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
    }
    Ok(())
}

/// Step 6 of the write order.
fn drop_segments(
    shared: &Shared,
    segments: &[String],
    snapshots: &[Snapshot],
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
        snapshot.write_partials()?;
    }
    // A crash here leaves wider partial files beside those that the state names;
    // nobody reads them, and they are written again.
    reached(Step::PartialsWritten);
    shared.backend.files.sync()?;
    // A crash here: as before, but now the files survive a power cut.
    reached(Step::FilesSynced);
    // Each replaced as a whole: recovery skips, log by log, the groups that the state
    // says are in the files.
    let files: Vec<_> = live.iter().flat_map(|s| s.state_files()).collect();
    shared.state.put_all(&files)?;
    for snapshot in &live {
        snapshot.remove_set_aside(&shared.state)?;
    }
    let mut removed = false;
    for snapshot in &live {
        removed |= snapshot.remove_older()?;
    }
    if removed {
        // Else a power cut could bring them back when no journal tells of them any
        // more, and with them what was erased.
        shared.backend.files.sync()?;
    }
    // A crash from here on finds segments that need not be there any more.
    shared.live.remove(segments)?;
    shared.backend.journal.remove(segments)?;
    // A crash before the removal is on the disk: recovery skips all groups.
    reached(Step::JournalDropped);
    Ok(())
}
