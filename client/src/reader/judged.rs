//! Notes that were judged, so that the same bytes are not judged again.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use wpsx_proto::{checkpoint::VerifiedCheckpoint, origin::Origin};

/// For each log the note that the node showed last and that was judged, so that the same
/// bytes are not judged again: signatures are most of what reading one record costs.
#[derive(Default)]
pub(super) struct Judged(Mutex<HashMap<Origin, Judgement>>);

/// A note that fits what was kept.
struct Judgement {
    /// The newest note that was kept then. Another one since, and all is judged anew.
    kept: Bytes,
    shown: Bytes,
    checkpoint: Arc<VerifiedCheckpoint>,
}

impl Judged {
    pub(super) fn again(
        &self,
        origin: &Origin,
        kept: &[u8],
        shown: &[u8],
    ) -> Option<Arc<VerifiedCheckpoint>> {
        let judged = self.0.lock();
        let last = judged.get(origin)?;
        (last.kept == kept && last.shown == shown).then(|| Arc::clone(&last.checkpoint))
    }

    pub(super) fn remember(
        &self,
        origin: &Origin,
        kept: Bytes,
        shown: &[u8],
        checkpoint: &Arc<VerifiedCheckpoint>,
    ) {
        let judgement = Judgement {
            kept,
            shown: Bytes::copy_from_slice(shown),
            checkpoint: Arc::clone(checkpoint),
        };
        self.0.lock().insert(origin.clone(), judgement);
    }
}
