//! What else is asked of a mirrored log: proofs to pass on, and the revisions of a record.

use bytes::Bytes;
use wpsx_proto::{
    api::exchange::v1::ProvenEntry,
    envelope::Leaf,
    hash::Hash,
    index::{BUNDLE, LeafIndex},
    origin::RecordId,
    proof::prove_inclusion,
};

use super::{
    super::{bundle::Bundle, folder::damaged},
    LocalLog,
};
use crate::ClientError;

impl LocalLog {
    /// The entries at these indexes, each with its proof under
    /// [`checkpoint`](LocalLog::checkpoint), as a node would answer them. An index beyond it
    /// is left out. Indexes in order cost least: bundles are read one after the other.
    ///
    /// # Errors
    ///
    /// If the files cannot be read or were changed.
    pub fn prove(&self, indexes: &[LeafIndex]) -> Result<Vec<ProvenEntry>, ClientError> {
        let mut proven = Vec::new();
        let mut read: Option<Bundle> = None;
        for index in indexes.iter().filter(|index| self.size().contains(**index)) {
            let bundle = match read.take() {
                Some(bundle) if bundle.start.bundle() == index.bundle() => bundle,
                _ => self.bundle(index.bundle())?,
            };
            proven.push(self.prove_in(&bundle, *index)?);
            read = Some(bundle);
        }
        Ok(proven)
    }

    fn prove_in(&self, bundle: &Bundle, index: LeafIndex) -> Result<ProvenEntry, ClientError> {
        let position = index.in_bundle();
        let (state, slot) = bundle.slot(position);
        let inclusion = prove_inclusion(&self.tree, index, self.size())
            .map_err(|error| self.kept(damaged(error)))?;
        Ok(ProvenEntry {
            origin: self.origin.to_string(),
            index: index.value(),
            entry: bundle.entries.entry_bytes(position),
            state: state.to_api() as i32,
            slot: slot.unwrap_or_else(Bytes::new),
            inclusion: Hash::list_to_bytes(&inclusion),
            backfill: false,
        })
    }

    /// Where the revisions of a record are, the oldest first. All entries are looked through,
    /// so none is missing, whatever their publisher linked.
    ///
    /// # Errors
    ///
    /// If the files cannot be read or were changed.
    pub fn revisions(&self, id: &RecordId) -> Result<Vec<LeafIndex>, ClientError> {
        let mut found = Vec::new();
        if !self.newest.contains_key(id) {
            return Ok(found);
        }
        for number in 0..self.size().value().div_ceil(BUNDLE) {
            let entries = self
                .folder
                .entries(number, self.size())
                .map_err(|source| self.kept(source))?;
            for (position, entry) in entries.iter().enumerate() {
                let leaf = Leaf::read(entry);
                if leaf
                    .envelope()
                    .is_some_and(|envelope| envelope.record_id == *id)
                {
                    found.push(LeafIndex::new(number * BUNDLE + position as u64));
                }
            }
        }
        Ok(found)
    }
}
