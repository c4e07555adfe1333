//! Envelopes of version 1.

use bytes::Bytes;
use prost::Message as _;

use super::{
    fields::Fields,
    operation::{Operation, Reason},
};
use crate::{
    api::log::v1 as api,
    index::LeafIndex,
    origin::RecordId,
    payload::{Commitment, MAX_PAYLOAD, claim::PayloadClaim},
};

/// The version of envelopes that this software writes and reads.
pub const VERSION: u32 = 1;

/// The most bytes of an envelope of version 1.
pub const MAX_ENVELOPE: usize = 96;

/// One leaf of a log, version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Envelope {
    /// What it does.
    pub operation: Operation,
    /// To which record.
    pub record_id: RecordId,
    /// 1 for a record's first entry, one more for each further one.
    pub revision: u32,
    /// This record's previous entry in this log.
    pub previous: Option<LeafIndex>,
    /// The kind of the record, a number of the schema.
    pub kind: u32,
    /// What it says of its payload, if it has one.
    pub payload: Option<PayloadClaim>,
    /// Milliseconds since 1970-01-01T00:00:00Z by the publisher's clock.
    pub publish_time: u64,
    /// Stated with withdraw and erase only.
    pub reason: Reason,
}

/// Why bytes are not an envelope of version 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// More than [`MAX_ENVELOPE`] bytes.
    #[error("an envelope of {0} bytes is longer than 96")]
    TooLong(usize),
    /// Not the one encoding that an envelope has.
    #[error("not a protobuf message in the one encoding that envelopes have")]
    Encoding,
    /// Another version.
    #[error("version {0} of the envelope is not known here")]
    Version(u32),
    /// No operation.
    #[error("no operation")]
    Operation,
    /// A record id of another length.
    #[error("a record id has 16 bytes")]
    RecordId,
    /// A first revision with a previous entry, a later one without, or revision 0.
    #[error("revision {revision} does not go with its previous entry")]
    Revision {
        /// The revision.
        revision: u32,
    },
    /// A payload where the operation has none, or the other way round.
    #[error("an entry that says {0} does not go with its payload")]
    Payload(Operation),
    /// A payload larger than the largest, or a length without a commitment.
    #[error("a payload length of {0} is not possible here")]
    PayloadLength(u32),
    /// A commitment of another length.
    #[error("a commitment has 32 bytes")]
    Commitment,
    /// A reason for something that needs none.
    #[error("a reason goes with withdraw and erase only")]
    Reason,
}

impl Envelope {
    /// Reads an envelope of version 1.
    ///
    /// # Errors
    /// The first rule of SPEC.md, section 8, that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_ENVELOPE {
            return Err(EnvelopeError::TooLong(bytes.len()));
        }
        let fields = Fields::read(bytes).ok_or(EnvelopeError::Encoding)?;
        if fields.version != VERSION {
            return Err(EnvelopeError::Version(fields.version));
        }
        if fields.operation == 0 {
            return Err(EnvelopeError::Operation);
        }
        let record_id = RecordId::try_from(fields.record_id);
        let payload = match fields.commitment {
            [] if fields.payload_length == 0 => None,
            [] => return Err(EnvelopeError::PayloadLength(fields.payload_length)),
            commitment => Some(PayloadClaim {
                length: fields.payload_length,
                commitment: commitment
                    .try_into()
                    .map(Commitment::from_bytes)
                    .map_err(|_| EnvelopeError::Commitment)?,
            }),
        };
        let envelope = Self {
            operation: fields.operation.into(),
            record_id: record_id.map_err(|_| EnvelopeError::RecordId)?,
            revision: fields.revision,
            previous: fields.previous_index.map(LeafIndex::new),
            kind: fields.kind,
            payload,
            publish_time: fields.publish_time,
            reason: fields.reason.into(),
        };
        envelope.check()?;
        Ok(envelope)
    }

    /// Checks that the parts go together. A parsed envelope has passed this.
    ///
    /// # Errors
    /// The first rule that they break.
    pub fn check(&self) -> Result<(), EnvelopeError> {
        if self.operation.number() == 0 {
            return Err(EnvelopeError::Operation);
        }
        if self.revision == 0 || (self.revision == 1) != self.previous.is_none() {
            return Err(EnvelopeError::Revision {
                revision: self.revision,
            });
        }
        if let Some(claim) = self.payload
            && claim.length as usize > MAX_PAYLOAD
        {
            return Err(EnvelopeError::PayloadLength(claim.length));
        }
        let fits = match self.operation {
            Operation::Publish | Operation::Supersede => self.payload.is_some(),
            Operation::Withdraw | Operation::Erase => self.payload.is_none(),
            _ => true,
        };
        if !fits {
            return Err(EnvelopeError::Payload(self.operation));
        }
        let leaves = matches!(self.operation, Operation::Withdraw | Operation::Erase);
        if self.reason != Reason::Unspecified && !leaves {
            return Err(EnvelopeError::Reason);
        }
        Ok(())
    }

    /// The bytes of the leaf.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let claim = self.payload.as_ref();
        let message = api::Envelope {
            version: VERSION,
            operation: self.operation.number(),
            record_id: Bytes::copy_from_slice(self.record_id.as_bytes()),
            revision: self.revision,
            previous_index: self.previous.map(LeafIndex::value),
            kind: self.kind,
            payload_length: claim.map_or(0, |claim| claim.length),
            commitment: claim.map_or_else(Bytes::new, |claim| {
                Bytes::copy_from_slice(claim.commitment.as_bytes())
            }),
            publish_time: self.publish_time,
            reason: self.reason.number(),
        };
        message.encode_to_vec().into()
    }
}
