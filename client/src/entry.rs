//! One entry of a log with its payload, and words for what was proven about it.

use std::{ops::Deref, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{
    api::exchange::v1::ProvenEntry,
    checkpoint::VerifiedCheckpoint,
    envelope::{Envelope, Leaf},
    hash::Hash,
    index::LeafIndex,
    origin::{Origin, RecordId},
    payload::{Slot, SlotState},
    proof::verify_inclusion,
    record::{Reading, Record},
};

use crate::pull::PullError;

/// The longest inclusion proof.
const MAX_INCLUSION: usize = 64;

/// An entry of a log and, if it is here, its payload, which matches it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub(crate) origin: Origin,
    pub(crate) index: LeafIndex,
    pub(crate) bytes: Bytes,
    pub(crate) leaf: Leaf,
    pub(crate) state: SlotState,
    pub(crate) payload: Option<Bytes>,
}

impl Entry {
    /// The log it stands in.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its place in the log.
    pub fn index(&self) -> LeafIndex {
        self.index
    }

    /// The bytes that are hashed.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What the bytes say.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// The envelope, unless it needs newer software.
    pub fn envelope(&self) -> Option<&Envelope> {
        self.leaf.envelope()
    }

    /// The record it is about, unless the entry needs newer software.
    pub fn record_id(&self) -> Option<RecordId> {
        self.envelope().map(|envelope| envelope.record_id)
    }

    /// Whether the payload is here, and why not.
    pub fn state(&self) -> SlotState {
        self.state
    }

    /// The payload's bytes as the publisher made them.
    pub fn payload(&self) -> Option<&Bytes> {
        self.payload.as_ref()
    }

    /// Reads the payload of an entry that publishes. It may be of a kind or schema that
    /// needs newer software.
    pub fn record(&self) -> Option<Reading> {
        let envelope = self.envelope().filter(|e| e.operation.publishes())?;
        Some(Record::read(envelope.kind, self.payload.as_ref()?))
    }
}

/// Proven to be part of a log that its publisher signed. Not proven: that it is the
/// newest revision, or that nothing is missing beside it.
#[derive(Debug, Clone)]
pub struct Included<T> {
    value: T,
    checkpoint: Arc<VerifiedCheckpoint>,
}

impl<T> Included<T> {
    /// The signed checkpoint it is proven against.
    pub fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// Gives up the proof.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Included<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Proven to be part of a log that its publisher signed, with nothing of the log
/// missing before it. Where a [`Complete`] record is called the newest, no later
/// revision stands in the log up to [`checkpoint`](Self::checkpoint).
#[derive(Debug, Clone)]
pub struct Complete<T> {
    value: T,
    checkpoint: Arc<VerifiedCheckpoint>,
}

impl<T> Complete<T> {
    pub(crate) fn new(value: T, checkpoint: Arc<VerifiedCheckpoint>) -> Self {
        Self { value, checkpoint }
    }

    /// The signed checkpoint it is proven against.
    pub fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// Gives up the proof.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Complete<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Included<Entry> {
    /// Checks an answered entry against a checkpoint of its log: its place in the tree
    /// and, if its payload is here, the commitment to it.
    ///
    /// # Errors
    ///
    /// If the entry is not in the tree at its index, or the payload is another one.
    pub fn verify(
        answer: ProvenEntry,
        checkpoint: Arc<VerifiedCheckpoint>,
    ) -> Result<Self, PullError> {
        let index = LeafIndex::new(answer.index);
        let proof = Hash::list_from_bytes(&answer.inclusion, MAX_INCLUSION).map_err(|error| {
            PullError::Malformed {
                what: "an inclusion proof",
                why: error.to_string(),
            }
        })?;
        verify_inclusion(
            Hash::leaf(&answer.entry),
            index,
            checkpoint.size(),
            &proof,
            checkpoint.root(),
        )
        .map_err(|error| PullError::BadProof {
            what: format!("that entry {index} is part of the log"),
            why: error.to_string(),
        })?;
        let leaf = Leaf::read(&answer.entry);
        let (state, payload) = payload(&leaf, answer.state, answer.slot)
            .map_err(|why| PullError::BadPayload { start: index, why })?;
        Ok(Self {
            value: Entry {
                origin: checkpoint.origin().clone(),
                index,
                bytes: answer.entry,
                leaf,
                state,
                payload,
            },
            checkpoint,
        })
    }
}

/// The payload of a slot, if it is there and is the one that the entry commits to.
fn payload(leaf: &Leaf, state: i32, slot: Bytes) -> Result<(SlotState, Option<Bytes>), String> {
    let claim = leaf.payload();
    let state = SlotState::try_from(state).map_err(|error| error.to_string())?;
    match (state, claim) {
        (SlotState::Full, Some(claim)) => {
            let slot = Slot::new(slot).map_err(|error| error.to_string())?;
            slot.verify(claim).map_err(|error| error.to_string())?;
            Ok((state, Some(slot.payload_bytes())))
        }
        (SlotState::Full, None) => Err("a payload for an entry that has none".to_owned()),
        (SlotState::None, Some(_)) => Err("none for an entry that has a payload".to_owned()),
        (state, _) if slot.is_empty() => Ok((state, None)),
        _ => Err("a payload in a slot that is said to be empty".to_owned()),
    }
}
