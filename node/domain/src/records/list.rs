//! Pages of records in the order of their logs and places.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use wpsx_proto::{checkpoint::VerifiedCheckpoint, index::LeafIndex};
use wpsx_views::{Logs, Views};

use super::{position::Position, proven::Proven, question::Question};
use crate::{access::Sight, error::NodeError, served::ServedLog, work::Wanted};

/// Records in one answer.
pub const MOST_RECORDS: usize = 1_000;
/// Records in one answer where the caller does not say.
pub const USUAL_RECORDS: usize = 100;
/// Bytes of entries and slots after which a page ends.
pub(super) const PAGE_BYTES: usize = 3 << 20;

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// How many records at most; 0: 100; never more than 1,000.
    pub size: u32,
    /// The token of the page before; empty: from the start.
    pub token: String,
}

/// A page of records.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Proven against `heads`.
    pub entries: Vec<Proven>,
    /// One for each log among the entries.
    pub heads: Vec<Arc<VerifiedCheckpoint>>,
    /// Where the next page starts; empty at the end.
    pub next_token: String,
    /// Up to where the logs were seen when the page was made. A watch from that of the
    /// first page on tells of all that came meanwhile, and leaves no gap.
    pub position: Position,
}

/// The log and the index of the last record of a page.
type Place = (u32, u64);

pub(super) fn list(
    views: &Views,
    sight: &Sight,
    question: &Question,
    part: &Part,
    wanted: &Wanted,
) -> Result<Page, NodeError> {
    question.check()?;
    let most = match part.size as usize {
        0 => USUAL_RECORDS,
        n => n.min(MOST_RECORDS),
    };
    let seen = question.logs(sight);
    let numbers: Logs = seen.iter().map(ServedLog::number).collect();
    let seen: BTreeMap<u32, ServedLog> = seen.into_iter().map(|log| (log.number(), log)).collect();
    let mut after = place(&part.token, question, &seen)?;
    let mut page = Page {
        position: position(views, &seen),
        ..Page::default()
    };
    let mut heads: BTreeMap<u32, (&ServedLog, Arc<VerifiedCheckpoint>)> = BTreeMap::new();
    let mut bytes = 0;
    let is_wanted = || !wanted.is_gone();
    let filter = question.filter();
    let found = views.list_while(&numbers, &filter, after, most + 1, &is_wanted)?;
    let more = found.len() > most;
    for (number, index) in found.into_iter().take(most) {
        wanted.check()?;
        if bytes > PAGE_BYTES {
            page.next_token = token(after, question);
            break;
        }
        if let Entry::Vacant(place) = heads.entry(number) {
            let Some(log) = seen.get(&number) else {
                continue;
            };
            let Some(head) = log.head() else { continue };
            place.insert((log, head));
        }
        let Some((log, head)) = heads.get(&number) else {
            continue;
        };
        if index < head.size().value() {
            let entry = Proven::of(log, head, LeafIndex::new(index))?;
            bytes += entry.bytes();
            page.entries.push(entry);
        }
        after = Some((number, index));
    }
    if more && page.next_token.is_empty() {
        page.next_token = token(after, question);
    }
    page.heads = heads.into_values().map(|(_, head)| head).collect();
    Ok(page)
}

/// What is both in a head and in the views, before they are asked.
fn position(views: &Views, seen: &BTreeMap<u32, ServedLog>) -> Position {
    let logs = seen.iter().map(|(number, log)| {
        let proven = log.head().map_or(0, |head| head.size().value());
        (*number, proven.min(views.position(*number)))
    });
    Position(logs.collect())
}

/// The place behind which the next page starts, bound to its question: behind the same
/// place another question has other records.
fn token(after: Option<Place>, question: &Question) -> String {
    after.map_or_else(String::new, |(log, index)| {
        format!("{log}.{index}.{}", question.mark())
    })
}

/// The place of a token that this question gave over the logs that the reader sees.
fn place(
    token: &str,
    question: &Question,
    seen: &BTreeMap<u32, ServedLog>,
) -> Result<Option<Place>, NodeError> {
    if token.is_empty() {
        return Ok(None);
    }
    let given = || {
        let mut parts = token.splitn(3, '.');
        let (log, index) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let is_of_question = parts.next()? == question.mark();
        let is_stored = index < seen.get(&log)?.stored().value();
        (is_of_question && is_stored).then_some((log, index))
    };
    given().map(Some).ok_or_else(|| {
        NodeError::invalid(
            "page_token",
            "this question gave no such token; use that of the previous answer as it is, with the same filter",
        )
    })
}
