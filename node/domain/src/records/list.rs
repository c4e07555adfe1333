//! Pages of records in an order.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use wpsx_proto::{checkpoint::VerifiedCheckpoint, index::LeafIndex};
use wpsx_views::{Filter, Logs, Mark, Order, Views};

use super::{position::Position, proven::Proven, question::Question};
use crate::{error::NodeError, served::ServedLog, work::Wanted};

/// Records in one answer.
pub const MOST_RECORDS: usize = 1_000;
/// Records in one answer where the caller does not say.
pub const USUAL_RECORDS: usize = 100;
/// Begins the token of a page before another.
const BACK: char = '-';
/// Bytes of entries and slots after which a page ends.
pub(super) const PAGE_BYTES: usize = 3 << 20;

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// How many records at most; 0: 100; never more than 1,000.
    pub size: u32,
    /// The token of the page before; empty: from the start.
    pub token: String,
    /// Without proofs, for what is shown and not passed on.
    pub bare: bool,
}

impl Part {
    /// The first so many, for what is shown and not passed on.
    #[must_use]
    pub fn shown(size: u32) -> Self {
        Self {
            size,
            token: String::new(),
            bare: true,
        }
    }

    /// The head to prove the records under, if they are to be proven.
    pub(super) fn under<'a>(&self, head: &'a VerifiedCheckpoint) -> Option<&'a VerifiedCheckpoint> {
        (!self.bare).then_some(head)
    }

    pub(super) fn most(&self) -> usize {
        match self.size as usize {
            0 => USUAL_RECORDS,
            n => n.min(MOST_RECORDS),
        }
    }
}

/// A page of records.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Proven against `heads`, unless they were asked for bare.
    pub entries: Vec<Proven>,
    /// One for each log among the entries.
    pub heads: Vec<Arc<VerifiedCheckpoint>>,
    /// Where the next page starts; empty at the end.
    pub next_token: String,
    /// Where the page before ends; empty on the first.
    pub previous_token: String,
    /// Up to where the logs were seen when the page was made. A watch from that of the
    /// first page on tells of all that came meanwhile, and leaves no gap.
    pub position: Position,
}

pub(super) fn list(
    views: &Views,
    seen: Vec<ServedLog>,
    question: &Question,
    filter: &Filter,
    part: &Part,
    wanted: &Wanted,
) -> Result<Page, NodeError> {
    let most = part.most();
    let numbers: Logs = seen.iter().map(ServedLog::number).collect();
    let seen: BTreeMap<u32, ServedLog> = seen.into_iter().map(|log| (log.number(), log)).collect();
    let mut page = Page {
        position: position(views, &seen),
        ..Page::default()
    };
    let is_wanted = || !wanted.is_gone();
    let (order, is_back) = (question.order, part.token.starts_with(BACK));
    let edge = place(part.token.trim_start_matches(BACK), question, &seen)?;
    if is_back && let Some(edge) = &edge {
        let mut found = views.page_before(&numbers, filter, order, edge, most + 1, &is_wanted)?;
        // Where fewer are left than a page has, they are the first ones, and told as such.
        if found.len() > most {
            found.remove(0);
            page.previous_token = back(found.first(), question);
            fill(
                &mut page,
                &seen,
                found.into_iter(),
                None,
                true,
                (question, part),
                wanted,
            )?;
            return Ok(page);
        }
    }
    let after = edge.filter(|_| !is_back);
    let is_by_family = filter.families_once && views.has_families(&numbers)?;
    let found: Vec<Mark> = match order {
        order if order == Order::default() && !is_by_family => {
            let after = after.as_ref().map(|after| (after.log, after.index));
            let found = views.list_while(&numbers, filter, after, most + 1, &is_wanted)?;
            found.into_iter().map(mark).collect()
        }
        order => views.page(
            &numbers,
            filter,
            order,
            after.as_ref(),
            most + 1,
            &is_wanted,
        )?,
    };
    if after.is_some() {
        page.previous_token = back(found.first().or(after.as_ref()), question);
    }
    let more = found.len() > most;
    let found = found.into_iter().take(most);
    fill(
        &mut page,
        &seen,
        found,
        after,
        more,
        (question, part),
        wanted,
    )?;
    Ok(page)
}

/// The token of the page that ends before this place.
fn back(edge: Option<&Mark>, question: &Question) -> String {
    match token(edge, question) {
        token if token.is_empty() => token,
        token => format!("{BACK}{token}"),
    }
}

fn mark((log, index): (u32, u64)) -> Mark {
    Mark {
        last: false,
        value: Vec::new(),
        log,
        index,
    }
}

/// Proves what was found, until the page is full.
fn fill(
    page: &mut Page,
    seen: &BTreeMap<u32, ServedLog>,
    found: impl Iterator<Item = Mark>,
    mut after: Option<Mark>,
    more: bool,
    (question, part): (&Question, &Part),
    wanted: &Wanted,
) -> Result<(), NodeError> {
    let mut heads: BTreeMap<u32, (&ServedLog, Arc<VerifiedCheckpoint>)> = BTreeMap::new();
    let mut bytes = 0;
    for mark in found {
        wanted.check()?;
        if bytes > PAGE_BYTES {
            page.next_token = token(after.as_ref(), question);
            break;
        }
        if let Entry::Vacant(place) = heads.entry(mark.log) {
            let Some(log) = seen.get(&mark.log) else {
                continue;
            };
            let Some(head) = log.head() else { continue };
            place.insert((log, head));
        }
        let Some((log, head)) = heads.get(&mark.log) else {
            continue;
        };
        if mark.index < head.size().value() {
            let entry = Proven::read(log, part.under(head), LeafIndex::new(mark.index))?;
            bytes += entry.bytes();
            page.entries.push(entry);
        }
        after = Some(mark);
    }
    if more && page.next_token.is_empty() {
        page.next_token = token(after.as_ref(), question);
    }
    page.heads = heads.into_values().map(|(_, head)| head).collect();
    Ok(())
}

/// What is both in a head and in the views, before they are asked.
fn position(views: &Views, seen: &BTreeMap<u32, ServedLog>) -> Position {
    let logs = seen.iter().map(|(number, log)| {
        let proven = log.head().map_or(0, |head| head.size().value());
        (*number, proven.min(views.position(*number)))
    });
    Position(logs.collect())
}

/// The token of the page behind an entry, of a question in the order of entries.
pub(super) fn behind(log: u32, index: u64, question: &Question) -> String {
    token(Some(&mark((log, index))), question)
}

/// The place behind which the next page starts, bound to its question: behind the same
/// place another question, or another order, has other records.
fn token(after: Option<&Mark>, question: &Question) -> String {
    after.map_or_else(String::new, |after| {
        let value = hex::encode(&after.value);
        let last = u8::from(after.last);
        let (log, index) = (after.log, after.index);
        format!("{log}.{index}.{last}{value}.{}", question.mark())
    })
}

/// The place of a token that this question gave over the logs that the reader sees.
fn place(
    token: &str,
    question: &Question,
    seen: &BTreeMap<u32, ServedLog>,
) -> Result<Option<Mark>, NodeError> {
    if token.is_empty() {
        return Ok(None);
    }
    let given = || {
        let mut parts = token.splitn(4, '.');
        let (log, index) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let (last, value) = parts.next()?.split_at_checked(1)?;
        let is_of_question = parts.next()? == question.mark();
        let is_stored = index < seen.get(&log)?.stored().value();
        (is_of_question && is_stored && value.len() <= 1_024).then_some(())?;
        Some(Mark {
            last: last == "1",
            value: hex::decode(value).ok()?,
            log,
            index,
        })
    };
    given().map(Some).ok_or_else(|| {
        NodeError::invalid(
            "page_token",
            "this question gave no such token; use that of the previous answer as it is, with the same filter and order",
        )
    })
}
