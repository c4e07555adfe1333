//! What is kept of a log in the state: how far its files are.

use bytes::Bytes;
use prost::Message as _;

use super::holes::Holes;
use crate::{error::StoreError, state::State};

/// The version of what is written here.
pub(crate) const VERSION: u32 = 1;

/// What is kept of a log besides its files. Notes are signed notes.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Saved {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    /// Entries that the files hold.
    #[prost(uint64, tag = "2")]
    pub(crate) size: u64,
    /// The last journal group that the files hold.
    #[prost(uint64, tag = "3")]
    pub(crate) applied: u64,
    #[prost(bytes = "bytes", tag = "4")]
    pub(crate) head: Bytes,
    #[prost(bytes = "bytes", tag = "5")]
    pub(crate) pending: Bytes,
    #[prost(uint64, tag = "6")]
    pub(crate) filtered: u64,
    #[prost(uint64, tag = "7")]
    pub(crate) erased: u64,
    #[prost(uint64, tag = "8")]
    pub(crate) not_held: u64,
}

impl Saved {
    pub(crate) fn holes(&self) -> Holes {
        Holes {
            filtered: self.filtered,
            erased: self.erased,
            not_held: self.not_held,
        }
    }

    pub(crate) fn read(state: &State, number: u32) -> Result<Option<Self>, StoreError> {
        let name = name(number, "head");
        let Some(bytes) = state.get(&name)? else {
            return Ok(None);
        };
        let damaged = |reason: String| StoreError::damaged(&state.path_of(&name), reason);
        let saved = Self::decode(bytes).map_err(|e| damaged(e.to_string()))?;
        if saved.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, not {VERSION}",
                saved.version
            )));
        }
        Ok(Some(saved))
    }
}

/// What is kept of a log's changes while it stands still: a file, or several with a number.
pub(crate) const SET_ASIDE: &str = "set-aside";

/// The files with what was set aside of a log, in order.
pub(crate) fn names_set_aside(state: &State, number: u32) -> Vec<String> {
    let names = state.list(&name(number, SET_ASIDE));
    names.unwrap_or_default()
}

/// Removes what was set aside of a log: it is in its files.
pub(crate) fn remove_set_aside(state: &State, number: u32) -> Result<(), StoreError> {
    let names = names_set_aside(state, number);
    names.iter().try_for_each(|file| state.remove(file))
}

/// The name of a log's state file.
pub(crate) fn name(number: u32, what: &str) -> String {
    format!("logs/{number}/{what}")
}
