//! What can go wrong in a store, sorted by whose fault it is.

use std::{
    io,
    path::{Path, PathBuf},
};

use wpsx_proto::{
    hash::Hash,
    index::{LeafIndex, TreeSize},
    origin::{Origin, RecordId},
};

use crate::follow::FollowError;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    // The caller asked wrongly.
    /// No log of that origin is kept here.
    #[error("log {0} is not kept here")]
    UnknownLog(Origin),
    /// The log belongs to another publisher.
    #[error("log {0} is a replica; only its publisher appends to it")]
    NotOurs(Origin),
    /// The log is signed here, so nothing is replicated into it.
    #[error("log {0} is our own; nothing is replicated into it")]
    Ours(Origin),
    /// The log's key was not handed in.
    #[error("the key of log {0} is not open")]
    NoSigner(Origin),
    /// The key that was handed in is not the log's.
    #[error("the key that was handed in does not sign for log {0}")]
    WrongSigner(Origin),
    /// The identity does not speak for the origin.
    #[error("log {0} is not one of this identity's logs")]
    WrongIdentity(Origin),
    /// The origin is kept under another identity or role.
    #[error("log {0} is kept already, under another identity or role")]
    Conflict(Origin),
    /// The record has no entry in this log.
    #[error("record {0} is not in this log")]
    UnknownRecord(RecordId),
    /// The entry cannot be written as asked.
    #[error("entry {position} of the batch: {reason}")]
    BadEntry {
        /// Counted from 0 in the batch.
        position: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The index or size lies beyond what is stored.
    #[error("index {asked} is beyond the {stored} entries that are stored")]
    Beyond {
        /// What was asked for.
        asked: u64,
        /// How many entries there are.
        stored: TreeSize,
    },
    /// A range that is empty, backwards, or crosses the end of a bundle.
    #[error("{0}..{1} is not a range within one bundle of 256")]
    BadRange(LeafIndex, LeafIndex),
    /// A name that no file of `state/` may have.
    #[error("{0:?} is not a name for a state file")]
    BadName(String),
    /// Two followers give themselves one name, by which the store keeps what they lack.
    #[error("two followers of the store have the same name")]
    SameName,
    /// A request id that is not well-formed.
    #[error("a request id has 1 to 64 bytes and no control characters")]
    BadRequestId,

    // The peer misbehaved, or its answers came out of order.
    /// The package starts beyond the stored entries.
    #[error("a package starts at {start}, but {stored} entries are stored")]
    Gap {
        /// Where the package starts.
        start: LeafIndex,
        /// How many entries are stored.
        stored: TreeSize,
    },
    /// The package holds another entry than ours.
    #[error("the package differs from the stored entry at {0}")]
    Differs(LeafIndex),
    /// The entries do not make the tree that was signed.
    #[error("the stored entries hash to {ours} at size {size}, the checkpoint says {theirs}")]
    WrongRoot {
        /// The size of the tree.
        size: TreeSize,
        /// The root of what is stored.
        ours: Hash,
        /// The root that was signed.
        theirs: Hash,
    },
    /// The checkpoint is of another size than what is stored, or older.
    #[error("the checkpoint is of size {theirs}, where {ours} was expected")]
    WrongSize {
        /// What was expected.
        ours: TreeSize,
        /// What came.
        theirs: TreeSize,
    },

    // Our disk or our files.
    /// The disk is full.
    #[error("cannot {doing} {path}: {cause}; make room on its disk")]
    Full {
        /// The attempt: `write`, `create`, …
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
    /// The user that runs us may not.
    #[error(
        "cannot {doing} {path}: {cause}; give the data directory, and all in it, to the user that runs wpsx"
    )]
    Denied {
        /// The attempt: `open`, `read`, `write`, …
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
    /// The operating system refused for another reason.
    #[error("cannot {doing} {path}")]
    Io {
        /// The attempt: `write`, `read`, `rename`, …
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A file does not hold what was written.
    #[error(
        "{path} is damaged: {reason}; run `wpsx repair`, or restore the directory from a backup"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How it shows.
        reason: String,
    },
    /// What all of a log hangs on does not hold what was written.
    #[error("log {origin} is damaged and stands still: {damage}; run `wpsx repair`")]
    DamagedLog {
        /// The log.
        origin: Origin,
        /// The file, and how it shows.
        damage: String,
    },
    /// The directory holds no store.
    #[error("{0} holds no wpsx store; make one with `wpsx init`")]
    Missing(PathBuf),
    /// The directory holds something else.
    #[error("{0} holds other files; choose an empty or new directory")]
    Foreign(PathBuf),
    /// The file is no backup, or not a whole one.
    #[error("{path} is no whole backup: {reason}")]
    NotABackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The directory was written by newer software.
    #[error(
        "{path} was written in store format {found}, this software reads format {ours}; use the newer wpsx"
    )]
    Newer {
        /// The version file.
        path: PathBuf,
        /// The format it names.
        found: String,
        /// The format we read.
        ours: u32,
    },
    /// The directory was written by older software.
    #[error(
        "{path} was written in store format {found}, this software reads format {ours}; export \
         with the older wpsx, or pull anew from peers"
    )]
    Older {
        /// The version file.
        path: PathBuf,
        /// The format it names.
        found: String,
        /// The format we read.
        ours: u32,
    },
    /// Another process has the store open.
    #[error("another wpsx process has {0} open; stop it, or use the commands that talk to it")]
    Locked(PathBuf),
    /// What follows the logs failed.
    #[error("the {name} cannot be used")]
    Follower {
        /// The name that it gives itself.
        name: &'static str,
        /// Its own words.
        #[source]
        source: FollowError,
    },

    // We do not write now.
    /// There is no room on the disk, for now.
    #[error("there is no room: {0}")]
    NoRoom(String),
    /// A thread of the store is gone, and with it what it had to do.
    #[error("the store has stopped: {0}")]
    Stopped(String),
    /// Nothing is written, for a reason.
    #[error("the store is read-only: {0}")]
    ReadOnly(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// The system's refusal of an attempt at a file or directory, with the remedy where
    /// there is one.
    pub fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let path = path.to_owned();
        move |cause| match cause.kind() {
            StorageFull | QuotaExceeded => Self::Full { doing, path, cause },
            PermissionDenied | ReadOnlyFilesystem => Self::Denied { doing, path, cause },
            _ => Self::Io {
                doing,
                path,
                source: cause,
            },
        }
    }

    /// Whether a write found no room and may be tried again when there is some. A sync that
    /// says so may have lost what was written before it.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Full { doing, .. } if *doing != "sync")
    }

    pub(crate) fn beyond(asked: u64, stored: u64) -> Self {
        let stored = TreeSize::new(stored);
        Self::Beyond { asked, stored }
    }

    pub(crate) fn damaged(path: &Path, reason: impl ToString) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
