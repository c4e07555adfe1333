//! How often work may be done again: so that it takes a tenth of the time, whatever it costs.

use std::time::{Duration, Instant};

/// For each second of the work, so many without it.
const REST: u32 = 9;
/// Work that takes less is done whenever somebody wants it.
const CHEAP: Duration = Duration::from_millis(10);

/// When work may be done again.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    next: Option<Instant>,
}

impl Pace {
    /// How long until the work may be done again; none: now.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let left = self.next?.saturating_duration_since(now());
        (!left.is_zero()).then_some(left)
    }

    /// The work was begun then, and has ended now.
    pub(crate) fn ended(&mut self, begun: Instant) {
        let ended = now();
        let cost = ended.saturating_duration_since(begun);
        self.next = (cost > CHEAP).then(|| ended + cost * REST);
    }
}

/// The time, for how long something took.
#[expect(
    clippy::disallowed_methods,
    reason = "it says how long our own work took, and is never shown or kept"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_is_done_again_after_nine_times_as_long() {
        let mut pace = Pace::default();
        assert_eq!(pace.wait(), None);
        pace.ended(now());
        assert_eq!(pace.wait(), None, "it cost nothing");
        let begun = now().checked_sub(Duration::from_secs(10)).unwrap();
        pace.ended(begun);
        let wait = pace.wait().unwrap();
        assert!(wait > Duration::from_secs(80) && wait < Duration::from_secs(100));
    }
}
