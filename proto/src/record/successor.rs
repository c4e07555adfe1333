//! The payload of a supersede entry: which record takes the place of the entry's.

use bytes::Bytes;
use prost::Message as _;

use crate::{
    api::record::v1::RecordReference,
    origin::{Origin, RecordId},
};

/// The record that takes the place of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Successor {
    /// The log that announces it.
    pub origin: Origin,
    /// Its id.
    pub record_id: RecordId,
}

impl Successor {
    /// What the entry carries (section 12.5 of the specification).
    #[must_use]
    pub fn payload(&self) -> Bytes {
        let reference = RecordReference {
            origin: self.origin.to_string(),
            record_id: Bytes::copy_from_slice(self.record_id.as_bytes()),
            ..RecordReference::default()
        };
        reference.encode_to_vec().into()
    }

    /// What the payload of a supersede entry says, where it says it so.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let reference = RecordReference::decode(payload).ok()?;
        Some(Self {
            origin: Origin::parse(&reference.origin).ok()?,
            record_id: RecordId::from_bytes(
                <[u8; 16]>::try_from(reference.record_id.as_ref()).ok()?,
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_of_a_supersede_entry_is_pinned() {
        let successor = Successor {
            origin: Origin::parse("a.example/wpsx/public").unwrap(),
            record_id: RecordId::from_bytes([0xaa; 16]),
        };
        let expected = concat!(
            "0a15612e6578616d706c652f777073782f7075626c6963", // 1 origin
            "1210aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",           // 2 record_id
        );
        assert_eq!(hex::encode(successor.payload()), expected);
        assert_eq!(Successor::read(&successor.payload()), Some(successor));
        for other in [&b""[..], b"\x0a\x01x", b"\xff"] {
            assert_eq!(Successor::read(other), None);
        }
    }
}
