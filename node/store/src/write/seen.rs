//! What a request appended that was carried out before, and which batches there were.

use wpsx_proto::{envelope::Envelope, index::LeafIndex};

use super::batch::Appended;
use crate::{
    error::StoreError,
    format::{remembered::Remembered, request::RequestId},
    log::handle::LogHandle,
};

impl LogHandle {
    /// The batches that were appended to be remembered, oldest first: the newest 1,000.
    pub fn remembered(&self) -> Vec<Remembered> {
        self.inner.contents.read().remembered.all()
    }

    /// Why batches before may be among them no more, if their list was lost once.
    pub fn lost_batches(&self) -> Option<StoreError> {
        let lost = self.inner.contents.read().remembered.lost();
        (lost > 0).then(|| {
            self.inner.broken(format!(
                "the list of what was imported before entry {lost} of {} was lost: no batch of \
                 that time is known any more",
                self.origin()
            ))
        })
    }

    /// The batch that made this entry, if it is among them.
    pub fn remembered_of(&self, index: LeafIndex) -> Option<Remembered> {
        let contents = self.inner.contents.read();
        contents.remembered.of(index.value()).cloned()
    }

    /// What a request appended, if it was carried out before.
    pub(crate) fn seen_request(&self, request: &RequestId) -> Result<Option<Appended>, StoreError> {
        let (found, head) = {
            let contents = self.inner.contents.read();
            (contents.requests.get(request), contents.head.clone())
        };
        let (Some((start, count)), Some(head)) = (found, head) else {
            return Ok(None);
        };
        let mut entries = Vec::new();
        for index in start..start + count {
            let index = LeafIndex::new(index);
            let envelope =
                Envelope::parse(&self.entry(index)?).map_err(|e| self.inner.broken(e))?;
            entries.push((index, envelope));
        }
        Ok(Some(Appended { entries, head }))
    }
}
