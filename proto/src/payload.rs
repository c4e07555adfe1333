//! Payloads beside the log: salt and content, what the log says of them, and frames
//! that carry those of a run of entries.

mod frame;

use std::fmt;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

pub use self::frame::{
    FRAME_TARGET, Frame, FrameEncoding, FrameError, MAX_FRAME, VerifiedFrame, encode_frames,
};
use crate::{api::log::v1 as api, envelope::PayloadClaim, hash::Hash};

/// The largest payload, in bytes.
pub const MAX_PAYLOAD: usize = 262_144;

/// Bytes of salt before each payload.
pub const SALT: usize = 32;

const TAG: &[u8] = b"wpsx/payload/v1\n";

/// The only trace of a payload inside the log: SHA-256 of a tag, salt and payload.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commitment([u8; Self::LENGTH]);

impl Commitment {
    /// Bytes of a commitment.
    pub const LENGTH: usize = 32;

    /// The commitment with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The commitment to salt and payload, one after the other.
    fn of_slot(slot: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(TAG);
        hasher.update(slot);
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Hash::from_bytes(self.0), f)
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The commitment to a payload under a salt.
#[must_use]
pub fn commit(salt: &[u8; SALT], payload: &[u8]) -> Commitment {
    let mut hasher = Sha256::new();
    hasher.update(TAG);
    hasher.update(salt);
    hasher.update(payload);
    Commitment(hasher.finalize().into())
}

/// Why a slot is not the one that its entry means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// No room for the salt, or more than the largest payload.
    #[error("a slot has 32 to 262,176 bytes, not {0}")]
    SlotLength(usize),
    /// Another length than the entry says.
    #[error("a payload of {found} bytes where the entry says {expected}")]
    Length {
        /// What the entry says.
        expected: u32,
        /// What came.
        found: usize,
    },
    /// Salt and payload hash to another commitment.
    #[error("the payload is not the one that the entry commits to")]
    Commitment,
    /// A number that stands for no state.
    #[error("{0} is not the state of a slot")]
    State(i32),
}

/// Salt and payload of one entry, one after the other. Not yet compared with the entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Slot(Bytes);

impl Slot {
    /// Puts a salt before a payload.
    #[must_use]
    pub fn seal(salt: &[u8; SALT], payload: &[u8]) -> Self {
        Self([salt, payload].concat().into())
    }

    /// Salt and payload as they came.
    ///
    /// # Errors
    /// Too short for a salt, or larger than the largest payload.
    pub fn new(bytes: Bytes) -> Result<Self, PayloadError> {
        match (SALT..=SALT + MAX_PAYLOAD).contains(&bytes.len()) {
            true => Ok(Self(bytes)),
            false => Err(PayloadError::SlotLength(bytes.len())),
        }
    }

    /// Salt and payload.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.0[SALT..]
    }

    /// The payload as a part of the same buffer.
    #[must_use]
    pub fn payload_bytes(&self) -> Bytes {
        self.0.slice(SALT..)
    }

    /// What an entry has to say of this payload.
    #[must_use]
    pub fn claim(&self) -> PayloadClaim {
        PayloadClaim {
            length: u32::try_from(self.payload().len()).unwrap_or(u32::MAX),
            commitment: self.commitment(),
        }
    }

    /// The commitment to this salt and payload.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment::of_slot(&self.0)
    }

    /// Checks that this is the payload an entry means.
    ///
    /// # Errors
    /// Another length, or another commitment.
    pub fn verify(&self, claim: &PayloadClaim) -> Result<(), PayloadError> {
        if self.payload().len() != claim.length as usize {
            return Err(PayloadError::Length {
                expected: claim.length,
                found: self.payload().len(),
            });
        }
        match self.commitment() == claim.commitment {
            true => Ok(()),
            false => Err(PayloadError::Commitment),
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({} bytes)", self.0.len())
    }
}

/// What there is at one index of the payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotState {
    /// Salt and payload are here.
    Full,
    /// The entry has no payload.
    None,
    /// Left out by the reader's filter.
    Filtered,
    /// Destroyed by a later erase entry. Final.
    Erased,
    /// Not held by who answers.
    NotHeld,
}

impl SlotState {
    /// Its number in the schema.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Full => 1,
            Self::None => 2,
            Self::Filtered => 3,
            Self::Erased => 4,
            Self::NotHeld => 5,
        }
    }

    /// Its value in the schema.
    #[must_use]
    pub const fn to_api(self) -> api::SlotState {
        match self {
            Self::Full => api::SlotState::Full,
            Self::None => api::SlotState::None,
            Self::Filtered => api::SlotState::Filtered,
            Self::Erased => api::SlotState::Erased,
            Self::NotHeld => api::SlotState::NotHeld,
        }
    }

    /// The state that a value of the schema means, if it means one.
    #[must_use]
    pub const fn from_api(state: api::SlotState) -> Option<Self> {
        match state {
            api::SlotState::Unspecified => None,
            api::SlotState::Full => Some(Self::Full),
            api::SlotState::None => Some(Self::None),
            api::SlotState::Filtered => Some(Self::Filtered),
            api::SlotState::Erased => Some(Self::Erased),
            api::SlotState::NotHeld => Some(Self::NotHeld),
        }
    }

    /// Whether the entry has a payload that is not here.
    #[must_use]
    pub const fn is_hole(self) -> bool {
        matches!(self, Self::Filtered | Self::Erased | Self::NotHeld)
    }
}

impl TryFrom<u8> for SlotState {
    type Error = PayloadError;

    fn try_from(number: u8) -> Result<Self, PayloadError> {
        match number {
            1 => Ok(Self::Full),
            2 => Ok(Self::None),
            3 => Ok(Self::Filtered),
            4 => Ok(Self::Erased),
            5 => Ok(Self::NotHeld),
            other => Err(PayloadError::State(other.into())),
        }
    }
}

impl TryFrom<i32> for SlotState {
    type Error = PayloadError;

    fn try_from(number: i32) -> Result<Self, PayloadError> {
        let byte = u8::try_from(number).map_err(|_| PayloadError::State(number))?;
        Self::try_from(byte)
    }
}

impl fmt::Display for SlotState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Full => "full",
            Self::None => "none",
            Self::Filtered => "filtered",
            Self::Erased => "erased",
            Self::NotHeld => "not held",
        })
    }
}
