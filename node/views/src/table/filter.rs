//! Which keys are surely not there: a Bloom filter in lines of a cache.
//!
//! Sixteen bits a key and seven of them set: of the keys that are not there, about one in a
//! thousand is said to be perhaps there, which then costs a whole leaf of sled's. The hash is
//! FNV-1a with the last steps of MurmurHash3, written here because filters are stored: it may
//! never change without the format.

/// Bits of a line of 64 bytes.
const LINE: u64 = 512;

/// Bits for each key.
const BITS: u64 = 16;

/// How many of them a key sets.
const SET: u32 = 7;

/// The hash of a key, for all filters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hashed(u64);

impl Hashed {
    pub(crate) fn of(key: &[u8]) -> Self {
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(stir(hash))
    }
}

/// See the module.
#[derive(Default)]
pub(crate) struct Filter(Vec<u64>);

impl Filter {
    /// For so many keys.
    pub(crate) fn of(keys: u64) -> Self {
        let lines = (keys * BITS).div_ceil(LINE).max(1);
        let words = usize::try_from(lines * LINE / 64).unwrap_or(usize::MAX);
        Self(vec![0; words])
    }

    pub(crate) fn add(&mut self, key: Hashed) {
        let (line, bits) = places(key, self.0.len());
        if let Some(words) = self.0.get_mut(line..line + 8) {
            for (word, bit) in bits {
                words[word] |= 1 << bit;
            }
        }
    }

    /// Whether the key is perhaps there. A filter without lines knows nothing.
    pub(crate) fn may_have(&self, key: Hashed) -> bool {
        let (line, mut bits) = places(key, self.0.len());
        self.0
            .get(line..line + 8)
            .is_none_or(|words| bits.all(|(word, bit)| words[word] & (1 << bit) != 0))
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let (words, _) = bytes.as_chunks();
        Self(words.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }
}

/// Where the line of a key begins among so many words, and its bits there.
fn places(Hashed(hash): Hashed, words: usize) -> (usize, impl Iterator<Item = (usize, u32)>) {
    let lines = words as u64 / 8;
    // The high half says the line, the whole hash, stirred once more, the bits in it.
    let line = ((hash >> 32) * lines) >> 32;
    let bits = stir(hash);
    let places = (0..SET).map(move |turn| {
        let bit = bits >> (9 * turn) & (LINE - 1);
        ((bit / 64) as usize, (bit % 64) as u32)
    });
    (usize::try_from(line * 8).unwrap_or(usize::MAX), places)
}

/// The finalizer of MurmurHash3.
fn stir(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_denied_and_few_others_are_let_through() {
        let key = |number: u64| Hashed::of(&[&number.to_be_bytes()[..], &[7; 12]].concat());
        let mut filter = Filter::of(10_000);
        (0..10_000).for_each(|number| filter.add(key(number)));
        let filter = Filter::from_bytes(&filter.to_bytes());
        assert!((0..10_000).all(|number| filter.may_have(key(number))));
        let wrong = (10_000..110_000).filter(|number| filter.may_have(key(*number)));
        let wrong = wrong.count();
        assert!((10..400).contains(&wrong), "{wrong} of 100,000");
    }

    #[test]
    fn the_hash_is_the_one_that_is_stored() {
        assert_eq!(Hashed::of(b""), Hashed(stir(0xcbf2_9ce4_8422_2325)));
        // Noll's value of "foobar".
        assert_eq!(Hashed::of(b"foobar"), Hashed(stir(0x8594_4171_f739_67e8)));
    }

    #[test]
    fn a_filter_without_lines_lets_all_through() {
        assert!(Filter::default().may_have(Hashed::of(b"x")));
        assert!(Filter::from_bytes(&[1, 2, 3]).may_have(Hashed::of(b"x")));
    }
}
