//! The only place that reads the time.
//!
//! Times that are stored or signed are milliseconds since 1970 in UTC; what is
//! measured uses the monotonic clock.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::time::Instant;

/// Tells the time in milliseconds since 1970 in UTC. Clones tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self(Arc::new(system_unix_ms))
    }

    /// A clock that stands still until it is set, and the handle that sets it.
    pub fn manual(unix_ms: u64) -> (Self, ManualClock) {
        let hand = ManualClock(Arc::new(AtomicU64::new(unix_ms)));
        let face = Arc::clone(&hand.0);
        (Self(Arc::new(move || face.load(Ordering::SeqCst))), hand)
    }

    /// Milliseconds since 1970 in UTC.
    pub fn unix_ms(&self) -> u64 {
        (self.0)()
    }

    /// Seconds since 1970 in UTC.
    pub fn unix_seconds(&self) -> u64 {
        self.unix_ms() / 1000
    }

    /// The clock as a plain function.
    pub fn as_fn(&self) -> Arc<dyn Fn() -> u64 + Send + Sync> {
        Arc::clone(&self.0)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.unix_ms())
    }
}

/// Sets a [`Clock::manual`].
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// Sets the time.
    pub fn set(&self, unix_ms: u64) {
        self.0.store(unix_ms, Ordering::SeqCst);
    }

    /// Moves the time on.
    pub fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// The monotonic clock, for what is measured. Tests that pause tokio's time stop it.
#[expect(clippy::disallowed_methods, reason = "this is the owner of the clocks")]
pub fn monotonic() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this is the owner of the clocks")]
fn system_unix_ms() -> u64 {
    // A clock before 1970 reads as 0: what is signed then is visibly wrong.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let (clock, hand) = Clock::manual(5_000);
        assert_eq!((clock.unix_ms(), clock.unix_seconds()), (5_000, 5));
        hand.advance(1_500);
        assert_eq!((clock.as_fn()(), clock.unix_seconds()), (6_500, 6));
        hand.set(1);
        assert_eq!(clock.unix_ms(), 1);
    }

    #[test]
    fn the_system_clock_is_past_the_year_2020() {
        assert!(Clock::system().unix_ms() > 1_577_836_800_000);
    }
}
