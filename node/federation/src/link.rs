//! How one peer stands right now: connected or not, what it said it can do, what came
//! over the line, and what went wrong with it.
//!
//! One task at a time writes how the line is: the [`Holder`]. When a peer is replaced or
//! removed its old task may say what it likes, it changes nothing any more.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use wpsx_client::{clock::Clock, transport::Connection};
use wpsx_proto::hash::Hash;

use crate::{
    failures::{Failure, Failures, Position},
    pauses::Pauses,
};

/// The state of a line to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Not tried yet, or waiting to try again.
    #[default]
    Waiting,
    /// Dialling, or connected and not answered yet.
    Connecting,
    /// We dialled, and the peer answers.
    Connected,
    /// The peer dialled, the roles were turned, and it answers.
    Turned,
}

impl LinkState {
    /// The word for it in `wpsx status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Turned => "turned",
        }
    }

    fn is_open(self) -> bool {
        matches!(self, Self::Connected | Self::Turned)
    }
}

/// What a peer does for its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// It has not said, as nodes of before cannot.
    #[default]
    Unknown,
    /// It has added this node's card.
    Mutual,
    /// It has not added this node's card: it answers as it answers strangers.
    Stranger,
    /// It takes connections and does not answer.
    Silent,
}

impl Standing {
    /// The word for what is one-sided about it; empty where nothing is.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown | Self::Mutual => "",
            Self::Stranger => "not-added",
            Self::Silent => "silent",
        }
    }
}

/// What is known of one line. Nothing of it outlives the process.
#[derive(Debug)]
pub struct Link {
    clock: Clock,
    shown: Mutex<Shown>,
    open: Mutex<Option<Connection>>,
    entries: AtomicU64,
    bytes: AtomicU64,
    dials: AtomicU64,
    pauses: Pauses,
    told_forks: Mutex<HashSet<Hash>>,
}

#[derive(Debug, Default)]
struct Shown {
    /// Who may write the state.
    holder: u64,
    state: LinkState,
    /// Since when the line is open, or is not.
    since: u64,
    standing: Standing,
    capabilities: Vec<String>,
    line: Option<Failure>,
    logs: Failures,
    /// The sizes this peer told of, by log.
    heads: BTreeMap<String, u64>,
    /// Hashes of the names of logs that it told of and that are not followed.
    unknown: HashSet<u64>,
}

const MOST_CAPABILITIES: usize = 64;
const MOST_HEADS: usize = 10_000;
/// Names of unknown logs that are told apart.
pub(crate) const MOST_UNKNOWN: usize = 10_000;

impl Link {
    pub(crate) fn new(clock: Clock) -> Self {
        let shown = Shown {
            since: clock.unix_ms(),
            ..Shown::default()
        };
        Self {
            clock,
            shown: Mutex::new(shown),
            open: Mutex::default(),
            entries: AtomicU64::default(),
            bytes: AtomicU64::default(),
            dials: AtomicU64::default(),
            pauses: Pauses::default(),
            told_forks: Mutex::default(),
        }
    }

    /// From now on this holder alone says how the line is.
    pub(crate) fn hold(self: Arc<Self>) -> Holder {
        let number = {
            let mut shown = self.shown.lock();
            shown.holder += 1;
            shown.holder
        };
        Holder { link: self, number }
    }

    /// The peer is none any more: whoever holds its line has nothing to say.
    pub(crate) fn dismiss(&self) {
        let mut shown = self.shown.lock();
        shown.holder += 1;
        shown.state = LinkState::Waiting;
        drop(shown);
        self.set_open(None);
    }

    /// The line's state now.
    pub fn state(&self) -> LinkState {
        self.shown.lock().state
    }

    /// Since when the line is open, or is not: milliseconds since 1970.
    pub fn since(&self) -> u64 {
        self.shown.lock().since
    }

    /// What the peer does for its part.
    pub fn standing(&self) -> Standing {
        self.shown.lock().standing
    }

    pub(crate) fn set_standing(&self, standing: Standing) {
        self.shown.lock().standing = standing;
    }

    /// The line's last failure, until a line has worked.
    pub fn failure(&self) -> Option<Failure> {
        self.shown.lock().line.clone()
    }

    /// The failures of its logs that are not over; `position` says how far a log is now.
    pub fn failures(&self, position: impl Fn(&str) -> Option<Position>) -> Vec<(String, Failure)> {
        self.shown.lock().logs.standing(position)
    }

    /// A log could not be had from this peer.
    pub(crate) fn log_failed(&self, origin: &str, position: Option<Position>, reason: &str) {
        let time = self.clock.unix_ms();
        let mut shown = self.shown.lock();
        shown.logs.add(origin, position, reason, time);
    }

    /// Nothing is wrong with a log any more.
    pub(crate) fn log_worked(&self, origin: &str) {
        self.shown.lock().logs.clear(origin);
        self.pauses.worked(origin);
    }

    pub(crate) fn pauses(&self) -> &Pauses {
        &self.pauses
    }

    /// The line did what it should: its failures are over.
    pub(crate) fn worked(&self) {
        self.shown.lock().line = None;
    }

    /// What the peer lists.
    pub fn capabilities(&self) -> Vec<String> {
        self.shown.lock().capabilities.clone()
    }

    /// What the peer said it can do; a bounded part of it.
    pub(crate) fn set_capabilities(&self, mut capabilities: Vec<String>) {
        capabilities.truncate(MOST_CAPABILITIES);
        capabilities.retain(|name| name.len() <= 64 && !name.chars().any(char::is_control));
        self.shown.lock().capabilities = capabilities;
    }

    /// The peer told of a head.
    pub fn told(&self, origin: &str, size: u64) {
        let mut shown = self.shown.lock();
        shown.unknown.remove(&hashed(origin));
        if shown.heads.len() < MOST_HEADS || shown.heads.contains_key(origin) {
            shown.heads.insert(origin.to_owned(), size);
        }
    }

    /// The sizes the peer told of, by log.
    pub fn heads(&self) -> BTreeMap<String, u64> {
        self.shown.lock().heads.clone()
    }

    /// The peer told of a log that is not followed here.
    pub(crate) fn told_unknown(&self, origin: &str) {
        let mut shown = self.shown.lock();
        if shown.unknown.len() < MOST_UNKNOWN {
            shown.unknown.insert(hashed(origin));
        }
    }

    /// How many logs the peer told of that are not followed here; counted up to ten thousand.
    pub fn unknown(&self) -> u64 {
        self.shown.lock().unknown.len() as u64
    }

    /// Counts what was verified.
    pub fn count(&self, entries: u64) {
        self.entries.fetch_add(entries, Ordering::Relaxed);
        self.worked();
    }

    fn set_open(&self, connection: Option<Connection>) {
        let before = std::mem::replace(&mut *self.open.lock(), connection);
        if let Some(ended) = before {
            let received = ended.counters().received();
            self.bytes.fetch_add(received, Ordering::Relaxed);
        }
    }

    /// The connection of the session, whoever dialled it.
    pub(crate) fn open(&self) -> Option<Connection> {
        self.open.lock().clone()
    }

    /// Entries verified from this peer.
    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Bytes received from this peer.
    pub fn bytes(&self) -> u64 {
        let open = self
            .open
            .lock()
            .as_ref()
            .map_or(0, |open| open.counters().received());
        self.bytes.load(Ordering::Relaxed) + open
    }

    /// How often a connection was tried.
    pub fn dials(&self) -> u64 {
        self.dials.load(Ordering::Relaxed)
    }

    /// One more attempt.
    pub fn dialled(&self) {
        self.dials.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the peer was told of a fork, over this line or one before.
    pub(crate) fn was_told(&self, fork: &Hash) -> bool {
        self.told_forks.lock().contains(fork)
    }

    pub(crate) fn has_told(&self, fork: Hash) {
        self.told_forks.lock().insert(fork);
    }
}

fn hashed(origin: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    origin.hash(&mut hasher);
    hasher.finish()
}

/// The right to say how a line is, until somebody else takes it; the line waits when the
/// holder is dropped.
#[derive(Debug)]
pub(crate) struct Holder {
    link: Arc<Link>,
    number: u64,
}

impl Holder {
    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// The line changed.
    pub(crate) fn set_state(&self, state: LinkState) {
        let now = self.link.clock.unix_ms();
        let mut shown = self.link.shown.lock();
        if shown.holder != self.number {
            return;
        }
        if shown.state.is_open() != state.is_open() {
            shown.since = now;
        }
        shown.state = state;
    }

    /// An attempt failed, or a connection ended with an error.
    pub(crate) fn failed(&self, reason: &str) {
        self.set_state(LinkState::Waiting);
        let now = self.link.clock.unix_ms();
        let mut shown = self.link.shown.lock();
        if shown.holder == self.number {
            shown.line = Some(Failure::again(shown.line.as_ref(), reason, now));
        }
    }

    /// A connection carries bytes from now on; none when it ended.
    pub(crate) fn set_open(&self, connection: Option<Connection>) {
        if self.link.shown.lock().holder == self.number {
            self.link.set_open(connection);
        }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.set_state(LinkState::Waiting);
        self.set_open(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Arc<Link> {
        Arc::new(Link::new(Clock::manual(1_000).0))
    }

    #[test]
    fn the_old_task_of_a_replaced_peer_has_nothing_to_say() {
        let link = link();
        let old = link.clone().hold();
        old.set_state(LinkState::Connected);
        let new = link.clone().hold();
        new.set_state(LinkState::Connected);
        old.failed("late");
        drop(old);
        assert_eq!(link.state(), LinkState::Connected);
        assert_eq!(link.failure(), None);
    }

    #[test]
    fn a_removed_peer_s_line_never_reads_connected() {
        let link = link();
        let holder = link.clone().hold();
        holder.set_state(LinkState::Connected);
        link.dismiss();
        assert_eq!(link.state(), LinkState::Waiting);
        // Its task learns of it later.
        holder.set_state(LinkState::Connected);
        assert_eq!(link.state(), LinkState::Waiting);
        // A task that began after the removal gives the line up when it ends.
        let late = link.clone().hold();
        late.set_state(LinkState::Connected);
        drop(late);
        assert_eq!(link.state(), LinkState::Waiting);
    }

    #[test]
    fn a_line_s_failure_stays_until_a_line_has_worked_and_not_until_one_is_open() {
        let (clock, hand) = Clock::manual(1_000);
        let link = Arc::new(Link::new(clock));
        let holder = link.clone().hold();
        for _ in 0..3 {
            holder.failed("refused");
            hand.advance(500);
            holder.set_state(LinkState::Connected);
        }
        let failure = link.failure().expect("it is kept");
        assert_eq!(
            (failure.first_time, failure.time, failure.count),
            (1_000, 2_000, 3)
        );
        link.count(1);
        assert_eq!(link.failure(), None);
    }

    #[test]
    fn endless_unknown_logs_are_counted_in_bounded_memory() {
        let link = link();
        for number in 0..3 * MOST_UNKNOWN {
            link.told_unknown(&format!("log{number}.example/wpsx/public"));
            link.told_unknown("again.example/wpsx/public");
        }
        assert_eq!(link.unknown(), MOST_UNKNOWN as u64);
    }
}
