//! The only place that draws random bytes.
//!
//! Salts, record ids, seeds of keys and the spreading of pauses come from a
//! [`Random`] that was handed in, so that a test can know them beforehand. Only TLS
//! draws its own, inside its library.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

type Source = dyn Fn(&mut [u8]) -> io::Result<()> + Send + Sync;

/// Gives random bytes. Clones draw from one source.
#[derive(Clone)]
pub struct Random(Arc<Source>);

impl Random {
    /// The randomness of the operating system, fit for keys.
    #[expect(clippy::disallowed_methods, reason = "this is the owner of randomness")]
    pub fn system() -> Self {
        Self(Arc::new(|bytes| {
            getrandom::fill(bytes).map_err(io::Error::other)
        }))
    }

    /// The same bytes for the same seed, always: for tests, and never for a secret.
    ///
    /// ```
    /// use wpsx_client::random::Random;
    ///
    /// let drawn: [u8; 16] = Random::seeded(7).bytes();
    /// assert_eq!(drawn, Random::seeded(7).bytes());
    /// assert_ne!(drawn, Random::seeded(8).bytes());
    /// ```
    pub fn seeded(seed: u64) -> Self {
        let state = AtomicU64::new(seed);
        Self(Arc::new(move |bytes| {
            for chunk in bytes.chunks_mut(8) {
                let drawn = next(&state).to_le_bytes();
                chunk.copy_from_slice(&drawn[..chunk.len()]);
            }
            Ok(())
        }))
    }

    /// The same, until `broken` is set: from then on it has nothing to give.
    pub fn seeded_until(seed: u64, broken: Arc<AtomicBool>) -> Self {
        let whole = Self::seeded(seed);
        Self(Arc::new(move |bytes| match broken.load(Ordering::SeqCst) {
            true => Err(io::Error::other("the source is broken")),
            false => whole.try_fill(bytes),
        }))
    }

    /// Fills `bytes`, for who can say what is to be done if that fails.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn try_fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        (self.0)(bytes)
    }

    /// Fills `bytes`.
    ///
    /// # Panics
    /// The operating system has no randomness to give; nothing safe can be done then.
    #[expect(
        clippy::expect_used,
        reason = "without randomness nothing safe can be done"
    )]
    pub fn fill(&self, bytes: &mut [u8]) {
        self.try_fill(bytes)
            .expect("the operating system gives random bytes");
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// As [`fill`](Self::fill).
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// [`fill`](Self::fill) as a plain function.
    #[expect(
        clippy::type_complexity,
        reason = "the very type that the store takes, which knows nothing of this one"
    )]
    pub fn as_fn(&self) -> Arc<dyn Fn(&mut [u8]) + Send + Sync> {
        let random = self.clone();
        Arc::new(move |bytes| random.fill(bytes))
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Random").finish_non_exhaustive()
    }
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
fn next(state: &AtomicU64) -> u64 {
    const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut z = state
        .fetch_add(GAMMA, Ordering::Relaxed)
        .wrapping_add(GAMMA);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_sequence_that_clones_draw_from_together() {
        let random = Random::seeded(0);
        // The first two of SplitMix64 from 0, as published with the generator.
        let first: [u8; 8] = random.bytes();
        assert_eq!(u64::from_le_bytes(first), 0xe220_a839_7b1d_cdaf);
        let second: [u8; 8] = random.clone().bytes();
        assert_eq!(u64::from_le_bytes(second), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn an_odd_length_is_filled_to_its_end() {
        let mut odd = [0; 13];
        Random::seeded(3).as_fn()(&mut odd);
        assert_eq!(odd, Random::seeded(3).bytes::<16>()[..13]);
    }

    #[test]
    fn the_system_does_not_repeat_itself() {
        let random = Random::system();
        assert_ne!(random.bytes::<32>(), random.bytes::<32>());
    }
}
