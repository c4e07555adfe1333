//! Evidence of forks: kept for ever, shown, passed on; and what the operator decided.
//!
//! A log with undecided evidence is stopped: nothing of it is pulled, nothing is
//! appended to it, and no head of it is cosigned. Other logs are not affected.

use std::collections::BTreeMap;

use parking_lot::RwLock;
use prost::Message as _;
use tokio::sync::watch;
use wpsx_client::clock::Clock;
use wpsx_domain::NodeError;
use wpsx_proto::{
    api, checkpoint::VerifiedCheckpoint, fork::ProvenFork, hash::Hash, note::VerifierKey,
    origin::Origin, tree::root_at,
};
use wpsx_store::{LogHandle, State};

use crate::decided::Decided;
pub use crate::decided::Decision;

const PREFIX: &str = "forks/";
const MOST_OF_ONE_LOG: usize = 16;

#[derive(Clone)]
struct Held {
    fork: ProvenFork,
    found_time: u64,
    decided: Option<Decided>,
}

/// Evidence whose log is not known, and its id as it was kept.
struct Unchecked {
    id: Hash,
    evidence: api::log::v1::ForkEvidence,
}

/// One fork as it is shown.
pub struct Shown {
    /// The log.
    pub origin: Origin,
    /// SHA-256 of the evidence.
    pub id: Hash,
    /// The evidence as it travels.
    pub evidence: api::log::v1::ForkEvidence,
    /// What the operator decided, if anything yet.
    pub decision: Option<Decision>,
    /// The log is known here; evidence of another cannot be checked, and stops nothing.
    pub known: bool,
}

/// All forks this node knows of.
pub struct Forks {
    state: State,
    clock: Clock,
    held: RwLock<BTreeMap<Origin, Vec<Held>>>,
    /// Evidence of logs that are not known here (any more), as it was kept.
    unknown: RwLock<BTreeMap<Origin, Vec<Unchecked>>>,
    /// Bumped when evidence came that every connected peer has to be told.
    news: watch::Sender<u64>,
}

impl Forks {
    /// Reads the evidence from `state` and checks it again. Evidence of a log that is not
    /// known (any more) is shown, and stops that log once it is known.
    ///
    /// # Errors
    /// Evidence that cannot be read: it must not be lost silently.
    pub fn open(
        state: State,
        clock: Clock,
        key_of: impl Fn(&Origin) -> Option<VerifierKey>,
    ) -> Result<Self, NodeError> {
        let mut held: BTreeMap<Origin, Vec<Held>> = BTreeMap::new();
        let mut unknown: BTreeMap<Origin, Vec<Unchecked>> = BTreeMap::new();
        for name in state.list(PREFIX)? {
            let Some(stem) = name.strip_suffix(".evidence") else {
                continue;
            };
            let unreadable = |reason: String| {
                NodeError::Internal(format!("state/{name} cannot be read: {reason}"))
            };
            let Some(bytes) = state.get(&name)? else {
                continue;
            };
            let evidence = api::log::v1::ForkEvidence::decode(bytes.as_ref())
                .map_err(|e| unreadable(e.to_string()))?;
            let found_time = evidence.found_time;
            let origin = Origin::parse(&evidence.origin).map_err(|e| unreadable(e.to_string()))?;
            let Some(key) = key_of(&origin) else {
                // Nothing of that log is here to stop.
                let id = stem.rsplit('-').next().unwrap_or_default();
                let id = id.parse().unwrap_or_else(|_| Hash::of(&bytes));
                let kept = unknown.entry(origin).or_default();
                kept.push(Unchecked { id, evidence });
                continue;
            };
            let fork = ProvenFork::check(&evidence, &key).map_err(|e| unreadable(e.to_string()))?;
            let decided = decided_of(&state, stem)?;
            held.entry(origin).or_default().push(Held {
                fork,
                found_time,
                decided,
            });
        }
        Ok(Self {
            state,
            clock,
            held: RwLock::new(held),
            unknown: RwLock::new(unknown),
            news: watch::Sender::new(0),
        })
    }

    /// The log called `origin` is known from now on: evidence of it that was kept counts.
    ///
    /// # Errors
    /// A decision about it cannot be read.
    pub fn log_is_known(&self, origin: &Origin, key: &VerifierKey) -> Result<(), NodeError> {
        let Some(kept) = self.unknown.write().remove(origin) else {
            return Ok(());
        };
        let mut held = self.held.write();
        let of_log = held.entry(origin.clone()).or_default();
        for Unchecked { evidence, .. } in kept {
            match ProvenFork::check(&evidence, key) {
                Ok(fork) => {
                    let decided = decided_of(&self.state, &stem(&fork))?;
                    of_log.push(Held {
                        fork,
                        found_time: evidence.found_time,
                        decided,
                    });
                }
                // Of another publisher of that name: it says nothing of this one.
                Err(error) => tracing::warn!(%origin, %error, "kept evidence is of another key"),
            }
        }
        Ok(())
    }

    /// Keeps evidence, which stops its log from now on, and has it passed on.
    ///
    /// Evidence of a log whose fork was decided is kept too but stops nothing:
    /// the operator knows. At most sixteen pieces are kept for one log.
    ///
    /// # Errors
    /// The evidence could not be made durable.
    pub fn record(&self, fork: ProvenFork) -> Result<(), NodeError> {
        let mut held = self.held.write();
        let of_log = held.entry(fork.origin().clone()).or_default();
        if of_log.iter().any(|h| h.fork.id() == fork.id()) || of_log.len() >= MOST_OF_ONE_LOG {
            return Ok(());
        }
        let decided = of_log.iter().find_map(|h| h.decided.clone());
        let found_time = self.clock.unix_ms();
        let stem = stem(&fork);
        let bytes = fork.to_api(found_time).encode_to_vec();
        self.state.put(&format!("{stem}.evidence"), &bytes)?;
        if let Some(decided) = &decided {
            self.write_decision(&stem, decided)?;
        }
        tracing::error!(origin = %fork.origin(), "fork: two trees of this log were signed");
        let is_news = decided.is_none();
        of_log.push(Held {
            fork,
            found_time,
            decided,
        });
        if is_news {
            self.news.send_modify(|n| *n += 1);
        }
        Ok(())
    }

    /// Changes when evidence of a new fork came.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Why the log is stopped, if it is.
    pub fn stopped(&self, origin: &Origin) -> bool {
        self.held
            .read()
            .get(origin)
            .is_some_and(|of_log| of_log.iter().any(|h| h.decided.is_none()))
    }

    /// The operator's decision about the log's fork, if one was needed and made.
    pub fn decision(&self, origin: &Origin) -> Option<Decision> {
        Some(self.decided(origin)?.decision)
    }

    /// The same, with the trees that it is about.
    pub(crate) fn decided(&self, origin: &Origin) -> Option<Decided> {
        let held = self.held.read();
        held.get(origin)?.iter().find_map(|h| h.decided.clone())
    }

    /// The checkpoint of the tree that was chosen instead of the one that was held.
    pub(crate) fn chosen(&self, origin: &Origin) -> Option<VerifiedCheckpoint> {
        let held = self.held.read();
        held.get(origin)?.iter().find_map(|h| {
            let decided = h.decided.as_ref()?;
            let shown = [h.fork.small(), h.fork.large()];
            shown
                .into_iter()
                .find(|shown| decided.takes(shown))
                .cloned()
        })
    }

    /// Decides every piece of evidence of `origin`.
    ///
    /// # Errors
    /// No undecided fork of that log.
    pub(crate) fn decide(&self, origin: &Origin, decided: Decided) -> Result<(), NodeError> {
        let mut held = self.held.write();
        let of_log = held
            .get_mut(origin)
            .ok_or_else(|| NodeError::not_found("fork of log", origin))?;
        for piece in of_log {
            self.write_decision(&stem(&piece.fork), &decided)?;
            piece.decided = Some(decided.clone());
        }
        Ok(())
    }

    /// The largest checkpoint of the evidence that is of another tree than `log` holds.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub fn other_tree(&self, log: &LogHandle) -> Result<Option<VerifiedCheckpoint>, NodeError> {
        let held = self.held.read();
        let pieces = held.get(log.origin()).into_iter().flatten();
        let shown = pieces.flat_map(|piece| [piece.fork.small(), piece.fork.large()]);
        let (mut ours, mut other) = (false, None::<&VerifiedCheckpoint>);
        for checkpoint in shown {
            let is_ours = checkpoint.size() <= log.stored()
                && root_at(log, checkpoint.size())? == checkpoint.root();
            if is_ours {
                ours = true;
            } else if other.is_none_or(|other| checkpoint.size() > other.size()) {
                other = Some(checkpoint);
            }
        }
        // Where neither is ours, nothing tells which one is meant.
        Ok(other.filter(|_| ours).cloned())
    }

    /// Every piece of evidence that was checked.
    pub fn all(&self) -> Vec<Shown> {
        let held = self.held.read();
        held.iter()
            .flat_map(|(origin, of_log)| {
                of_log.iter().map(|h| Shown {
                    origin: origin.clone(),
                    id: h.fork.id(),
                    evidence: h.fork.to_api(h.found_time),
                    decision: h.decided.as_ref().map(|decided| decided.decision),
                    known: true,
                })
            })
            .collect()
    }

    /// Every piece of evidence of a log that is not known here (any more).
    pub fn of_unknown(&self) -> Vec<Shown> {
        let unknown = self.unknown.read();
        let pieces = unknown.iter().flat_map(|(origin, kept)| {
            kept.iter().map(|kept| Shown {
                origin: origin.clone(),
                id: kept.id,
                evidence: kept.evidence.clone(),
                decision: None,
                known: false,
            })
        });
        pieces.collect()
    }

    /// How many logs there is evidence of.
    pub fn logs(&self) -> usize {
        let held = self.held.read();
        held.values().filter(|of_log| !of_log.is_empty()).count()
    }

    fn write_decision(&self, stem: &str, decided: &Decided) -> Result<(), NodeError> {
        let bytes = decided
            .to_bytes()
            .map_err(|e| NodeError::Internal(e.to_string()))?;
        self.state
            .put(&format!("{stem}.decision"), &bytes)
            .map_err(NodeError::from)
    }
}

fn decided_of(state: &State, stem: &str) -> Result<Option<Decided>, NodeError> {
    let name = format!("{stem}.decision");
    let Some(bytes) = state.get(&name)? else {
        return Ok(None);
    };
    let decided = Decided::read(&bytes);
    decided
        .map(Some)
        .map_err(|e| NodeError::Internal(format!("state/{name} cannot be read: {e}")))
}

fn stem(fork: &ProvenFork) -> String {
    format!("{PREFIX}{}-{}", fork.origin().hash_hex(), fork.id())
}
