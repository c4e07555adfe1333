//! What a log says of a record at one of its entries.

use bytes::Bytes;
use wpsx_proto::{
    envelope::{Envelope, Leaf},
    index::LeafIndex,
    payload::{SALT, SlotState},
    record::{Header, Reading, Record, RuleError, diff::FieldChange},
};
use wpsx_store::LogHandle;
use wpsx_views::Latest;

use super::{
    draft::Draft,
    extent::{Extent, lay, over},
};
use crate::error::NodeError;

/// Characters of a title that are shown.
const MOST_SHOWN: usize = 200;

/// A record at one of its entries.
pub(super) struct Standing {
    /// The kind that the entry names; 0 where it cannot be read.
    pub(super) kind: u32,
    /// What it says; none where its payload is not here.
    pub(super) payload: Option<Bytes>,
    /// When it was published; 0 where nobody can tell.
    pub(super) publish_time: u64,
}

impl Standing {
    /// At the newest entry that published it: of one that was taken back, what it said last.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub(super) fn read(log: &LogHandle, latest: &Latest) -> Result<Self, NodeError> {
        let newest = LeafIndex::new(latest.index);
        let mut at = Some(newest);
        while let Some(index) = at {
            let Some(envelope) = envelope(log, index)? else {
                break;
            };
            if envelope.operation.publishes() {
                return Ok(Self {
                    kind: envelope.kind,
                    payload: payload(log, index)?,
                    publish_time: envelope.publish_time,
                });
            }
            // A link that does not lead back would never end.
            at = envelope.previous.filter(|previous| *previous < index);
        }
        Ok(Self {
            kind: kind_of(log, newest)?,
            payload: None,
            publish_time: 0,
        })
    }

    /// At the entry of an older revision, found by the links of our own log; none if it
    /// published nothing, or there is no such revision.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub(super) fn of_revision(
        log: &LogHandle,
        latest: &Latest,
        revision: u32,
    ) -> Result<Option<Self>, NodeError> {
        let mut at = Some(LeafIndex::new(latest.index));
        while let Some(index) = at {
            let Some(envelope) = envelope(log, index)? else {
                return Ok(None);
            };
            if envelope.revision <= revision {
                let found = envelope.revision == revision && envelope.operation.publishes();
                return match found {
                    true => Ok(Some(Self {
                        kind: envelope.kind,
                        payload: payload(log, index)?,
                        publish_time: envelope.publish_time,
                    })),
                    false => Ok(None),
                };
            }
            // A link that does not lead back would never end.
            at = envelope.previous.filter(|previous| *previous < index);
        }
        Ok(None)
    }

    /// The record that results where the draft speaks of some fields alone; none where it
    /// speaks of all, or nothing stands that could stay.
    pub(super) fn under(&self, draft: &Draft) -> Result<Option<Record>, Vec<RuleError>> {
        match self.beneath(draft) {
            Some(current) => lay(draft.kind, current, &draft.payload, &draft.extent),
            None => Ok(None),
        }
    }

    /// The draft of the whole record that results, whatever rules it breaks, as far as the two
    /// can be read.
    pub(super) fn laid(&self, draft: &Draft) -> Draft {
        let current = self.beneath(draft);
        let laid = current.and_then(|current| {
            let laid = over(draft.kind, current, &draft.payload, &draft.extent);
            laid.ok().flatten()
        });
        Draft {
            kind: draft.kind,
            payload: laid.map_or_else(|| draft.payload.clone(), |laid| laid.payload().clone()),
            ..Draft::default()
        }
    }

    /// What stays where the draft does not speak of it; none where it speaks of all.
    fn beneath(&self, draft: &Draft) -> Option<&Bytes> {
        let stays = self.kind == draft.kind && draft.extent != Extent::Whole;
        self.payload.as_ref().filter(|_| stays)
    }

    /// The title, as far as it is shown, and the source's own id that it has, where a draft gives
    /// none.
    pub(super) fn name_beside(&self, draft: &Draft) -> (String, String) {
        let said = Header::read(&draft.payload).unwrap_or_default();
        let held = self.payload.as_deref().map(Header::read);
        let held = held.and_then(Result::ok).unwrap_or_default();
        let title = held
            .title(&["en"])
            .filter(|_| said.titles().next().is_none());
        let id = held.external_id().filter(|_| draft.external_id.is_empty());
        (
            title.unwrap_or_default().chars().take(MOST_SHOWN).collect(),
            id.unwrap_or_default().to_owned(),
        )
    }

    /// Whether it says what the draft says.
    pub(super) fn says(&self, draft: &Draft) -> bool {
        self.kind == draft.kind && self.payload.as_ref() == Some(&draft.payload)
    }

    /// What a draft of a whole record would say otherwise.
    pub(super) fn changes_to(&self, draft: &Draft) -> Vec<FieldChange> {
        match (self.record(), Record::read(draft.kind, &draft.payload)) {
            (Some(before), Reading::Readable(after)) => before.changes_to(&after),
            _ => Vec::new(),
        }
    }

    /// The record, where this software can read it.
    pub(super) fn record(&self) -> Option<Record> {
        match Record::read(self.kind, self.payload.as_ref()?) {
            Reading::Readable(record) => Some(*record),
            _ => None,
        }
    }
}

/// The kind that an entry names; 0 where it cannot be read.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn kind_of(log: &LogHandle, index: LeafIndex) -> Result<u32, NodeError> {
    Ok(envelope(log, index)?.map_or(0, |envelope| envelope.kind))
}

/// An entry, where this software can read it.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn envelope(log: &LogHandle, index: LeafIndex) -> Result<Option<Envelope>, NodeError> {
    let entry = log.entry(index)?;
    Ok(match Leaf::read(&entry) {
        Leaf::Known(envelope) => Some(envelope),
        _ => None,
    })
}

/// The payload of an entry, where it is here.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn payload(log: &LogHandle, index: LeafIndex) -> Result<Option<Bytes>, NodeError> {
    Ok(match log.slot(index)? {
        (SlotState::Full, Some(slot)) if slot.len() >= SALT => Some(slot.slice(SALT..)),
        _ => None,
    })
}
