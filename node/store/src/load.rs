//! Loads a log as its files hold it: the right edge alone is read.
//!
//! What is damaged and can be made anew from files that are not is made anew, in memory,
//! and written when the journal is dropped the next time: tiles from what is below them
//! (`edge`), what the state keeps from the log itself (`again`). Payloads that are lost
//! become holes. What else is damaged has the log stand still.

mod again;
mod edge;

use std::sync::Arc;

use bytes::Bytes;
use wpsx_proto::{identity::Identity, index::BUNDLE, origin::Origin};

use self::edge::RightEdge;
use crate::{
    damage::Part,
    error::StoreError,
    format::{
        erased::Erased,
        holes::Holes,
        kept::Kept,
        layout::FileKey,
        payloads::{Flawed, Payloads},
        remembered::AllRemembered,
        request::Requests,
        saved::{Saved, name},
    },
    log::{contents::Contents, handle::Log, recent::Recent},
    stuck::Stuck,
    write::shared::Shared,
};

/// A log as its files hold it: the right edge alone is read. `begins` says that the
/// journal has its first entry, and so all: there need not be a state file yet.
pub(crate) fn load(shared: &Shared, kept: &Kept, begins: bool) -> Result<Log, Stuck> {
    let state = &shared.state;
    let number = kept.number;
    let damaged =
        |what: &str, e: String| StoreError::damaged(&state.path_of(&name(number, what)), e);
    let origin = Origin::parse(&kept.origin).map_err(|e| damaged("log", e.to_string()))?;
    let identity = Identity::verify(&kept.identity).map_err(|e| damaged("log", e.to_string()))?;
    let key = identity
        .log_key(&origin)
        .ok_or_else(|| damaged("log", "its identity does not speak for it".to_owned()))?;
    let log = Log::new(number, kept.own, origin, identity, key, shared.shelf());
    let (saved, lost_head) = match Saved::read(state, number) {
        Ok(Some(saved)) => (saved, None),
        Ok(None) if begins || !again::is_there(&log)? => return Ok(log),
        Ok(None) => again::saved(&log, damaged("head", "it is missing".to_owned()))?,
        Err(error) => again::saved(&log, error)?,
    };
    let mut contents = Contents {
        applied: saved.applied,
        holes: saved.holes(),
        recent: Recent::after(saved.size),
        ..Contents::default()
    };
    let note = |bytes: &Bytes| {
        let known = !bytes.is_empty();
        known
            .then(|| log.checkpoint(bytes).map(Arc::new))
            .transpose()
    };
    if lost_head.is_none() {
        log.look_beside(&saved)?;
    }
    contents.head = note(&saved.head)?;
    contents.pending = note(&saved.pending)?;
    let requests = state.get(&name(number, "requests")).and_then(|bytes| {
        let parsed = bytes.map(|bytes| Requests::parse(&bytes));
        parsed.transpose().map_err(|e| damaged("requests", e))
    });
    match requests {
        Ok(requests) => contents.requests = requests.unwrap_or_default(),
        // Better to publish a batch twice that is sent again than nothing any more.
        Err(error) => {
            contents.dirty.requests = true;
            log.note_state(state.path_of(&name(number, "requests")), &error);
            state.lost(
                &name(number, "requests"),
                "a batch that was sent before is published again if it is sent again",
            );
        }
    }
    let remembered = state.get_twice(&name(number, "batches")).and_then(|bytes| {
        let parsed = bytes.map(|bytes| AllRemembered::parse(&bytes));
        parsed.transpose().map_err(|e| damaged("batches", e))
    });
    match remembered {
        Ok(remembered) => contents.remembered = remembered.unwrap_or_default(),
        // Their entries are there: only that they came together is not known any more.
        Err(error) => {
            contents.dirty.remembered = true;
            contents.remembered.lose(saved.size);
            log.note_state(state.path_of(&name(number, "batches")), &error);
            state.lost(
                &name(number, "batches"),
                "what was imported before is in the log, and in no list of batches any more",
            );
        }
    }
    let RightEdge { edge, entries } = edge::load(&log, saved.size, contents.head.as_deref())?;
    contents.edge = edge;
    contents.open.extend(&entries);
    let erased = state
        .get(&name(number, "erased"))
        .and_then(|bytes| match bytes {
            Some(bytes) => Erased::parse(&bytes).map_err(|e| damaged("erased", e)),
            None if saved.erased > 0 => Err(damaged("erased", "it is missing".to_owned())),
            None => Ok(Erased::default()),
        });
    let lost = match erased {
        Ok(erased) => {
            contents.erased = erased;
            None
        }
        Err(error) => Some(error),
    };
    *log.contents.write() = contents;
    if let Some(error) = lost {
        log.note_state(state.path_of(&name(number, "erased")), &error);
        let erased = again::erased(&log).map_err(|_| error)?;
        let mut contents = log.contents.write();
        contents.erased = erased;
        contents.dirty.erased = true;
    }
    open_payloads(&log, saved.size)?;
    if let Some(error) = lost_head {
        let holes = again::holes(&log)?;
        log.contents.write().holes = holes;
        log.note_state(state.path_of(&name(number, "head")), &error);
    }
    let mut contents = log.contents.write();
    contents.dirty.log = log.damages.of(number);
    drop(contents);
    Ok(log)
}

impl Log {
    /// Lists the small files beside the tiles that are not what they must be. The checkpoint
    /// may be newer than what the state has: it is written first.
    fn look_beside(&self, saved: &Saved) -> Result<(), StoreError> {
        let origin = format!("{}\n", self.origin);
        let found = [
            self.files
                .read(&self.name("origin"))?
                .map(|line| line == origin.as_bytes()),
            match self.files.read(&self.name("checkpoint"))? {
                None if saved.head.is_empty() => Some(true),
                note => note.map(|note| note == saved.head || self.checkpoint(&note).is_ok()),
            },
        ];
        for (file, is_right) in ["origin", "checkpoint"].into_iter().zip(found) {
            let reason = match is_right {
                Some(true) => continue,
                Some(false) => "it is not what was written",
                None => "it is missing",
            };
            self.note(Part::State, self.files.path_of(&self.name(file)), reason);
        }
        Ok(())
    }
}

/// Reads the payloads of the open bundle; those that are lost become holes.
fn open_payloads(log: &Log, size: u64) -> Result<(), StoreError> {
    let (bundle, width) = (size / BUNDLE, (size % BUNDLE) as usize);
    if width == 0 {
        return Ok(());
    }
    let key = FileKey::Payload(bundle);
    log.partials.lock().insert((key, width));
    let mut contents = log.contents.write();
    let bytes = log.raw(key, Some(width));
    let flawed = match bytes.map(|bytes| Payloads::read(&bytes, width)) {
        Ok(Ok(payloads)) => {
            contents.open.slots = payloads;
            return Ok(());
        }
        Ok(Err(flawed)) => flawed,
        Err(reason) => Flawed::wholly(reason),
    };
    log.note_damage(key, Some(width), &flawed.reason);
    let before = flawed.holes;
    let saved = log.saved_from(&contents, bundle, flawed)?;
    let before = before.unwrap_or(Holes {
        erased: saved.holes().erased,
        ..Holes::default()
    });
    contents.holes.change(saved.holes().since(before));
    contents.open.slots = saved;
    Ok(())
}
