//! Envelopes: the leaves of a log, and how to read one that others wrote.
//!
//! Version 1 has exactly one encoding for each meaning, so that no byte of a leaf can
//! carry anything else. What this software cannot read is still a leaf: it is stored,
//! counted and relayed, and has no payload.

use std::fmt;

use bytes::Bytes;
use prost::Message as _;

use crate::{
    api::log::v1 as api,
    index::LeafIndex,
    origin::RecordId,
    payload::{Commitment, MAX_PAYLOAD},
};

/// The version of envelopes that this software writes and reads.
pub const VERSION: u32 = 1;

/// The most bytes of an envelope of version 1.
pub const MAX_ENVELOPE: usize = 96;

macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $number:literal $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$value_doc])* $value,)*
            /// One that newer software knows, by its number in the schema.
            Unknown(i32),
        }

        impl $name {
            /// Its number in the schema.
            #[must_use]
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$value => $number,)*
                    Self::Unknown(number) => number,
                }
            }
        }

        impl From<i32> for $name {
            fn from(number: i32) -> Self {
                match number {
                    $($number => Self::$value,)*
                    other => Self::Unknown(other),
                }
            }
        }

        impl From<$name> for i32 {
            fn from(value: $name) -> Self {
                value.number()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$value => f.pad($text),)*
                    Self::Unknown(number) => write!(f, "number {number}"),
                }
            }
        }
    };
}

open_enum! {
    /// What an entry does to its record.
    Operation {
        /// A new revision, with a payload.
        Publish = 1 "publish",
        /// No longer current.
        Withdraw = 2 "withdraw",
        /// All earlier payloads are destroyed, everywhere.
        Erase = 3 "erase",
        /// Another record replaces this one; the payload says which.
        Supersede = 4 "supersede",
        /// An operation of the publisher's identity.
        Key = 5 "key",
        /// A change of a sharing group.
        Group = 6 "group",
        /// The state of the log at one size.
        Snapshot = 7 "snapshot",
    }
}

open_enum! {
    /// Why a record was withdrawn or erased, as its publisher states it.
    #[derive(Default)]
    Reason {
        /// Not stated.
        #[default]
        Unspecified = 0 "unspecified",
        /// The content was wrong.
        Correction = 1 "correction",
        /// The content no longer applies.
        Outdated = 2 "outdated",
        /// Published by mistake.
        Mistake = 3 "mistake",
        /// To protect a person.
        Protection = 4 "protection",
        /// A court or a law asks for it.
        Legal = 5 "legal",
        /// The same content stands in another record.
        Duplicate = 6 "duplicate",
    }
}

/// What an entry says of its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PayloadClaim {
    /// Bytes of the payload without its salt.
    pub length: u32,
    /// SHA-256 of a tag, salt and payload.
    pub commitment: Commitment,
}

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

/// A leaf as far as this software understands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// An envelope of version 1.
    Known(Envelope),
    /// An envelope of a version that newer software writes.
    Newer {
        /// Its version.
        version: u32,
    },
    /// Something else.
    Unreadable,
}

impl Leaf {
    /// Reads a leaf. There is no leaf that cannot be stored, counted and relayed.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        match Envelope::parse(bytes) {
            Ok(envelope) => Self::Known(envelope),
            Err(_) => match version(bytes) {
                Some(version) if version > VERSION => Self::Newer { version },
                _ => Self::Unreadable,
            },
        }
    }

    /// The envelope, if it is one that is known here.
    #[must_use]
    pub fn envelope(&self) -> Option<&Envelope> {
        match self {
            Self::Known(envelope) => Some(envelope),
            Self::Newer { .. } | Self::Unreadable => None,
        }
    }

    /// What it says of its payload. A leaf that is not known here has none.
    #[must_use]
    pub fn payload(&self) -> Option<&PayloadClaim> {
        self.envelope()
            .and_then(|envelope| envelope.payload.as_ref())
    }
}

/// The version that a leaf begins with.
fn version(bytes: &[u8]) -> Option<u32> {
    let mut reader = Reader(bytes);
    (reader.varint()? == 1 << 3 | VARINT).then_some(())?;
    reader.varint()?.try_into().ok()
}

/// The fields of an envelope's message, not yet looked at.
#[derive(Default)]
struct Fields<'a> {
    version: u32,
    operation: i32,
    record_id: &'a [u8],
    revision: u32,
    previous_index: Option<u64>,
    kind: u32,
    payload_length: u32,
    commitment: &'a [u8],
    publish_time: u64,
    reason: i32,
}

// Wire types of protobuf.
const VARINT: u64 = 0;
const BYTES: u64 = 2;

impl<'a> Fields<'a> {
    /// Reads the one encoding: fields ascending, each at most once, none at its default
    /// (but for `previous_index`, whose 0 is a value), numbers as short as they can be.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let mut fields = Self::default();
        let mut last = 0;
        while !reader.0.is_empty() {
            let tag = reader.varint()?;
            if tag <= last {
                return None;
            }
            last = tag;
            match (tag >> 3, tag & 7) {
                (3, BYTES) => fields.record_id = reader.bytes()?,
                (8, BYTES) => fields.commitment = reader.bytes()?,
                (5, VARINT) => fields.previous_index = Some(reader.varint()?),
                (field, VARINT) => {
                    let value = reader.varint().filter(|value| *value != 0)?;
                    match field {
                        1 => fields.version = value.try_into().ok()?,
                        2 => fields.operation = value.try_into().ok()?,
                        4 => fields.revision = value.try_into().ok()?,
                        6 => fields.kind = value.try_into().ok()?,
                        7 => fields.payload_length = value.try_into().ok()?,
                        9 => fields.publish_time = value,
                        10 => fields.reason = value.try_into().ok()?,
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
        Some(fields)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A varint in as few bytes as it can have.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for at in 0..10 {
            let byte = *self.0.get(at)?;
            let bits = u64::from(byte & 0x7f);
            if at == 9 && bits > 1 {
                return None;
            }
            value |= bits << (7 * at);
            if byte & 0x80 == 0 {
                self.0 = &self.0[at + 1..];
                return (byte != 0 || at == 0).then_some(value);
            }
        }
        None
    }

    /// A field of at least one byte.
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?)
            .ok()
            .filter(|length| *length > 0)?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn publish() -> Envelope {
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
