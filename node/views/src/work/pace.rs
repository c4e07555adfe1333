//! How often work may be done again: so that it takes a tenth of the time, whatever it costs.

use std::time::Duration;

/// For each second of the work, so many without it.
const REST: u64 = 9;
/// Work that takes less, in milliseconds, is done whenever somebody wants it.
const CHEAP: u64 = 10;

/// When work may be done again, in milliseconds of the clock that measures it.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    next: u64,
}

impl Pace {
    /// How long until the work may be done again; none: now.
    pub(crate) fn wait(&self, now: u64) -> Option<Duration> {
        let left = self.next.saturating_sub(now);
        (left > 0).then(|| Duration::from_millis(left))
    }

    /// The work was begun then, and has ended now.
    pub(crate) fn ended(&mut self, begun: u64, now: u64) {
        let cost = now.saturating_sub(begun);
        self.next = match cost > CHEAP {
            true => now.saturating_add(cost.saturating_mul(REST)),
            false => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_is_done_again_after_nine_times_as_long() {
        let mut pace = Pace::default();
        assert_eq!(pace.wait(7_000), None);
        pace.ended(7_000, 7_010);
        assert_eq!(pace.wait(7_010), None, "it cost nothing");
        pace.ended(7_000, 17_000);
        assert_eq!(pace.wait(17_000), Some(Duration::from_secs(90)));
        assert_eq!(pace.wait(106_999), Some(Duration::from_millis(1)));
        assert_eq!(pace.wait(107_000), None);
    }
}
