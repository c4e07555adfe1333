//! Appends to an own log: one batch, one checkpoint, all or nothing.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{
    checkpoint::{Checkpoint, VerifiedCheckpoint},
    envelope::{Envelope, Leaf, Operation, PayloadClaim, Reason},
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::{Origin, RecordId},
    payload::{FRAME_TARGET, MAX_PAYLOAD, SALT, SlotState, commit},
    tree::Frontier,
};

use crate::{
    error::StoreError,
    follow::Newest,
    format::change::{HoleChange, Writer},
    format::erased,
    format::request::RequestId,
    format::slots::Encoding,
    log::handle::LogHandle,
    store::Store,
    write::plan::{Not, Plan, Request, holes_of_erasing},
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

/// The right to append to the own logs of one store. [`Store::open`] gives it, once, and
/// nothing else makes one:
///
/// ```compile_fail
/// use wpsx_store::{Appender, Store};
///
/// fn another(store: Store) -> Appender {
///     Appender { store }
/// }
/// ```
///
/// nor a second one:
///
/// ```compile_fail
/// use wpsx_store::{Appender, Store};
///
/// fn another(appender: &Appender) -> Appender {
///     appender.clone()
/// }
/// ```
///
/// Who opens the store has it, and hands it to whom it likes:
///
/// ```
/// use wpsx_store::{Appender, Followers, Store, StoreError, StoreFolder, StoreOptions};
///
/// fn the_one(
///     folder: StoreFolder,
///     options: StoreOptions,
///     followers: Followers,
/// ) -> Result<(Store, Appender), StoreError> {
///     Store::open(folder, options, followers)
/// }
/// ```
#[derive(Debug)]
pub struct Appender {
    store: Store,
}

impl Appender {
    pub(crate) fn of(store: &Store) -> Self {
        Self {
            store: store.clone(),
        }
    }

    /// Appends a batch to an own log: all of it under one checkpoint, or nothing.
    /// It is durable when this returns.
    ///
    /// # Errors
    /// A bad entry, an unknown record, a log that is not ours, a read-only store.
    pub async fn append(
        &self,
        origin: &Origin,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
    ) -> Result<Appended, StoreError> {
        let append = Append::prepare(entries, request)?;
        self.store
            .ask(|answer| Request::Append(origin.clone(), append, answer))
            .await
    }
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
pub(crate) struct Append {
    entries: Vec<(NewEntry, Option<PayloadClaim>)>,
    request: Option<RequestId>,
    bytes: usize,
}

impl Append {
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
            bytes,
        })
    }

    pub(crate) fn weight(&self) -> usize {
        self.bytes
    }
}

impl Plan {
    pub(crate) fn append(&mut self, origin: &Origin, append: &Append) -> Result<Appended, Not> {
        let log = self
            .shared
            .log(origin)
            .ok_or_else(|| StoreError::UnknownLog(origin.clone()))?;
        if !log.is_own() {
            return Err(StoreError::NotOurs(origin.clone()).into());
        }
        if let Some(reason) = self.shared.read_only() {
            return Err(StoreError::ReadOnly(reason).into());
        }
        if let Some(request) = &append.request {
            if self.draft(&log.inner).requests.contains(request) {
                return Err(Not::Now);
            }
            if let Some(done) = log.seen_request(request)? {
                return Ok(done);
            }
        }
        let erases = append
            .entries
            .iter()
            .any(|(entry, _)| entry.operation == Operation::Erase);
        if erases {
            self.fresh(&log.inner)?;
        }
        if append.entries.is_empty() {
            let reason = "a batch has at least one entry".to_owned();
            return Err(StoreError::BadEntry {
                position: 0,
                reason,
            }
            .into());
        }
        let time = self.shared.now();
        let draft = self.draft(&log.inner);
        let base = draft.size;
        let mut batch = Batch {
            base,
            frontier: draft.frontier.clone(),
            entries: Vec::with_capacity(append.entries.len()),
            bytes: Vec::with_capacity(append.entries.len() * 98),
            recent: HashMap::new(),
            holes: HoleChange::default(),
        };
        for (position, (entry, claim)) in append.entries.iter().enumerate() {
            let before = self.before(&log, &batch.recent, entry)?;
            batch.push(position, entry, claim.as_ref(), before, time)?;
        }
        let erased = batch.erasures(&log)?;
        let size = base + batch.entries.len() as u64;
        let head = self.sign(&log, TreeSize::new(size), batch.frontier.root())?;
        // Nothing below can fail: what is written from here on is in the group.
        self.write_entries(&log, append, &batch, &erased);
        if !erased.is_empty() {
            Writer(&mut self.buffer).erase(log.number(), &erased, batch.holes);
            self.erases = true;
        }
        let mut writer = Writer(&mut self.buffer);
        writer.note(log.number(), &head.note_bytes());
        if let Some(request) = &append.request {
            writer.request(log.number(), request, base, size - base);
        }
        let Batch {
            frontier,
            recent,
            entries,
            ..
        } = batch;
        let draft = self.draft(&log.inner);
        draft.size = size;
        draft.frontier = frontier;
        draft.recent.extend(recent);
        draft.requests.extend(append.request.clone());
        draft.grown = true;
        Ok(Appended {
            entries,
            head: Arc::new(head),
        })
    }

    /// The newest entry of the record that `entry` is about.
    fn before(
        &mut self,
        log: &LogHandle,
        batch: &HashMap<RecordId, Newest>,
        entry: &NewEntry,
    ) -> Result<Option<Newest>, StoreError> {
        let RecordTarget::Existing(id) = entry.target else {
            return Ok(None);
        };
        let found = match batch
            .get(&id)
            .or_else(|| self.draft(&log.inner).recent.get(&id))
        {
            Some(newest) => Some(*newest),
            None => log.newest(&self.shared, &id)?,
        };
        found.map(Some).ok_or(StoreError::UnknownRecord(id))
    }

    fn sign(
        &self,
        log: &LogHandle,
        size: TreeSize,
        root: Hash,
    ) -> Result<VerifiedCheckpoint, StoreError> {
        let signer = log.inner.signer.lock();
        let signer = signer
            .as_ref()
            .ok_or_else(|| StoreError::NoSigner(log.origin().clone()))?;
        let checkpoint = Checkpoint {
            origin: log.origin().clone(),
            size,
            root,
        };
        let signed = VerifiedCheckpoint::sign(checkpoint, signer)
            .map_err(|_| StoreError::WrongSigner(log.origin().clone()))?;
        Ok(log.inner.cosigned(&self.shared, signed))
    }

    fn write_entries(&mut self, log: &LogHandle, append: &Append, batch: &Batch, erased: &[u64]) {
        let frames = cut(append, batch.base);
        let mut writer = Writer(&mut self.buffer);
        let count = append.entries.len() as u64;
        writer.extend(log.number(), batch.base, count, &batch.bytes, frames.len());
        for run in frames {
            let mut states = Vec::with_capacity(run.len());
            let mut lengths = Vec::with_capacity(run.len());
            for at in run.clone() {
                let gone = erased.binary_search(&(batch.base + at as u64)).is_ok();
                let (state, length) = match &append.entries[at].0.payload {
                    None => (SlotState::None, 0),
                    Some(_) if gone => (SlotState::Erased, 0),
                    Some(payload) => (SlotState::Full, (SALT + payload.len()) as u32),
                };
                states.push(state.number());
                lengths.push(length);
            }
            let full = run.clone().zip(&lengths).filter(|(_, length)| **length > 0);
            let data = full.flat_map(|(at, _)| {
                let entry = &append.entries[at].0;
                [
                    &entry.salt[..],
                    entry.payload.as_deref().unwrap_or_default(),
                ]
            });
            writer.frame(
                batch.base + run.start as u64,
                &states,
                &lengths,
                Encoding::Raw,
                data,
            );
        }
    }
}

/// The batch as runs of positions, each of which makes one frame: within a bundle,
/// and within what a frame may decode to.
fn cut(append: &Append, base: u64) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (at, (entry, _)) in append.entries.iter().enumerate() {
        let slot = entry
            .payload
            .as_ref()
            .map_or(0, |payload| SALT + payload.len());
        let new_bundle = (base + at as u64).is_multiple_of(BUNDLE);
        if at > start && (new_bundle || bytes + slot > FRAME_TARGET) {
            runs.push(start..at);
            start = at;
            bytes = 0;
        }
        bytes += slot;
    }
    runs.push(start..append.entries.len());
    runs
}

/// The entries of a batch in the making.
struct Batch {
    base: u64,
    frontier: Frontier,
    entries: Vec<(LeafIndex, Envelope)>,
    bytes: Vec<u8>,
    recent: HashMap<RecordId, Newest>,
    holes: HoleChange,
}

impl Batch {
    fn push(
        &mut self,
        position: usize,
        entry: &NewEntry,
        claim: Option<&PayloadClaim>,
        before: Option<Newest>,
        time: u64,
    ) -> Result<(), StoreError> {
        let (RecordTarget::New(id) | RecordTarget::Existing(id)) = entry.target;
        let envelope = Envelope {
            operation: entry.operation,
            record_id: id,
            revision: before.map_or(1, |newest| newest.revision.saturating_add(1)),
            previous: before.map(|newest| LeafIndex::new(newest.index)),
            kind: entry.kind,
            payload: claim.copied(),
            publish_time: time,
            reason: entry.reason,
        };
        // A reader must be able to read what we sign.
        envelope.check().map_err(|e| StoreError::BadEntry {
            position,
            reason: e.to_string(),
        })?;
        let bytes = envelope.encode();
        self.bytes
            .extend_from_slice(&(bytes.len() as u16).to_be_bytes());
        self.bytes.extend_from_slice(&bytes);
        self.frontier.push(Hash::leaf(&bytes));
        let index = self.base + self.entries.len() as u64;
        let recent = Newest {
            index,
            revision: envelope.revision,
        };
        self.recent.insert(id, recent);
        self.entries.push((LeafIndex::new(index), envelope));
        Ok(())
    }

    /// What the erase entries of the batch destroy, and how that changes the holes.
    fn erasures(&mut self, log: &LogHandle) -> Result<Vec<u64>, StoreError> {
        if !self
            .entries
            .iter()
            .any(|(_, envelope)| envelope.operation == Operation::Erase)
        {
            return Ok(Vec::new());
        }
        let leaves: Vec<Leaf> = self
            .entries
            .iter()
            .map(|(_, envelope)| Leaf::Known(*envelope))
            .collect();
        let base = self.base;
        let erased = erased::of_entries(
            (base..).zip(&leaves),
            |index| log.is_erased(LeafIndex::new(index)),
            |index| {
                if index >= base {
                    return Ok(leaves[(index - base) as usize]);
                }
                Ok(Leaf::read(&log.entry(LeafIndex::new(index))?))
            },
        )?;
        let stored: Vec<u64> = erased
            .iter()
            .copied()
            .filter(|index| *index < base)
            .collect();
        self.holes = holes_of_erasing(log, &stored)?;
        Ok(erased)
    }
}
