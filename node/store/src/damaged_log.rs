//! A log that cannot be loaded: what can still be said of it, and what it keeps from
//! happening. Its files stay as they are; what the journal says of it is set aside.

use std::{
    collections::BTreeSet,
    sync::{atomic::Ordering, mpsc::SyncSender},
};

use bytes::{Buf as _, Bytes};
use wpsx_proto::origin::Origin;

use crate::{
    damage::{Damage, Part},
    error::{StoreError, chain},
    format::{
        change::{self, What},
        kept::Kept,
        saved::{SET_ASIDE, name},
    },
    log::handle::LogHandle,
    stuck::Wanted,
    write::{group::apply_group, job::Job, reading::Found, shared::Shared},
};

/// Lists a log that could not be loaded.
pub(crate) fn stands_still(shared: &Shared, number: u32, kept: Option<&Kept>, error: &StoreError) {
    let (path, reason) = match error {
        StoreError::Damaged { path, reason } => (path.clone(), reason.clone()),
        other => (
            shared.state.path_of(&format!("logs/{number}")),
            chain(other),
        ),
    };
    let (origin, own) = match kept {
        Some(kept) => (Some(kept.origin.clone()), Some(kept.own)),
        None => noted(shared, number),
    };
    shared.damages.note(Damage {
        log: number,
        origin: origin.and_then(|origin| Origin::parse(&origin).ok()),
        own,
        part: Part::Log,
        path,
        reason,
    });
}

/// What was noted of a log beside the file that cannot be read: its name, and whether it
/// is our own.
fn noted(shared: &Shared, number: u32) -> (Option<String>, Option<bool>) {
    let note = shared.state.note(&name(number, "log")).unwrap_or_default();
    match note.split_once(' ') {
        Some((whose, origin)) => (Some(origin.to_owned()), Some(whose == "own")),
        None => (None, None),
    }
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
        for (_, body) in read(shared, number).unwrap_or_default() {
            look(&body);
        }
    }
    logs
}

/// What would have a log that stands still go on.
pub(crate) fn wants(shared: &Shared, number: u32, wanted: Option<Box<Wanted>>) {
    if let Some(wanted) = wanted {
        shared.wanted.lock().insert(number, *wanted);
    }
}

/// Finds the name of a log that stands still and does not say it: its folder does, if
/// only one can be meant.
pub(crate) fn find_name(shared: &Shared) -> Result<(), StoreError> {
    let damages = shared.damages.all();
    let whole: Vec<_> = damages.iter().filter(|it| it.part == Part::Log).collect();
    let nameless: Vec<u32> = whole
        .iter()
        .filter(|damage| damage.origin.is_none())
        .map(|damage| damage.log)
        .collect();
    let [number] = nameless[..] else {
        return Ok(());
    };
    let files = &shared.backend.files;
    let mut unknown = Vec::new();
    for child in files.children("logs")? {
        let name = files.read(&format!("logs/{child}/origin"))?;
        let name = name.and_then(|line| String::from_utf8(line.to_vec()).ok());
        let origin = name.and_then(|line| Origin::parse(line.trim_end()).ok());
        let known = |origin: &Origin| {
            shared.log(origin).is_some()
                || whole.iter().any(|it| it.origin.as_ref() == Some(origin))
        };
        unknown.extend(origin.filter(|it| it.hash_hex() == child && !known(it)));
    }
    if let [origin] = &unknown[..] {
        shared.damages.name(number, origin.clone());
    }
    Ok(())
}

/// A log whose changes do not fit its files stands still, and the other logs go on.
pub(crate) fn stop(shared: &Shared, number: u32, error: &StoreError) -> Result<(), StoreError> {
    shared.logs.write().remove(&number);
    let kept = Kept::read(&shared.state, number);
    stands_still(shared, number, kept.as_ref().ok(), error);
    Ok(())
}

/// Keeps what the journal says of logs that stand still, apart from the journal, which
/// can then go on and be dropped. Nothing is written where nothing stands still.
pub(crate) fn set_aside(shared: &Shared, found: &[Found]) -> Result<(), StoreError> {
    for damage in shared.damages.all() {
        if damage.part != Part::Log {
            continue;
        }
        let state = &shared.state;
        let file = name(damage.log, SET_ASIDE);
        let mut groups = read(shared, damage.log)?;
        let last = groups.last().map_or(0, |(number, _)| *number);
        let before = groups.len();
        for (number, body) in found.iter().flat_map(|segment| &segment.groups) {
            let changes = change::read(body.clone()).map_err(|e| damaged(shared, &file, e))?;
            let of_log = changes.iter().filter(|change| change.log == damage.log);
            let bytes: Vec<u8> = of_log.flat_map(|change| change.bytes.clone()).collect();
            if *number > last && !bytes.is_empty() {
                groups.push((*number, bytes.into()));
            }
        }
        if groups.len() > before {
            let mut bytes = Vec::new();
            for (number, body) in &groups {
                bytes.extend_from_slice(&number.to_le_bytes());
                bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
                bytes.extend_from_slice(body);
            }
            state.put(&file, &bytes)?;
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
    let groups = match read(shared, log.number()) {
        Ok(groups) => groups,
        Err(error) => return stop(shared, log.number(), &error).map(|()| false),
    };
    for (number, body) in &groups {
        let failed = |log, error| stop(shared, log, &error);
        apply_group(shared, jobs, *number, body.clone(), failed)?;
        shared.backlog.wait(|| shared.standing.has_failed());
    }
    let any = !groups.is_empty();
    log.inner.set_aside.store(any, Ordering::Release);
    Ok(any)
}

fn read(shared: &Shared, log: u32) -> Result<Vec<(u64, Bytes)>, StoreError> {
    let file = name(log, SET_ASIDE);
    let mut groups = Vec::new();
    let Some(mut bytes) = shared.state.get(&file)? else {
        return Ok(groups);
    };
    while !bytes.is_empty() {
        let short = || damaged(shared, &file, "it ends early".to_owned());
        let (number, length) = match bytes.remaining() {
            16.. => (bytes.get_u64_le(), bytes.get_u64_le() as usize),
            _ => return Err(short()),
        };
        if bytes.remaining() < length {
            return Err(short());
        }
        groups.push((number, bytes.split_to(length)));
    }
    Ok(groups)
}

fn damaged(shared: &Shared, file: &str, reason: String) -> StoreError {
    StoreError::damaged(&shared.state.path_of(file), reason)
}

impl Shared {
    /// A log is not begun anew where files of it are: it may be one whose name cannot be
    /// read any more.
    pub(crate) fn refuse_what_was_there(&self, origin: &Origin) -> Result<(), StoreError> {
        if let Some(refusal) = self.damages.refusal(origin) {
            return Err(refusal);
        }
        let folder = format!("logs/{}", origin.hash_hex());
        let there = self.backend.files.children(&folder)?;
        if there.iter().all(|name| name.starts_with("origin")) {
            return Ok(());
        }
        Err(StoreError::DamagedLog {
            origin: origin.clone(),
            damage: format!(
                "{} has files of it, and nothing says what they are",
                self.backend.files.path_of(&folder).display()
            ),
        })
    }
}
