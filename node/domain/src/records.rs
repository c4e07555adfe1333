//! Looks records up in the views and proves what it found.
//!
//! The exchange service and the administration answer from here, so that a
//! reader and an operator see the same thing.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{
    api::exchange::v1::{ProvenEntry, RecordFilter},
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    index::LeafIndex,
    origin::{Origin, RecordId},
    proof::prove_inclusion,
};

use crate::{error::NodeError, node::Node, store::LogHandle, views::Filter};

/// Records in one answer.
pub const MOST_RECORDS: usize = 1_000;
/// Records in one answer where the caller does not say.
pub const USUAL_RECORDS: usize = 100;
/// Bytes of entries and slots after which a page ends.
const PAGE_BYTES: usize = 3 << 20;
const MOST_VALUES: usize = 300;

/// A page of records.
pub struct Page {
    /// Proven against `heads`.
    pub entries: Vec<ProvenEntry>,
    /// One for each log among the entries.
    pub heads: Vec<Arc<VerifiedCheckpoint>>,
    /// Where the next page starts; empty at the end.
    pub next_page_token: String,
}

/// One record's newest entry and the head that it is proven against.
///
/// # Errors
/// No log that `may_read` lets through knows the record.
pub fn record(
    node: &Node,
    id: &[u8],
    origin: &str,
    may_read: impl Fn(&Origin) -> bool,
) -> Result<(ProvenEntry, Arc<VerifiedCheckpoint>), NodeError> {
    let id = record_id(id)?;
    let missing = || NodeError::not_found("record", id);
    let mut found = node.views().find(&id).map_err(NodeError::from)?;
    found.sort_by_key(|(log, _)| *log);
    for (number, latest) in found {
        let Some(log) = node.store().log_numbered(number) else {
            continue;
        };
        if !may_read(log.origin()) || !(origin.is_empty() || origin == log.origin().as_str()) {
            continue;
        }
        let head = log.head().ok_or_else(missing)?;
        return Ok((prove(&log, &head, LeafIndex::new(latest.index))?, head));
    }
    Err(missing())
}

/// Current records that pass `filter`, from `page_token` on.
///
/// # Errors
/// A filter or token that is not well-formed.
pub fn list(
    node: &Node,
    filter: Option<RecordFilter>,
    page_size: u32,
    page_token: &str,
    may_read: impl Fn(&Origin) -> bool,
) -> Result<Page, NodeError> {
    let most = match page_size as usize {
        0 => USUAL_RECORDS,
        n => n.min(MOST_RECORDS),
    };
    let filter = view_filter(node, filter.unwrap_or_default(), may_read)?;
    let mut after = parse_token(page_token)?;
    let mut page = Page {
        entries: Vec::new(),
        heads: Vec::new(),
        next_page_token: String::new(),
    };
    // To the views an empty list means every log.
    if filter.logs.is_empty() {
        return Ok(page);
    }
    let mut heads: BTreeMap<u32, (LogHandle, Arc<VerifiedCheckpoint>)> = BTreeMap::new();
    let mut bytes = 0;
    let found = node
        .views()
        .list(&filter, after, most + 1)
        .map_err(NodeError::from)?;
    let more = found.len() > most;
    for (number, index) in found.into_iter().take(most) {
        if bytes > PAGE_BYTES {
            page.next_page_token = token(after);
            break;
        }
        if let std::collections::btree_map::Entry::Vacant(place) = heads.entry(number) {
            let Some(log) = node.store().log_numbered(number) else {
                continue;
            };
            let Some(head) = log.head() else { continue };
            place.insert((log, head));
        }
        let Some((log, head)) = heads.get(&number) else {
            continue;
        };
        if index < head.size().value() {
            let entry = prove(log, head, LeafIndex::new(index))?;
            bytes += entry.slot.len() + entry.inclusion.len() + entry.entry.len();
            page.entries.push(entry);
        }
        after = Some((number, index));
    }
    if more && page.next_page_token.is_empty() {
        page.next_page_token = token(after);
    }
    page.heads = heads.into_values().map(|(_, head)| head).collect();
    Ok(page)
}

/// The views' form of a request's filter, with the logs that `may_read` admits.
///
/// # Errors
/// More values than a filter may have.
pub fn view_filter(
    node: &Node,
    filter: RecordFilter,
    may_read: impl Fn(&Origin) -> bool,
) -> Result<Filter, NodeError> {
    for (field, count) in [
        ("kinds", filter.kinds.len()),
        ("countries", filter.countries.len()),
        ("origins", filter.origins.len()),
    ] {
        if count > MOST_VALUES {
            return Err(NodeError::invalid(field, "at most 300 values"));
        }
    }
    let logs = node.store().logs().into_iter().filter(|log| {
        may_read(log.origin())
            && (filter.origins.is_empty()
                || filter.origins.iter().any(|o| o == log.origin().as_str()))
    });
    Ok(Filter {
        logs: logs.map(|log| log.number()).collect(),
        kinds: filter.kinds,
        countries: filter.countries,
        include_withdrawn: filter.include_withdrawn,
    })
}

/// One entry of `log` with its slot and its inclusion proof under `head`.
///
/// # Errors
/// Our own files cannot be read.
pub fn prove(
    log: &LogHandle,
    head: &VerifiedCheckpoint,
    index: LeafIndex,
) -> Result<ProvenEntry, NodeError> {
    let entry = log.entry(index).map_err(NodeError::Store)?;
    let (state, slot) = log.slot(index).map_err(NodeError::Store)?;
    let inclusion = prove_inclusion(log, index, head.size()).map_err(NodeError::Store)?;
    Ok(ProvenEntry {
        origin: log.origin().to_string(),
        index: index.value(),
        entry,
        state: state.to_api() as i32,
        slot: slot.unwrap_or_else(Bytes::new),
        inclusion: Hash::list_to_bytes(&inclusion),
    })
}

/// A request's record id.
///
/// # Errors
/// Not 16 bytes.
pub fn record_id(bytes: &[u8]) -> Result<RecordId, NodeError> {
    let bytes: [u8; 16] = bytes
        .try_into()
        .map_err(|_| NodeError::invalid("record_id", "must be 16 bytes"))?;
    Ok(RecordId::from_bytes(bytes))
}

fn token(after: Option<(u32, u64)>) -> String {
    after.map_or_else(String::new, |(log, index)| format!("{log}.{index}"))
}

fn parse_token(token: &str) -> Result<Option<(u32, u64)>, NodeError> {
    if token.is_empty() {
        return Ok(None);
    }
    let parsed = token
        .split_once('.')
        .and_then(|(log, index)| Some((log.parse::<u32>().ok()?, index.parse::<u64>().ok()?)));
    parsed.map(Some).ok_or_else(|| {
        NodeError::invalid(
            "page_token",
            "use the token of the previous answer as it is",
        )
    })
}
