//! Our cosignatures on heads, at most one a second for each log.
//!
//! A cosignature of ours says that all entries are stored here. It is made for
//! heads only, and a head is in the journal before anyone sees it. Lines that are
//! renewed or merged later are kept at the journal's next drop: they can be made
//! or fetched again.

use std::sync::Arc;

use wpsx_proto::checkpoint::VerifiedCheckpoint;

use super::shared::Shared;
use crate::log::handle::Log;

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

    /// Cosigns the head once more: the time of its cosignature is new.
    pub(crate) fn cosign_head(&self, shared: &Shared) {
        let mut contents = self.contents.write();
        let Some(head) = &contents.head else { return };
        let renewed = self.cosigned(shared, VerifiedCheckpoint::clone(head));
        contents.head = Some(Arc::new(renewed));
        contents.dirty.log = true;
        drop(contents);
        self.tell(shared);
    }

    /// Tells who waits that the log has changed.
    pub(crate) fn tell(&self, shared: &Shared) {
        self.changed.send_modify(|n| *n += 1);
        shared.news.of([self.number]);
    }
}
