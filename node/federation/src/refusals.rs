//! Answers that were refused, on both sides, with the reason.
//!
//! The newest twenty of each peer and side are kept under `state/`, so that a
//! restart does not hide what a peer did.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use wpsx_client::clock::Clock;
use wpsx_store::State;

const PREFIX: &str = "refusals/";
const KEPT: usize = 20;
const MAX_ORIGIN: usize = 255;
const MAX_REASON: usize = 1_000;
const MAX_CODE: usize = 64;

/// One refused answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The log it was about.
    pub origin: String,
    /// A short stable name, such as `bad-proof`.
    pub code: String,
    /// For people to read.
    pub reason: String,
    /// Milliseconds since 1970 by our clock.
    pub time: u64,
}

impl Refusal {
    /// Within the lengths that are kept, and that a peer takes of a report.
    pub(crate) fn at(time: u64, origin: &str, code: &str, reason: &str) -> Self {
        Self {
            origin: cut(origin, MAX_ORIGIN),
            code: cut(code, MAX_CODE),
            reason: cut(reason, MAX_REASON),
            time,
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

/// The refusals of all peers.
pub struct Refusals {
    state: State,
    clock: Clock,
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
            if let Ok(Some(bytes)) = state.get(&name)
                && let Ok(of_peer) = serde_json::from_slice(&bytes)
            {
                kept.insert(peer.to_owned(), of_peer);
            }
        }
        Self {
            state,
            clock,
            kept: Mutex::new(kept),
        }
    }

    /// Keeps one more refusal of `peer`.
    pub fn record(&self, peer: &str, side: Side, origin: &str, code: &str, reason: &str) {
        let refusal = Refusal::at(self.clock.unix_ms(), origin, code, reason);
        match side {
            Side::Ours => tracing::warn!(peer, origin, code, reason, "answer refused"),
            Side::Theirs => tracing::warn!(peer, origin, code, reason, "a peer refused our answer"),
        }
        let mut kept = self.kept.lock();
        let of_peer = kept.entry(peer.to_owned()).or_default();
        let list = match side {
            Side::Ours => &mut of_peer.ours,
            Side::Theirs => &mut of_peer.theirs,
        };
        if list.len() == KEPT {
            list.pop_front();
        }
        list.push_back(refusal);
        if let Ok(bytes) = serde_json::to_vec(of_peer)
            && let Err(error) = self.state.put(&format!("{PREFIX}{peer}.json"), &bytes)
        {
            tracing::warn!(%error, "refusals could not be kept");
        }
    }

    /// What is kept of `peer` on one side, oldest first.
    pub fn of(&self, peer: &str, side: Side) -> Vec<Refusal> {
        let kept = self.kept.lock();
        let Some(of_peer) = kept.get(peer) else {
            return Vec::new();
        };
        let list = match side {
            Side::Ours => &of_peer.ours,
            Side::Theirs => &of_peer.theirs,
        };
        list.iter().cloned().collect()
    }
}

fn cut(text: &str, most: usize) -> String {
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
