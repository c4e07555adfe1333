//! Where a store keeps its bytes: the files of its logs, its journal, and its state.
//!
//! Three traits, because the three are made durable in three ways: files in bulk, the
//! journal by appending and one sync for each group, the state file by file. `disk` has
//! them in a directory; tests have them in memory, where the power fails when they say.
//!
//! Names are relative, with `/` between their parts. A call is one file or one group of
//! the journal, never one entry.

use std::{any::Any, fmt, path::PathBuf, sync::Arc};

use bytes::Bytes;

use crate::error::StoreError;

/// All that a store is kept in. Clones are the same.
#[derive(Clone)]
pub(crate) struct Backend {
    pub(crate) files: Arc<dyn Files>,
    pub(crate) journal: Arc<dyn JournalFiles>,
    pub(crate) state: Arc<dyn StateFiles>,
    pub(crate) reserve: Arc<dyn Reserve>,
}

/// Keeps others away until it is dropped.
pub(crate) type Lock = Box<dyn Any + Send>;

/// When a file that is written has to be durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durable {
    /// With the next [`Files::sync`]: the file is new, and the journal has its content
    /// until then.
    Later,
    /// Before it takes its place: it may replace one whose content is nowhere else.
    Now,
}

/// The files of the logs: written whole, read whole.
pub(crate) trait Files: Send + Sync {
    /// The bytes of a file; none if it is not there.
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError>;

    /// Opens a file to read parts of it; none if it is not there. It stays the same file
    /// when another takes its place.
    fn open(&self, name: &str) -> Result<Option<Box<dyn Parts>>, StoreError>;

    /// Whether the file is there.
    fn exists(&self, name: &str) -> bool;

    /// Puts a file in its place: a reader sees the old one or the new one.
    fn write(&self, name: &str, parts: &[&[u8]], durable: Durable) -> Result<(), StoreError>;

    /// Removes a file that may be gone already.
    fn remove(&self, name: &str) -> Result<(), StoreError>;

    /// Removes all files below a name.
    fn remove_tree(&self, name: &str) -> Result<(), StoreError>;

    /// The names of all files below `name`, also of those that were never finished.
    /// What goes meanwhile may be left out.
    fn list(&self, name: &str) -> Result<Vec<String>, StoreError>;

    /// The names directly below `name`, of files and of what has files below it.
    fn children(&self, name: &str) -> Result<Vec<String>, StoreError>;

    /// Makes durable which names there are directly below `name`.
    fn sync_names(&self, name: &str) -> Result<(), StoreError>;

    /// Makes durable all that was written and removed before.
    fn sync(&self) -> Result<(), StoreError>;

    /// Where a name lies, for messages.
    fn path_of(&self, name: &str) -> PathBuf;

    /// What a file holds that was written to memory alone, because the disk is only read.
    fn in_memory(&self, name: &str) -> Option<Bytes>;
}

/// A file of which parts are read.
pub(crate) trait Parts {
    /// Its length.
    fn length(&self) -> u64;

    /// So many bytes of it; fewer where it ends.
    fn part(&self, start: u64, length: usize) -> Result<Bytes, StoreError>;
}

/// A file that is in memory as a whole.
impl Parts for Bytes {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn part(&self, start: u64, length: usize) -> Result<Bytes, StoreError> {
        let start = self.len().min(start as usize);
        Ok(self.slice(start..self.len().min(start + length)))
    }
}

/// The segments of the journal.
pub(crate) trait JournalFiles: Send + Sync {
    /// The names of all files, in order.
    fn list(&self) -> Result<Vec<String>, StoreError>;

    /// All bytes of a file.
    fn read(&self, name: &str) -> Result<Bytes, StoreError>;

    /// Makes durable what is found in a file.
    fn sync(&self, name: &str) -> Result<(), StoreError>;

    /// Cuts what stands behind so many bytes, durably.
    fn cut(&self, name: &str, length: u64) -> Result<(), StoreError>;

    /// Makes a segment that begins with `header`; it is durable when this returns.
    fn create(&self, name: &str, header: &[u8]) -> Result<Box<dyn SegmentFile>, StoreError>;

    /// Removes files, durably.
    fn remove(&self, names: &[String]) -> Result<(), StoreError>;

    /// Gives a file another name, durably.
    fn rename(&self, name: &str, to: &str) -> Result<(), StoreError>;

    /// Where a name lies, for messages; an empty one is that of the whole journal.
    fn path_of(&self, name: &str) -> PathBuf;
}

/// A segment that is being written.
pub(crate) trait SegmentFile: Send {
    /// Writes bytes at the end.
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Makes durable what was appended.
    fn sync(&mut self) -> Result<(), StoreError>;

    /// Replaces bytes before the end. They are durable with the next sync; where they
    /// cannot be written, the old ones stay.
    fn replace(&mut self, at: u64, bytes: &[u8]);

    /// Cuts what stands behind so many bytes, durably.
    fn cut(&mut self, length: u64) -> Result<(), StoreError>;
}

/// Room on the disk that is kept for when there is no other.
pub(crate) trait Reserve: Send + Sync {
    /// Keeps so many bytes.
    fn keep(&self, bytes: u64) -> Result<(), StoreError>;

    /// Gives back what is kept; false if nothing is.
    fn give_back(&self) -> Result<bool, StoreError>;

    /// Bytes that are free besides; none: nobody says.
    fn free(&self) -> Option<u64>;
}

/// The small files that cannot be rebuilt.
pub(crate) trait StateFiles: Send + Sync {
    /// The bytes of a file; none if it is not there.
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError>;

    /// Puts a file in its place; it is durable when this returns. After a crash the old
    /// one is there or the new one.
    fn put(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError>;

    /// Removes a file if it is there, durably.
    fn remove(&self, name: &str) -> Result<(), StoreError>;

    /// The names that begin with `prefix`.
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// Where a name lies, for messages.
    fn path_of(&self, name: &str) -> PathBuf;
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Backend")
            .field(&self.files.path_of(""))
            .finish()
    }
}
