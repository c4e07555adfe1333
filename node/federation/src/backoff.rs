//! How long to wait before the next attempt: longer each time, never the same
//! for two nodes that failed together.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(60);
/// A peer that lied is asked again, but not soon.
const AFTER_A_LIE: Duration = Duration::from_secs(15);

/// Waits between attempts at one peer.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The last attempt did what it should.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// The wait after one more failure; `random` spreads it over half to whole.
    pub(crate) fn failed(&mut self, random: u32) -> Duration {
        let longest = FIRST
            .saturating_mul(1 << self.failures.min(10))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        spread(longest, random)
    }

    /// The wait after an answer that was refused.
    pub(crate) fn lied(&mut self, random: u32) -> Duration {
        self.failed(random).max(spread(AFTER_A_LIE, random))
    }
}

fn spread(longest: Duration, random: u32) -> Duration {
    let half = longest / 2;
    half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_minute_and_start_again_after_a_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..12).map(|_| backoff.failed(u32::MAX)).collect();
        assert!(waits.is_sorted());
        assert_eq!(waits[0], FIRST);
        assert_eq!(waits[11], LONGEST);
        backoff.succeeded();
        assert_eq!(backoff.failed(0), FIRST / 2);
    }

    #[test]
    fn two_nodes_do_not_wait_the_same() {
        let wait = |random| Backoff::default().failed(random);
        assert!(wait(1) < wait(u32::MAX / 2));
    }
}
