//! When to try again: after faults of the connection, later and later, never in step
//! with others. A lie is never tried again.

use std::time::Duration;

/// How often and how late to try again.
#[derive(Debug, Clone)]
pub struct Retry {
    /// Tries in all, at least one.
    pub tries: u32,
    /// The pause after the first try; it doubles each time.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            tries: 6,
            first: Duration::from_millis(200),
            longest: Duration::from_secs(30),
        }
    }
}

impl Retry {
    /// One try only.
    pub fn never() -> Self {
        Self {
            tries: 1,
            ..Self::default()
        }
    }

    /// The pause after the try with this number, from 1: between half and the whole of
    /// the doubled pause, as `random` decides. `None` if that was the last try.
    pub fn pause(&self, tried: u32, random: u32) -> Option<Duration> {
        if tried >= self.tries {
            return None;
        }
        let doubled = self
            .first
            .saturating_mul(1 << tried.saturating_sub(1).min(20))
            .min(self.longest);
        let share = f64::from(random) / f64::from(u32::MAX);
        Some(doubled.mul_f64(0.5 + share / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_then_end() {
        let retry = Retry {
            tries: 5,
            first: Duration::from_millis(100),
            longest: Duration::from_millis(300),
        };
        let pauses: Vec<_> = (1..=5).map(|tried| retry.pause(tried, u32::MAX)).collect();
        assert_eq!(
            pauses,
            [100, 200, 300, 300]
                .map(|pause| Some(Duration::from_millis(pause)))
                .into_iter()
                .chain([None])
                .collect::<Vec<_>>()
        );
        assert_eq!(retry.pause(1, 0), Some(Duration::from_millis(50)));
    }
}
