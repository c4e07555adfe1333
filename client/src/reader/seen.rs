//! The newest heads that were ever seen, and whether a node's answer fits them.

use std::sync::Arc;

use bytes::Bytes;
use wpsx_proto::{api::replication::v1::Head, checkpoint::VerifiedCheckpoint, origin::Origin};

use super::Client;
use crate::{
    ClientError,
    pull::{Held, PullError, Transport, verify_note},
};

impl<T: Transport> Client<T> {
    /// A checkpoint that the node has shown: signed by its log's key, and no contradiction
    /// to the newest one seen before, which it replaces if it is larger.
    pub(super) async fn seen(
        &self,
        origin: &Origin,
        note: &[u8],
    ) -> Result<Arc<VerifiedCheckpoint>, ClientError> {
        if let Some(kept) = self.kept_note(origin)?
            && let Some(judged) = self.judged.again(origin, &kept, note)
        {
            return Ok(judged);
        }
        let judged = Arc::new(self.judge(origin, note).await?);
        if let Some(kept) = self.kept_note(origin)?
            && self
                .kept(origin)?
                .is_some_and(|kept| kept.size() == judged.size())
        {
            self.judged.remember(origin, kept, note, &judged);
        }
        Ok(judged)
    }

    async fn judge(&self, origin: &Origin, note: &[u8]) -> Result<VerifiedCheckpoint, ClientError> {
        let key = self.trust.key(origin)?;
        let shown = verify_note(note, origin, &key)?;
        let Some(kept) = self.kept(origin)? else {
            self.keep(&shown)?;
            return Ok(shown);
        };
        let head = Head {
            origin: origin.to_string(),
            checkpoint: shown.note_bytes(),
            ..Head::default()
        };
        let held = Held {
            verified: Some(kept.clone()),
            ..Held::nothing()
        };
        let proven = self
            .call(|transport| {
                let puller = self.puller_over(transport, origin, key.clone());
                let (held, head) = (&held, &head);
                async move { puller.prove(held, head).await }
            })
            .await;
        match proven {
            Ok(proven) => {
                if proven.size() > kept.size() {
                    self.keep(&proven)?;
                }
                Ok(proven)
            }
            // A relay that is behind still proves what it has.
            Err(ClientError::Pull(PullError::Behind { .. })) => Ok(shown),
            Err(error) => Err(error),
        }
    }

    /// The newest checkpoint of a log that was ever seen.
    pub(crate) fn kept(&self, origin: &Origin) -> Result<Option<VerifiedCheckpoint>, ClientError> {
        let Some(note) = self.kept_note(origin)? else {
            return Ok(None);
        };
        verify_note(&note, origin, &self.trust.key(origin)?)
            .map(Some)
            .map_err(|error| ClientError::Damaged {
                origin: origin.clone(),
                why: error.to_string(),
            })
    }

    fn kept_note(&self, origin: &Origin) -> Result<Option<Bytes>, ClientError> {
        self.heads.load(origin).map_err(|source| ClientError::Kept {
            origin: origin.clone(),
            source,
        })
    }

    pub(crate) fn keep(&self, checkpoint: &VerifiedCheckpoint) -> Result<(), ClientError> {
        self.heads
            .keep(checkpoint.origin(), &checkpoint.note_bytes())
            .map_err(|source| ClientError::Kept {
                origin: checkpoint.origin().clone(),
                source,
            })
    }
}
