//! Ids: random bytes, and hashes that stand for who somebody is.

use std::{fmt, str::FromStr};

use super::names::NameError;
use crate::hash::{Hash, HashError};

/// The 16 random bytes that name a record for its whole life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; Self::LENGTH]);

impl RecordId {
    /// Bytes of a record id.
    pub const LENGTH: usize = 16;

    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl TryFrom<&[u8]> for RecordId {
    type Error = NameError;

    fn try_from(bytes: &[u8]) -> Result<Self, NameError> {
        bytes.try_into().map(Self).map_err(|_| NameError::Length {
            expected: Self::LENGTH,
            found: bytes.len(),
        })
    }
}

impl FromStr for RecordId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(NameError::Hex(2 * Self::LENGTH));
        }
        let mut bytes = [0; Self::LENGTH];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NameError::Hex(2 * Self::LENGTH))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Hash);

        impl $name {
            /// The id that is this hash.
            #[must_use]
            pub const fn from_hash(hash: Hash) -> Self {
                Self(hash)
            }

            /// The id with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; Hash::LENGTH]) -> Self {
                Self(Hash::from_bytes(bytes))
            }

            /// The hash that it is.
            #[must_use]
            pub const fn hash(&self) -> Hash {
                self.0
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; Hash::LENGTH] {
                self.0.as_bytes()
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = HashError;

            fn try_from(bytes: &[u8]) -> Result<Self, HashError> {
                Hash::try_from(bytes).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = HashError;

            fn from_str(text: &str) -> Result<Self, HashError> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

hash_id! {
    /// SHA-256 of a node's public key: who a peer is, whatever it is called.
    PeerId
}

hash_id! {
    /// SHA-256 of a publisher's genesis text.
    IdentityId
}

hash_id! {
    /// SHA-256 of the DER SubjectPublicKeyInfo of a node's TLS key.
    TlsKeyHash
}
