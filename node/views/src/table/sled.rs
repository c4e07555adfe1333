//! sled as a table.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use super::{Change, Pair, Table, TableError, Visit};

/// sled 0.34 as a table.
pub(crate) struct SledTable(::sled::Db);

/// sled keeps this much of itself in memory.
const CACHE: u64 = 16 << 20;

impl SledTable {
    /// Opens or creates the database in `dir`. sled may panic over files it does
    /// not like; here that is an error like any other.
    pub(crate) fn open(dir: &Path) -> Result<Self, TableError> {
        guarded(|| {
            ::sled::Config::new()
                .path(dir)
                .cache_capacity(CACHE)
                .flush_every_ms(Some(1000))
                .open()
        })
        .map(Self)
    }
}

/// Runs a call into sled, and turns its panics into errors.
fn guarded<T>(call: impl FnOnce() -> Result<T, ::sled::Error>) -> Result<T, TableError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(::sled::Error::Io(source))) => {
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
        let mut writes = ::sled::Batch::default();
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
