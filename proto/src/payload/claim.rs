//! What the log says of a payload, and how the two are tied.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::hash::Hash;

/// What an entry says of its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PayloadClaim {
    /// Bytes of the payload without its salt.
    pub length: u32,
    /// SHA-256 of a tag, salt and payload.
    pub commitment: Commitment,
}

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
    pub(super) fn of_slot(slot: &[u8]) -> Self {
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
