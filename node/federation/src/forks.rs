//! Evidence of forks: kept for ever, shown, passed on; and what the operator decided.
//!
//! A log with undecided evidence is stopped: nothing of it is pulled, nothing is
//! appended to it, and no head of it is cosigned. Other logs are not affected.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::RwLock;
use prost::Message as _;
use tokio::sync::watch;
use wpsx_client::clock::Clock;
use wpsx_domain::NodeError;
use wpsx_proto::{
    api, chain, checkpoint::VerifiedCheckpoint, fork::ProvenFork, hash::Hash, note::VerifierKey,
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
    /// Logs of which evidence is here that cannot be read, by the hash of their name: they
    /// are stopped, and nothing can be decided about them.
    unreadable: BTreeSet<String>,
    /// Bumped when evidence came that every connected peer has to be told.
    news: watch::Sender<u64>,
}

impl Forks {
    /// Reads the evidence from `state` and checks it again. Evidence of a log that is not
    /// known (any more) is shown, and stops that log once it is known. Evidence that cannot
    /// be read stops its log.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn open(
        state: State,
        clock: Clock,
        key_of: impl Fn(&Origin) -> Option<VerifierKey>,
    ) -> Result<Self, NodeError> {
        let mut held: BTreeMap<Origin, Vec<Held>> = BTreeMap::new();
        let mut unknown: BTreeMap<Origin, Vec<Unchecked>> = BTreeMap::new();
        let mut unreadable = BTreeSet::new();
        for name in state.list(PREFIX)? {
            let Some(stem) = name.strip_suffix(".evidence") else {
                continue;
            };
            match read(&state, stem, &key_of) {
                Ok(Found::Known(origin, found)) => held.entry(origin).or_default().push(*found),
                // Nothing of that log is here to stop.
                Ok(Found::Unknown(origin, found)) => unknown.entry(origin).or_default().push(found),
                Err(reason) => {
                    tracing::error!(name, reason, "evidence of a fork cannot be read");
                    let of_log = stem[PREFIX.len()..].split('-').next();
                    unreadable.extend(of_log.map(str::to_owned));
                }
            }
        }
        Ok(Self {
            state,
            clock,
            held: RwLock::new(held),
            unknown: RwLock::new(unknown),
            unreadable,
            news: watch::Sender::new(0),
        })
    }

    /// The log called `origin` is known from now on: evidence of it that was kept counts.
    pub fn log_is_known(&self, origin: &Origin, key: &VerifierKey) {
        let Some(kept) = self.unknown.write().remove(origin) else {
            return;
        };
        let mut held = self.held.write();
        let of_log = held.entry(origin.clone()).or_default();
        for Unchecked { evidence, .. } in kept {
            match ProvenFork::check(&evidence, key) {
                Ok(fork) => {
                    let decided = decided_of(&self.state, &stem(&fork));
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
        self.state.put_twice(&format!("{stem}.evidence"), &bytes)?;
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
        if !self.unreadable.is_empty() && self.unreadable.contains(&origin.hash_hex()) {
            return true;
        }
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
        let known = held.iter().filter(|(_, of_log)| !of_log.is_empty());
        let known: BTreeSet<String> = known.map(|(origin, _)| origin.hash_hex()).collect();
        known.union(&self.unreadable).count()
    }

    fn write_decision(&self, stem: &str, decided: &Decided) -> Result<(), NodeError> {
        let bytes = decided
            .to_bytes()
            .map_err(|e| NodeError::Internal(e.to_string()))?;
        self.state
            .put_twice(&format!("{stem}.decision"), &bytes)
            .map_err(NodeError::from)
    }
}

/// One piece of evidence.
enum Found {
    Known(Origin, Box<Held>),
    Unknown(Origin, Unchecked),
}

fn read(
    state: &State,
    stem: &str,
    key_of: &impl Fn(&Origin) -> Option<VerifierKey>,
) -> Result<Found, String> {
    let bytes = state.get_twice(&format!("{stem}.evidence"));
    let bytes = bytes.map_err(|e| chain(&e))?.unwrap_or_default();
    let evidence = api::log::v1::ForkEvidence::decode(bytes.as_ref()).map_err(|e| e.to_string())?;
    let found_time = evidence.found_time;
    let origin = Origin::parse(&evidence.origin).map_err(|e| e.to_string())?;
    let Some(key) = key_of(&origin) else {
        let id = stem.rsplit('-').next().unwrap_or_default();
        let id = id.parse().unwrap_or_else(|_| Hash::of(&bytes));
        return Ok(Found::Unknown(origin, Unchecked { id, evidence }));
    };
    let fork = ProvenFork::check(&evidence, &key).map_err(|e| e.to_string())?;
    let held = Held {
        fork,
        found_time,
        decided: decided_of(state, stem),
    };
    Ok(Found::Known(origin, Box::new(held)))
}

/// What was decided. Where that cannot be read, the log is stopped until it is decided again.
fn decided_of(state: &State, stem: &str) -> Option<Decided> {
    let bytes = state.get_twice(&format!("{stem}.decision")).ok()??;
    Decided::read(&bytes).ok()
}

fn stem(fork: &ProvenFork) -> String {
    format!("{PREFIX}{}-{}", fork.origin().hash_hex(), fork.id())
}
