//! The views as a follower of the store: what of a stored entry they keep.

use std::path::Path;

use wpsx_proto::{
    envelope::{Leaf, Operation},
    origin::RecordId,
    record::{Header, Kind},
};
use wpsx_store::{
    FollowError, Follower, Newest, RecordIndex, StoreError, StoreFolder, StoredEntry,
};

use crate::{TableError, ViewEntry, Views, ViewsError};

const NAME: &str = "views";

impl Views {
    /// Opens the views of the store in a folder that this process has.
    ///
    /// # Errors
    /// Their directory cannot be read or written.
    pub fn of(folder: &StoreFolder) -> Result<Self, StoreError> {
        let dir = folder.views();
        Self::open(&dir).map_err(|error| not_opened(&dir, error))
    }
}

fn not_opened(dir: &Path, error: ViewsError) -> StoreError {
    match error {
        ViewsError::Table(TableError::Io(cause)) => StoreError::io("open", dir)(cause),
        other => StoreError::Follower {
            name: NAME,
            source: FollowError::new(other),
        },
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
        Self::post(self, log, start, read(entries)).map_err(FollowError::new)
    }

    fn refill(&self, log: u32, entries: &[StoredEntry]) -> Result<(), FollowError> {
        Self::refill(self, log, read(entries)).map_err(FollowError::new)
    }

    fn forget(&self, log: u32) -> Result<(), FollowError> {
        Self::forget(self, log).map_err(FollowError::new)
    }

    fn leave_no_trace(&self) -> Result<(), FollowError> {
        Self::leave_no_trace(self).map_err(FollowError::new)
    }

    fn flush(&self) -> Result<(), FollowError> {
        Self::flush(self).map_err(FollowError::new)
    }

    fn close(&self) -> Result<(), FollowError> {
        Self::close(self).map_err(FollowError::new)
    }
}

impl RecordIndex for Views {
    fn newest(&self, log: u32, record: &RecordId) -> Result<Option<Newest>, FollowError> {
        let latest = self.latest(log, record).map_err(FollowError::new)?;
        Ok(latest.map(|latest| Newest {
            index: latest.index,
            revision: latest.revision,
        }))
    }
}

fn read(entries: &[StoredEntry]) -> Vec<ViewEntry> {
    entries.iter().map(ViewEntry::of).collect()
}

impl ViewEntry {
    /// What the envelope, and the payload where it is held, say.
    fn of(entry: &StoredEntry) -> Self {
        let mut view = Self {
            index: entry.index,
            record_id: RecordId::from_bytes([0; 16]),
            revision: 0,
            operation: Operation::Unknown(0),
            kind: 0,
            state: entry.state,
            countries: Vec::new(),
            external_id: None,
            readable: false,
            unknown_kind: false,
        };
        let Leaf::Known(envelope) = Leaf::read(&entry.leaf) else {
            return view;
        };
        view.record_id = envelope.record_id;
        view.revision = envelope.revision;
        view.operation = envelope.operation;
        view.kind = envelope.kind;
        view.readable = true;
        view.unknown_kind = !Kind::new(envelope.kind).is_known();
        if let Some(payload) = &entry.payload
            && let Ok(header) = Header::read(payload)
        {
            view.countries = header.countries().to_vec();
            view.external_id = header.external_id().map(str::to_owned);
        }
        view
    }
}
