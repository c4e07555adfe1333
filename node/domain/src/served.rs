//! A log as a reader has it: only a [`Sight`](crate::access::Sight) gives one.
//!
//! It reads what is stored and proves it. What reads files blocks: call it where
//! blocking is allowed.

use std::{fmt, ops::Range, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{
    api::log::v1::PayloadFrame,
    bundle::EntryBundle,
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    identity::Identity,
    index::{LeafIndex, TreeSize},
    note::VerifierKey,
    origin::Origin,
    payload::SlotState,
    proof::{prove_consistency, prove_inclusion, prove_subtree},
};
use wpsx_store::{Holes, LogHandle};

use crate::{error::NodeError, publishing::is_backfill};

/// A log that its reader may read.
#[derive(Clone)]
pub struct ServedLog {
    log: LogHandle,
}

impl ServedLog {
    pub(crate) fn new(log: LogHandle) -> Self {
        Self { log }
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        self.log.origin()
    }

    /// Whose log it is.
    pub fn identity(&self) -> &Identity {
        self.log.identity()
    }

    /// The key that signs its checkpoints.
    pub fn key(&self) -> VerifierKey {
        self.log.key()
    }

    /// Whether it is signed here.
    pub fn is_own(&self) -> bool {
        self.log.is_own()
    }

    /// The newest checkpoint whose entries are all stored.
    pub fn head(&self) -> Option<Arc<VerifiedCheckpoint>> {
        self.log.head()
    }

    /// How many entries are stored: a prefix of the log.
    pub fn stored(&self) -> TreeSize {
        self.log.stored()
    }

    /// How many payload slots are holes, by reason.
    pub fn holes(&self) -> Holes {
        self.log.holes()
    }

    /// Whether the content of all its entries is here that was not erased.
    pub fn is_whole(&self) -> bool {
        let holes = self.holes();
        holes.filtered == 0 && holes.not_held == 0
    }

    /// Whether the entry came in a batch of history, as far as batches are remembered here.
    pub(crate) fn is_backfill(&self, index: LeafIndex) -> bool {
        let batch = self.log.remembered_of(index);
        batch.is_some_and(|batch| is_backfill(&batch))
    }

    /// All entries that came so.
    pub(crate) fn backfilled(&self) -> Vec<Range<u64>> {
        let mut batches = self.log.remembered();
        batches.retain(is_backfill);
        let entries = batches
            .iter()
            .map(|batch| batch.start..batch.start + batch.count);
        entries.collect()
    }

    /// The bytes of one entry.
    ///
    /// # Errors
    /// It is not stored, or our files cannot be read.
    pub fn entry(&self, index: LeafIndex) -> Result<Bytes, NodeError> {
        Ok(self.log.entry(index)?)
    }

    /// The entries `[start, end)`, which lie in one bundle.
    ///
    /// # Errors
    /// As [`ServedLog::entry`].
    pub fn entries(&self, start: LeafIndex, end: LeafIndex) -> Result<EntryBundle, NodeError> {
        Ok(self.log.entries(start, end)?)
    }

    /// The state of an entry's payload slot, and `salt ‖ payload` where it is full.
    ///
    /// # Errors
    /// As [`ServedLog::entry`].
    pub fn slot(&self, index: LeafIndex) -> Result<(SlotState, Option<Bytes>), NodeError> {
        Ok(self.log.slot(index)?)
    }

    /// The first payload slots of `[start, end)` as frames for the wire, about 1 MiB of them,
    /// and where the next ones start. Takes no more memory than they do.
    ///
    /// # Errors
    /// As [`ServedLog::entry`].
    pub fn some_frames(
        &self,
        start: LeafIndex,
        end: LeafIndex,
        zstd: bool,
    ) -> Result<(Vec<PayloadFrame>, LeafIndex), NodeError> {
        Ok(self.log.some_frames(start, end, zstd)?)
    }

    /// The first `width` hashes of a tile, 32 bytes each.
    ///
    /// # Errors
    /// The tree has not so many, or our files cannot be read.
    pub fn tile(&self, level: u8, index: u64, width: usize) -> Result<Bytes, NodeError> {
        Ok(self.log.tile(level, index, width)?)
    }

    /// That the entry at `index` is in the tree of `size`.
    ///
    /// # Errors
    /// As [`ServedLog::entry`].
    pub fn inclusion(&self, index: LeafIndex, size: TreeSize) -> Result<Vec<Hash>, NodeError> {
        Ok(prove_inclusion(&self.log, index, size)?)
    }

    /// That the tree of `to` extends the tree of `from`; nothing needs to be said where
    /// one of them is empty or both are the same.
    ///
    /// # Errors
    /// As [`ServedLog::entry`].
    pub fn consistency(&self, from: TreeSize, to: TreeSize) -> Result<Vec<Hash>, NodeError> {
        if from.value() == 0 || from == to {
            return Ok(Vec::new());
        }
        Ok(prove_consistency(&self.log, from, to)?)
    }

    /// That the entries `[start, end)` are in the tree of `size`, as a package carries it.
    ///
    /// # Errors
    /// As [`ServedLog::entry`].
    pub fn subtree(
        &self,
        start: LeafIndex,
        end: TreeSize,
        size: TreeSize,
    ) -> Result<Vec<Hash>, NodeError> {
        Ok(prove_subtree(&self.log, start, end, size)?)
    }

    /// The small number that stands for it in the views.
    pub(crate) fn number(&self) -> u32 {
        self.log.number()
    }

    /// The log itself, for what is computed from it here.
    pub(crate) fn handle(&self) -> &LogHandle {
        &self.log
    }
}

impl fmt::Debug for ServedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.log.fmt(f)
    }
}
