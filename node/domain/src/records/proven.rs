//! A record's entry with what proves it.

use bytes::Bytes;
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint, hash::Hash, index::LeafIndex, origin::Origin,
    payload::SlotState,
};

use crate::{error::NodeError, served::ServedLog};

/// An entry, its payload and its inclusion proof.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The log.
    pub origin: Origin,
    /// The entry's place in it.
    pub index: LeafIndex,
    /// The leaf's bytes.
    pub entry: Bytes,
    /// Whether the payload is here, or why not.
    pub state: SlotState,
    /// `salt ‖ payload` where it is here.
    pub slot: Option<Bytes>,
    /// The path from the leaf to the root of the head it was proven against; empty where no
    /// proof was asked for.
    pub inclusion: Vec<Hash>,
    /// It was handed in here as history, not as news. Nothing proves it.
    pub backfill: bool,
}

impl Proven {
    /// The entry of `log` at `index`, proven under `head`. Blocks.
    ///
    /// # Errors
    /// Our own files cannot be read.
    pub fn of(
        log: &ServedLog,
        head: &VerifiedCheckpoint,
        index: LeafIndex,
    ) -> Result<Self, NodeError> {
        Self::read(log, Some(head), index)
    }

    /// The entry of `log` at `index`, with a proof if there is a head to prove it under. Blocks.
    pub(super) fn read(
        log: &ServedLog,
        head: Option<&VerifiedCheckpoint>,
        index: LeafIndex,
    ) -> Result<Self, NodeError> {
        let entry = log.entry(index)?;
        let (state, slot) = log.slot(index)?;
        // Of its own: else a page of a thousand would keep a thousand frames.
        let slot = slot.map(|slot| Bytes::copy_from_slice(&slot));
        Ok(Self {
            origin: log.origin().clone(),
            index,
            entry,
            state,
            slot,
            inclusion: head
                .map_or_else(|| Ok(Vec::new()), |head| log.inclusion(index, head.size()))?,
            backfill: log.is_backfill(index),
        })
    }

    /// About how many bytes it takes in an answer.
    pub(crate) fn bytes(&self) -> usize {
        let slot = self.slot.as_ref().map_or(0, Bytes::len);
        self.entry.len() + slot + self.inclusion.len() * Hash::LENGTH
    }
}
