//! SHA-256 as the log uses it: RFC 6962, 2.1, and nothing else.
//!
//! A [`struct@Hash`] is 32 bytes and says nothing of where it came from; the types
//! that hold one do.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{BufMut as _, Bytes, BytesMut};
use sha2::{Digest as _, Sha256};

/// The root of a tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// One SHA-256 value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; Self::LENGTH]);

impl Hash {
    /// Bytes of a hash.
    pub const LENGTH: usize = 32;

    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// Plain SHA-256.
    #[must_use]
    pub fn of(data: &[u8]) -> Self {
        Self(Sha256::digest(data).into())
    }

    /// The hash of one leaf: SHA-256 of a zero byte and the entry.
    #[must_use]
    pub fn leaf(entry: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([0]);
        hasher.update(entry);
        Self(hasher.finalize().into())
    }

    /// The hash over two subtrees: SHA-256 of a one byte and both hashes.
    #[must_use]
    pub fn node(left: &Self, right: &Self) -> Self {
        let mut block = [1; 1 + 2 * Self::LENGTH];
        block[1..=Self::LENGTH].copy_from_slice(&left.0);
        block[1 + Self::LENGTH..].copy_from_slice(&right.0);
        Self::of(&block)
    }

    /// Standard base64 with padding, as checkpoints and proof files write it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads [`Hash::to_base64`].
    ///
    /// # Errors
    /// Anything that is not canonical base64 of 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        let bytes = STANDARD.decode(text).map_err(|_| HashError::Base64)?;
        Self::try_from(bytes.as_slice())
    }

    /// Hashes one after the other.
    #[must_use]
    pub fn list_to_bytes(hashes: &[Self]) -> Bytes {
        let mut bytes = BytesMut::with_capacity(hashes.len() * Self::LENGTH);
        for hash in hashes {
            bytes.put_slice(&hash.0);
        }
        bytes.freeze()
    }

    /// Reads [`Hash::list_to_bytes`].
    ///
    /// # Errors
    /// A part of a hash at the end, or more than `max` hashes.
    pub fn list_from_bytes(bytes: &[u8], max: usize) -> Result<Vec<Self>, HashError> {
        let (hashes, rest) = bytes.as_chunks::<{ Self::LENGTH }>();
        if !rest.is_empty() {
            return Err(HashError::List(bytes.len()));
        }
        if hashes.len() > max {
            return Err(HashError::TooMany {
                count: hashes.len(),
                max,
            });
        }
        Ok(hashes.iter().copied().map(Self).collect())
    }
}

/// Why bytes or text are not a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// A hash of another length.
    #[error("a hash has 32 bytes, not {0}")]
    Length(usize),
    /// Bytes that are not whole hashes.
    #[error("{0} bytes are not a list of 32-byte hashes")]
    List(usize),
    /// More hashes than the place allows.
    #[error("{count} hashes where at most {max} are allowed")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// Text that is not canonical base64.
    #[error("not canonical base64")]
    Base64,
    /// Text that is not hexadecimal.
    #[error("not hexadecimal")]
    Hex,
}

impl TryFrom<&[u8]> for Hash {
    type Error = HashError;

    fn try_from(bytes: &[u8]) -> Result<Self, HashError> {
        <[u8; Self::LENGTH]>::try_from(bytes)
            .map(Self)
            .map_err(|_| HashError::Length(bytes.len()))
    }
}

impl FromStr for Hash {
    type Err = HashError;

    /// Reads hexadecimal digits, which are lower-case: one hash is written in one way.
    fn from_str(text: &str) -> Result<Self, HashError> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(HashError::Hex);
        }
        let bytes = hex::decode(text).map_err(|_| HashError::Hex)?;
        Self::try_from(bytes.as_slice())
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 2 * Self::LENGTH];
        hex::encode_to_slice(self.0, &mut digits).map_err(|_| fmt::Error)?;
        f.pad(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashing_is_that_of_rfc_6962() {
        assert_eq!(Hash::of(b""), EMPTY_ROOT);
        // SHA-256 of one zero byte, the leaf that holds nothing.
        let empty_leaf = Hash::leaf(b"");
        assert_eq!(
            empty_leaf.to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        let both = [&[1][..], empty_leaf.as_ref(), EMPTY_ROOT.as_ref()].concat();
        assert_eq!(Hash::node(&empty_leaf, &EMPTY_ROOT), Hash::of(&both));
    }

    #[test]
    fn a_hash_is_read_back_from_each_form() {
        let hash = Hash::leaf(b"entry");
        assert_eq!(Hash::from_base64(&hash.to_base64()), Ok(hash));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        let list = Hash::list_to_bytes(&[hash, EMPTY_ROOT]);
        assert_eq!(Hash::list_from_bytes(&list, 2), Ok(vec![hash, EMPTY_ROOT]));
    }

    #[test]
    fn what_is_not_a_hash_is_refused() {
        assert_eq!(Hash::try_from(&[0; 31][..]), Err(HashError::Length(31)));
        assert_eq!(Hash::from_base64("????"), Err(HashError::Base64));
        // The last character carries two bits that must be zero.
        let base64 = EMPTY_ROOT.to_base64().replace("U=", "V=");
        assert_eq!(Hash::from_base64(&base64), Err(HashError::Base64));
        assert_eq!("e3b0".parse::<Hash>(), Err(HashError::Length(2)));
        assert_eq!("xy".parse::<Hash>(), Err(HashError::Hex));
        let upper = Hash::of(b"").to_string().to_uppercase();
        assert_eq!(upper.parse::<Hash>(), Err(HashError::Hex));
        assert_eq!(Hash::list_from_bytes(&[0; 33], 9), Err(HashError::List(33)));
        assert_eq!(
            Hash::list_from_bytes(&[0; 96], 2),
            Err(HashError::TooMany { count: 3, max: 2 })
        );
    }
}
