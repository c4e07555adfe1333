//! Which entry of a record is the newest: whoever numbers a revision asks.
//!
//! The record index is told by a thread of its own. Until then it is kept in the log's
//! contents; and what lies between how far the index is and how far the log was when it
//! was opened, or when the index began anew, is read once more.

use wpsx_proto::{
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    origin::RecordId,
};

use super::shared::Shared;
use crate::{
    error::StoreError,
    follow::{Newest, StoredEntry},
    log::handle::LogHandle,
};

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
                if let Some(newest) = recent.get(id) {
                    return Ok(Some(newest));
                }
                if recent.is_forgetting() && recent.from() == 0 {
                    return Ok(None);
                }
                (!recent.is_forgetting()).then(|| recent.begun())
            };
            let Some(begun) = begun else { continue };
            let index = &shared.followers.index;
            let found = shared.index().guard(|| index.newest(self.number(), id))?;
            // Unless it began to forget the log meanwhile.
            if self.inner.contents.read().recent.begun() == begun {
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
            (contents.recent.from(), contents.recent.is_forgetting())
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
                let newer = contents.recent.get(&envelope.record_id);
                if newer.is_none_or(|newer| newer.index < index) {
                    let revision = envelope.revision;
                    let newest = Newest { index, revision };
                    contents.recent.insert(envelope.record_id, newest);
                }
            }
            at = stop;
        }
        log.contents.write().recent.complete_from(known);
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

    /// The record index is about to forget the log.
    pub(crate) fn index_forgets(&self) {
        let _turn = self.inner.recent_turn.lock();
        let mut contents = self.inner.contents.write();
        let size = contents.size();
        contents.recent.index_forgets(size);
    }

    /// It has forgotten it.
    pub(crate) fn index_forgot(&self) {
        self.inner.contents.write().recent.index_forgot();
    }
}
