//! How each peer stands right now: connected or not, what it said it can do,
//! what came over the line. Nothing of it outlives the process.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use wpsx_client::transport::Counters;

/// The state of a line to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Not tried yet, or waiting to try again.
    #[default]
    Waiting,
    /// Dialling.
    Connecting,
    /// We dialled and pull over it.
    Connected,
    /// The peer dialled, and the roles were turned.
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
}

/// What is known of one line.
#[derive(Debug, Default)]
pub struct Link {
    shown: Mutex<Shown>,
    open: Mutex<Option<Arc<Counters>>>,
    entries: AtomicU64,
    bytes: AtomicU64,
    dials: AtomicU64,
}

#[derive(Debug, Default, Clone)]
struct Shown {
    state: LinkState,
    capabilities: Vec<String>,
    last_error: String,
    /// The sizes this peer told of, by log.
    heads: BTreeMap<String, u64>,
}

const MOST_CAPABILITIES: usize = 64;
const MOST_HEADS: usize = 10_000;

impl Link {
    /// The line's state now.
    pub fn state(&self) -> LinkState {
        self.shown.lock().state
    }

    /// The line changed.
    pub fn set_state(&self, state: LinkState) {
        let mut shown = self.shown.lock();
        shown.state = state;
        if matches!(state, LinkState::Connected | LinkState::Turned) {
            shown.last_error.clear();
        }
    }

    /// An attempt failed, or a connection ended with an error.
    pub fn failed(&self, error: String) {
        let mut shown = self.shown.lock();
        shown.state = LinkState::Waiting;
        shown.last_error = error;
    }

    /// The last failure; empty after a success.
    pub fn last_error(&self) -> String {
        self.shown.lock().last_error.clone()
    }

    /// What the peer lists.
    pub fn capabilities(&self) -> Vec<String> {
        self.shown.lock().capabilities.clone()
    }

    /// The peer told of a head.
    pub fn told(&self, origin: &str, size: u64) {
        let mut shown = self.shown.lock();
        if shown.heads.len() < MOST_HEADS || shown.heads.contains_key(origin) {
            shown.heads.insert(origin.to_owned(), size);
        }
    }

    /// The sizes the peer told of, by log.
    pub fn heads(&self) -> BTreeMap<String, u64> {
        self.shown.lock().heads.clone()
    }

    /// Counts what was verified.
    pub fn count(&self, entries: u64) {
        self.entries.fetch_add(entries, Ordering::Relaxed);
    }

    /// A connection carries bytes from now on; none when it ended.
    pub fn set_open(&self, counters: Option<Arc<Counters>>) {
        let before = std::mem::replace(&mut *self.open.lock(), counters);
        if let Some(ended) = before {
            self.bytes.fetch_add(ended.received(), Ordering::Relaxed);
        }
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
            .map_or(0, |counters| counters.received());
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
}

/// The lines to all peers, by peer name.
#[derive(Default)]
pub struct Links {
    links: Mutex<BTreeMap<String, Arc<Link>>>,
}

impl Links {
    /// The line to `peer`, made on first use.
    pub fn of(&self, peer: &str) -> Arc<Link> {
        self.links
            .lock()
            .entry(peer.to_owned())
            .or_default()
            .clone()
    }

    /// Forgets a removed peer.
    pub fn remove(&self, peer: &str) {
        self.links.lock().remove(peer);
    }

    /// What the peer said it can do; a bounded part of it.
    pub fn set_capabilities(&self, peer: &str, mut capabilities: Vec<String>) {
        capabilities.truncate(MOST_CAPABILITIES);
        capabilities.retain(|name| name.len() <= 64 && !name.chars().any(char::is_control));
        self.of(peer).shown.lock().capabilities = capabilities;
    }
}
