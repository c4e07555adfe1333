//! Plans the checkpoints of a replica: the one that is to be pulled, and the head.

use std::sync::{Arc, atomic::Ordering};

use wpsx_proto::{checkpoint::VerifiedCheckpoint, hash::Hash, index::TreeSize};

use super::{Growth, Not, Plan};
use crate::{
    error::StoreError,
    format::change::Writer,
    write::request::{CommitHead, SetPending},
};

impl Plan {
    pub(crate) fn set_pending(&mut self, ask: &SetPending) -> Result<(), Not> {
        let SetPending {
            origin,
            checkpoint: new,
        } = ask;
        let log = self.pulled(origin, false)?;
        let draft = self.draft(&log.inner);
        let floor = draft
            .pending
            .unwrap_or_default()
            .max(TreeSize::new(draft.size));
        if new.size() < floor {
            return Err(StoreError::WrongSize {
                ours: floor,
                theirs: new.size(),
            }
            .into());
        }
        draft.pending = Some(new.size());
        Writer(&mut self.buffer).pending(log.number(), &new.note_bytes());
        Ok(())
    }

    /// Nothing, where entries that erase were stored since it was looked what they destroy.
    pub(crate) fn commit_head(
        &mut self,
        ask: &CommitHead,
    ) -> Result<Option<Arc<VerifiedCheckpoint>>, Not> {
        let CommitHead {
            origin,
            checkpoint: new,
            losing,
            looked,
            into_own,
        } = ask;
        let log = self.pulled(origin, *into_own)?;
        let (mut ours, head) = {
            let contents = log.inner.contents.read();
            (contents.edge.frontier(), contents.head.clone())
        };
        match &self.draft(&log.inner).growth {
            Growth::Nothing => {}
            // Those before it in this group.
            Growth::Entries(hashes) => ours.extend(hashes.iter().copied()),
            Growth::More => return Err(Not::Now),
        }
        if new.size() != ours.size() {
            return Err(StoreError::WrongSize {
                ours: ours.size(),
                theirs: new.size(),
            }
            .into());
        }
        let root: Hash = ours.root();
        if new.root() != root {
            let size = new.size();
            return Err(StoreError::WrongRoot {
                size,
                ours: root,
                theirs: new.root(),
            }
            .into());
        }
        if *looked < new.size() && log.inner.erases_until.load(Ordering::Relaxed) > looked.value() {
            return Ok(None);
        }
        let mut merged = new.clone();
        if let Some(head) = head.filter(|head| head.size() == new.size()) {
            let own = self.shared.own_cosigner();
            merged.merge_until(&head, &own, self.shared.latest_stamp());
        }
        let head = log.inner.cosigned(&self.shared, merged);
        self.lose(&log, losing.clone())?;
        Writer(&mut self.buffer).note(log.number(), &head.note_bytes());
        let draft = self.draft(&log.inner);
        draft.growth = Growth::More;
        draft.pending = draft.pending.max(Some(head.size()));
        Ok(Some(Arc::new(head)))
    }
}
