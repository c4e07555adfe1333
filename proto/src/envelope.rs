//! Envelopes: the leaves of a log, and how to read one that others wrote.
//!
//! Version 1 has exactly one encoding for each meaning, so that no byte of a leaf can
//! carry anything else. What this software cannot read is still a leaf: it is stored,
//! counted and relayed, and has no payload.

mod fields;
mod leaf;
mod operation;
mod version1;

pub use self::{
    leaf::Leaf,
    operation::{Operation, Reason},
    version1::{Envelope, EnvelopeError, MAX_ENVELOPE, VERSION},
};
pub use crate::payload::claim::PayloadClaim;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{index::LeafIndex, origin::RecordId, payload::Commitment};

    fn publish() -> Envelope {
        Envelope {
            operation: Operation::Publish,
            record_id: RecordId::from_bytes([0x11; 16]),
            revision: 2,
            previous: Some(LeafIndex::new(0)),
            kind: 1,
            payload: Some(PayloadClaim {
                length: 300,
                commitment: Commitment::from_bytes([0x22; 32]),
            }),
            publish_time: 1_700_000_000_000,
            reason: Reason::Unspecified,
        }
    }

    #[test]
    fn an_envelope_is_read_back() {
        let bytes = publish().encode();
        assert_eq!(Envelope::parse(&bytes), Ok(publish()));
        assert_eq!(Leaf::read(&bytes), Leaf::Known(publish()));
    }
}
