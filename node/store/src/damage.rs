//! What is not what was written: it stops the log that it is of, and nothing else.

use std::path::PathBuf;

use wpsx_proto::origin::Origin;

use crate::format::layout::FileKey;

/// What can be done where something may be missing of an own log that was acknowledged.
pub(crate) const RECOVER: &str = "no log of this node is signed until `wpsx recover` has asked its \
                                  peers what they hold";

/// Something of a log that is not what was written.
#[derive(Clone, Debug)]
pub struct Damage {
    /// The number of the log.
    pub log: u32,
    /// Its name, if that can still be read.
    pub origin: Option<Origin>,
    /// Whether it is signed here, if that can still be read.
    pub own: Option<bool>,
    /// Which part of it.
    pub part: Part,
    /// The file, or the folder of the log.
    pub path: PathBuf,
    /// How it shows.
    pub reason: String,
}

/// A part of a log that can be damaged by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What all of it hangs on: nothing of the log is served, pulled or appended.
    Log,
    /// What the state keeps of it; it was made anew from the log itself.
    State,
    /// 256 hashes.
    Tile {
        /// 0: the hashes of entries.
        level: u8,
        /// Which of that level.
        index: u64,
    },
    /// The entries from 256 times this number on.
    Entries(u64),
    /// The payloads of these entries.
    Payloads(u64),
}

impl Damage {
    /// The log as messages call it.
    pub fn log_name(&self) -> String {
        match &self.origin {
            Some(origin) => origin.to_string(),
            None => format!("log number {}", self.log),
        }
    }
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

impl From<FileKey> for Part {
    fn from(key: FileKey) -> Self {
        match key {
            FileKey::Tile { level, index } => Self::Tile { level, index },
            FileKey::Entries(bundle) => Self::Entries(bundle),
            FileKey::Payload(bundle) => Self::Payloads(bundle),
        }
    }
}
