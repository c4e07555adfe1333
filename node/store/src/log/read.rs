//! Reads a log: from memory what is not yet a file, else from its files through
//! bounded caches. A run is read as a prefix of the wider file that holds it.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{
    api::log::v1::PayloadFrame,
    bundle::EntryBundle,
    hash::Hash,
    index::{BUNDLE, LeafIndex},
    payload::{MAX_FRAME, SlotState},
    tree::Subtrees,
};

use super::{
    caches::KeptEntries,
    handle::{Log, LogHandle},
};
use crate::{
    backend::Parts,
    error::StoreError,
    format::{
        edge::TILE,
        frame::{Encoding, Frame},
        layout::FileKey,
        payloads::{COMPRESS_FROM, Payloads, TABLES},
    },
};

/// A file of payloads that is larger is read in parts, and not kept in memory.
const KEPT: usize = 1 << 20;

impl LogHandle {
    /// The entries `[start, end)`, which lie in one bundle.
    ///
    /// # Errors
    /// They are not stored, or our files cannot be read.
    pub fn entries(&self, start: LeafIndex, end: LeafIndex) -> Result<EntryBundle, StoreError> {
        let (bundle, run) = run(start, end)?;
        self.inner.entries(bundle, run)
    }

    /// The bytes of one entry.
    ///
    /// # Errors
    /// It is not stored, or our files cannot be read.
    pub fn entry(&self, index: LeafIndex) -> Result<Bytes, StoreError> {
        self.inner.entry(index.bundle(), index.in_bundle())
    }

    /// The hashes of the entries `[start, end)`, which lie in one bundle.
    ///
    /// # Errors
    /// They are not stored, or our files cannot be read.
    pub fn leaf_hashes(&self, start: LeafIndex, end: LeafIndex) -> Result<Vec<Hash>, StoreError> {
        let (bundle, run) = run(start, end)?;
        self.inner
            .with_tile(0, bundle, run.end, |hashes| hashes[run.clone()].to_vec())
    }

    /// The first `width` hashes of a tile, as tlog-tiles serves them.
    ///
    /// # Errors
    /// So many are not stored, or our files cannot be read.
    pub fn tile(&self, level: u8, index: u64, width: usize) -> Result<Bytes, StoreError> {
        self.inner.with_tile(level, index, width, |hashes| {
            Hash::list_to_bytes(&hashes[..width])
        })
    }

    /// Whether payloads are held for the entries `[start, end)`, which lie in one bundle.
    ///
    /// # Errors
    /// They are not stored, or our files cannot be read.
    pub fn slot_states(
        &self,
        start: LeafIndex,
        end: LeafIndex,
    ) -> Result<Vec<SlotState>, StoreError> {
        let (bundle, run) = run(start, end)?;
        let payloads = self.inner.payloads(bundle, &(run.end..run.end))?;
        Ok(run.map(|slot| payloads.state(slot)).collect())
    }

    /// What is at one index of the payloads: the salt and payload, or why not.
    ///
    /// # Errors
    /// The entry is not stored, or our files cannot be read.
    pub fn slot(&self, index: LeafIndex) -> Result<(SlotState, Option<Bytes>), StoreError> {
        let slot = index.in_bundle();
        let payloads = self.inner.payloads(index.bundle(), &(slot..slot + 1))?;
        match payloads.state(slot) {
            SlotState::Full => {}
            state => return Ok((state, None)),
        }
        // A file that was read while it was being erased does not bring it back.
        if self.is_erased(index) {
            return Ok((SlotState::Erased, None));
        }
        let Some((frame, place)) = payloads.find(slot) else {
            return Ok((SlotState::NotHeld, None));
        };
        let key = (payloads.id(), frame);
        let open = payloads.len() < TILE;
        let kept = if open {
            None
        } else {
            self.inner.caches.decoded.lock().get(&key)
        };
        let decoded = match kept {
            Some(decoded) => decoded,
            None => {
                let decoded = self.inner.decode(&payloads, index.bundle(), frame)?;
                if !open && payloads.parts()[frame].encoding == Encoding::Zstd {
                    let bytes = decoded.len();
                    self.inner
                        .caches
                        .decoded
                        .lock()
                        .put(key, decoded.clone(), bytes);
                }
                decoded
            }
        };
        Ok((SlotState::Full, Some(decoded.slice(place))))
    }

    /// What is at each index of `[start, end)`, which lie in one bundle.
    ///
    /// # Errors
    /// They are not stored, or our files cannot be read.
    pub fn slots(
        &self,
        start: LeafIndex,
        end: LeafIndex,
    ) -> Result<Vec<(SlotState, Option<Bytes>)>, StoreError> {
        let (bundle, run) = run(start, end)?;
        let payloads = self.inner.payloads(bundle, &run)?;
        let mut slots = Vec::with_capacity(run.len());
        for (at, part) in payloads.parts().iter().enumerate() {
            if part.end() <= run.start || part.start as usize >= run.end {
                continue;
            }
            let decoded = self.inner.decode(&payloads, bundle, at)?;
            let mut offset = 0;
            for slot in part.start as usize..part.end() {
                let (state, length) = (payloads.state(slot), payloads.length(slot));
                if run.contains(&slot) {
                    let full = state == SlotState::Full;
                    slots.push((state, full.then(|| decoded.slice(offset..offset + length))));
                }
                offset += length;
            }
        }
        let contents = self.inner.contents.read();
        for ((state, slot), index) in slots.iter_mut().zip(start.value()..) {
            // A file that was read while it was being erased does not bring it back.
            if slot.is_some() && contents.erased.contains(index) {
                (*state, *slot) = (SlotState::Erased, None);
            }
        }
        Ok(slots)
    }

    /// The payloads of `[start, end)`, in frames: those that are kept where the range covers
    /// them, as they are, or unpacked where `zstd` does not let them pass; else made anew.
    ///
    /// # Errors
    /// The entries are not stored, or our files cannot be read.
    pub fn frames(
        &self,
        start: LeafIndex,
        end: LeafIndex,
        zstd: bool,
    ) -> Result<Vec<PayloadFrame>, StoreError> {
        let mut frames = Vec::new();
        let mut at = start.value();
        while at < end.value() {
            let bundle = at / BUNDLE;
            let stop = end.value().min((bundle + 1) * BUNDLE);
            let run = (at % BUNDLE) as usize..(stop - bundle * BUNDLE) as usize;
            let payloads = self.inner.payloads(bundle, &run)?;
            self.inner
                .frames(&payloads, bundle, run, zstd, &mut frames)?;
            at = stop;
        }
        Ok(frames)
    }

    /// The first of the frames of `[start, end)`, about 1 MiB of payloads, and where the next
    /// ones start. Reads no more than that, however large the bundle is.
    ///
    /// # Errors
    /// As [`LogHandle::frames`].
    pub fn some_frames(
        &self,
        start: LeafIndex,
        end: LeafIndex,
        zstd: bool,
    ) -> Result<(Vec<PayloadFrame>, LeafIndex), StoreError> {
        let bundle = start.bundle();
        let last = end.value().min((bundle + 1) * BUNDLE);
        let (_, run) = run(start, LeafIndex::new(last))?;
        let payloads = self.inner.some_payloads(bundle, &run, MAX_FRAME)?;
        let stop = payloads.stop(&run, MAX_FRAME);
        let mut frames = Vec::new();
        let some = run.start..stop;
        self.inner
            .frames(&payloads, bundle, some, zstd, &mut frames)?;
        Ok((frames, LeafIndex::new(bundle * BUNDLE + stop as u64)))
    }
}

impl Subtrees for LogHandle {
    type Error = StoreError;

    fn subtree(&self, level: u8, index: u64) -> Result<Hash, StoreError> {
        let (tile_level, within) = (level / 8, level % 8);
        let stored = self.stored();
        let end = index
            .checked_add(1)
            .and_then(|next| next.checked_shl(u32::from(level)));
        if level >= 64 || end.is_none_or(|end| end > stored.value() || end >> level != index + 1) {
            return Err(StoreError::Beyond {
                asked: index,
                stored,
            });
        }
        let first = index << within;
        let place = (first % BUNDLE) as usize;
        let tile = (tile_level, first / BUNDLE);
        self.inner.subtree_of_tile(tile, within, place)
    }
}

fn run(start: LeafIndex, end: LeafIndex) -> Result<(u64, Range<usize>), StoreError> {
    let bundle = start.bundle();
    if start >= end || end.value() > (bundle + 1) * BUNDLE {
        return Err(StoreError::BadRange(start, end));
    }
    Ok((
        bundle,
        start.in_bundle()..(end.value() - bundle * BUNDLE) as usize,
    ))
}

/// What a file of payloads has of these slots, without reading all of it; none if it
/// is damaged.
fn part_of(
    file: &dyn Parts,
    run: &Range<usize>,
    most: usize,
) -> Result<Option<Payloads>, StoreError> {
    let head = file.part(0, TABLES)?;
    let mut failed = None;
    let read = Payloads::parse_part(&head, file.length(), run, most, |at, length| {
        file.part(at, length).map_err(|error| {
            failed = Some(error);
            String::new()
        })
    });
    match (read, failed) {
        (_, Some(error)) => Err(error),
        (read, None) => Ok(read.ok().filter(|payloads| payloads.len() == TILE)),
    }
}

impl Log {
    pub(crate) fn entries(
        &self,
        bundle: u64,
        run: Range<usize>,
    ) -> Result<EntryBundle, StoreError> {
        if let Some(entries) = self.unwritten_entries(bundle, &run)? {
            return Ok(entries);
        }
        let kept = self.kept_entries(bundle).filter(|kept| kept.sound);
        let whole = match kept {
            Some(kept) => kept.entries,
            None => {
                let entries = self.sound_entries(bundle)?;
                self.caches
                    .keep_entries(self.number, bundle, &entries, true);
                entries
            }
        };
        self.part_of_entries(whole, bundle, run)
    }

    /// One entry. Of a bundle that was not checked as a whole, it alone is.
    fn entry(&self, bundle: u64, slot: usize) -> Result<Bytes, StoreError> {
        let run = slot..slot + 1;
        if let Some(entries) = self.unwritten_entries(bundle, &run)? {
            return Ok(entries.entry_bytes(0));
        }
        let kept = self.kept_entries(bundle);
        let is_kept = kept.is_some();
        let read = kept.or_else(|| {
            let entries = self.raw_entries(bundle).ok()?;
            let sound = false;
            Some(KeptEntries { entries, sound })
        });
        if let Some(KeptEntries { entries, sound }) = read
            && (sound || self.is_sound(&entries, bundle, slot))
        {
            if !is_kept {
                self.caches
                    .keep_entries(self.number, bundle, &entries, false);
            }
            // Of its own: else a page would keep a bundle for each of its records.
            return Ok(Bytes::copy_from_slice(&entries.entry_bytes(slot)));
        }
        Ok(self.entries(bundle, run)?.entry_bytes(0))
    }

    /// The entries of a bundle that is no file yet.
    fn unwritten_entries(
        &self,
        bundle: u64,
        run: &Range<usize>,
    ) -> Result<Option<EntryBundle>, StoreError> {
        let queued = {
            let contents = self.contents.read();
            if bundle * BUNDLE + run.end as u64 > contents.size() {
                return Err(StoreError::beyond(
                    bundle * BUNDLE + run.end as u64 - 1,
                    contents.size(),
                ));
            }
            if bundle == contents.open_bundle() {
                let bytes = contents.open.range(run.start, run.end);
                return self.parse_entries(bundle, bytes).map(Some);
            }
            contents.queue.entries.get(&bundle).cloned()
        };
        let Some(bytes) = queued else {
            return Ok(None);
        };
        let whole = self.parse_entries(bundle, bytes)?;
        self.part_of_entries(whole, bundle, run.clone()).map(Some)
    }

    fn part_of_entries(
        &self,
        whole: EntryBundle,
        bundle: u64,
        run: Range<usize>,
    ) -> Result<EntryBundle, StoreError> {
        if whole.len() < run.end {
            let reason = "it holds too few entries";
            return Err(self.damaged(FileKey::Entries(bundle), reason));
        }
        Ok(if run.len() == whole.len() {
            whole
        } else {
            whole.slice(run)
        })
    }

    fn kept_entries(&self, bundle: u64) -> Option<KeptEntries> {
        let key = (self.number, FileKey::Entries(bundle));
        self.caches.entries.lock().get(&key)
    }

    /// These slots of a bundle, and others that happen to be in memory.
    pub(crate) fn payloads(
        &self,
        bundle: u64,
        run: &Range<usize>,
    ) -> Result<Arc<Payloads>, StoreError> {
        self.some_payloads(bundle, run, usize::MAX)
    }

    /// The first of these slots, about `most` bytes: [`Payloads::stop`] says which.
    fn some_payloads(
        &self,
        bundle: u64,
        run: &Range<usize>,
        most: usize,
    ) -> Result<Arc<Payloads>, StoreError> {
        let width = run.end;
        let key = (self.number, FileKey::Payload(bundle));
        let version = {
            let contents = self.contents.read();
            let version = contents.payload_version;
            if bundle * BUNDLE + width as u64 > contents.size() {
                return Err(StoreError::beyond(
                    bundle * BUNDLE + width as u64 - 1,
                    contents.size(),
                ));
            }
            if bundle == contents.open_bundle() {
                return Ok(Arc::new(contents.open.slots.clone()));
            }
            if let Some(payloads) = contents.queue.payloads.get(&bundle) {
                return Ok(payloads.clone());
            }
            version
        };
        if let Some(payloads) = self.caches.payloads.lock().get(&key) {
            return Ok(payloads);
        }
        let file = self
            .files
            .open(&self.name_of(FileKey::Payload(bundle), None))?;
        if let Some(file) = file.filter(|file| file.length() > KEPT as u64)
            && let Some(part) = part_of(&*file, run, most)?
        {
            return Ok(Arc::new(part));
        }
        let payloads = Arc::new(self.sound_payloads(bundle)?);
        let contents = self.contents.read();
        if contents.payload_version == version && !contents.queue.payloads.contains_key(&bundle) {
            let bytes = payloads.bytes();
            self.caches
                .payloads
                .lock()
                .put(key, payloads.clone(), bytes);
        }
        Ok(payloads)
    }

    pub(crate) fn decode(
        &self,
        payloads: &Payloads,
        bundle: u64,
        frame: usize,
    ) -> Result<Bytes, StoreError> {
        payloads
            .decode(frame)
            .map_err(|reason| self.damaged(FileKey::Payload(bundle), reason))
    }

    fn frames(
        &self,
        payloads: &Payloads,
        bundle: u64,
        run: Range<usize>,
        zstd: bool,
        frames: &mut Vec<PayloadFrame>,
    ) -> Result<(), StoreError> {
        // A file that was read while it was being erased does not bring it back.
        let erased: Vec<bool> = {
            let contents = self.contents.read();
            (0..run.end as u64)
                .map(|slot| contents.erased.contains(bundle * BUNDLE + slot))
                .collect()
        };
        let is_erased = |slot: usize| erased[slot];
        let stale = |slot: usize| payloads.state(slot) == SlotState::Full && is_erased(slot);
        let level = i32::from(zstd);
        let mut loose: Vec<(SlotState, Option<Bytes>)> = Vec::new();
        let mut loose_from = run.start;
        let flush = |from: usize, loose: &mut Vec<_>, frames: &mut Vec<PayloadFrame>| {
            let made = Frame::make(bundle * BUNDLE + from as u64, loose, level);
            frames.extend(made.iter().map(Frame::to_api));
            loose.clear();
        };
        for (at, part) in payloads.parts().iter().enumerate() {
            let (start, end) = (part.start as usize, part.end());
            if end <= run.start || start >= run.end {
                continue;
            }
            let covered = run.start <= start && end <= run.end;
            let few = part.count < 64 && part.count as usize != run.len();
            if covered && !few && !(start..end).any(stale) {
                let kept = payloads.frame(bundle, at);
                let whole = match part.encoding {
                    Encoding::Zstd if !zstd => Some(Frame {
                        encoding: Encoding::Raw,
                        data: self.decode(payloads, bundle, at)?,
                        ..kept
                    }),
                    // It was not yet tried, or came from a peer that cannot compress.
                    Encoding::Raw if zstd && part.data.len() >= COMPRESS_FROM => None,
                    Encoding::Zstd | Encoding::Raw => Some(kept),
                };
                if let Some(frame) = whole {
                    flush(loose_from, &mut loose, frames);
                    frames.push(frame.to_api());
                    loose_from = end;
                    continue;
                }
            }
            let decoded = self.decode(payloads, bundle, at)?;
            let mut offset = 0;
            for slot in start..end {
                let length = payloads.length(slot);
                if run.contains(&slot) {
                    loose.push(match payloads.state(slot) {
                        SlotState::Full if is_erased(slot) => (SlotState::Erased, None),
                        SlotState::Full => {
                            let bytes = decoded.slice(offset..offset + length);
                            (SlotState::Full, Some(bytes))
                        }
                        state => (state, None),
                    });
                }
                offset += length;
            }
        }
        flush(loose_from, &mut loose, frames);
        Ok(())
    }

    fn parse_entries(&self, bundle: u64, bytes: Bytes) -> Result<EntryBundle, StoreError> {
        EntryBundle::parse(bytes).map_err(|e| self.damaged(FileKey::Entries(bundle), e))
    }
}
