//! The entries of a record in one log, the newest first.
//!
//! They come from the views, which have read the whole log: what an entry says of the one
//! before it may be false, and would hide revisions.

use std::sync::Arc;

use wpsx_proto::{checkpoint::VerifiedCheckpoint, envelope::Leaf, index::LeafIndex};

use super::{
    list::{PAGE_BYTES, Part},
    proven::Proven,
};
use crate::{error::NodeError, served::ServedLog, work::Wanted};

/// Some revisions of one record.
#[derive(Clone, Debug)]
pub struct History {
    /// The newest first.
    pub entries: Vec<Proven>,
    /// What all of them are proven against.
    pub head: Arc<VerifiedCheckpoint>,
    /// Where the next page starts; empty at the end.
    pub next_token: String,
}

/// The part of a record's entries in `log`, the oldest of which comes first in `entries`.
pub(super) fn history(
    log: &ServedLog,
    head: Arc<VerifiedCheckpoint>,
    mut entries: Vec<u64>,
    part: &Part,
    wanted: &Wanted,
) -> Result<History, NodeError> {
    let size = head.size().value();
    entries.retain(|index| *index < size);
    let mut left = match part.token.is_empty() {
        true => entries.as_slice(),
        false => up_to(&entries, &part.token)?,
    };
    let (mut told, mut bytes) = (Vec::new(), 0);
    while let Some((index, before)) = left.split_last() {
        wanted.check()?;
        if told.len() == part.most() || bytes > PAGE_BYTES {
            break;
        }
        let proven = Proven::read(log, part.under(&head), LeafIndex::new(*index))?;
        bytes += proven.bytes();
        told.push(proven);
        left = before;
    }
    Ok(History {
        entries: told,
        head,
        next_token: left.last().map_or_else(String::new, u64::to_string),
    })
}

/// The entry that calls itself this revision. A publisher counts its revisions from 1 on,
/// so the place says it; where one has counted otherwise, its numbers rise at least. What
/// was found once is found for ever, since entries are only added.
pub(super) fn of_revision(
    log: &ServedLog,
    entries: &[u64],
    revision: u32,
) -> Result<Option<LeafIndex>, NodeError> {
    let revision_of = |index: &u64| -> Result<u32, NodeError> {
        match Leaf::read(&log.entry(LeafIndex::new(*index))?) {
            Leaf::Known(envelope) => Ok(envelope.revision),
            _ => Ok(0),
        }
    };
    let place = usize::try_from(revision)
        .ok()
        .and_then(|n| n.checked_sub(1));
    if let Some(index) = place.and_then(|place| entries.get(place))
        && revision_of(index)? == revision
    {
        return Ok(Some(LeafIndex::new(*index)));
    }
    let (mut from, mut to) = (0, entries.len());
    while from < to {
        let middle = from + (to - from) / 2;
        match revision_of(&entries[middle])? < revision {
            true => from = middle + 1,
            false => to = middle,
        }
    }
    match entries.get(from) {
        Some(index) if revision_of(index)? == revision => Ok(Some(LeafIndex::new(*index))),
        _ => Ok(None),
    }
}

/// The entries up to that where a part begins.
fn up_to<'a>(entries: &'a [u64], token: &str) -> Result<&'a [u64], NodeError> {
    let place = token
        .parse()
        .ok()
        .and_then(|index| entries.binary_search(&index).ok());
    place.map(|place| &entries[..=place]).ok_or_else(|| {
        NodeError::invalid(
            "page_token",
            "no history of this record gave such a token; use that of the previous answer as it is",
        )
    })
}
