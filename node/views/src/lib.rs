//! Views: what the logs say about records, by id, kind, country and external id.
//!
//! Everything here is computed from the logs and can be deleted at any time; the
//! logs are posted again from [`Views::position`]. [`Views::post`] takes entries
//! into memory, where queries see them at once, and a thread of its own writes
//! them to the table in large sorted steps. Nothing waits for the disk.
//!
//! The current records are sets, not flags: an entry is current if it is in its
//! kind's set and in neither the set of the old nor that of the ended. Counts are
//! taken from the same sets, so no crash can leave them wrong.
//!
//! An entry is old when a later one of the same log is about the same record. What
//! an envelope says of its record's previous entry is not asked: it may be false.

mod follow;
mod layer;
mod open;
mod query;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod work;

use std::path::Path;
use std::sync::Arc;

use wpsx_proto::envelope::Operation;
use wpsx_proto::origin::RecordId;
use wpsx_proto::payload::SlotState;

pub use self::table::{Change, MemoryTable, Pair, Table, TableError, Visit};

use self::work::poster::Poster;

/// An external id longer than this, in bytes, is not indexed.
pub const MAX_EXTERNAL_ID: usize = 256;

/// Of one entry's countries, at most this many are indexed.
pub const MAX_COUNTRIES: usize = 512;

/// Why the views cannot take or tell something.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// The entries do not continue what was posted.
    #[error("log {log} was posted up to {posted}, entries from {start} leave a gap")]
    Gap {
        /// The log's number.
        log: u32,
        /// The index that should have come next.
        posted: u64,
        /// The index that came.
        start: u64,
    },
    /// The entries handed over are not one run from `start`.
    #[error("entry {index} is out of order in log {log}")]
    OutOfOrder {
        /// The log's number.
        log: u32,
        /// The index that broke the order.
        index: u64,
    },
    /// The table cannot be written and memory has taken what it may.
    #[error("the views have stopped taking entries: {0}")]
    Stopped(Arc<str>),
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What the views need to know of one entry. The caller has read the envelope and,
/// where it holds the payload, the payload.
#[derive(Clone, Debug)]
pub struct ViewEntry {
    /// Its place in the log.
    pub index: u64,
    /// The record it is about.
    pub record_id: RecordId,
    /// Its revision.
    pub revision: u32,
    /// What it does to the record.
    pub operation: Operation,
    /// The record's kind.
    pub kind: u32,
    /// Whether the payload is held.
    pub state: SlotState,
    /// The countries that the payload names; codes of more than 8 bytes are left out.
    pub countries: Vec<String>,
    /// The publisher's own id for the record, from the payload, at most 256 bytes.
    pub external_id: Option<String>,
    /// Whether the leaf could be read. If not, only `index` means anything.
    pub readable: bool,
    /// The kind is one that this software cannot read: counted, and listed as such.
    pub unknown_kind: bool,
}

impl ViewEntry {
    fn is_full(&self) -> bool {
        matches!(self.state, SlotState::Full)
    }
}

/// The newest entry of a record in one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its index.
    pub index: u64,
    /// Its revision.
    pub revision: u32,
    /// What it did.
    pub operation: Operation,
    /// Whether the record is current: published, and not withdrawn, erased or superseded since.
    pub current: bool,
}

/// Which records to list. An empty list of kinds, countries or logs means all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Any of these kinds.
    pub kinds: Vec<u32>,
    /// Any of these countries. Records whose payload is a hole have none.
    pub countries: Vec<String>,
    /// Only these logs.
    pub logs: Vec<u32>,
    /// Also records whose newest entry ended them.
    pub include_withdrawn: bool,
}

/// How much is in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Current records.
    pub records: u64,
    /// Entries that this software cannot read: their leaf, or records of their kind.
    pub unreadable: u64,
}

/// The views of one node. Clones share them; the last one to go stops the thread.
#[derive(Clone)]
pub struct Views {
    poster: Arc<Poster>,
}

impl Views {
    /// Opens the views in `dir`, and makes them anew where they are missing,
    /// damaged, of another version or not ours.
    ///
    /// # Errors
    /// [`TableError::InUse`] while another process has them, [`TableError::Io`]
    /// when the directory cannot be read or written.
    pub fn open(dir: &Path) -> Result<Self, ViewsError> {
        let table = open::open(dir)?;
        Self::start(Box::new(table), Some(dir))
    }

    /// Views over any table, for tests and short-lived nodes. What is not in the
    /// table when the last clone goes is lost, as in a crash.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn over(table: Box<dyn Table>) -> Result<Self, ViewsError> {
        Self::start(table, None)
    }

    fn start(table: Box<dyn Table>, dir: Option<&Path>) -> Result<Self, ViewsError> {
        let poster = Arc::new(Poster::start(table, dir)?);
        Ok(Self { poster })
    }

    /// The index of the entry of `log` that [`Views::post`] wants next. After
    /// [`Views::open`] this is where posting has to start again.
    pub fn position(&self, log: u32) -> u64 {
        self.poster.position(log)
    }

    /// Slots that were refilled and may not have reached the table before the last
    /// crash: hand their state to [`Views::refill`] once more after opening.
    pub fn unsettled(&self) -> Vec<(u32, u64)> {
        self.poster.unsettled()
    }

    /// Takes the entries of `log` from `start` on; those already taken are skipped.
    /// They answer queries when this returns.
    ///
    /// Returns at once unless more than about a million entries wait for the
    /// table; then it waits for room, so call it where blocking is allowed.
    ///
    /// # Errors
    /// [`ViewsError::Gap`] and [`ViewsError::OutOfOrder`] for entries that do not
    /// continue the log, [`ViewsError::Stopped`] when the table has failed and
    /// memory is full. Nothing is lost by either: post again from [`Views::position`].
    pub fn post(&self, log: u32, start: u64, entries: Vec<ViewEntry>) -> Result<(), ViewsError> {
        self.poster.post(log, start, &entries)
    }

    /// Takes the new state of slots that were posted before: a hole that was
    /// filled, or a payload that was erased or dropped. When this returns, a crash
    /// will not forget that they changed ([`Views::unsettled`]); it syncs a small
    /// file, so call it where blocking is allowed.
    ///
    /// # Errors
    /// As for [`Views::post`].
    pub fn refill(&self, log: u32, entries: Vec<ViewEntry>) -> Result<(), ViewsError> {
        self.poster.refill(log, &entries)
    }

    /// Writes everything taken so far to the table, and the table to the disk.
    /// For closing and for tests, never for a request.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn flush(&self) -> Result<(), ViewsError> {
        self.poster.flush()
    }

    /// Does the same, stops, and closes the database, though someone may still hold
    /// this: then the views are empty and take nothing more. For the store that has
    /// opened them.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn close(&self) -> Result<(), ViewsError> {
        self.poster.close()
    }

    /// Returns when no file of the views holds anything of what was erased before.
    /// Copies the table for that, so call it where blocking is allowed. Without this
    /// call it happens a few seconds later.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn leave_no_trace(&self) -> Result<(), ViewsError> {
        self.poster.leave_no_trace()
    }

    /// How many entries are only in memory.
    pub fn behind(&self) -> u64 {
        self.poster.behind()
    }

    /// Why the table cannot be written, if it cannot.
    pub fn failure(&self) -> Option<String> {
        self.poster.failure()
    }

    /// Forgets a log: it has no entries and its position is 0. Its traces go as
    /// those of what was erased.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn forget(&self, log: u32) -> Result<(), ViewsError> {
        self.poster.forget(log)
    }
}

/// What operations mean for a record.
trait OperationMeaning {
    /// Whether the entry is one of a record's, and not of the log's own affairs.
    fn is_about_a_record(&self) -> bool;
    /// Whether a record is current after it.
    fn is_current(&self) -> bool;
    /// Whether it destroys what earlier payloads said.
    fn erases(&self) -> bool;
}

impl OperationMeaning for Operation {
    fn is_about_a_record(&self) -> bool {
        !matches!(self, Self::Key | Self::Group | Self::Snapshot)
    }

    fn is_current(&self) -> bool {
        matches!(self, Self::Publish)
    }

    fn erases(&self) -> bool {
        matches!(self, Self::Erase)
    }
}
