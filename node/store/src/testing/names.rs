//! Names on a disk in memory, and what is said of them.

use std::{io::ErrorKind, path::PathBuf};

use bytes::Bytes;

use crate::StoreError;

pub(super) fn path(name: &str) -> PathBuf {
    PathBuf::from("/memory").join(name)
}

/// What a write says that finds no room.
pub(super) fn no_room(name: &str) -> StoreError {
    StoreError::io("write", &path(name))(ErrorKind::StorageFull.into())
}

pub(super) fn joined(parts: &[&[u8]]) -> Bytes {
    parts.concat().into()
}

/// What is directly below `above`, of a name.
pub(super) fn child<'n>(name: &'n str, above: &str) -> Option<&'n str> {
    let below = name.strip_prefix(above)?.strip_prefix('/')?;
    below.split('/').next()
}

pub(super) fn is_below(name: &str, above: &str) -> bool {
    child(name, above).is_some()
}

pub(super) fn is_in(name: &str, dir: &str) -> bool {
    name.rsplit_once('/').is_some_and(|(above, _)| above == dir)
}
