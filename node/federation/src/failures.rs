//! What failed with one peer and has not come right since: of the line as a whole, and
//! of each log. Refusals are kept elsewhere; these are troubles that accuse nobody.
//!
//! A log's failure is over when the log has moved, whoever moved it, and not when the
//! line happens to be open again.

use std::collections::BTreeMap;

use wpsx_domain::quiet::brief;
use wpsx_store::LogHandle;

/// Logs whose failures are kept for one peer.
const MOST: usize = 1_000;

/// The last failure of one sort, and since when and how often there were such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For people to read.
    pub reason: String,
    /// When the first of them was, milliseconds since 1970.
    pub first_time: u64,
    /// When the last was.
    pub time: u64,
    /// How many there were.
    pub count: u64,
}

impl Failure {
    /// One more at `time`, after those `before` it.
    pub(crate) fn again(before: Option<&Self>, reason: &str, time: u64) -> Self {
        Self {
            reason: brief(reason),
            first_time: before.map_or(time, |before| before.first_time),
            time,
            count: before.map_or(0, |before| before.count) + 1,
        }
    }
}

/// How far a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    stored: u64,
    head: u64,
    not_held: u64,
}

impl Position {
    /// How far `log` is.
    pub fn of(log: &LogHandle) -> Self {
        Self {
            stored: log.stored().value(),
            head: log.head().map_or(0, |head| head.size().value()),
            not_held: log.holes().not_held,
        }
    }

    fn has_moved_since(self, before: Self) -> bool {
        self.stored > before.stored
            || self.head > before.head
            || self.stored == before.stored && self.not_held < before.not_held
    }
}

/// The failures of the logs of one peer.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    logs: BTreeMap<String, (Failure, Option<Position>)>,
}

impl Failures {
    /// The log called `origin`, which is at `position` if it is known, failed once more.
    pub(crate) fn add(
        &mut self,
        origin: &str,
        position: Option<Position>,
        reason: &str,
        time: u64,
    ) {
        let before = self
            .logs
            .get(origin)
            .filter(|(_, at)| !moved(*at, position));
        if before.is_none() && self.logs.len() >= MOST && !self.logs.contains_key(origin) {
            return;
        }
        let failure = Failure::again(before.map(|(failure, _)| failure), reason, time);
        self.logs.insert(origin.to_owned(), (failure, position));
    }

    /// Nothing of that log is wrong with this peer any more.
    pub(crate) fn clear(&mut self, origin: &str) {
        self.logs.remove(origin);
    }

    /// Those that are not over, by log; `position` says how far a log is now.
    pub(crate) fn standing(
        &self,
        position: impl Fn(&str) -> Option<Position>,
    ) -> Vec<(String, Failure)> {
        let logs = self.logs.iter();
        logs.filter(|(origin, (_, at))| !moved(*at, position(origin)))
            .map(|(origin, (failure, _))| (origin.clone(), failure.clone()))
            .collect()
    }
}

fn moved(before: Option<Position>, now: Option<Position>) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => now.has_moved_since(before),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(stored: u64) -> Option<Position> {
        Some(Position {
            stored,
            head: 10,
            not_held: 3,
        })
    }

    #[test]
    fn a_failure_is_kept_with_its_time_and_count_until_the_log_has_moved() {
        let mut failures = Failures::default();
        for time in [1_000, 2_000, 3_000] {
            failures.add("log", at(10), "no progress", time);
        }
        let standing = failures.standing(|_| at(10));
        let [(origin, failure)] = &standing[..] else {
            panic!("{standing:?}");
        };
        assert_eq!(origin, "log");
        assert_eq!(
            (failure.first_time, failure.time, failure.count),
            (1_000, 3_000, 3)
        );
        assert_eq!(failures.standing(|_| at(11)), []);
        // It fails again further on: that is another one.
        failures.add("log", at(11), "no progress", 4_000);
        assert_eq!(failures.standing(|_| at(11))[0].1.count, 1);
        failures.clear("log");
        assert_eq!(failures.standing(|_| at(11)), []);
    }

    #[test]
    fn payloads_that_come_are_progress_too() {
        let mut failures = Failures::default();
        failures.add("log", at(10), "no progress", 1_000);
        let filled = Position {
            stored: 10,
            head: 10,
            not_held: 2,
        };
        assert_eq!(failures.standing(|_| Some(filled)), []);
    }
}
