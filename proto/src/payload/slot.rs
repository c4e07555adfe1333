//! Salt and payload of one entry.

use std::fmt;

use bytes::Bytes;

use super::claim::{Commitment, MAX_PAYLOAD, PayloadClaim, SALT};

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
