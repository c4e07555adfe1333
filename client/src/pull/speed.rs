//! How fast a line is, so that what is asked for at once suits it.
//!
//! An answer that takes minutes keeps everything else of the line waiting, looks like a
//! peer that hangs, and is lost whole when the line breaks. So a call asks for about as
//! much as comes in a second: a few KiB over a poor link, megabytes within a house.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Bytes of the first call over a line whose speed nobody knows yet.
const FIRST: u64 = 16 * 1024;
/// Bytes of the smallest call: less would be mostly the call itself.
const LEAST: u64 = 4 * 1024;
/// A piece below which the line counts as slow: nothing comes sooner by asking for two
/// things at a time.
const SLOW: u64 = 128 * 1024;

/// What came sooner may have spent its time on the way.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How fast a line brings what is asked for. Whoever asks over the same line shares it.
#[derive(Debug, Default)]
pub struct Speed {
    /// Bytes of a second; zero as long as nothing came.
    rate: AtomicU64,
}

impl Speed {
    /// That of a line of which it is known how many bytes it brings in a second.
    pub fn known(bytes_per_second: u64) -> Self {
        let rate = AtomicU64::new(bytes_per_second);
        Self { rate }
    }

    /// Bytes to ask for at once, never more than `most`.
    pub(super) fn piece(&self, most: u64) -> u64 {
        match self.rate.load(Ordering::Relaxed) {
            0 => FIRST.min(most),
            rate => rate.clamp(LEAST.min(most), most),
        }
    }

    /// Whether one call at a time fills the line.
    pub(super) fn is_slow(&self) -> bool {
        (1..SLOW).contains(&self.rate.load(Ordering::Relaxed))
    }

    /// A call brought `bytes` of what it asked for. A small one says nothing of a line
    /// on which it came at once: most of its time was the way there and back.
    pub(super) fn came(&self, bytes: u64, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        let now = (bytes.saturating_mul(1_000_000) / micros).max(1);
        let piece = self.piece(u64::MAX);
        if bytes < piece / 2 && now < piece && took < AT_ONCE {
            return;
        }
        let known = self.rate.load(Ordering::Relaxed);
        let rate = match known {
            0 => now,
            known => known / 2 + now / 2 + 1,
        };
        self.rate.store(rate, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u64 = 4 << 20;

    #[test]
    fn a_piece_is_what_comes_in_a_second() {
        let speed = Speed::default();
        assert_eq!(speed.piece(MOST), FIRST);
        assert!(!speed.is_slow());
        for _ in 0..20 {
            speed.came(6_250, Duration::from_secs(1));
        }
        assert!((6_000..7_000).contains(&speed.piece(MOST)));
        assert!(speed.is_slow());
        speed.came(100 << 20, Duration::from_millis(100));
        assert_eq!(speed.piece(MOST), MOST);
        assert!(!speed.is_slow());
    }

    #[test]
    fn a_small_answer_says_nothing_of_a_fast_line() {
        let speed = Speed::default();
        speed.came(300, Duration::from_millis(50));
        assert_eq!(speed.piece(MOST), FIRST);
        speed.came(MOST, Duration::from_millis(100));
        speed.came(300, Duration::from_millis(50));
        assert_eq!(speed.piece(MOST), MOST);
    }

    #[test]
    fn no_piece_is_too_small_or_too_large() {
        let speed = Speed::default();
        speed.came(FIRST, Duration::from_secs(3600));
        assert_eq!(speed.piece(MOST), LEAST);
        assert_eq!(speed.piece(1_000), 1_000);
        speed.came(u64::MAX, Duration::ZERO);
        assert_eq!(speed.piece(MOST), MOST);
    }
}
