//! Plans an append to an own log: one batch, one checkpoint, all or nothing.

use std::{collections::HashMap, sync::Arc};

use wpsx_proto::{
    checkpoint::{Checkpoint, VerifiedCheckpoint},
    envelope::{Envelope, Leaf, Operation, PayloadClaim},
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::RecordId,
    payload::{FRAME_TARGET, SALT, SlotState},
    tree::Frontier,
};

use super::{Growth, Not, Plan};
use crate::{
    error::StoreError,
    follow::Newest,
    format::{change::Writer, erased::Records, frame::Encoding, holes::HoleChange},
    log::{handle::LogHandle, records::Losing},
    write::{
        batch::{Appended, Batch, NewEntry, RecordTarget},
        request::Append,
    },
};

impl Plan {
    pub(crate) fn append(&mut self, ask: &Append) -> Result<Appended, Not> {
        let (origin, batch) = (&ask.origin, &ask.batch);
        let log = self.shared.known(origin)?;
        if !log.is_own() {
            return Err(StoreError::NotOurs(origin.clone()).into());
        }
        if let Some(reason) = self.shared.standing.read_only() {
            return Err(StoreError::ReadOnly(reason).into());
        }
        if let Some(reason) = log.contradiction() {
            return Err(StoreError::ReadOnly(reason).into());
        }
        if let Some(request) = &batch.request {
            if self.draft(&log.inner).requests.contains(request) {
                return Err(Not::Now);
            }
            if let Some(done) = log.seen_request(request)? {
                return Ok(done);
            }
        }
        let erases = batch
            .entries
            .iter()
            .any(|(entry, _)| entry.operation == Operation::Erase);
        if erases {
            self.fresh(&log.inner)?;
        }
        if batch.entries.is_empty() {
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
        let mut made = Made {
            base,
            frontier: draft.frontier.clone(),
            entries: Vec::with_capacity(batch.entries.len()),
            bytes: Vec::with_capacity(batch.entries.len() * 98),
            recent: HashMap::new(),
            holes: HoleChange::default(),
        };
        for (position, (entry, claim)) in batch.entries.iter().enumerate() {
            let before = self.before(&log, &made.recent, entry)?;
            made.push(position, entry, claim.as_ref(), before, time)?;
        }
        let erased = made.erasures(&log, &ask.losing)?;
        self.mend_before(&log, erased.iter().copied().filter(|index| *index < base))?;
        let size = base + batch.entries.len() as u64;
        let head = self.sign(&log, TreeSize::new(size), made.frontier.root())?;
        // Nothing below can fail: what is written from here on is in the group.
        self.write_entries(&log, batch, &made, &erased);
        if !erased.is_empty() {
            Writer(&mut self.buffer).erase(log.number(), &erased, made.holes);
            self.erases = true;
        }
        let mut writer = Writer(&mut self.buffer);
        writer.note(log.number(), &head.note_bytes());
        if let Some(request) = &batch.request {
            let words = batch.words.as_deref();
            writer.request(log.number(), request, (base, size - base), words);
        }
        let Made {
            frontier,
            recent,
            entries,
            ..
        } = made;
        let draft = self.draft(&log.inner);
        draft.size = size;
        draft.frontier = frontier;
        draft.recent.extend(recent);
        draft.requests.extend(batch.request.clone());
        draft.growth = Growth::More;
        Ok(Appended {
            entries,
            head: Arc::new(head),
        })
    }

    /// The newest entry of the record that `entry` is about.
    fn before(
        &mut self,
        log: &LogHandle,
        made: &HashMap<RecordId, Newest>,
        entry: &NewEntry,
    ) -> Result<Option<Newest>, StoreError> {
        let RecordTarget::Existing(id) = entry.target else {
            return Ok(None);
        };
        let found = match made
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

    fn write_entries(&mut self, log: &LogHandle, batch: &Batch, made: &Made, erased: &[u64]) {
        let frames = cut(batch, made.base);
        let mut writer = Writer(&mut self.buffer);
        let count = batch.entries.len() as u64;
        writer.extend(log.number(), made.base, count, &made.bytes, frames.len());
        for run in frames {
            let mut states = Vec::with_capacity(run.len());
            let mut lengths = Vec::with_capacity(run.len());
            for at in run.clone() {
                let gone = erased.binary_search(&(made.base + at as u64)).is_ok();
                let (state, length) = match &batch.entries[at].0.payload {
                    None => (SlotState::None, 0),
                    Some(_) if gone => (SlotState::Erased, 0),
                    Some(payload) => (SlotState::Full, (SALT + payload.len()) as u32),
                };
                states.push(state.number());
                lengths.push(length);
            }
            let full = run.clone().zip(&lengths).filter(|(_, length)| **length > 0);
            let data = full.flat_map(|(at, _)| {
                let entry = &batch.entries[at].0;
                [
                    &entry.salt[..],
                    entry.payload.as_deref().unwrap_or_default(),
                ]
            });
            writer.frame(
                made.base + run.start as u64,
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
fn cut(batch: &Batch, base: u64) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (at, (entry, _)) in batch.entries.iter().enumerate() {
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
    runs.push(start..batch.entries.len());
    runs
}

/// A batch in the making: its entries with their places.
struct Made {
    base: u64,
    frontier: Frontier,
    entries: Vec<(LeafIndex, Envelope)>,
    bytes: Vec<u8>,
    recent: HashMap<RecordId, Newest>,
    holes: HoleChange,
}

impl Made {
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
    fn erasures(&mut self, log: &LogHandle, found: &Losing) -> Result<Vec<u64>, StoreError> {
        let mut records = Records::default();
        let leaves = self.entries.iter();
        let leaves: Vec<(u64, Leaf)> = leaves
            .map(|(index, envelope)| (index.value(), Leaf::Known(*envelope)))
            .collect();
        for (index, leaf) in &leaves {
            records.note(*index, leaf);
        }
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let mut erased = found.indexes.clone();
        // What was appended since they were looked for.
        erased.extend(log.losing(&records, found.upto..self.base)?);
        log.not_yet_erased(&mut erased);
        self.holes = log.holes_of_erasing(&erased)?;
        let new = leaves.iter();
        let new =
            new.filter(|(index, leaf)| leaf.payload().is_some() && records.cover(*index, leaf));
        erased.extend(new.map(|(index, _)| *index));
        Ok(erased)
    }
}
