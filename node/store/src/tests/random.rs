//! A small generator whose seed is printed with a failure.

pub(super) struct Random(pub(super) u64);

impl Random {
    /// `WPSX_TEST_SEED`, or always the same.
    pub(super) fn seed() -> u64 {
        Self::asked().unwrap_or(0x5eed)
    }

    /// `WPSX_TEST_SEED`, if it is set.
    pub(super) fn asked() -> Option<u64> {
        std::env::var("WPSX_TEST_SEED").ok()?.parse().ok()
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
