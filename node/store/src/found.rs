//! What is found in a folder that no log and no list names, and what is missing of that
//! which was acknowledged.
//!
//! Absence is never an order: nothing is removed but what a durable order names. What is
//! unknown is left and said. Where nobody can know whether all is here that was
//! acknowledged, that is kept in the state (`doubt`), and our own logs are not signed
//! until somebody has seen to it: a smaller tree would be a fork.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    damage::RECOVER,
    error::StoreError,
    format::layout::FileKey,
    log::handle::Log,
    set_aside,
    write::{reading::Reading, shared::Shared},
};

/// The state's file with what is in doubt.
const DOUBT: &str = "doubt";
/// How a sentence about signs of more begins.
const KNOWS_LESS: &str = "the state knows less of";

/// Removes what replicas left that were dropped before a crash.
pub(crate) fn finish_drops(shared: &Shared) -> Result<(), StoreError> {
    let folders = shared.state.finish_orders()?;
    if folders.is_empty() {
        return Ok(());
    }
    let logs = shared.logs();
    for folder in &folders {
        let name = format!("logs/{folder}");
        // One that was added again since is not what was dropped.
        if logs.iter().all(|log| log.inner.dir != name) {
            shared.backend.files.remove_tree(&name)?;
        }
    }
    shared.backend.files.sync_names("logs")?;
    folders
        .iter()
        .try_for_each(|folder| shared.state.is_removed(folder))
}

/// Names what is unknown, once, and keeps the list for who asks.
pub(crate) fn name_strangers(
    shared: &Shared,
    of_state: &[String],
    of_journal: &[String],
) -> Result<(), StoreError> {
    let files = &shared.backend.files;
    let logs = shared.logs();
    let known: BTreeSet<&str> = logs.iter().map(|log| log.inner.dir.as_str()).collect();
    let folders = files.children("logs")?.into_iter();
    let folders = folders.map(|child| format!("logs/{child}"));
    let is_strange = |name: &String| !known.contains(name.as_str()) && !shared.damages.is_of(name);
    let folders = folders.filter(is_strange);
    let mut strangers: Vec<PathBuf> = folders.map(|name| files.path_of(&name)).collect();
    strangers.extend(of_state.iter().map(|name| shared.state.path_of(name)));
    let journal = of_journal.iter();
    strangers.extend(journal.map(|name| shared.backend.journal.path_of(name)));
    for path in &strangers {
        tracing::warn!(path = %path.display(), "left alone: it belongs to nothing in this store");
    }
    *shared.strangers.lock() = strangers;
    Ok(())
}

/// Keeps what came into doubt now, and heeds what was in doubt before.
pub(crate) fn heed_doubts(shared: &Shared, new: &[Option<String>]) -> Result<(), StoreError> {
    let before = match shared.state.get(DOUBT) {
        Ok(before) => before.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        Err(error @ StoreError::Damaged { .. }) => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    let mut reasons: Vec<&str> = before.iter().map(String::as_str).collect();
    for reason in new.iter().flatten() {
        if !reasons.iter().any(|other| other.contains(reason.as_str())) {
            reasons.push(reason);
        }
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let all = reasons.join("; ");
    if before.as_ref() != Some(&all) {
        shared.state.put(DOUBT, all.as_bytes())?;
    }
    let sentence = format!("{all}: {RECOVER}");
    tracing::error!(reason = sentence, "our own logs are not signed");
    shared.standing.set_doubt(Some(sentence));
    Ok(())
}

/// Somebody made sure that nothing is missing of our own logs.
pub(crate) fn dispel(shared: &Shared) -> Result<(), StoreError> {
    shared.state.remove(DOUBT)?;
    shared.standing.set_doubt(None);
    for log in shared.logs() {
        set_aside::give_up(shared, &log)?;
    }
    look_for_evidence(shared)
}

/// Moves aside what of the journal was not used, now that all of it that was is in its
/// own place.
pub(crate) fn set_journal_aside(shared: &Shared, reading: &Reading) -> Result<(), StoreError> {
    reading.set_aside(&*shared.backend.journal, &shared.live)
}

/// Looks in the files of our own logs for signs that they were longer than the state and
/// the journal say.
pub(crate) fn look_for_evidence(shared: &Shared) -> Result<(), StoreError> {
    for log in shared.logs().into_iter().filter(|log| log.is_own()) {
        let sign = log.inner.sign_of_more()?;
        let mut contradiction = log.inner.contradiction.lock();
        match sign {
            Some(sign) => {
                let sentence = format!("{KNOWS_LESS} {} than {sign}: {RECOVER}", log.origin());
                tracing::error!(reason = sentence, "the log is not signed");
                *contradiction = Some(sentence);
            }
            // What was missing has come back.
            None if contradiction
                .as_ref()
                .is_some_and(|it| it.starts_with(KNOWS_LESS)) =>
            {
                *contradiction = None;
            }
            None => {}
        }
    }
    Ok(())
}

impl Log {
    /// A file of entries that the log does not have.
    fn sign_of_more(&self) -> Result<Option<String>, StoreError> {
        let (size, signed, bundle) = {
            let contents = self.contents.read();
            let signed = contents.head.as_ref().map_or(0, |head| head.size().value());
            (contents.size(), signed, contents.open_bundle())
        };
        let name = self.name("checkpoint");
        let shown = |name: &str| self.files.path_of(name).display().to_string();
        let note = self.files.read(&name)?;
        // One that cannot be read is for `verify` to tell.
        let checkpoint = note.and_then(|note| self.checkpoint(&note).ok());
        if let Some(more) = checkpoint.filter(|found| found.size().value() > signed) {
            let size = more.size();
            return Ok(Some(format!(
                "{}, a checkpoint of size {size}",
                shown(&name)
            )));
        }
        let full = self.name_of(FileKey::Entries(bundle), None);
        if self.files.exists(&full) {
            return Ok(Some(format!("{}, a full bundle", shown(&full))));
        }
        let partial = format!("{full}.p");
        let widths = self.files.children(&partial)?.into_iter();
        let widest = widths.filter_map(|width| width.parse::<u64>().ok()).max();
        let wider = widest.filter(|width| bundle * 256 + width > size);
        Ok(wider.map(|width| format!("{}/{width}", shown(&partial))))
    }
}
