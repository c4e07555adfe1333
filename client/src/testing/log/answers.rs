//! What a log answers: entries and payloads, and the proofs that they are its own.

use std::collections::HashSet;

use bytes::Bytes;
use wpsx_proto::{
    api::{
        exchange::v1::RecordFilter,
        log::v1::{Package, PayloadFrame},
    },
    bundle::EntryBundle,
    envelope::{Leaf, Operation},
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::RecordId,
    payload::{SlotState, encode_frames},
    proof::{prove_consistency, prove_inclusion, prove_subtree},
};

use super::TestLog;
use crate::testing::lie::Lie;

impl TestLog {
    /// The entry at an index.
    pub fn entry(&self, index: LeafIndex) -> Bytes {
        self.entries[index.value() as usize].clone()
    }

    /// The payload slot at an index.
    pub fn slot(&self, index: LeafIndex) -> (SlotState, Option<Bytes>) {
        self.slots[index.value() as usize].clone()
    }

    /// The newest signed entry of a record.
    pub fn newest(&self, id: &RecordId) -> Option<LeafIndex> {
        (0..self.size().value() as usize)
            .rev()
            .find(|at| self.record_of(*at) == Some(*id))
            .map(|at| LeafIndex::new(at as u64))
    }

    /// The signed entries of a record, the newest first.
    pub(in crate::testing) fn revisions(&self, id: &RecordId) -> Vec<LeafIndex> {
        (0..self.size().value() as usize)
            .rev()
            .filter(|at| self.record_of(*at) == Some(*id))
            .map(|at| LeafIndex::new(at as u64))
            .collect()
    }

    pub(in crate::testing) fn first_of_same_record(&self, index: LeafIndex) -> LeafIndex {
        let id = self.record_of(index.value() as usize);
        (0..index.value())
            .find(|at| self.record_of(*at as usize) == id)
            .map_or(index, LeafIndex::new)
    }

    /// The newest entries of current records that pass a filter; countries are not looked at.
    pub(in crate::testing) fn records(
        &self,
        filter: &RecordFilter,
        lie: Option<Lie>,
    ) -> Vec<LeafIndex> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for at in (0..self.size().value() as usize).rev() {
            let Leaf::Known(envelope) = Leaf::read(&self.entries[at]) else {
                continue;
            };
            let newest = seen.insert(envelope.record_id);
            let current = envelope.operation == Operation::Publish || filter.include_withdrawn;
            let of_kind = filter.kinds.is_empty()
                || lie == Some(Lie::OtherKind)
                || filter.kinds.contains(&envelope.kind);
            let of_log = filter.origins.is_empty()
                || filter
                    .origins
                    .iter()
                    .any(|origin| origin == self.origin.as_str());
            if newest && current && of_kind && of_log {
                found.push(LeafIndex::new(at as u64));
            }
        }
        found.reverse();
        found
    }

    /// Proof that an entry is part of the newest signed tree.
    pub fn inclusion(&self, index: LeafIndex) -> Vec<Hash> {
        prove_inclusion(&self.tree, index, self.size()).expect("the tree holds every entry")
    }

    /// Proof that one tree extends another.
    pub fn consistency(&self, from: TreeSize, to: TreeSize) -> Vec<Hash> {
        prove_consistency(&self.tree, from, to).expect("the tree holds every entry")
    }

    /// The entries [start, end) of one bundle, bound to the tree of `size`.
    pub fn package(&self, start: LeafIndex, end: LeafIndex, size: TreeSize) -> Package {
        let entries = &self.entries[start.value() as usize..end.value() as usize];
        let proof = prove_subtree(&self.tree, start.bundle_start(), end.size_before(), size)
            .expect("the tree holds every entry");
        Package {
            start: start.value(),
            entries: EntryBundle::from_entries(entries.iter())
                .expect("test entries are small")
                .bytes(),
            proof: Hash::list_to_bytes(&proof),
        }
    }

    /// The payloads of [start, end); with countries, every second one is left out.
    pub fn frames(
        &self,
        start: u64,
        end: u64,
        countries: &[String],
        zstd: bool,
    ) -> Vec<PayloadFrame> {
        let mut frames = Vec::new();
        let mut next = start;
        while next < end {
            let until = end.min((next / BUNDLE + 1) * BUNDLE);
            let slots: Vec<_> = (next..until)
                .map(|at| match &self.slots[at as usize] {
                    (SlotState::Full, _) if !countries.is_empty() && at % 2 == 1 => {
                        (SlotState::Filtered, None)
                    }
                    slot => slot.clone(),
                })
                .collect();
            frames.extend(encode_frames(LeafIndex::new(next), &slots, i32::from(zstd)));
            next = until;
        }
        frames
    }
}
