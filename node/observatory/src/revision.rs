//! The record that an address names: as it is now, or one of its revisions, which stay at
//! their addresses for ever.

use std::sync::Arc;

use wpsx_domain::{
    NodeError,
    records::{Proven, record_id},
};
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint, envelope::Operation, origin::RecordId, payload::SlotState,
};

use crate::{
    item::{Content, Item},
    observatory::Observatory,
    texts::{self, Said},
};

/// What an address names.
pub(crate) struct Found {
    /// The entry, with what it says.
    pub(crate) item: Item,
    /// The same with what proves it under `head`.
    pub(crate) proven: Proven,
    pub(crate) head: Arc<VerifiedCheckpoint>,
    /// The newest entry of the record, where the address names an earlier one.
    pub(crate) today: Option<Item>,
}

impl Found {
    /// The newest entry of the record.
    pub(crate) fn newest(&self) -> &Item {
        self.today.as_ref().unwrap_or(&self.item)
    }

    /// The record's content is destroyed, at all its addresses.
    pub(crate) fn is_erased(&self) -> bool {
        is_erased(&self.item) || is_erased(self.newest())
    }
}

fn is_erased(item: &Item) -> bool {
    item.envelope.operation == Operation::Erase
        || matches!(item.content, Content::Hole(SlotState::Erased))
}

/// The newest entry of a record, or that of one revision. Blocks.
pub(crate) fn find(
    site: &Observatory,
    id: &str,
    revision: Option<u32>,
) -> Result<Found, NodeError> {
    let missing = || NodeError::not_found("record", id);
    let (sight, record) = (site.sight(), named(id).ok_or_else(missing)?);
    let (newest, head) = site.records.get(&sight, &record, "")?;
    let item = Item::of(&newest).ok_or_else(missing)?;
    match revision.filter(|wanted| *wanted != item.envelope.revision) {
        None => Ok(Found {
            item,
            proven: newest,
            head,
            today: None,
        }),
        Some(revision) => {
            let origin = item.origin.as_str();
            let (proven, head) = site.records.revision(&sight, &record, origin, revision)?;
            Ok(Found {
                item: Item::of(&proven).ok_or_else(missing)?,
                proven,
                head,
                today: Some(item),
            })
        }
    }
}

/// Entries before one that took a record back that are asked for what it last said.
const MOST_BEFORE: usize = 8;

/// The last text before an entry that took a record back: what the record is called by, as in
/// lists. None of an entry that says something itself, nor of one that erased. Blocks.
pub(crate) fn last_said(site: &Observatory, item: &Item) -> Option<Item> {
    let envelope = &item.envelope;
    if envelope.operation.publishes() || envelope.operation == Operation::Erase {
        return None;
    }
    let (sight, origin) = (site.sight(), item.origin.as_str());
    let before = (1..envelope.revision).rev().take(MOST_BEFORE);
    let mut said = before.filter_map(|revision| {
        let found = site
            .records
            .revision(&sight, &envelope.record_id, origin, revision);
        Item::of(&found.ok()?.0).filter(Item::is_current)
    });
    said.next()
}

/// What became of a record whose newest entry this is, as files have it; empty where it
/// stands.
pub(crate) fn in_files(newest: &Item) -> &'static str {
    match newest.envelope.operation {
        Operation::Withdraw => "withdrawn",
        Operation::Supersede => "superseded",
        Operation::Erase => "erased",
        _ if is_erased(newest) => "erased",
        _ => "",
    }
}

/// Why what an entry says is not in a file of this site; empty where it is, or where it says
/// nothing. Files call it as their JSON does.
pub(crate) fn not_here(item: &Item) -> &'static str {
    match (&item.content, item.envelope.operation.publishes()) {
        (Content::Hole(SlotState::Filtered), true) => "filtered",
        (Content::Hole(SlotState::None | SlotState::Erased), _) | (_, false) => "",
        (Content::Hole(_), true) => "not held",
        (Content::Here(_), true) => "",
    }
}

/// What an entry that took a record back did to it, in a word.
pub(crate) fn taken_back(item: &Item) -> Option<&'static Said> {
    match item.envelope.operation {
        Operation::Withdraw => Some(&texts::DID_WITHDRAW),
        Operation::Supersede => Some(&texts::DID_SUPERSEDE),
        _ => None,
    }
}

/// An id as addresses have it: in lower case, so that each page has one address.
pub(crate) fn named(id: &str) -> Option<RecordId> {
    let bytes = hex::decode(id).ok()?;
    let record = record_id(&bytes).ok()?;
    (hex::encode(&bytes) == id).then_some(record)
}

/// A revision's number as addresses have it: without signs and leading zeros.
pub(crate) fn numbered(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number > 0 && number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_revision_has_one_address() {
        assert_eq!(numbered("12"), Some(12));
        for other in ["", "0", "012", "+1", "-1", "1.0", "4294967296", "x"] {
            assert_eq!(numbered(other), None, "{other}");
        }
        let id = "00112233445566778899aabbccddeeff";
        assert!(named(id).is_some());
        for other in [&id.to_uppercase(), &id[2..], "", "zz"] {
            assert!(named(other).is_none(), "{other}");
        }
    }
}
