//! Batches that are remembered: what of them is kept, and what is told of them.
//!
//! The store keeps a batch with its entries, so it is in the list exactly if it is in the
//! log; the newest 1,000 of each log. What is said here comes along as a few words in JSON.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wpsx_proto::{index::LeafIndex, origin::Origin};
use wpsx_store::LogHandle;

use super::{
    draft::{Became, Remembered},
    resolve::Resolved,
    standing::envelope,
};
use crate::error::NodeError;

/// Bytes of a batch's title.
pub const MOST_TITLE: usize = 200;
const VERSION: u32 = 1;

/// A batch that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The id of the request that published it.
    pub id: String,
    /// The log.
    pub origin: Origin,
    /// When, in milliseconds since 1970; 0 where its entry cannot be read.
    pub time: u64,
    /// What people call it.
    pub title: String,
    /// Its first entry.
    pub start: u64,
    /// How many there are.
    pub count: u64,
    /// Records that it brought.
    pub new: u64,
    /// Records that it changed, or published again.
    pub changed: u64,
    /// Records that it withdrew.
    pub withdrawn: u64,
    /// Records of the file that said what the log said already.
    pub unchanged: u64,
    /// Its records are history, not news.
    pub backfill: bool,
    /// The batch that it takes back; empty: none.
    pub reverts: String,
    /// The batch that takes it back; empty: none.
    pub reverted_by: String,
}

/// As it is kept.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Words {
    pub(super) version: u32,
    pub(super) title: String,
    #[serde(default)]
    pub(super) new: u64,
    #[serde(default)]
    pub(super) changed: u64,
    #[serde(default)]
    pub(super) withdrawn: u64,
    #[serde(default)]
    pub(super) unchanged: u64,
    #[serde(default)]
    pub(super) backfill: bool,
    #[serde(default)]
    pub(super) reverts: String,
}

impl Words {
    pub(super) fn of(said: &Remembered) -> Self {
        Self {
            version: VERSION,
            title: said.title.clone(),
            backfill: said.backfill,
            reverts: said.reverts.clone(),
            ..Self::default()
        }
    }

    pub(super) fn to_bytes(&self) -> Bytes {
        // Numbers and texts: it cannot fail.
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

/// Whether the batch is history, not news. What a newer version says of it is not
/// understood: then it is news.
pub(crate) fn is_backfill(batch: &wpsx_store::Remembered) -> bool {
    let words: Words = serde_json::from_slice(&batch.words).unwrap_or_default();
    words.backfill
}

/// # Errors
/// The title is longer than a list would show.
pub(super) fn check(said: &Remembered) -> Result<(), NodeError> {
    if said.title.len() > MOST_TITLE || said.title.chars().any(char::is_control) {
        let reason = "at most 200 bytes, without control characters";
        return Err(NodeError::invalid("title", reason));
    }
    Ok(())
}

/// What is kept of a batch that is about to be published.
pub(super) fn words(said: &Remembered, resolved: &[Resolved]) -> Bytes {
    let mut words = Words::of(said);
    for one in resolved {
        match one.published.became {
            Became::New => words.new += 1,
            Became::Changed | Became::Reinstated => words.changed += 1,
            Became::Unchanged | Became::LeftWithdrawn | Became::LeftHandedOver => {
                words.unchanged += 1
            }
            Became::LeftToOthers | Became::Refused => {}
        }
    }
    words.to_bytes()
}

/// The batches of these logs, newest first.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn all(logs: &[LogHandle]) -> Result<Vec<Imported>, NodeError> {
    let mut found = Vec::new();
    for log in logs {
        found.extend(batches_of(log)?);
    }
    found.sort_by_key(|batch| std::cmp::Reverse((batch.time, batch.start)));
    Ok(found)
}

/// The batch whose id begins so, and its log.
///
/// # Errors
/// There is none, or there are several.
pub(super) fn named(logs: &[LogHandle], id: &str) -> Result<(LogHandle, Imported), NodeError> {
    let mut found = Vec::new();
    for log in logs {
        let all = batches_of(log)?.into_iter();
        let named = all.filter(|batch| !id.is_empty() && batch.id.starts_with(id));
        found.extend(named.map(|batch| (log.clone(), batch)));
    }
    if let Some(at) = found.iter().position(|(_, batch)| batch.id == id) {
        return Ok(found.swap_remove(at));
    }
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        // It may be one that is not known any more.
        0 => Err(match logs.iter().find_map(LogHandle::lost_batches) {
            Some(lost) => NodeError::Store(lost),
            None => NodeError::not_found("batch", id),
        }),
        several => Err(NodeError::invalid(
            "batch",
            format!("{several} batches begin with {id}; give more of its id"),
        )),
    }
}

fn batches_of(log: &LogHandle) -> Result<Vec<Imported>, NodeError> {
    let mut found: Vec<Imported> = Vec::new();
    for batch in log.remembered() {
        // What a newer version says of it is not understood; that it is there is.
        let words: Words = serde_json::from_slice(&batch.words).unwrap_or_default();
        let first = envelope(log, LeafIndex::new(batch.start))?;
        let id = batch.request.as_str().to_owned();
        if let Some(reverted) = found.iter_mut().find(|other| other.id == words.reverts) {
            reverted.reverted_by.clone_from(&id);
        }
        found.push(Imported {
            id,
            origin: log.origin().clone(),
            time: first.map_or(0, |first| first.publish_time),
            title: words.title,
            start: batch.start,
            count: batch.count,
            new: words.new,
            changed: words.changed,
            withdrawn: words.withdrawn,
            unchanged: words.unchanged,
            backfill: words.backfill,
            reverts: words.reverts,
            reverted_by: String::new(),
        });
    }
    Ok(found)
}
