//! The revisions of a record, the newest first, along the links of its log.
//!
//! Each entry names the one before it of the same record. A publisher that links wrongly
//! hides revisions from who asks so; who has the whole log (a mirror) sees them all.

use std::sync::Arc;

use wpsx_proto::{
    checkpoint::VerifiedCheckpoint, envelope::Leaf, index::LeafIndex, origin::RecordId,
};

use super::{
    list::{MOST_RECORDS, PAGE_BYTES, Part, USUAL_RECORDS},
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

/// The revisions of `id` in `log`, whose newest entry is at `newest`.
pub(super) fn history(
    log: &ServedLog,
    head: Arc<VerifiedCheckpoint>,
    id: &RecordId,
    newest: u64,
    part: &Part,
    wanted: &Wanted,
) -> Result<History, NodeError> {
    let most = match part.size as usize {
        0 => USUAL_RECORDS,
        n => n.min(MOST_RECORDS),
    };
    let mut next = Some(start(log, id, newest, &part.token)?);
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while let Some(index) = next {
        wanted.check()?;
        if entries.len() == most || bytes > PAGE_BYTES {
            break;
        }
        let proven = Proven::of(log, &head, LeafIndex::new(index))?;
        next = before(&proven, id, index);
        bytes += proven.bytes();
        entries.push(proven);
    }
    // A link to what is about another record leads nowhere.
    let next = next.filter(|index| is_about(log, id, *index));
    Ok(History {
        entries,
        head,
        next_token: next.map_or_else(String::new, |index| index.to_string()),
    })
}

/// Where the part begins: at an entry about this record that is no newer than its newest.
fn start(log: &ServedLog, id: &RecordId, newest: u64, token: &str) -> Result<u64, NodeError> {
    if token.is_empty() {
        return Ok(newest);
    }
    let index = token.parse().ok().filter(|index| *index < newest);
    index
        .filter(|index| is_about(log, id, *index))
        .ok_or_else(|| {
            NodeError::invalid(
                "page_token",
                "no history of this record gave such a token; use that of the previous answer as it is",
            )
        })
}

/// The entry that `proven` links to, which stands before it.
fn before(proven: &Proven, id: &RecordId, index: u64) -> Option<u64> {
    let leaf = Leaf::read(&proven.entry);
    let envelope = leaf
        .envelope()
        .filter(|envelope| envelope.record_id == *id)?;
    let previous = envelope.previous?.value();
    (previous < index).then_some(previous)
}

fn is_about(log: &ServedLog, id: &RecordId, index: u64) -> bool {
    log.entry(LeafIndex::new(index)).is_ok_and(|entry| {
        let leaf = Leaf::read(&entry);
        leaf.envelope()
            .is_some_and(|envelope| envelope.record_id == *id)
    })
}
