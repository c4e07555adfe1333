//! What is appended to an own log: a batch of entries, and what became of it.

use std::sync::Arc;

use bytes::Bytes;
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    envelope::{Envelope, Operation, PayloadClaim, Reason},
    index::LeafIndex,
    origin::RecordId,
    payload::{MAX_PAYLOAD, SALT, commit},
};

use crate::{
    error::StoreError,
    format::{remembered, request::RequestId},
};

/// Which record an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordTarget {
    /// A record with a fresh random id, which is not looked up.
    New(RecordId),
    /// A record that is in the log; its newest entry is looked up when the batch
    /// gets its place.
    Existing(RecordId),
}

/// An entry that is to be appended.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The record.
    pub target: RecordTarget,
    /// What is done to it.
    pub operation: Operation,
    /// A number of `wpsx.record.v1.Kind`.
    pub kind: u32,
    /// The record's bytes, where the operation has any.
    pub payload: Option<Bytes>,
    /// Given with withdraw and erase.
    pub reason: Reason,
    /// Random bytes that hide the payload in its commitment.
    pub salt: [u8; SALT],
}

/// What was appended.
#[derive(Clone, Debug)]
pub struct Appended {
    /// Each entry and its index, in the order of the batch.
    pub entries: Vec<(LeafIndex, Envelope)>,
    /// The log's head that has them.
    pub head: Arc<VerifiedCheckpoint>,
}

/// A batch whose commitments are computed, on the caller's thread.
pub(crate) struct Batch {
    pub(crate) entries: Vec<(NewEntry, Option<PayloadClaim>)>,
    pub(crate) request: Option<RequestId>,
    /// What is remembered with it; then there is a request too.
    pub(crate) words: Option<Bytes>,
    bytes: usize,
}

impl Batch {
    pub(crate) fn prepare(
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
    ) -> Result<Self, StoreError> {
        let mut bytes = 0;
        let mut prepared = Vec::with_capacity(entries.len());
        for (position, entry) in entries.into_iter().enumerate() {
            let bad = |reason: String| StoreError::BadEntry { position, reason };
            let claim = match (&entry.payload, entry.operation) {
                (Some(_), Operation::Withdraw | Operation::Erase) => {
                    return Err(bad("this operation has no payload".to_owned()));
                }
                (None, Operation::Publish) => {
                    return Err(bad("a publish entry has a payload".to_owned()));
                }
                (Some(payload), _) if payload.len() > MAX_PAYLOAD => {
                    let length = payload.len();
                    return Err(bad(format!(
                        "its payload of {length} bytes is over {MAX_PAYLOAD}"
                    )));
                }
                (Some(payload), _) => Some(PayloadClaim {
                    length: payload.len() as u32,
                    commitment: commit(&entry.salt, payload),
                }),
                (None, _) => None,
            };
            bytes += 160 + entry.payload.as_ref().map_or(0, Bytes::len);
            prepared.push((entry, claim));
        }
        Ok(Self {
            entries: prepared,
            request,
            words: None,
            bytes,
        })
    }

    /// Has it remembered with these words.
    pub(crate) fn remembered(mut self, words: Option<Bytes>) -> Result<Self, StoreError> {
        let most = remembered::MOST_WORDS;
        let fits = words.as_ref().is_none_or(|words| words.len() <= most);
        if !fits || (words.is_some() && self.request.is_none()) {
            return Err(StoreError::BadEntry {
                position: 0,
                reason: format!("a batch is remembered by its request, with at most {most} bytes"),
            });
        }
        self.words = words;
        Ok(self)
    }

    pub(crate) fn weight(&self) -> usize {
        self.bytes
    }

    /// Whether it erases, and nothing else.
    pub(crate) fn erases(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.all(|(entry, _)| entry.operation == Operation::Erase)
    }
}
