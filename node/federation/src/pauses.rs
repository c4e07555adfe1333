//! How long each log is left alone at one peer after a trouble with it. Other logs of
//! that peer, and other peers' copies of that log, are not concerned. A pause outlives
//! the session: whoever hangs up and dials again is not asked sooner.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::time::Instant;
use wpsx_client::clock::monotonic;

use crate::backoff::Backoff;

/// Logs of one peer that can be paused apart.
const MOST: usize = 10_000;

/// The pauses of the logs of one peer.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    logs: Mutex<HashMap<String, Pause>>,
}

#[derive(Debug)]
struct Pause {
    backoff: Backoff,
    until: Instant,
}

impl Pauses {
    /// Leaves a log alone after an attempt that failed; `random` spreads the pause.
    pub(crate) fn failed(&self, origin: &str, random: u32) {
        self.pause(origin, |backoff| backoff.failed(random));
    }

    /// The same after an answer that was refused.
    pub(crate) fn lied(&self, origin: &str, random: u32) {
        self.pause(origin, |backoff| backoff.lied(random));
    }

    fn pause(&self, origin: &str, wait: impl FnOnce(&mut Backoff) -> std::time::Duration) {
        let now = monotonic();
        let mut logs = self.logs.lock();
        if logs.len() >= MOST {
            logs.retain(|_, pause| pause.until > now);
        }
        let pause = logs.entry(origin.to_owned()).or_insert_with(|| Pause {
            backoff: Backoff::default(),
            until: now,
        });
        pause.until = now + wait(&mut pause.backoff);
    }

    /// The log came right.
    pub(crate) fn worked(&self, origin: &str) {
        self.logs.lock().remove(origin);
    }

    /// Until when the log is left alone, if it is.
    pub(crate) fn until(&self, origin: &str) -> Option<Instant> {
        let logs = self.logs.lock();
        let until = logs.get(origin)?.until;
        (until > monotonic()).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_log_pauses_and_the_others_go_on() {
        let pauses = Pauses::default();
        pauses.lied("bad", u32::MAX);
        assert!(pauses.until("bad").is_some());
        assert!(pauses.until("good").is_none());
        let first = pauses.until("bad");
        for _ in 0..20 {
            pauses.failed("bad", u32::MAX);
        }
        assert!(pauses.until("bad") > first, "waits grow");
        pauses.worked("bad");
        assert!(pauses.until("bad").is_none());
    }
}
