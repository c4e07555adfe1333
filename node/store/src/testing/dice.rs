//! A small generator whose seed is printed with a failure.

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    /// `WPSX_TEST_SEED`, or always the same.
    pub fn seed() -> u64 {
        Self::asked().unwrap_or(0x5eed)
    }

    /// `WPSX_TEST_SEED`, if it is set.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that failed is run again with its seed"
    )]
    pub fn asked() -> Option<u64> {
        std::env::var("WPSX_TEST_SEED").ok()?.parse().ok()
    }

    /// Less than `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
