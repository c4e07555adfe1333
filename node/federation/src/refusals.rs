//! Answers that were refused, on both sides, with the reason, until they are resolved.
//!
//! The newest twenty of each peer and side are kept under `state/`, so that a restart
//! does not hide what a peer did. The same refusal again is counted and not kept twice.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use wpsx_client::clock::Clock;
use wpsx_domain::quiet::{Quiet, brief, shortened};
use wpsx_store::{State, StoreError};

const LOST: &str = "what was refused before is not known any more";
const PREFIX: &str = "refusals/";
const KEPT: usize = 20;
const MAX_ORIGIN: usize = 255;
const MAX_REASON: usize = 1_000;
const MAX_CODE: usize = 64;

/// One refused answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The log it was about; empty: none of them.
    pub origin: String,
    /// A short stable name, such as `bad-proof`.
    pub code: String,
    /// For people to read, of the last one.
    pub reason: String,
    /// When the last was, milliseconds since 1970 by our clock.
    pub time: u64,
    /// When the first was.
    #[serde(default)]
    pub first_time: u64,
    /// How many there were.
    #[serde(default = "one")]
    pub count: u64,
}

fn one() -> u64 {
    1
}

impl Refusal {
    /// Within the lengths that are kept, and that a peer takes of a report.
    pub(crate) fn at(time: u64, origin: &str, code: &str, reason: &str) -> Self {
        Self {
            origin: shortened(origin, MAX_ORIGIN),
            code: shortened(code, MAX_CODE),
            reason: shortened(reason, MAX_REASON),
            time,
            first_time: time,
            count: 1,
        }
    }
}

/// Which side refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// We refused the peer's answer.
    Ours,
    /// The peer refused our answer and told us.
    Theirs,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    ours: VecDeque<Refusal>,
    theirs: VecDeque<Refusal>,
}

impl Kept {
    fn side(&mut self, side: Side) -> &mut VecDeque<Refusal> {
        match side {
            Side::Ours => &mut self.ours,
            Side::Theirs => &mut self.theirs,
        }
    }
}

/// The refusals of all peers.
pub struct Refusals {
    state: State,
    clock: Clock,
    quiet: Quiet,
    kept: Mutex<BTreeMap<String, Kept>>,
}

impl Refusals {
    /// Reads what is kept; an unreadable file is started afresh, for it decides nothing.
    pub fn open(state: State, clock: Clock) -> Self {
        let mut kept = BTreeMap::new();
        for name in state.list(PREFIX).unwrap_or_default() {
            let Some(peer) = name
                .strip_prefix(PREFIX)
                .and_then(|n| n.strip_suffix(".json"))
            else {
                continue;
            };
            let read = state.get(&name).map(|bytes| {
                let bytes = bytes.unwrap_or_default();
                serde_json::from_slice(&bytes).ok()
            });
            let given_up = match read {
                Ok(Some(of_peer)) => {
                    kept.insert(peer.to_owned(), of_peer);
                    Ok(())
                }
                Ok(None) | Err(StoreError::Damaged { .. }) => state.give_up(&name, LOST),
                Err(error) => Err(error),
            };
            if let Err(error) = given_up {
                tracing::warn!(peer, %error, "what was refused before cannot be read");
            }
        }
        Self {
            state,
            clock,
            quiet: Quiet::default(),
            kept: Mutex::new(kept),
        }
    }

    /// Keeps one more refusal of `peer`, and says how many of its sort there are now.
    pub fn record(&self, peer: &str, side: Side, origin: &str, code: &str, reason: &str) -> u64 {
        let mut refusal = Refusal::at(self.clock.unix_ms(), origin, code, reason);
        let said = self.say(peer, side, &refusal);
        let mut kept = self.kept.lock();
        let of_peer = kept.entry(peer.to_owned()).or_default();
        let list = of_peer.side(side);
        let same = |r: &Refusal| r.origin == refusal.origin && r.code == refusal.code;
        if let Some(before) = list.iter().position(same).and_then(|at| list.remove(at)) {
            refusal.first_time = before.first_time;
            refusal.count = before.count.saturating_add(1);
        } else if list.len() == KEPT {
            list.pop_front();
        }
        let count = refusal.count;
        list.push_back(refusal);
        // Whoever causes them without end does not keep the disk busy with them.
        if said {
            self.write(peer, of_peer);
        }
        count
    }

    /// What was refused of the log called `origin` has come right; only what `codes` name
    /// if there are any. Says whether there was such a refusal.
    pub fn resolve(&self, peer: &str, side: Side, origin: &str, codes: &[&str]) -> bool {
        let mut kept = self.kept.lock();
        let Some(of_peer) = kept.get_mut(peer) else {
            return false;
        };
        let list = of_peer.side(side);
        let before = list.len();
        list.retain(|refusal| {
            let meant = codes.is_empty() || codes.contains(&refusal.code.as_str());
            refusal.origin != origin || !meant
        });
        let any = list.len() < before;
        if any {
            tracing::info!(
                peer,
                origin = brief(origin),
                "what was refused has come right"
            );
            self.write(peer, of_peer);
        }
        any
    }

    /// Forgets a removed peer.
    pub fn forget(&self, peer: &str) {
        if self.kept.lock().remove(peer).is_some()
            && let Err(error) = self.state.remove(&name(peer))
        {
            tracing::warn!(%error, "refusals of a removed peer could not be forgotten");
        }
    }

    /// What is kept of `peer` on one side, oldest first.
    pub fn of(&self, peer: &str, side: Side) -> Vec<Refusal> {
        let mut kept = self.kept.lock();
        let of_peer = kept.get_mut(peer);
        of_peer.map_or_else(Vec::new, |kept| kept.side(side).iter().cloned().collect())
    }

    fn say(&self, peer: &str, side: Side, refusal: &Refusal) -> bool {
        let (what, words) = match side {
            Side::Ours => ("refused", "answer refused"),
            Side::Theirs => ("refused by", "a peer refused our answer"),
        };
        let Some(left_out) = self.quiet.may_say(peer, what) else {
            return false;
        };
        let (origin, code) = (brief(&refusal.origin), brief(&refusal.code));
        let reason = brief(&refusal.reason);
        tracing::warn!(peer, origin, code, reason, left_out, "{words}");
        true
    }

    fn write(&self, peer: &str, of_peer: &Kept) {
        if let Ok(bytes) = serde_json::to_vec(of_peer)
            && let Err(error) = self.state.put(&name(peer), &bytes)
        {
            tracing::warn!(%error, "refusals could not be kept");
        }
    }
}

fn name(peer: &str) -> String {
    format!("{PREFIX}{peer}.json")
}
