//! Applies one durable change to a log in memory: the same function for the
//! committer, right after the journal was synced, and for recovery.

use std::sync::{Arc, atomic::Ordering};

use bytes::Bytes;
use wpsx_proto::{
    checkpoint::{SignedCheckpoint, VerifiedCheckpoint},
    envelope::Leaf,
    hash::Hash,
    index::BUNDLE,
    payload::SlotState,
};

use crate::{
    backend::Durable,
    damage::Part,
    error::StoreError,
    follow::Newest,
    format::{
        change::What, edge::TILE, frame::Frame, holes::HoleChange, layout::FileKey,
        payloads::Payloads, remembered::Remembered,
    },
    log::{contents::Contents, handle::Log},
};

/// What has to be done after a change was applied.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Files to write from the queue.
    pub(crate) files: Vec<(FileKey, Durable)>,
    /// The memory that they take.
    pub(crate) bytes: usize,
    /// Slots of stored entries that changed.
    pub(crate) refills: Vec<u64>,
}

impl Log {
    /// Applies a change that is durable in the journal.
    ///
    /// # Errors
    /// The change contradicts what is stored, or a file that it changes cannot be read.
    pub(crate) fn apply(
        &self,
        contents: &mut Contents,
        what: What,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        contents.dirty.log = true;
        match what {
            What::Extend {
                start,
                count,
                entries,
                frames,
            } => self.extend(contents, start, count, entries, frames, effects),
            What::Head(note) => self.head(contents, &note),
            What::Pending(note) => {
                contents.pending = Some(Arc::new(self.checkpoint(&note)?));
                Ok(())
            }
            What::Fill(frame, holes) => self.fill(contents, &frame, holes, effects),
            What::Erase(indexes, holes) => self.erase(contents, &indexes, holes, effects),
            What::Mend {
                bundle,
                holes,
                frames,
            } => self.mend(contents, bundle, holes, frames, effects),
            What::Request {
                id,
                start,
                count,
                words,
            } => {
                if let Some(words) = words {
                    contents.remembered.insert(Remembered {
                        request: id.clone(),
                        start,
                        count,
                        words,
                    });
                    contents.dirty.remembered = true;
                }
                contents.requests.insert(id, start, count);
                contents.dirty.requests = true;
                Ok(())
            }
        }
    }

    /// A note that we wrote, verified again.
    pub(crate) fn checkpoint(&self, note: &[u8]) -> Result<VerifiedCheckpoint, StoreError> {
        SignedCheckpoint::parse(note)
            .map_err(|e| self.broken(e))?
            .verify(&self.key)
            .map_err(|e| self.broken(e))
    }

    fn head(&self, contents: &mut Contents, note: &Bytes) -> Result<(), StoreError> {
        let head = self.checkpoint(note)?;
        if head.size().value() == contents.size() {
            let ours = contents.edge.frontier().root();
            if ours != head.root() {
                let reason = format!(
                    "its entries hash to {ours}, its head of size {} says otherwise",
                    head.size()
                );
                return Err(self.broken(reason));
            }
        }
        let head = Arc::new(head);
        if contents
            .pending
            .as_ref()
            .is_none_or(|pending| pending.size() <= head.size())
        {
            contents.pending = Some(head.clone());
        }
        contents.head = Some(head);
        Ok(())
    }

    fn extend(
        &self,
        contents: &mut Contents,
        start: u64,
        count: u64,
        entries: Bytes,
        frames: Vec<Frame>,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        if start + count <= contents.size() && self.passes_over.load(Ordering::Acquire) {
            return Ok(());
        }
        if start != contents.size() {
            let reason = format!(
                "its journal continues at {start}, its files at {}",
                contents.size()
            );
            return Err(self.broken(reason));
        }
        let broken = || self.broken("a change of its journal does not add up");
        let mut frames = frames.into_iter();
        let mut full = Vec::new();
        let mut at = 0;
        let mut left = count;
        while left > 0 {
            let bundle = contents.open_bundle();
            let room = BUNDLE - contents.open.len() as u64;
            let run = room.min(left);
            let from = at;
            for index in contents.size()..contents.size() + run {
                let length = entries.get(at..at + 2).ok_or_else(broken)?;
                let length = u16::from_be_bytes([length[0], length[1]]) as usize;
                let entry = entries.get(at + 2..at + 2 + length).ok_or_else(broken)?;
                contents.edge.push(Hash::leaf(entry), &mut full);
                self.remember(contents, index, entry);
                at += 2 + length;
            }
            left -= run;
            let end = bundle * BUNDLE + BUNDLE - room + run;
            while contents.open.slots.len() as u64 + bundle * BUNDLE < end {
                let next = bundle * BUNDLE + contents.open.slots.len() as u64;
                let frame = frames
                    .next()
                    .filter(|f| f.start == next && f.end() <= end && f.end() > next)
                    .ok_or_else(broken)?;
                for code in &frame.states {
                    contents
                        .holes
                        .count(SlotState::try_from(*code).map_err(|_| broken())?);
                }
                let stays = run < room;
                contents
                    .open
                    .slots
                    .push(if stays { frame.detached() } else { frame });
            }
            if run == BUNDLE {
                self.complete(contents, bundle, entries.slice(from..at), effects);
            } else {
                contents.open.extend(&entries[from..at]);
                if run == room {
                    let bytes = Bytes::copy_from_slice(contents.open.bytes());
                    self.complete(contents, bundle, bytes, effects);
                }
            }
        }
        for tile in full {
            let key = FileKey::Tile {
                level: tile.level,
                index: tile.index,
            };
            effects.files.push((key, Durable::Later));
            effects.bytes += TILE * 32;
            contents
                .queue
                .tiles
                .insert((tile.level, tile.index), Arc::new(tile.tree));
        }
        Ok(())
    }

    /// The open bundle is full: it becomes files.
    fn complete(
        &self,
        contents: &mut Contents,
        bundle: u64,
        entries: Bytes,
        effects: &mut Effects,
    ) {
        let open = std::mem::take(&mut contents.open);
        effects.bytes += entries.len() + open.slots.bytes();
        effects
            .files
            .push((FileKey::Entries(bundle), Durable::Later));
        effects
            .files
            .push((FileKey::Payload(bundle), Durable::Later));
        contents.queue.entries.insert(bundle, entries);
        contents.queue.payloads.insert(bundle, Arc::new(open.slots));
    }

    /// Keeps which entry of a record is the newest until the record index knows it.
    fn remember(&self, contents: &mut Contents, index: u64, entry: &[u8]) {
        if !self.own {
            return;
        }
        if let Leaf::Known(envelope) = Leaf::read(entry) {
            let recent = Newest {
                index,
                revision: envelope.revision,
            };
            contents.recent.insert(envelope.record_id, recent);
        }
    }

    fn fill(
        &self,
        contents: &mut Contents,
        frame: &Frame,
        holes: HoleChange,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let bundle = frame.start / BUNDLE;
        let slots = frame
            .slots()
            .map_err(|e| self.damaged(FileKey::Payload(bundle), e))?;
        let mut changes = Vec::new();
        let before = self.slots_of(contents, bundle)?;
        for (index, (state, slot)) in (frame.start..).zip(slots) {
            let place = (index % BUNDLE) as usize;
            let is_hole = matches!(
                before.state(place),
                SlotState::Filtered | SlotState::NotHeld
            );
            if !is_hole || contents.erased.contains(index) {
                continue;
            }
            if state == SlotState::Full {
                changes.push((place, state, slot));
                effects.refills.push(index);
            } else if state == SlotState::Filtered {
                changes.push((place, state, None));
            }
        }
        self.change_slots(contents, bundle, &before, &changes, effects)?;
        contents.holes.change(holes);
        Ok(())
    }

    fn erase(
        &self,
        contents: &mut Contents,
        indexes: &[u64],
        holes: HoleChange,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        for index in indexes {
            contents.erased.insert(*index);
        }
        contents.dirty.erased = true;
        for run in indexes.chunk_by(|a, b| a / BUNDLE == b / BUNDLE) {
            let bundle = run[0] / BUNDLE;
            let before = self.slots_of(contents, bundle)?;
            let mut changes = Vec::new();
            for index in run {
                let place = (index % BUNDLE) as usize;
                if !matches!(before.state(place), SlotState::None | SlotState::Erased) {
                    changes.push((place, SlotState::Erased, None));
                }
                effects.refills.push(*index);
            }
            self.change_slots(contents, bundle, &before, &changes, effects)?;
        }
        contents.holes.change(holes);
        Ok(())
    }

    fn mend(
        &self,
        contents: &mut Contents,
        bundle: u64,
        holes: HoleChange,
        frames: Vec<Frame>,
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        let broken = || self.broken("a bundle of payloads in its journal does not add up");
        let mut payloads = Payloads::default();
        for frame in frames {
            if frame.start != bundle * BUNDLE + payloads.len() as u64 {
                return Err(broken());
            }
            payloads.push(frame);
        }
        if payloads.len() != TILE || bundle >= contents.open_bundle() {
            return Err(broken());
        }
        let lost = (0..TILE).filter(|slot| payloads.state(*slot) == SlotState::NotHeld);
        effects
            .refills
            .extend(lost.map(|slot| bundle * BUNDLE + slot as u64));
        contents.holes.change(holes);
        self.put_slots(contents, bundle, payloads, effects);
        self.damages.mended(self.number, Part::Payloads(bundle));
        Ok(())
    }

    /// The slots of a bundle, wherever they are.
    pub(crate) fn slots_of(
        &self,
        contents: &Contents,
        bundle: u64,
    ) -> Result<Arc<Payloads>, StoreError> {
        if bundle == contents.open_bundle() {
            return Ok(Arc::new(contents.open.slots.clone()));
        }
        if let Some(payloads) = contents.queue.payloads.get(&bundle) {
            return Ok(payloads.clone());
        }
        Ok(Arc::new(self.sound_payloads_in(contents, bundle)?))
    }

    fn change_slots(
        &self,
        contents: &mut Contents,
        bundle: u64,
        before: &Payloads,
        changes: &[(usize, SlotState, Option<Bytes>)],
        effects: &mut Effects,
    ) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let key = FileKey::Payload(bundle);
        let after = before
            .replaced(changes)
            .map_err(|reason| self.damaged(key, reason))?;
        self.put_slots(contents, bundle, after, effects);
        Ok(())
    }

    fn put_slots(
        &self,
        contents: &mut Contents,
        bundle: u64,
        after: Payloads,
        effects: &mut Effects,
    ) {
        contents.payload_version += 1;
        if bundle == contents.open_bundle() {
            contents.open.slots = after;
        } else {
            effects.bytes += after.bytes();
            effects.files.push((FileKey::Payload(bundle), Durable::Now));
            contents.queue.payloads.insert(bundle, Arc::new(after));
        }
        self.caches.forget_payloads(self.number, bundle);
    }
}
