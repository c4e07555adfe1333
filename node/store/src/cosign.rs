//! Cosignature lines that come after the head: ours renewed, and those of others.

use std::sync::Arc;

use wpsx_proto::{checkpoint::VerifiedCheckpoint, note::VerifierKey, origin::Origin};

use crate::{error::StoreError, store::Store};

impl Store {
    /// Renews our cosignature on the log's head: its time is the log's age.
    ///
    /// # Errors
    /// The log is not here, or the store is read-only.
    pub async fn renew(&self, origin: &Origin) -> Result<(), StoreError> {
        let log = self.known(origin)?;
        if let Some(reason) = self.read_only().filter(|_| log.is_own()) {
            return Err(StoreError::ReadOnly(reason));
        }
        log.inner.cosign_head(&self.shared);
        Ok(())
    }

    /// Adds the signature lines of the same checkpoint that came from elsewhere:
    /// those of `keys` if they are valid and newer, others if there is room. True
    /// if there was any.
    pub fn merge_cosignatures(
        &self,
        origin: &Origin,
        other: &VerifiedCheckpoint,
        keys: &[VerifierKey],
    ) -> bool {
        let Some(log) = self.log(origin) else {
            return false;
        };
        let mut contents = log.inner.contents.write();
        let same = |ours: &&Arc<VerifiedCheckpoint>| {
            ours.size() == other.size() && ours.root() == other.root()
        };
        let Some(head) = contents.head.as_ref().filter(same) else {
            return false;
        };
        let mut merged = VerifiedCheckpoint::clone(head);
        let keys = [keys, &self.shared.own_cosigner()].concat();
        if !merged.merge_until(other, &keys, self.shared.latest_stamp()) {
            return false;
        }
        contents.head = Some(Arc::new(merged));
        contents.dirty.log = true;
        drop(contents);
        log.inner.tell(&self.shared);
        true
    }

    /// Never cosigns this log again: we cosigned a tree that lost a fork.
    pub fn never_cosign(&self, origin: &Origin) {
        if let Some(log) = self.log(origin) {
            log.inner.cosigning.lock().never = true;
        }
    }
}
