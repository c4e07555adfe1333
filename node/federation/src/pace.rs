//! How fast a log comes in, so that a slow peer gives way to one that waits.

use std::time::Duration;

use tokio::time::{Instant, Interval, interval_at};
use wpsx_client::clock::monotonic;

use crate::lease::Lease;

/// A holder slower than this, in entries a second, gives way to a peer that waits.
const SLOW: u64 = 1_000;
/// How long a holder is left alone before its speed counts.
const TRIAL: Duration = Duration::from_secs(3);
/// How often its speed is looked at then.
const LOOK_UP: Duration = Duration::from_millis(250);

/// How fast a log comes in from the peer that holds its lease.
pub(crate) struct Pace {
    since: Instant,
    entries: u64,
    tick: Interval,
}

impl Pace {
    pub(crate) fn begin() -> Self {
        let since = monotonic();
        Self {
            since,
            entries: 0,
            tick: interval_at(since + TRIAL, LOOK_UP),
        }
    }

    pub(crate) fn count(&mut self, entries: u64) {
        self.entries += entries;
    }

    /// Waits until the log comes in slowly, or not at all, while another peer waits for it.
    pub(crate) async fn too_slow(&mut self, lease: &Lease) {
        loop {
            self.tick.tick().await;
            let slow = self.entries < SLOW * self.since.elapsed().as_secs();
            if slow && lease.is_wanted() {
                return;
            }
        }
    }
}
