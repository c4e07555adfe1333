//! Counts that are kept, for whoever asks without reason to wait for them.
//!
//! They are counted anew when the log has changed, by one who asks, and no more often than
//! what the last time cost allows. Until then everybody gets those that there are.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::pace::Pace;
use crate::{error::ViewsError, question::Counts};

/// The counts of all logs.
#[derive(Default)]
pub(crate) struct Kept(Mutex<HashMap<u32, Log>>);

#[derive(Default)]
struct Log {
    counts: Option<Counts>,
    /// What the log's mark was when they were counted.
    mark: u64,
    pace: Pace,
    is_counting: bool,
}

impl Kept {
    /// The counts of a log whose mark is `mark` now; `count` counts them. Where that fails,
    /// those that were kept. `now` tells how long it takes.
    pub(crate) fn of(
        &self,
        log: u32,
        mark: u64,
        now: &dyn Fn() -> u64,
        count: impl FnOnce() -> Result<Counts, ViewsError>,
    ) -> Result<Counts, ViewsError> {
        let known = {
            let mut logs = self.0.lock();
            let kept = logs.entry(log).or_default();
            if let Some(counts) = kept.counts
                && (kept.mark == mark || kept.is_counting || kept.pace.wait(now()).is_some())
            {
                return Ok(counts);
            }
            kept.is_counting = true;
            kept.counts
        };
        let begun = now();
        let counted = count();
        let mut logs = self.0.lock();
        let kept = logs.entry(log).or_default();
        kept.is_counting = false;
        kept.pace.ended(begun, now());
        match (counted, known) {
            (Ok(counts), _) => {
                (kept.counts, kept.mark) = (Some(counts), mark);
                Ok(counts)
            }
            (Err(_), Some(before)) => Ok(before),
            (Err(error), None) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_log_that_did_not_change_is_not_counted_again_and_one_that_costs_much_is_paced() {
        let (kept, counted) = (Kept::default(), Cell::new(0));
        let ask = |mark: u64| {
            let counts = kept.of(1, mark, &|| 10_000, || {
                counted.set(counted.get() + 1);
                let records = mark;
                Ok(Counts {
                    records,
                    unreadable: 0,
                })
            });
            (counts.unwrap().records, counted.get())
        };
        let the_last_time_cost = |cost: u64| {
            let mut logs = kept.0.lock();
            let pace = &mut logs.get_mut(&1).unwrap().pace;
            pace.ended(10_000 - cost, 10_000);
        };
        assert_eq!(ask(1), (1, 1));
        the_last_time_cost(0);
        assert_eq!(ask(1), (1, 1), "nothing changed");
        assert_eq!(ask(2), (2, 2));
        the_last_time_cost(10_000);
        assert_eq!(ask(3), (2, 2), "it cost too much to do it again so soon");
        the_last_time_cost(0);
        assert_eq!(ask(3), (3, 3));
    }

    #[test]
    fn counts_are_told_also_when_they_cannot_be_read_any_more() {
        let kept = Kept::default();
        let failing = || Err(ViewsError::Stopped("the disk is gone".into()));
        assert!(kept.of(1, 1, &|| 0, failing).is_err());
        let counts = Counts {
            records: 7,
            unreadable: 0,
        };
        kept.of(1, 1, &|| 0, || Ok(counts)).unwrap();
        assert_eq!(kept.of(1, 2, &|| 0, failing).unwrap(), counts);
    }
}
