//! A log that cannot be loaded: what can still be said of it, and what it keeps from
//! happening. Its files stay as they are; what the journal says of it is set aside (`set_aside`).

use wpsx_proto::origin::Origin;

use crate::{
    damage::{Damage, Part},
    error::{StoreError, chain},
    format::{kept::Kept, saved::name},
    stuck::Wanted,
    write::shared::Shared,
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
