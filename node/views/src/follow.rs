//! The views as a follower of the store: what of a stored entry they keep.

use std::path::Path;

use wpsx_proto::origin::RecordId;
use wpsx_store::{
    FollowError, Follower, Newest, RecordIndex, StoreError, StoreFolder, StoredEntry,
};

use crate::{TableError, ViewEntry, Views, ViewsError};

const NAME: &str = "views";
/// What so many entries say is in memory at once before a layer takes it.
const AT_ONCE: usize = 512;

impl Views {
    /// Opens the views of the store in a folder that this process has.
    ///
    /// # Errors
    /// Their directory cannot be read or written.
    pub fn of(folder: &StoreFolder) -> Result<Self, StoreError> {
        let dir = folder.views();
        Self::open(&dir).map_err(|error| not_opened(&dir, error))
    }

    fn read(&self, entries: &[StoredEntry]) -> Vec<ViewEntry> {
        let now = self.unix_ms();
        entries
            .iter()
            .map(|entry| ViewEntry::of(entry, now))
            .collect()
    }
}

fn not_opened(dir: &Path, error: ViewsError) -> StoreError {
    match error {
        ViewsError::Table(TableError::Io(cause)) => StoreError::io("open", dir)(cause),
        other => StoreError::Follower {
            name: NAME,
            source: failed(other),
        },
    }
}

/// After a panic of their thread they take nothing any more.
fn failed(error: ViewsError) -> FollowError {
    match error {
        ViewsError::Panicked(_) => FollowError::last(error),
        _ => FollowError::new(error),
    }
}

impl Follower for Views {
    fn name(&self) -> &'static str {
        NAME
    }

    fn position(&self, log: u32) -> u64 {
        Self::position(self, log)
    }

    fn unsettled(&self) -> Vec<(u32, u64)> {
        Self::unsettled(self)
    }

    fn post(&self, log: u32, start: u64, entries: &[StoredEntry]) -> Result<(), FollowError> {
        let starts = (start..).step_by(AT_ONCE);
        for (start, some) in starts.zip(entries.chunks(AT_ONCE)) {
            Self::post(self, log, start, self.read(some)).map_err(failed)?;
        }
        Ok(())
    }

    fn refill(&self, log: u32, entries: &[StoredEntry]) -> Result<(), FollowError> {
        Self::refill(self, log, self.read(entries)).map_err(failed)
    }

    fn forget(&self, log: u32) -> Result<(), FollowError> {
        Self::forget(self, log).map_err(failed)
    }

    fn leave_no_trace(&self) -> Result<(), FollowError> {
        Self::leave_no_trace(self).map_err(failed)
    }

    fn flush(&self) -> Result<(), FollowError> {
        Self::flush(self).map_err(failed)
    }

    fn close(&self) -> Result<(), FollowError> {
        Self::close(self).map_err(failed)
    }
}

impl RecordIndex for Views {
    fn newest(&self, log: u32, record: &RecordId) -> Result<Option<Newest>, FollowError> {
        let latest = self.latest(log, record).map_err(failed)?;
        Ok(latest.map(|latest| Newest {
            index: latest.index,
            revision: latest.revision,
        }))
    }
}
