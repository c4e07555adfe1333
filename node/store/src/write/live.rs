//! Which segments the journal has, kept in the state: one that is missing is damage, and
//! not a journal that was shorter.
//!
//! A segment is in here before it holds anything that is acknowledged, and not any more
//! before it is removed. It costs a file of the state for each segment, of which there
//! is one in half a minute, and nothing for each append.
//!
//! The list is kept twice, but the twin is written where nobody waits, when segments go.
//! So it lacks at most segments that are newer, and those are found.

use std::collections::BTreeSet;

use parking_lot::Mutex;

use crate::{error::StoreError, state::State};

/// The name of the list, and that of its twin.
const FILE: &str = "journal";
const TWIN: &str = "journal.twin";

/// The names of the segments that have to be there.
pub(crate) struct Live {
    state: State,
    names: Mutex<BTreeSet<String>>,
}

impl Live {
    /// What the state says. Where both lists are damaged: why, and nothing is known to be
    /// there.
    pub(crate) fn read(state: &State) -> Result<(Self, Option<String>), StoreError> {
        let (first, twin) = (state.get(FILE), state.get(TWIN));
        let is_damaged = first.is_err();
        let (bytes, doubt) = match (first, twin) {
            (Ok(bytes), _) | (Err(StoreError::Damaged { .. }), Ok(bytes)) => (bytes, None),
            (Err(error @ StoreError::Damaged { .. }), Err(StoreError::Damaged { .. })) => {
                (None, Some(error.to_string()))
            }
            (Err(error), _) => return Err(error),
        };
        let bytes = bytes.unwrap_or_default();
        if is_damaged {
            tracing::warn!("the list of the journal's segments is written again");
            state.put(FILE, &bytes)?;
        }
        let live = Self {
            state: state.clone(),
            names: Mutex::new(names(&bytes)),
        };
        Ok((live, doubt))
    }

    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.names.lock().clone()
    }

    pub(crate) fn add(&self, name: &str) -> Result<(), StoreError> {
        let mut names = self.names.lock();
        let mut next = names.clone();
        next.insert(name.to_owned());
        self.state.put(FILE, &text(&next))?;
        *names = next;
        Ok(())
    }

    pub(crate) fn remove(&self, gone: &[String]) -> Result<(), StoreError> {
        let mut names = self.names.lock();
        let mut next = names.clone();
        next.retain(|name| !gone.contains(name));
        if next != *names {
            for file in [FILE, TWIN] {
                self.state.put(file, &text(&next))?;
            }
            *names = next;
        }
        Ok(())
    }
}

fn text(names: &BTreeSet<String>) -> Vec<u8> {
    let lines = names.iter().map(|name| format!("{name}\n"));
    lines.collect::<String>().into_bytes()
}

fn names(bytes: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::to_owned).collect()
}
