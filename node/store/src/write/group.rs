//! Applies a durable group in memory, and hands on what follows from it. The committer
//! and recovery both come through here.

use std::{collections::BTreeSet, sync::mpsc::SyncSender};

use bytes::Bytes;

use super::{apply::Effects, job::Job, shared::Shared};
use crate::{error::StoreError, format::change};

/// Applies a group. What of it does not fit its log, or cannot be done for it, is told to
/// `failed`, which ends all with an error or has the other logs go on.
///
/// # Errors
/// It cannot be read, or what `failed` says.
pub(crate) fn apply_group(
    shared: &Shared,
    jobs: &SyncSender<Job>,
    number: u64,
    body: Bytes,
    mut failed: impl FnMut(u32, StoreError) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let damaged = |reason| StoreError::damaged(&shared.backend.journal.path_of(""), reason);
    let changes = change::read(body).map_err(damaged)?;
    let mut touched = BTreeSet::new();
    for run in changes.chunk_by(|a, b| a.log == b.log) {
        touched.insert(run[0].log);
    }
    let mut changes = changes.into_iter().peekable();
    while let Some(next) = changes.peek() {
        let log_number = next.log;
        let Some(log) = shared.log_numbered(log_number) else {
            if log_number >= shared.numbers() {
                return Err(damaged(format!(
                    "it names a log {log_number} that never was"
                )));
            }
            // The replica was dropped after this was written.
            touched.remove(&log_number);
            changes.next();
            continue;
        };
        let mut effects = Effects::default();
        let mut contents = log.inner.contents.write();
        let mut done = Ok(());
        while let Some(change) = changes.next_if(|change| change.log == log_number) {
            // The files have it already: recovery after a crash in step 6.
            if number > contents.applied && done.is_ok() {
                done = log.inner.apply(&mut contents, change.what, &mut effects);
            }
        }
        drop(contents);
        if let Err(error) = done {
            failed(log_number, error)?;
            touched.remove(&log_number);
        }
        let Effects {
            files,
            bytes,
            refills,
        } = effects;
        if !files.is_empty() {
            shared.backlog.add(bytes);
            // Without a poster the store has stopped.
            let _ = jobs.send(Job::Files {
                log: log.inner.clone(),
                files,
                bytes,
            });
        }
        if !refills.is_empty() {
            for mailbox in &shared.mailboxes {
                mailbox.refill(log_number, refills.iter().copied());
            }
        }
    }
    for log_number in touched.iter().copied() {
        if let Some(log) = shared.log_numbered(log_number) {
            let mut contents = log.inner.contents.write();
            contents.applied = contents.applied.max(number);
            drop(contents);
            log.inner.changed.send_modify(|n| *n += 1);
        }
    }
    shared.news.of(touched);
    for mailbox in &shared.mailboxes {
        mailbox.wake();
    }
    Ok(())
}
