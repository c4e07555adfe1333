//! Entry bundles: up to 256 entries in one run of bytes, each behind its length.
//!
//! A bundle is checked once, when it is made; then entries and parts of it are slices
//! of the same bytes, from the disk or the wire to the other end.

use std::{ops::Range, sync::Arc};

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::index::BUNDLE;

/// The most bytes one entry may have. Envelopes have at most 96; the rest is room for later versions.
pub const MAX_ENTRY: usize = 1024;

/// The most bytes a bundle can have.
pub const MAX_BUNDLE_BYTES: usize = BUNDLE as usize * (PREFIX + MAX_ENTRY);

/// Bytes of the length before each entry.
const PREFIX: usize = 2;

/// Up to 256 entries of a log, one after the other.
#[derive(Debug, Clone)]
pub struct EntryBundle {
    bytes: Bytes,
    // Where each entry's length stands in `bytes`, and after the last where they end.
    offsets: Arc<[u32]>,
    // The entries of `offsets` that this bundle has.
    entries: Range<usize>,
}

/// Why bytes are not a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// More entries than a bundle takes.
    #[error("more than 256 entries")]
    TooMany,
    /// An entry is too long.
    #[error("entry {position} has {length} bytes, more than 1024")]
    EntryTooLong {
        /// Its place among the entries given.
        position: usize,
        /// Its length.
        length: usize,
    },
    /// The bytes end within an entry.
    #[error("the bytes end within entry {position}")]
    Truncated {
        /// Its place among the entries given.
        position: usize,
    },
}

impl EntryBundle {
    /// Reads entries, each behind its length as a big-endian `u16`, to the end of the bytes.
    ///
    /// # Errors
    /// More than 256 entries, an entry above [`MAX_ENTRY`], or an entry that is cut off.
    pub fn parse(bytes: Bytes) -> Result<Self, BundleError> {
        let mut offsets = Vec::with_capacity(BUNDLE as usize + 1);
        let mut at = 0;
        while at < bytes.len() {
            let position = offsets.len();
            if position == BUNDLE as usize {
                return Err(BundleError::TooMany);
            }
            let truncated = BundleError::Truncated { position };
            let Some((prefix, rest)) = bytes[at..].split_first_chunk::<PREFIX>() else {
                return Err(truncated);
            };
            let length = usize::from(u16::from_be_bytes(*prefix));
            if length > MAX_ENTRY {
                return Err(BundleError::EntryTooLong { position, length });
            }
            if length > rest.len() {
                return Err(truncated);
            }
            // Below MAX_BUNDLE_BYTES.
            offsets.push(at as u32);
            at += PREFIX + length;
        }
        Ok(Self::new(bytes, offsets))
    }

    /// Writes entries one after the other.
    ///
    /// # Errors
    /// More than 256 entries, or an entry above [`MAX_ENTRY`].
    pub fn from_entries<I>(entries: I) -> Result<Self, BundleError>
    where
        I: IntoIterator<Item: AsRef<[u8]>>,
    {
        let mut bytes = BytesMut::new();
        let mut offsets = Vec::new();
        for entry in entries {
            let (position, entry) = (offsets.len(), entry.as_ref());
            if position == BUNDLE as usize {
                return Err(BundleError::TooMany);
            }
            let length = entry.len();
            if length > MAX_ENTRY {
                return Err(BundleError::EntryTooLong { position, length });
            }
            offsets.push(bytes.len() as u32);
            bytes.put_u16(length as u16);
            bytes.put_slice(entry);
        }
        Ok(Self::new(bytes.freeze(), offsets))
    }

    fn new(bytes: Bytes, mut offsets: Vec<u32>) -> Self {
        let entries = 0..offsets.len();
        offsets.push(bytes.len() as u32);
        Self {
            bytes,
            offsets: offsets.into(),
            entries,
        }
    }

    /// How many entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// One entry.
    ///
    /// # Panics
    /// Where there is no such entry, as a slice does.
    #[must_use]
    pub fn entry(&self, position: usize) -> &[u8] {
        &self.bytes[self.place(position)]
    }

    /// One entry, sharing the bundle's bytes.
    ///
    /// # Panics
    /// Where there is no such entry, as a slice does.
    #[must_use]
    pub fn entry_bytes(&self, position: usize) -> Bytes {
        self.bytes.slice(self.place(position))
    }

    /// All entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + DoubleEndedIterator {
        (0..self.len()).map(|position| self.entry(position))
    }

    /// Some of the entries, sharing the bundle's bytes.
    ///
    /// # Panics
    /// Where the range ends after the last entry or before it starts, as a slice does.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        assert!(
            range.start <= range.end && range.end <= self.len(),
            "{range:?} of {} entries",
            self.len()
        );
        let first = self.entries.start;
        Self {
            bytes: self.bytes.clone(),
            offsets: Arc::clone(&self.offsets),
            entries: first + range.start..first + range.end,
        }
    }

    /// The entries with their lengths, as they are stored, sent and read again.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        let start = self.offsets[self.entries.start] as usize;
        let end = self.offsets[self.entries.end] as usize;
        self.bytes.slice(start..end)
    }

    fn place(&self, position: usize) -> Range<usize> {
        assert!(
            position < self.len(),
            "{position} of {} entries",
            self.len()
        );
        let at = self.entries.start + position;
        self.offsets[at] as usize + PREFIX..self.offsets[at + 1] as usize
    }
}

impl PartialEq for EntryBundle {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for EntryBundle {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_bundle_are_fixed() {
        let bundle = EntryBundle::from_entries([&b"ab"[..], b"", b"c"]).unwrap();
        assert_eq!(
            bundle.bytes()[..],
            [
                0, 2, b'a', b'b', // two bytes
                0, 0, // none
                0, 1, b'c', // one byte
            ]
        );
        assert_eq!(EntryBundle::parse(bundle.bytes()), Ok(bundle));
    }

    #[test]
    fn entries_and_slices_share_the_bytes() {
        let whole = EntryBundle::from_entries(["a", "bc", "def", "g"]).unwrap();
        let part = whole.slice(1..3);
        assert_eq!(part.iter().collect::<Vec<_>>(), [&b"bc"[..], b"def"]);
        assert_eq!(part.entry_bytes(1).as_ptr(), whole.entry(2).as_ptr());
        assert_eq!(part.slice(1..2).bytes()[..], *b"\0\x03def");
        assert_eq!(part.bytes().len(), 2 + 2 + 2 + 3);
        assert_eq!(EntryBundle::parse(part.bytes()), Ok(part));
        assert!(whole.slice(4..4).is_empty());
    }

    #[test]
    fn what_is_not_a_bundle_is_refused() {
        let parse = |bytes: &[u8]| EntryBundle::parse(Bytes::copy_from_slice(bytes)).unwrap_err();
        assert_eq!(parse(&[0]), BundleError::Truncated { position: 0 });
        assert_eq!(parse(&[0, 1]), BundleError::Truncated { position: 0 });
        assert_eq!(
            parse(&[0, 1, 7, 0, 2, 7]),
            BundleError::Truncated { position: 1 }
        );
        assert_eq!(
            parse(&[4, 1]),
            BundleError::EntryTooLong {
                position: 0,
                length: 1025
            }
        );
        assert_eq!(parse(&[0; 2 * 257]), BundleError::TooMany);
    }

    #[test]
    fn the_limits_themselves_are_allowed() {
        let longest = vec![7; MAX_ENTRY];
        let bundle = EntryBundle::from_entries(vec![&longest; 256]).unwrap();
        assert_eq!(bundle.bytes().len(), MAX_BUNDLE_BYTES);
        assert_eq!(EntryBundle::parse(bundle.bytes()).unwrap().len(), 256);
        assert_eq!(
            EntryBundle::from_entries(vec![&longest; 257]),
            Err(BundleError::TooMany)
        );
        assert!(EntryBundle::from_entries([[7; MAX_ENTRY + 1]]).is_err());
    }
}
