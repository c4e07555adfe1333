//! Cosignatures on heads: ours, at most one a second for each log, and those of
//! others that came for a head we hold.
//!
//! A cosignature of ours says that all entries are stored here. It is made for
//! heads only, and a head is in the journal before anyone sees it. Lines that are
//! renewed or merged later are kept at the journal's next drop: they can be made
//! or fetched again.

use std::sync::Arc;

use wpsx_proto::{checkpoint::VerifiedCheckpoint, note::VerifierKey, origin::Origin};

use crate::{
    error::StoreError,
    log::handle::Log,
    store::{Shared, Store},
};

/// C2SP asks for not more.
const PACE_MS: u64 = 1000;

impl Log {
    /// A checkpoint that becomes the head, with our cosignature if one is due.
    pub(crate) fn cosigned(
        &self,
        shared: &Shared,
        mut checkpoint: VerifiedCheckpoint,
    ) -> VerifiedCheckpoint {
        let Some(cosigner) = &shared.cosigner else {
            return checkpoint;
        };
        let now = shared.now();
        let mut cosigning = self.cosigning.lock();
        if cosigning.never {
            return checkpoint;
        }
        if now < cosigning.last.saturating_add(PACE_MS) && cosigning.last <= now {
            cosigning.owed = true;
            return checkpoint;
        }
        checkpoint.cosign(cosigner, now / 1000);
        cosigning.last = now;
        cosigning.owed = false;
        checkpoint
    }

    /// Cosigns the head now if it was too soon before.
    pub(crate) fn cosign_if_owed(&self, shared: &Shared, now: u64) {
        let due = {
            let cosigning = self.cosigning.lock();
            cosigning.owed && now >= cosigning.last.saturating_add(PACE_MS)
        };
        if due {
            self.cosign_head(shared);
        }
    }

    fn cosign_head(&self, shared: &Shared) {
        let mut contents = self.contents.write();
        let Some(head) = &contents.head else { return };
        let renewed = self.cosigned(shared, VerifiedCheckpoint::clone(head));
        contents.head = Some(Arc::new(renewed));
        contents.dirty.log = true;
        drop(contents);
        self.tell(shared);
    }

    fn tell(&self, shared: &Shared) {
        self.changed.send_modify(|n| *n += 1);
        shared.changed.send_modify(|n| *n += 1);
    }
}

impl Shared {
    /// The key of our cosignatures, if we make any.
    pub(crate) fn own_cosigner(&self) -> Vec<VerifierKey> {
        self.cosigner
            .iter()
            .map(|cosigner| cosigner.verifier_key())
            .collect()
    }
}

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
        if !merged.merge(other, &keys) {
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
