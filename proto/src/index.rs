//! Positions and sizes of a log, as types that cannot be swapped by accident.

use std::fmt;

/// Entries in a full bundle, and hashes in a full tile.
pub const BUNDLE: u64 = 256;

/// The position of one entry in its log, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LeafIndex(u64);

/// The number of entries of a log: the index of the entry that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TreeSize(u64);

impl LeafIndex {
    /// The position with this number.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// Its number.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The position `count` further on, or the last there can be.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// The size of the smallest tree that holds this entry.
    #[must_use]
    pub const fn size_through(self) -> TreeSize {
        TreeSize(self.0.saturating_add(1))
    }

    /// The size of the tree of all entries before this one.
    #[must_use]
    pub const fn size_before(self) -> TreeSize {
        TreeSize(self.0)
    }

    /// The number of the bundle that holds this entry.
    #[must_use]
    pub const fn bundle(self) -> u64 {
        self.0 / BUNDLE
    }

    /// The position of the first entry of that bundle.
    #[must_use]
    pub const fn bundle_start(self) -> Self {
        Self(self.0 - self.0 % BUNDLE)
    }

    /// The position within that bundle, 0 to 255.
    #[must_use]
    pub const fn in_bundle(self) -> usize {
        (self.0 % BUNDLE) as usize
    }
}

impl TreeSize {
    /// No entries.
    pub const ZERO: Self = Self(0);

    /// The size with this number of entries.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// How many entries.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// Whether there are no entries.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a tree of this size holds the entry.
    #[must_use]
    pub const fn contains(self, index: LeafIndex) -> bool {
        index.0 < self.0
    }

    /// The size after `count` more entries, or the largest there can be.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// The position that the next entry will have.
    #[must_use]
    pub const fn next_index(self) -> LeafIndex {
        LeafIndex(self.0)
    }

    /// The position of the last entry, if there is one.
    #[must_use]
    pub const fn last_index(self) -> Option<LeafIndex> {
        match self.0.checked_sub(1) {
            Some(last) => Some(LeafIndex(last)),
            None => None,
        }
    }
}

impl fmt::Display for LeafIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for TreeSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_knows_its_bundle() {
        let index = LeafIndex::new(515);
        assert_eq!((index.bundle(), index.in_bundle()), (2, 3));
        assert_eq!(index.bundle_start(), LeafIndex::new(512));
    }

    #[test]
    fn a_size_knows_its_first_and_last_neighbour() {
        let size = TreeSize::new(7);
        assert_eq!(size.last_index(), Some(LeafIndex::new(6)));
        assert_eq!(size.next_index(), LeafIndex::new(7));
        assert!(size.contains(LeafIndex::new(6)) && !size.contains(LeafIndex::new(7)));
        assert_eq!(TreeSize::ZERO.last_index(), None);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let last = LeafIndex::new(u64::MAX);
        assert_eq!(last.size_through(), TreeSize::new(u64::MAX));
        assert_eq!(TreeSize::new(u64::MAX).plus(9), TreeSize::new(u64::MAX));
    }
}
