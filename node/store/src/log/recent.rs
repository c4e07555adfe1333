//! The newest entries of records that the record index may not know yet.

use std::collections::HashMap;

use wpsx_proto::origin::RecordId;

use crate::follow::Newest;

/// What an own log keeps for the record index.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    newest: HashMap<RecordId, Newest>,
    /// `newest` is complete from this index on; before it, the record index knows.
    from: u64,
    /// How often the record index began to forget the log.
    begun: u64,
    /// It has not forgotten it yet: it may know anything or nothing.
    forgetting: bool,
}

impl Recent {
    /// Of a log that was opened with so many entries.
    pub(crate) fn after(size: u64) -> Self {
        Self {
            from: size,
            ..Self::default()
        }
    }

    /// An entry was stored.
    pub(crate) fn insert(&mut self, record: RecordId, newest: Newest) {
        self.newest.insert(record, newest);
    }

    /// Entries before `end` were told to the record index.
    pub(crate) fn told(&mut self, records: &[RecordId], end: u64) {
        for record in records {
            if self
                .newest
                .get(record)
                .is_some_and(|newest| newest.index < end)
            {
                self.newest.remove(record);
            }
        }
    }

    /// What it knows of a record.
    pub(crate) fn get(&self, record: &RecordId) -> Option<Newest> {
        self.newest.get(record).copied()
    }

    /// From where on it is complete.
    pub(crate) fn from(&self) -> u64 {
        self.from
    }

    /// It is complete from here on.
    pub(crate) fn complete_from(&mut self, index: u64) {
        self.from = self.from.min(index);
    }

    /// The record index is about to forget the log, which has so many entries: from here
    /// on nothing is remembered as newer than what it knows.
    pub(crate) fn index_forgets(&mut self, size: u64) {
        self.from = size;
        self.begun += 1;
        self.forgetting = true;
    }

    /// It has forgotten it.
    pub(crate) fn index_forgot(&mut self) {
        self.forgetting = false;
    }

    /// Whether it is forgetting the log: then it may know anything or nothing.
    pub(crate) fn is_forgetting(&self) -> bool {
        self.forgetting
    }

    /// How often it began to.
    pub(crate) fn begun(&self) -> u64 {
        self.begun
    }
}
