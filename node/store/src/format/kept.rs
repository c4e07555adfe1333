//! What is kept of a log in the state for its whole life: that it is there.

use bytes::Bytes;
use prost::Message as _;

use super::saved::name;
use crate::{error::StoreError, state::State};

/// The version of what is written here.
pub(crate) const VERSION: u32 = 1;

/// What is kept of a log for its whole life.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Kept {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(uint32, tag = "2")]
    pub(crate) number: u32,
    #[prost(string, tag = "3")]
    pub(crate) origin: String,
    #[prost(bool, tag = "4")]
    pub(crate) own: bool,
    /// The operations of the publisher's identity.
    #[prost(bytes = "bytes", repeated, tag = "5")]
    pub(crate) identity: Vec<Bytes>,
}

/// What is kept of a log, or why it cannot be read.
pub(crate) type Read = Result<Kept, StoreError>;

impl Kept {
    /// All logs of a store by number, each as it is kept, or why that cannot be read.
    pub(crate) fn all(state: &State) -> Result<Vec<(u32, Read)>, StoreError> {
        let mut kept = Vec::new();
        for file in state.list("logs/")? {
            let between = file
                .strip_prefix("logs/")
                .map(|rest| rest.strip_suffix("/log"));
            let number = between.flatten().and_then(|number| number.parse().ok());
            if let Some(number) = number.filter(|number| name(*number, "log") == file) {
                kept.push((number, Self::read(state, number)));
            }
        }
        Ok(kept)
    }

    /// What is kept of one.
    pub(crate) fn read(state: &State, number: u32) -> Result<Self, StoreError> {
        let file = name(number, "log");
        let damaged = |reason: String| StoreError::damaged(&state.path_of(&file), reason);
        let bytes = state.get(&file)?;
        let bytes = bytes.ok_or_else(|| damaged("it is missing".to_owned()))?;
        let log = Self::decode(bytes).map_err(|e| damaged(e.to_string()))?;
        if log.version != VERSION || log.number != number {
            return Err(damaged("it is not the file of this log".to_owned()));
        }
        Ok(log)
    }
}
