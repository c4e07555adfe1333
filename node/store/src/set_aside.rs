//! What the journal says of a log that stands still, kept apart from the journal, which
//! can then go on and be dropped.
//!
//! Each opening that finds more puts a file, and none is written a second time. A file
//! that cannot be read stops nothing: the log goes on with what it has, and this is said.
//! As it may hold entries that were acknowledged, an own log is not signed until its peers
//! were asked; a copy of another's log gets from them what it lacks, and the file goes.

use std::{
    collections::BTreeSet,
    sync::{atomic::Ordering, mpsc::SyncSender},
};

use bytes::{Buf as _, Bytes};

use crate::{
    damage::{Damage, Part, RECOVER},
    damaged_log::stop,
    error::{StoreError, chain},
    format::{
        change::{self, What},
        saved::{SET_ASIDE, name, names_set_aside, remove_set_aside},
    },
    log::handle::LogHandle,
    write::{group::apply_group, job::Job, reading::Found, shared::Shared},
};

/// What stands in a sentence about a file that cannot be read.
const UNREADABLE: &str = "which may hold entries that were acknowledged, cannot be read";

/// What was set aside of one log.
#[derive(Debug, Default)]
pub(crate) struct SetAside {
    /// The groups that can be used, in order.
    pub(crate) groups: Vec<(u64, Bytes)>,
    /// The first file that cannot be read. What is after it does not fit what is before.
    lost: Option<(String, StoreError)>,
    /// The last group of all that can be read.
    last: u64,
    is_any: bool,
}

/// Reads what was set aside of a log.
pub(crate) fn read(shared: &Shared, log: u32) -> SetAside {
    let mut all = SetAside::default();
    for file in names_set_aside(&shared.state, log) {
        all.is_any = true;
        match groups(shared, &file) {
            Ok(groups) => {
                all.last = groups.last().map_or(all.last, |(number, _)| *number);
                if all.lost.is_none() {
                    all.groups.extend(groups);
                }
            }
            Err(error) => all.lost = all.lost.or(Some((file, error))),
        }
    }
    all
}

/// The logs whose first entry is in what is not in the files yet.
pub(crate) fn begin(shared: &Shared, found: &[Found]) -> BTreeSet<u32> {
    let mut logs = BTreeSet::new();
    let mut look = |body: &Bytes| {
        for change in change::read(body.clone()).unwrap_or_default() {
            if let What::Extend { start: 0, .. } = change.what {
                logs.insert(change.log);
            }
        }
    };
    for (_, body) in found.iter().flat_map(|segment| &segment.groups) {
        look(body);
    }
    for number in 0..shared.numbers() {
        for (_, body) in read(shared, number).groups {
            look(&body);
        }
    }
    logs
}

/// Keeps what the journal says of logs that stand still. Nothing is written where nothing
/// stands still.
pub(crate) fn keep(shared: &Shared, found: &[Found]) -> Result<(), StoreError> {
    for damage in shared.damages.all() {
        if damage.part != Part::Log {
            continue;
        }
        let before = read(shared, damage.log);
        let mut first = None;
        let mut bytes = Vec::new();
        for (number, body) in found.iter().flat_map(|segment| &segment.groups) {
            let path = shared.backend.journal.path_of("");
            let changes = change::read(body.clone()).map_err(|e| StoreError::damaged(&path, e))?;
            let of_log = changes.iter().filter(|change| change.log == damage.log);
            let group: Vec<u8> = of_log.flat_map(|change| change.bytes.clone()).collect();
            if *number > before.last && !group.is_empty() {
                first.get_or_insert(*number);
                bytes.extend_from_slice(&number.to_le_bytes());
                bytes.extend_from_slice(&(group.len() as u64).to_le_bytes());
                bytes.extend_from_slice(&group);
            }
        }
        if let Some(first) = first {
            let file = format!("{}-{first:016x}", name(damage.log, SET_ASIDE));
            shared.state.put(&file, &bytes)?;
        }
        if let Some((file, error)) = before.lost {
            say(shared, damage.log, damage.own, &file, &error);
        }
    }
    Ok(())
}

/// Applies what was set aside of a log that can be loaded again. Whether there was any.
pub(crate) fn take_up(
    shared: &Shared,
    jobs: &SyncSender<Job>,
    log: &LogHandle,
) -> Result<bool, StoreError> {
    let number = log.number();
    let SetAside {
        groups,
        lost,
        is_any,
        ..
    } = read(shared, number);
    for (group, body) in &groups {
        let failed = |log, error| stop(shared, log, &error);
        apply_group(shared, jobs, *group, body.clone(), failed)?;
        shared.backlog.wait(|| shared.standing.has_failed());
    }
    let mut goes = is_any;
    if let Some((file, error)) = lost {
        say(shared, number, Some(log.is_own()), &file, &error);
        if log.is_own() {
            let path = shared.state.path_of(&file);
            let sentence = format!("{}, {UNREADABLE}: {RECOVER}", path.display());
            log.refuse_to_sign(sentence);
            goes = false;
        }
    }
    if is_any {
        log.inner.contents.write().dirty.log = true;
    }
    log.inner.set_aside.store(goes, Ordering::Release);
    Ok(is_any)
}

/// The peers were asked what an own log may lack: what cannot be read is needed no more.
pub(crate) fn give_up(shared: &Shared, log: &LogHandle) -> Result<(), StoreError> {
    let mut contradiction = log.inner.contradiction.lock();
    if contradiction
        .as_ref()
        .is_some_and(|it| it.contains(UNREADABLE))
    {
        remove_set_aside(&shared.state, log.number())?;
        *contradiction = None;
        shared.damages.mended(log.number(), Part::State);
    }
    Ok(())
}

fn say(shared: &Shared, log: u32, own: Option<bool>, file: &str, error: &StoreError) {
    let reason = match error {
        StoreError::Damaged { reason, .. } => reason.clone(),
        other => chain(other),
    };
    shared.damages.note(Damage {
        log,
        origin: shared.log_numbered(log).map(|log| log.origin().clone()),
        own,
        part: Part::State,
        path: shared.state.path_of(file),
        reason,
    });
}

fn groups(shared: &Shared, file: &str) -> Result<Vec<(u64, Bytes)>, StoreError> {
    let short = || StoreError::damaged(&shared.state.path_of(file), "it ends early");
    let mut bytes = shared.state.get(file)?.unwrap_or_default();
    let mut groups = Vec::new();
    while !bytes.is_empty() {
        let (number, length) = match bytes.remaining() {
            16.. => (bytes.get_u64_le(), bytes.get_u64_le()),
            _ => return Err(short()),
        };
        if (bytes.remaining() as u64) < length {
            return Err(short());
        }
        groups.push((number, bytes.split_to(length as usize)));
    }
    Ok(groups)
}
