//! What the views keep of an entry.

use wpsx_proto::{
    envelope::{Leaf, Operation},
    origin::RecordId,
    payload::SlotState,
    record::{Header, Kind, normal_external_id},
};
use wpsx_store::StoredEntry;

use crate::{content::Content, rows::set};

/// An external id longer than this, in bytes, is not indexed.
pub const MAX_EXTERNAL_ID: usize = 256;

/// What the views need to know of one entry. The caller has read the envelope and,
/// where it holds the payload, the payload.
#[derive(Clone, Debug)]
pub struct ViewEntry {
    /// Its place in the log.
    pub index: u64,
    /// The record it is about.
    pub record_id: RecordId,
    /// Its revision.
    pub revision: u32,
    /// What it does to the record.
    pub operation: Operation,
    /// The record's kind.
    pub kind: u32,
    /// Whether the payload is held.
    pub state: SlotState,
    /// When it was published, as its publisher says, but never after it was first seen here:
    /// milliseconds since 1970.
    pub change: u64,
    /// What the payload says.
    pub content: Content,
    /// The normal form of the publisher's own id for the record, from the payload, at most
    /// 256 bytes.
    pub external_id: Option<String>,
    /// Whether the leaf could be read. If not, only `index` means anything.
    pub readable: bool,
    /// The kind is one that this software cannot read: counted, and listed as such.
    pub unknown_kind: bool,
}

impl ViewEntry {
    pub(crate) fn is_full(&self) -> bool {
        matches!(self.state, SlotState::Full)
    }

    /// Whether what it says is here.
    pub(crate) fn is_held(&self) -> bool {
        self.content.sets().any(|it| it == set::HELD)
    }

    /// What the envelope, and the payload where it is held, say to who sees it `now`.
    pub(crate) fn of(entry: &StoredEntry, now: u64) -> Self {
        let mut view = Self {
            index: entry.index,
            record_id: RecordId::from_bytes([0; 16]),
            revision: 0,
            operation: Operation::Unknown(0),
            kind: 0,
            state: entry.state,
            change: 0,
            content: Content::default(),
            external_id: None,
            readable: false,
            unknown_kind: false,
        };
        let Leaf::Known(envelope) = Leaf::read(&entry.leaf) else {
            return view;
        };
        view.record_id = envelope.record_id;
        view.revision = envelope.revision;
        view.operation = envelope.operation;
        view.kind = envelope.kind;
        view.change = envelope.publish_time.min(now);
        view.readable = true;
        view.unknown_kind = !Kind::new(envelope.kind).is_known();
        // What other operations say in their payload is not known here.
        if envelope.operation.publishes()
            && let Some(payload) = &entry.payload
        {
            let Ok(header) = Header::read(payload) else {
                view.content = Content::held();
                return view;
            };
            view.content = Content::read(envelope.kind, payload, &header);
            view.external_id = header
                .external_id()
                .map(|id| normal_external_id(id).into_owned());
        }
        view
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use wpsx_proto::{
        envelope::{Envelope, PayloadClaim, Reason},
        payload::Commitment,
    };

    use super::*;

    #[test]
    fn what_an_entry_says_that_does_not_publish_is_not_read() {
        // The record of SPEC.md, section 12.4.
        let bytes = b"\x0a\x03x-1\x12\x07\x0a\x02en\x12\x01T\x22\x03XKX\xba\x06\x00";
        for number in [1, 4, 5, 6, 7, 8, 99] {
            let envelope = Envelope {
                operation: Operation::from(number),
                record_id: RecordId::from_bytes([7; 16]),
                revision: 1,
                previous: None,
                kind: 3,
                payload: Some(PayloadClaim {
                    length: 22,
                    commitment: Commitment::from_bytes([1; 32]),
                }),
                publish_time: 0,
                reason: Reason::Unspecified,
            };
            let stored = StoredEntry {
                index: 0,
                leaf: envelope.encode(),
                state: SlotState::Full,
                payload: Some(Bytes::from_static(bytes)),
            };
            let view = ViewEntry::of(&stored, 0);
            let is_record = number == 1;
            assert_eq!(view.external_id.is_some(), is_record, "{number}");
            assert_eq!(view.content != Content::default(), is_record, "{number}");
            assert!(view.readable, "{number}");
        }
    }
}
