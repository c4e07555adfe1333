//! Where the views' rows are kept: a sorted map of bytes that takes small batches.
//!
//! Whatever implements [`Table`] promises that a batch is there whole or not at
//! all, and that after a crash it holds some prefix of the batches it took. It
//! promises nothing about how long that prefix is: views are rebuilt from the
//! logs, so nothing here is flushed before an answer.

pub(crate) mod blocks;

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// One change: the key, and its new value or `None` to remove it.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// Takes pairs of a scan until it breaks.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// What went wrong in a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The disk or the file system refused.
    #[error("cannot read or write the views")]
    Io(#[source] std::io::Error),
    /// The table holds bytes that this code never wrote.
    #[error("the views are damaged: {0}")]
    Damaged(String),
    /// Another process, or another handle of this one, has the table open.
    #[error("the views are in use by another process")]
    InUse,
}

impl TableError {
    /// Whether throwing the table away and building it again is the remedy.
    pub fn needs_rebuild(&self) -> bool {
        matches!(self, Self::Damaged(_))
    }
}

/// A sorted map of bytes that takes atomic batches.
pub trait Table: Send + Sync {
    /// The value of `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TableError>;

    /// The pair with the greatest key in `low..=high`.
    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError>;

    /// Calls `visit` with every pair in `from..to` in order, until it breaks.
    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError>;

    /// Makes all changes, or none of them. No two have the same key.
    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError>;

    /// Hands everything applied so far to the file system.
    fn flush(&self) -> Result<(), TableError>;
}

/// sled 0.34 as a table.
pub(crate) struct SledTable(sled::Db);

/// sled keeps this much of itself in memory.
const CACHE: u64 = 32 << 20;

impl SledTable {
    /// Opens or creates the database in `dir`. sled may panic over files it does
    /// not like; here that is an error like any other.
    pub(crate) fn open(dir: &Path) -> Result<Self, TableError> {
        guarded(|| {
            sled::Config::new()
                .path(dir)
                .cache_capacity(CACHE)
                .flush_every_ms(Some(1000))
                .open()
        })
        .map(Self)
    }
}

/// Runs a call into sled, and turns its panics into errors.
fn guarded<T>(call: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, TableError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(source))) => {
            use std::io::ErrorKind::*;
            // sled reports a held lock as an I/O error without a kind of its own.
            if source.to_string().contains("could not acquire lock") {
                return Err(TableError::InUse);
            }
            match source.kind() {
                InvalidData | UnexpectedEof | InvalidInput => {
                    Err(TableError::Damaged(source.to_string()))
                }
                _ => Err(TableError::Io(source)),
            }
        }
        Ok(Err(other)) => Err(TableError::Damaged(other.to_string())),
        Err(panic) => Err(TableError::Damaged(
            panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_else(|| "the database gave up".to_string()),
        )),
    }
}

impl Table for SledTable {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TableError> {
        guarded(|| Ok(self.0.get(key)?.map(|value| value.to_vec())))
    }

    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError> {
        guarded(|| {
            self.0
                .range(low..=high)
                .next_back()
                .transpose()
                .map(|found| found.map(|(key, value)| (key.to_vec(), value.to_vec())))
        })
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError> {
        guarded(|| {
            for pair in self.0.range(from..to) {
                let (key, value) = pair?;
                if visit(&key, &value).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError> {
        let mut writes = sled::Batch::default();
        for (key, value) in batch {
            match value {
                Some(value) => writes.insert(key, value),
                None => writes.remove(key),
            }
        }
        guarded(|| self.0.apply_batch(writes))
    }

    fn flush(&self) -> Result<(), TableError> {
        guarded(|| self.0.flush().map(|_| ()))
    }
}

/// A table in memory: for tests, and the reference for any other.
#[derive(Default)]
pub struct MemoryTable(RwLock<BTreeMap<Vec<u8>, Vec<u8>>>);

impl Table for MemoryTable {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TableError> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(map.get(key).cloned())
    }

    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(map
            .range::<[u8], _>((Bound::Included(low), Bound::Included(high)))
            .next_back()
            .map(|(key, value)| (key.clone(), value.clone())))
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in map.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to))) {
            if visit(key, value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError> {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in batch {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), TableError> {
        Ok(())
    }
}

/// Collects changes into batches that sled can take without hoarding memory:
/// it frees nothing while a batch runs, so batches stay small.
pub(crate) struct Batches<'a> {
    table: &'a dyn Table,
    waiting: Vec<Change>,
    bytes: usize,
}

/// No batch has more changes than this.
pub(crate) const BATCH_CHANGES: usize = 256;

/// A batch is sent off once it holds this many bytes.
const BATCH_BYTES: usize = 64 << 10;

impl<'a> Batches<'a> {
    pub(crate) fn new(table: &'a dyn Table) -> Self {
        Self {
            table,
            waiting: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds changes that must happen together; at most a handful.
    pub(crate) fn push(
        &mut self,
        together: impl IntoIterator<Item = Change>,
    ) -> Result<(), TableError> {
        let before = self.waiting.len();
        for change in together {
            self.bytes += change.0.len() + change.1.as_ref().map_or(0, Vec::len);
            self.waiting.push(change);
        }
        if self.waiting.len() > BATCH_CHANGES {
            let together = self.waiting.split_off(before);
            self.send()?;
            self.waiting = together;
        }
        if self.bytes >= BATCH_BYTES || self.waiting.len() >= BATCH_CHANGES {
            self.send()?;
        }
        Ok(())
    }

    /// Sends what is waiting.
    pub(crate) fn send(&mut self) -> Result<(), TableError> {
        self.bytes = 0;
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.table.apply(std::mem::take(&mut self.waiting))
    }
}
