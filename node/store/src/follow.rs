//! What follows a log: whatever is computed from its entries and can be computed again.
//!
//! The store is opened with a list of followers and knows none of them by name. Each
//! is told of entries in order, from the position that it gives itself, by a thread of
//! its own (`feed`): one that is slow, refuses or panics holds up neither the log nor
//! another follower. So what a follower lacks after a crash, a bulk load or a rebuild
//! is told by the same code.
//!
//! No method has a body here. A follower that did not say how it takes an erasure back
//! out of what it keeps would be one that forgets erasures.

use std::{error::Error, fmt, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{origin::RecordId, payload::SlotState};

/// An entry as it is stored.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// Its place in the log.
    pub index: u64,
    /// The bytes that are hashed.
    pub leaf: Bytes,
    /// Whether its payload is held.
    pub state: SlotState,
    /// The payload without its salt, where it is held.
    pub payload: Option<Bytes>,
}

/// Computes something from the entries of all logs, and keeps it.
///
/// A log is known by its number, which never stands for two logs. One thread makes all
/// calls that change something; the others come from any.
///
/// ```
/// use wpsx_store::{FollowError, Follower, StoredEntry};
///
/// /// Keeps nothing but how far it was told.
/// #[derive(Default)]
/// struct Counter(std::sync::atomic::AtomicU64);
///
/// impl Follower for Counter {
///     fn name(&self) -> &'static str { "counts" }
///     fn position(&self, _: u32) -> u64 { self.0.load(std::sync::atomic::Ordering::Acquire) }
///     fn unsettled(&self) -> Vec<(u32, u64)> { Vec::new() }
///     fn post(&self, _: u32, start: u64, entries: &[StoredEntry]) -> Result<(), FollowError> {
///         self.0.store(start + entries.len() as u64, std::sync::atomic::Ordering::Release);
///         Ok(())
///     }
///     fn refill(&self, _: u32, _: &[StoredEntry]) -> Result<(), FollowError> { Ok(()) }
///     fn forget(&self, _: u32) -> Result<(), FollowError> {
///         self.0.store(0, std::sync::atomic::Ordering::Release);
///         Ok(())
///     }
///     fn leave_no_trace(&self) -> Result<(), FollowError> { Ok(()) }
///     fn flush(&self) -> Result<(), FollowError> { Ok(()) }
///     fn close(&self) -> Result<(), FollowError> { Ok(()) }
/// }
/// ```
///
/// One that does not say what it does when a payload is erased is none:
///
/// ```compile_fail
/// use wpsx_store::{FollowError, Follower, StoredEntry};
///
/// /// Keeps nothing but how far it was told.
/// #[derive(Default)]
/// struct Counter(std::sync::atomic::AtomicU64);
///
/// impl Follower for Counter {
///     fn name(&self) -> &'static str { "counts" }
///     fn position(&self, _: u32) -> u64 { self.0.load(std::sync::atomic::Ordering::Acquire) }
///     fn unsettled(&self) -> Vec<(u32, u64)> { Vec::new() }
///     fn post(&self, _: u32, start: u64, entries: &[StoredEntry]) -> Result<(), FollowError> {
///         self.0.store(start + entries.len() as u64, std::sync::atomic::Ordering::Release);
///         Ok(())
///     }
///     fn forget(&self, _: u32) -> Result<(), FollowError> {
///         self.0.store(0, std::sync::atomic::Ordering::Release);
///         Ok(())
///     }
///     fn flush(&self) -> Result<(), FollowError> { Ok(()) }
///     fn close(&self) -> Result<(), FollowError> { Ok(()) }
/// }
/// ```
pub trait Follower: Send + Sync + 'static {
    /// What it is called in messages, as in "the views cannot be used". No two
    /// followers of a store have the same; letters and `-`.
    fn name(&self) -> &'static str;

    /// The index of the entry of `log` that it wants next. After a crash this may be
    /// less than before.
    fn position(&self, log: u32) -> u64;

    /// Slots that were refilled and may have been forgotten in a crash: they are
    /// refilled once more after the store was opened.
    fn unsettled(&self) -> Vec<(u32, u64)>;

    /// Takes the entries of `log` from `start` on, which is its position.
    ///
    /// # Errors
    /// It cannot take them; it is asked for its position again and told from there.
    fn post(&self, log: u32, start: u64, entries: &[StoredEntry]) -> Result<(), FollowError>;

    /// Takes entries before its position once more: their payloads came, or were
    /// erased. Of what is erased nothing may be found any more.
    ///
    /// # Errors
    /// It cannot take them; it is told of them again.
    fn refill(&self, log: u32, entries: &[StoredEntry]) -> Result<(), FollowError>;

    /// Forgets all of a log: its position is 0 then. What it kept goes as an erased
    /// payload does.
    ///
    /// # Errors
    /// It cannot; it is asked again.
    fn forget(&self, log: u32) -> Result<(), FollowError>;

    /// Returns when none of its files holds anything of what was erased before.
    ///
    /// # Errors
    /// They cannot be written. It has to make up for it after the next start.
    fn leave_no_trace(&self) -> Result<(), FollowError>;

    /// Writes all that it took to the disk.
    ///
    /// # Errors
    /// It cannot be written.
    fn flush(&self) -> Result<(), FollowError>;

    /// Does the same and lets go of its files, though someone may still hold it.
    ///
    /// # Errors
    /// It cannot be written.
    fn close(&self) -> Result<(), FollowError>;
}

/// The follower that tells the store which entry of a record is the newest.
pub trait RecordIndex: Follower {
    /// The newest entry of a record among those of `log` before its position.
    ///
    /// # Errors
    /// It cannot be read.
    fn newest(&self, log: u32, record: &RecordId) -> Result<Option<Newest>, FollowError>;
}

/// The newest entry of a record in one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Its index.
    pub index: u64,
    /// Its revision.
    pub revision: u32,
}

/// All followers of a store.
#[derive(Clone)]
pub struct Followers {
    /// What the store asks for the newest entry of a record.
    pub index: Arc<dyn RecordIndex>,
    /// The others.
    pub others: Vec<Arc<dyn Follower>>,
}

impl Followers {
    /// The record index alone.
    pub fn only(index: impl RecordIndex) -> Self {
        Self {
            index: Arc::new(index),
            others: Vec::new(),
        }
    }

    /// All of them, the record index first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<dyn Follower>> {
        let index: Arc<dyn Follower> = self.index.clone();
        std::iter::once(index).chain(self.others.iter().cloned())
    }
}

impl fmt::Debug for Followers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.all().map(|follower| follower.name());
        f.debug_list().entries(names).finish()
    }
}

/// Why a follower cannot do something: an error of its own.
#[derive(Debug)]
pub struct FollowError {
    source: Box<dyn Error + Send + Sync>,
    is_final: bool,
}

impl FollowError {
    /// It could not do this; it can be asked again.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: error.into(),
            is_final: false,
        }
    }

    /// It can do nothing any more until it is opened anew, as after a panic of a thread
    /// of its own.
    pub fn last(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: error.into(),
            is_final: true,
        }
    }

    /// Whether it was the last.
    pub fn is_final(&self) -> bool {
        self.is_final
    }
}

impl fmt::Display for FollowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for FollowError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}
