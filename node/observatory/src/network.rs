//! The network as the pages show it: what the root of a node tells them of its logs.
//!
//! The pages see neither the store nor the federation; they ask a [`Network`].

use std::fmt;

use wpsx_domain::{NodeError, access::Sight};

/// Tells of the logs.
pub trait Network: fmt::Debug + Send + Sync {
    /// The logs that `sight` admits, as they are now. Blocks.
    ///
    /// # Errors
    /// What is needed for it cannot be read.
    fn state(&self, sight: &Sight) -> Result<NetworkState, NodeError>;
}

/// The network at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkState {
    /// The moment, in seconds since 1970.
    pub now: u64,
    /// The logs, damaged ones too.
    pub logs: Vec<NetworkLog>,
    /// Entries that are stored and that lists do not show yet.
    pub unlisted: u64,
}

/// One log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkLog {
    /// Its name.
    pub origin: String,
    /// The name of its publisher; empty: it cannot be read.
    pub publisher: String,
    /// What the publisher calls itself; empty: it cannot be read.
    pub title: String,
    /// It is signed here.
    pub is_own: bool,
    /// Entries that are here.
    pub entries: u64,
    /// Entries that a valid checkpoint tells of.
    pub known: u64,
    /// Current records.
    pub records: u64,
    /// When its own node last said that this is its newest, in seconds since 1970; 0:
    /// nobody has said so.
    pub seen: u64,
    /// A time that nobody can have said so at, since it has not come yet; 0: none.
    pub ahead: u64,
    /// Who saw its head and found it consistent with all before, and when.
    pub attested: Vec<Attestation>,
    /// What of it is not here.
    pub holes: Holes,
    /// Why it stands still.
    pub stopped: Option<Stopped>,
    /// What was refused of it, by this node or by a peer.
    pub refused: Vec<Refused>,
}

/// Somebody saw a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// The name of the witness.
    pub by: String,
    /// When, in seconds since 1970.
    pub time: u64,
}

/// Entries of a log whose content is not here, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holes {
    /// Their publisher erased it.
    pub erased: u64,
    /// This node does not fetch it.
    pub filtered: u64,
    /// It could not be had yet.
    pub not_held: u64,
    /// It needs newer software.
    pub unreadable: u64,
}

impl Holes {
    /// How many there are in all.
    pub fn sum(self) -> u64 {
        self.erased + self.filtered + self.not_held + self.unreadable
    }
}

/// Why a log stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Its key signed two histories that cannot both be true.
    Fork,
    /// Our files of it are damaged.
    Damaged,
    /// It is ours, and what is known elsewhere contradicts what is here.
    NotSigned,
    /// The operator decided for the other of two histories.
    Switched,
}

/// Something of a log was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The peer that is meant.
    pub peer: String,
    /// That peer refused it, not this node.
    pub by_peer: bool,
    /// A short stable name of the reason, such as `bad-proof`.
    pub code: String,
    /// When the last was, in seconds since 1970.
    pub time: u64,
    /// How many there were.
    pub count: u64,
}
