//! A set of offsets within one run, one bit for each: the form in which sets are combined.

/// Words of 64 bits that make up a run.
pub(crate) const WORDS: usize = 1024;

/// One bit for each offset, the lowest bit first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bits(pub(crate) Box<[u64; WORDS]>);

impl Default for Bits {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl Bits {
    pub(crate) fn insert(&mut self, offset: u16) -> bool {
        let (word, bit) = (usize::from(offset >> 6), 1u64 << (offset & 63));
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    pub(crate) fn remove(&mut self, offset: u16) -> bool {
        let (word, bit) = (usize::from(offset >> 6), 1u64 << (offset & 63));
        let there = self.0[word] & bit != 0;
        self.0[word] &= !bit;
        there
    }

    pub(crate) fn contains(&self, offset: u16) -> bool {
        self.0[usize::from(offset >> 6)] & (1u64 << (offset & 63)) != 0
    }

    /// How many are also in `other`.
    pub(crate) fn common(&self, other: &Self) -> u64 {
        let pairs = self.0.iter().zip(other.0.iter());
        pairs.map(|(a, b)| u64::from((a & b).count_ones())).sum()
    }

    /// Adds all of `other`.
    pub(crate) fn join(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0.iter()) {
            *word |= more;
        }
    }

    /// Keeps what is also in `other`.
    pub(crate) fn intersect(&mut self, other: &Self) {
        for (word, mask) in self.0.iter_mut().zip(other.0.iter()) {
            *word &= mask;
        }
    }

    /// Removes all of `other`.
    pub(crate) fn subtract(&mut self, other: &Self) {
        for (word, mask) in self.0.iter_mut().zip(other.0.iter()) {
            *word &= !mask;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(crate) fn len(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The offsets from `first` on, ascending.
    pub(crate) fn iter_from(&self, first: u16) -> impl Iterator<Item = u16> + '_ {
        let start = usize::from(first >> 6);
        self.0[start..]
            .iter()
            .enumerate()
            .flat_map(move |(number, word)| {
                let mut word = *word;
                if number == 0 {
                    word &= u64::MAX << (first & 63);
                }
                let base = (start + number) << 6;
                std::iter::from_fn(move || {
                    if word == 0 {
                        return None;
                    }
                    let bit = word.trailing_zeros();
                    word &= word - 1;
                    u16::try_from(base + bit as usize).ok()
                })
            })
    }
}
