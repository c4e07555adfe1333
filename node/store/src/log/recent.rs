//! The newest entries of records that the record index may not know.
//!
//! Whoever numbers a revision needs the newest entry of its record. The index is told
//! of it by a thread of its own, so until then it is kept here; and what lies between
//! how far the index is and how far the log was when it was opened is read once more.

use std::collections::HashMap;

use wpsx_proto::{
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    origin::RecordId,
};

use crate::{
    error::StoreError,
    follow::{Newest, StoredEntry},
    log::handle::LogHandle,
    store::Shared,
};

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
    fn told(&mut self, records: &[RecordId], end: u64) {
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
}

impl LogHandle {
    /// The newest entry of a record. The committer alone asks, so that nothing is
    /// stored meanwhile.
    pub(crate) fn newest(
        &self,
        shared: &Shared,
        id: &RecordId,
    ) -> Result<Option<Newest>, StoreError> {
        loop {
            self.complete_recent(shared)?;
            let begun = {
                let contents = self.inner.contents.read();
                let recent = &contents.recent;
                if let Some(newest) = recent.newest.get(id) {
                    return Ok(Some(*newest));
                }
                if recent.forgetting && recent.from == 0 {
                    return Ok(None);
                }
                (!recent.forgetting).then_some(recent.begun)
            };
            let Some(begun) = begun else { continue };
            let index = &shared.followers.index;
            let found = shared.index().guard(|| index.newest(self.number(), id))?;
            // Unless it began to forget the log meanwhile.
            if self.inner.contents.read().recent.begun == begun {
                return Ok(found);
            }
        }
    }

    /// Reads the entries that neither the record index nor memory know.
    fn complete_recent(&self, shared: &Shared) -> Result<(), StoreError> {
        let log = &self.inner;
        let _turn = log.recent_turn.lock();
        let (until, forgetting) = {
            let contents = log.contents.read();
            (contents.recent.from, contents.recent.forgetting)
        };
        let known = match forgetting {
            true => 0,
            false => shared
                .index()
                .call(|index| Ok(index.position(self.number())))?,
        };
        let mut at = known;
        while at < until {
            let stop = until.min(at - at % BUNDLE + BUNDLE);
            let bundle = self.entries(LeafIndex::new(at), LeafIndex::new(stop))?;
            let mut contents = log.contents.write();
            for (index, entry) in (at..).zip(bundle.iter()) {
                let Leaf::Known(envelope) = Leaf::read(entry) else {
                    continue;
                };
                let newer = contents.recent.newest.get(&envelope.record_id);
                if newer.is_none_or(|newer| newer.index < index) {
                    let revision = envelope.revision;
                    let newest = Newest { index, revision };
                    contents.recent.insert(envelope.record_id, newest);
                }
            }
            at = stop;
        }
        log.contents.write().recent.from = known.min(until);
        Ok(())
    }

    /// The record index was told these entries, which end before `end`.
    pub(crate) fn forget_recent(&self, entries: &[StoredEntry], end: u64) {
        let records: Vec<RecordId> = entries
            .iter()
            .filter_map(|entry| match Leaf::read(&entry.leaf) {
                Leaf::Known(envelope) => Some(envelope.record_id),
                _ => None,
            })
            .collect();
        let _turn = self.inner.recent_turn.lock();
        self.inner.contents.write().recent.told(&records, end);
    }

    /// The record index is about to forget the log: from here on nothing is remembered
    /// as newer than what it knows.
    pub(crate) fn index_forgets(&self) {
        let _turn = self.inner.recent_turn.lock();
        let mut contents = self.inner.contents.write();
        let size = contents.size();
        let recent = &mut contents.recent;
        recent.from = size;
        recent.begun += 1;
        recent.forgetting = true;
    }

    /// It has forgotten it.
    pub(crate) fn index_forgot(&self) {
        self.inner.contents.write().recent.forgetting = false;
    }
}
