//! What the poster is asked, in order.

use std::sync::{Arc, mpsc::SyncSender};

use bytes::Bytes;

use super::{answer::Reply, snapshot::Snapshot};
use crate::{backend::Durable, format::layout::FileKey, log::handle::Log};

/// Jobs that may wait. The committer alone sends them, and waits when there are so
/// many: a disk that is slower than what comes in slows it down, as it should. The
/// poster never waits for the committer, nor for anything that the committer holds
/// while it sends, so the two cannot wait for each other. The bytes that wait are
/// bounded apart (`backlog`): a job may be a few bytes or many.
pub(crate) const MOST_JOBS: usize = 64;

/// What the poster is asked.
pub(crate) enum Job {
    /// Files whose content is in the log's queue.
    Files {
        log: Arc<Log>,
        files: Vec<(FileKey, Durable)>,
        bytes: usize,
    },
    /// All before this is in these segments: make it durable elsewhere, drop them.
    Drop {
        segments: Vec<String>,
        snapshots: Vec<Snapshot>,
        done: Option<Reply<()>>,
    },
    /// Say that all before this is in its files.
    Hold { held: Reply<Held>, until: Held },
    /// Put a full file in the place of one that is damaged.
    Mend {
        log: Arc<Log>,
        key: FileKey,
        bytes: Bytes,
        done: Reply<()>,
    },
    /// Remove a log's directory.
    Remove { log: Arc<Log>, done: Reply<()> },
}

/// While it is there, the committer writes nothing, and so the poster does not either.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) _until_dropped: SyncSender<()>,
}
