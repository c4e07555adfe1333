//! Log lines about one trouble: the first few at once, then one now and then that says
//! how many were left out. Whoever causes the trouble, the log does not grow with it.

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;
use wpsx_client::clock::monotonic;

/// Lines that are said at once.
const AT_ONCE: u32 = 5;
/// One more may be said after each of these.
const EVERY: Duration = Duration::from_secs(30);
/// Troubles that are told apart; what is beyond shares its lines.
const MOST: usize = 1_000;
/// The longest part of a line that somebody else chose, in bytes.
const LONGEST: usize = 300;

/// Says of each trouble how much of it may be told. One for a node, or for a part of it.
#[derive(Debug, Default)]
pub struct Quiet {
    said: Mutex<HashMap<(String, &'static str), Said>>,
}

#[derive(Debug)]
struct Said {
    left: u32,
    since: Instant,
    left_out: u64,
}

impl Quiet {
    /// Whether a line about `what` with `peer` may be said now, and how many were left
    /// out since the last one.
    pub fn may_say(&self, peer: &str, what: &'static str) -> Option<u64> {
        self.at(monotonic(), peer, what)
    }

    fn at(&self, now: Instant, peer: &str, what: &'static str) -> Option<u64> {
        let mut all = self.said.lock();
        let mut key = (peer.to_owned(), what);
        if all.len() >= MOST && !all.contains_key(&key) {
            key = (String::new(), "");
        }
        let said = all.entry(key).or_insert(Said {
            left: AT_ONCE,
            since: now,
            left_out: 0,
        });
        let more = u32::try_from((now - said.since).as_secs() / EVERY.as_secs()).unwrap_or(AT_ONCE);
        if more > 0 {
            said.left = said.left.saturating_add(more).min(AT_ONCE);
            said.since = now;
        }
        if said.left == 0 {
            said.left_out += 1;
            return None;
        }
        said.left -= 1;
        Some(std::mem::take(&mut said.left_out))
    }
}

/// What somebody else wrote, without control characters and short enough for a log line.
pub fn brief(text: &str) -> String {
    shortened(text, LONGEST)
}

/// The same, with at most `most` bytes.
pub fn shortened(text: &str, most: usize) -> String {
    let clean = text.chars().filter(|c| !c.is_control());
    let mut kept = String::new();
    for c in clean {
        if kept.len() + c.len_utf8() > most {
            break;
        }
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_trouble_is_told_a_few_times_and_then_rarely_whoever_causes_it() {
        let (quiet, start) = (Quiet::default(), monotonic());
        let said = |after: Duration, peer: &str| quiet.at(start + after, peer, "line lost");
        let at_once = (0..1_000).filter(|_| said(Duration::ZERO, "a").is_some());
        assert_eq!(at_once.count(), AT_ONCE as usize);
        // Another peer's trouble is told all the same.
        assert_eq!(said(Duration::ZERO, "b"), Some(0));
        assert_eq!(said(EVERY / 2, "a"), None);
        assert_eq!(said(EVERY, "a"), Some(996));
        assert_eq!(said(EVERY, "a"), None);
        assert_eq!(said(100 * EVERY, "a"), Some(1));
    }

    #[test]
    fn troubles_without_end_share_their_lines() {
        let quiet = Quiet::default();
        let told = (0..100_000).filter(|n| quiet.may_say(&n.to_string(), "lost").is_some());
        assert!(told.count() <= MOST + AT_ONCE as usize);
        assert!(quiet.said.lock().len() <= MOST + 1);
    }

    #[test]
    fn what_others_wrote_is_cut_and_clean() {
        assert_eq!(brief(&"\n".repeat(10_000)), "");
        assert_eq!(brief(&"ä".repeat(10_000)).len(), LONGEST);
    }
}
