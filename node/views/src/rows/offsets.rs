//! A set of offsets within one run of 65,536 indexes: what a posting list is made of.
//!
//! Few offsets are kept as a sorted list, many as one bit each, so that no run
//! takes more than 8 KiB. Adding twice changes nothing, which is what makes
//! posting the same entries again harmless.

use super::bits::{Bits, WORDS};
use crate::table::TableError;

/// Runs have this many indexes.
pub(crate) const RUN: u64 = 1 << 16;

/// From here on a bit for each offset is the smaller form.
const FEW: usize = 4096;

/// A set of offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Offsets {
    /// Ascending.
    Few(Vec<u16>),
    /// One bit for each offset, the lowest bit first.
    Many(Bits),
}

impl Default for Offsets {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Offsets {
    /// Adds `offset`, and says whether it is new.
    pub(crate) fn insert(&mut self, offset: u16) -> bool {
        match self {
            Self::Few(list) => {
                // Entries come in order, so the end is nearly always the place.
                if list.last().is_none_or(|last| *last < offset) {
                    list.push(offset);
                } else {
                    match list.binary_search(&offset) {
                        Ok(_) => return false,
                        Err(place) => list.insert(place, offset),
                    }
                }
                if list.len() > FEW {
                    let mut bits = Bits::default();
                    for offset in list.iter() {
                        bits.insert(*offset);
                    }
                    *self = Self::Many(bits);
                }
                true
            }
            Self::Many(bits) => bits.insert(offset),
        }
    }

    /// Removes `offset`, and says whether it was there.
    pub(crate) fn remove(&mut self, offset: u16) -> bool {
        match self {
            Self::Few(list) => match list.binary_search(&offset) {
                Ok(place) => {
                    list.remove(place);
                    true
                }
                Err(_) => false,
            },
            Self::Many(bits) => bits.remove(offset),
        }
    }

    /// Adds all of `other`, and says whether that changed anything.
    pub(crate) fn unite(&mut self, other: &Self) -> bool {
        let mut changed = false;
        match other {
            Self::Few(list) => {
                for offset in list {
                    changed |= self.insert(*offset);
                }
            }
            Self::Many(theirs) => {
                let mut bits = Bits::default();
                bits.unite(self);
                let before = bits.len();
                bits.join(theirs);
                changed = bits.len() != before;
                *self = Self::Many(bits);
            }
        }
        changed
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Few(list) => list.is_empty(),
            Self::Many(bits) => bits.is_empty(),
        }
    }

    /// The stored form: a byte for the kind of list, then the list.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Few(list) => {
                let mut bytes = Vec::with_capacity(1 + 2 * list.len());
                bytes.push(0);
                for offset in list {
                    bytes.extend_from_slice(&offset.to_le_bytes());
                }
                bytes
            }
            Self::Many(bits) => {
                let mut bytes = Vec::with_capacity(1 + 8 * WORDS);
                bytes.push(1);
                for word in bits.0.iter() {
                    bytes.extend_from_slice(&word.to_le_bytes());
                }
                bytes
            }
        }
    }

    /// How many of the offsets in a stored form are among `bits`.
    pub(crate) fn count_in(bytes: &[u8], bits: &Bits) -> Result<u64, TableError> {
        match bytes.split_first() {
            Some((0, list)) if list.len() % 2 == 0 => {
                let pairs = list.chunks_exact(2);
                let offsets = pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                Ok(offsets.filter(|offset| bits.contains(*offset)).count() as u64)
            }
            Some((1, words)) if words.len() == 8 * WORDS => {
                let words = words.chunks_exact(8).zip(bits.0.iter());
                let common = words.map(|(bytes, mask)| {
                    let word = bytes.try_into().map_or(0, u64::from_le_bytes);
                    u64::from((word & mask).count_ones())
                });
                Ok(common.sum())
            }
            _ => Err(damaged()),
        }
    }

    /// Reads the stored form.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, TableError> {
        match bytes.split_first() {
            Some((0, rest)) if rest.len() % 2 == 0 && rest.len() <= 2 * FEW => {
                let list: Vec<u16> = rest
                    .chunks_exact(2)
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .collect();
                if list.windows(2).any(|pair| pair[0] >= pair[1]) {
                    return Err(damaged());
                }
                Ok(Self::Few(list))
            }
            Some((1, rest)) if rest.len() == 8 * WORDS => {
                let mut bits = Bits::default();
                for (word, bytes) in bits.0.iter_mut().zip(rest.chunks_exact(8)) {
                    *word = u64::from_le_bytes(bytes.try_into().map_err(|_| damaged())?);
                }
                Ok(Self::Many(bits))
            }
            _ => Err(damaged()),
        }
    }
}

fn damaged() -> TableError {
    TableError::Damaged("a posting list cannot be read".to_string())
}

impl Bits {
    /// Adds all of `offsets`.
    pub(crate) fn unite(&mut self, offsets: &Offsets) {
        match offsets {
            Offsets::Few(list) => {
                for offset in list {
                    self.insert(*offset);
                }
            }
            Offsets::Many(bits) => self.join(bits),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_full_run_takes_eight_kibibytes() {
        let mut offsets = Offsets::default();
        for offset in 0..=u16::MAX {
            offsets.insert(offset);
        }
        assert_eq!(offsets.to_bytes().len(), 8193);
        let mut bits = Bits::default();
        bits.unite(&offsets);
        assert_eq!(bits.len(), RUN);
        assert_eq!(bits.iter_from(65_530).count(), 6);
    }

    #[test]
    fn stored_forms_that_nobody_wrote_are_refused() {
        for bytes in [
            &[][..],
            &[0, 1],
            &[0, 2, 0, 1, 0],
            &[0, 1, 0, 1, 0],
            &[1, 0],
            &[2],
        ] {
            assert!(Offsets::from_bytes(bytes).is_err());
        }
    }

    proptest! {
        #[test]
        fn a_set_of_offsets_behaves_like_a_set(
            first in prop::collection::vec(any::<u16>(), 0..6000),
            second in prop::collection::vec(any::<u16>(), 0..6000),
            gone in prop::collection::vec(any::<u16>(), 0..200),
            from in any::<u16>(),
        ) {
            let mut model: BTreeSet<u16> = first.iter().copied().collect();
            let mut offsets = Offsets::default();
            for offset in &first {
                offsets.insert(*offset);
            }
            let mut other = Offsets::default();
            for offset in &second {
                other.insert(*offset);
            }
            let grows = second.iter().any(|offset| !model.contains(offset));
            model.extend(second);
            prop_assert_eq!(offsets.unite(&other), grows);
            prop_assert!(!offsets.unite(&other));
            for offset in gone {
                prop_assert_eq!(offsets.remove(offset), model.remove(&offset));
            }
            let again = Offsets::from_bytes(&offsets.to_bytes()).expect("own form");
            let mut bits = Bits::default();
            bits.unite(&again);
            prop_assert_eq!(bits.len(), model.len() as u64);
            let mut others = Bits::default();
            others.unite(&other);
            let common = bits.iter_from(0).filter(|offset| others.contains(*offset)).count() as u64;
            prop_assert_eq!(bits.common(&others), common);
            prop_assert_eq!(Offsets::count_in(&offsets.to_bytes(), &others).expect("own"), common);
            prop_assert_eq!(
                bits.iter_from(from).collect::<Vec<_>>(),
                model.range(from..).copied().collect::<Vec<_>>()
            );
        }
    }
}
