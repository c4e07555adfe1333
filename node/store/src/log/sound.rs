//! Files as they are read: each is checked before anything of it is given out.
//!
//! Tiles and entries are checked by their hashes, which lead to the right edge in memory;
//! payload bundles by the checksums in them. What is not sound is listed as damage, and
//! answered from what is: a tile from what is below it, payloads by holes where they are
//! not held any more. Entries come back from a peer alone, and are unavailable until then.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{
    bundle::EntryBundle,
    envelope::Leaf,
    hash::Hash,
    index::BUNDLE,
    payload::{Slot, SlotState},
    tree::{MemoryTree, Subtrees as _, root_of},
};

use super::{contents::Contents, handle::Log};
use crate::{
    damage::{Damage, Part},
    error::{StoreError, chain},
    format::{
        edge::TILE,
        erased::has_payload,
        layout::FileKey,
        payloads::{Flawed, Payloads},
    },
};

impl Log {
    /// Calls `read` with at least `width` hashes of a tile.
    pub(crate) fn with_tile<T>(
        &self,
        level: u8,
        index: u64,
        width: usize,
        read: impl Fn(&[Hash]) -> T,
    ) -> Result<T, StoreError> {
        self.with_tree(level, index, width, |tree| read(tree.leaves()))
    }

    /// The hash over `1 << above` hashes of a tile from `place` on.
    pub(crate) fn subtree_of_tile(
        &self,
        (level, index): (u8, u64),
        above: u8,
        place: usize,
    ) -> Result<Hash, StoreError> {
        let end = place + (1 << above);
        let at = (place >> above) as u64;
        let hash = self.with_tree(level, index, end, |tree| tree.subtree(above, at))?;
        hash.map_err(|_| {
            StoreError::beyond(index * BUNDLE + end as u64, self.contents.read().size())
        })
    }

    /// Calls `read` with the tree of at least `width` hashes of a tile.
    fn with_tree<T>(
        &self,
        level: u8,
        index: u64,
        width: usize,
        read: impl Fn(&MemoryTree) -> T,
    ) -> Result<T, StoreError> {
        let key = (self.number, FileKey::Tile { level, index });
        {
            let contents = self.contents.read();
            let (open, hashes) = contents.edge.open_tile(level);
            if index > open || (index == open && hashes.len() < width) || width > TILE {
                return Err(StoreError::beyond(
                    index * BUNDLE + width as u64,
                    contents.size(),
                ));
            }
            if index == open {
                let none = MemoryTree::new();
                return Ok(read(contents.edge.open_tree(level).unwrap_or(&none)));
            }
            if let Some(tree) = contents.queue.tiles.get(&(level, index)) {
                return Ok(read(tree));
            }
        }
        let kept = self.caches.tiles.lock().get(&key);
        if let Some(tree) = kept {
            return Ok(read(&tree));
        }
        let tree = Arc::new(self.sound_tile(level, index)?);
        self.caches.keep_tile(key, Arc::clone(&tree));
        Ok(read(&tree))
    }

    /// A full tile.
    pub(crate) fn sound_tile(&self, level: u8, index: u64) -> Result<MemoryTree, StoreError> {
        let key = FileKey::Tile { level, index };
        let root = self.root_of_tile(level, index)?;
        let reason = match self.raw_tile(level, index).map(MemoryTree::from_iter) {
            Ok(tree) if tree.root() == root => return Ok(tree),
            Ok(_) => "it does not hash to the tile above it".to_owned(),
            Err(reason) => reason,
        };
        self.note_damage(key, None, &reason);
        for deep in [false, true] {
            if let Ok(hashes) = self.derive(level, index, deep) {
                let tree = MemoryTree::from_iter(hashes);
                if tree.root() == root {
                    return Ok(tree);
                }
            }
        }
        Err(self.damaged(key, reason))
    }

    /// A full bundle of entries.
    pub(crate) fn sound_entries(&self, bundle: u64) -> Result<EntryBundle, StoreError> {
        let root = self.root_of_tile(0, bundle)?;
        let reason = match self.raw_entries(bundle) {
            Ok(entries) if root_of(&leaf_hashes(&entries)) == root => return Ok(entries),
            Ok(_) => "its entries do not hash to the tile above them".to_owned(),
            Err(reason) => reason,
        };
        self.note_damage(FileKey::Entries(bundle), None, &reason);
        Err(self.damaged(FileKey::Entries(bundle), reason))
    }

    /// Whether one entry of a full bundle is what its tile says.
    pub(crate) fn is_sound(&self, entries: &EntryBundle, bundle: u64, slot: usize) -> bool {
        let said = self.with_tile(0, bundle, slot + 1, |hashes| hashes[slot]);
        said.is_ok_and(|said| said == Hash::leaf(&entries.entry_bytes(slot)))
    }

    /// A full payload bundle; what is damaged of it is not held.
    pub(crate) fn sound_payloads(&self, bundle: u64) -> Result<Payloads, StoreError> {
        // Nobody who writes waits for this read.
        match self.checked_payloads(bundle) {
            Ok(payloads) => Ok(payloads),
            Err(flawed) => self.saved_from(&self.contents.read(), bundle, flawed),
        }
    }

    /// The same for whoever has the contents already.
    pub(crate) fn sound_payloads_in(
        &self,
        contents: &Contents,
        bundle: u64,
    ) -> Result<Payloads, StoreError> {
        let checked = self.checked_payloads(bundle);
        checked.or_else(|flawed| self.saved_from(contents, bundle, flawed))
    }

    fn checked_payloads(&self, bundle: u64) -> Result<Payloads, Flawed> {
        let bytes = self.raw(FileKey::Payload(bundle), None);
        let read = bytes.map_err(Flawed::wholly);
        let read = read.and_then(|bytes| Payloads::read(&bytes, TILE));
        read.inspect_err(|flawed| {
            self.note_damage(FileKey::Payload(bundle), None, &flawed.reason);
        })
    }

    /// What can be saved of a payload bundle: every payload that its entry commits to.
    pub(crate) fn saved_from(
        &self,
        contents: &Contents,
        bundle: u64,
        flawed: Flawed,
    ) -> Result<Payloads, StoreError> {
        let entries = self.entries_of(contents, bundle)?;
        let slots = entries.iter().zip(bundle * BUNDLE..).enumerate();
        let slots: Vec<_> = slots
            .map(|(place, (entry, index))| {
                let leaf = Leaf::read(entry);
                if !has_payload(&leaf) {
                    return (SlotState::None, None);
                }
                if contents.erased.contains(index) {
                    return (SlotState::Erased, None);
                }
                match flawed.slots.get(place).cloned().flatten() {
                    Some((SlotState::Filtered, _)) => (SlotState::Filtered, None),
                    Some((SlotState::Full, Some(bytes))) if fits(&leaf, &bytes) => {
                        (SlotState::Full, Some(bytes))
                    }
                    _ => (SlotState::NotHeld, None),
                }
            })
            .collect();
        Ok(Payloads::from_slots(&slots, 1))
    }

    /// What a full tile hashes to: the tile above it says so, in the end the right edge.
    pub(crate) fn root_of_tile(&self, level: u8, index: u64) -> Result<Hash, StoreError> {
        let place = (index % BUNDLE) as usize;
        self.with_tile(level + 1, index / BUNDLE, place + 1, |hashes| hashes[place])
    }

    /// The hashes of a tile from what is below it, unchecked: from the tiles there, or
    /// from the entries in the end.
    pub(crate) fn derive(&self, level: u8, index: u64, deep: bool) -> Result<Vec<Hash>, String> {
        if level == 0 {
            return Ok(leaf_hashes(&self.raw_entries(index)?));
        }
        (index * BUNDLE..(index + 1) * BUNDLE)
            .map(|below| match deep {
                true => Ok(root_of(&self.derive(level - 1, below, true)?)),
                false => Ok(root_of(&self.raw_tile(level - 1, below)?)),
            })
            .collect()
    }

    /// The entries of a full bundle or of the open one, which is in memory.
    fn entries_of(&self, contents: &Contents, bundle: u64) -> Result<EntryBundle, StoreError> {
        let damaged = |reason: String| self.damaged(FileKey::Entries(bundle), reason);
        if bundle == contents.open_bundle() {
            let bytes = Bytes::copy_from_slice(contents.open.bytes());
            return EntryBundle::parse(bytes).map_err(|e| damaged(e.to_string()));
        }
        if let Some(bytes) = contents.queue.entries.get(&bundle) {
            return EntryBundle::parse(bytes.clone()).map_err(|e| damaged(e.to_string()));
        }
        self.raw_entries(bundle).map_err(damaged)
    }

    pub(crate) fn raw_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, String> {
        let bytes = self.raw(FileKey::Tile { level, index }, None)?;
        let hashes = Hash::list_from_bytes(&bytes, TILE).map_err(|e| e.to_string())?;
        match hashes.len() {
            TILE => Ok(hashes),
            _ => Err("it is not 256 hashes long".to_owned()),
        }
    }

    pub(crate) fn raw_entries(&self, bundle: u64) -> Result<EntryBundle, String> {
        let bytes = self.raw(FileKey::Entries(bundle), None)?;
        let entries = EntryBundle::parse(bytes).map_err(|e| e.to_string())?;
        match entries.len() {
            TILE => Ok(entries),
            _ => Err("it does not hold 256 entries".to_owned()),
        }
    }

    /// The bytes of a full file, or of a partial one.
    pub(crate) fn raw(&self, key: FileKey, width: Option<usize>) -> Result<Bytes, String> {
        let read = self.files.read(&self.name_of(key, width));
        read.map_err(|e| e.to_string())?
            .ok_or_else(|| "it is missing".to_owned())
    }

    /// A partial file is not what was written.
    pub(crate) fn damaged_part(
        &self,
        key: FileKey,
        width: usize,
        reason: impl ToString,
    ) -> StoreError {
        let name = self.name_of(key, Some(width));
        StoreError::damaged(&self.files.path_of(&name), reason)
    }

    /// Lists a file of this log as damaged; `width` of a partial one.
    pub(crate) fn note_damage(&self, key: FileKey, width: Option<usize>, reason: &str) {
        let path = self.files.path_of(&self.name_of(key, width));
        self.note(key.into(), path, reason);
    }

    /// Lists a file as damaged that the state has of this log.
    pub(crate) fn note_state(&self, path: PathBuf, error: &StoreError) {
        let reason = match error {
            StoreError::Damaged { reason, .. } => reason.clone(),
            other => chain(other),
        };
        self.note(Part::State, path, &reason);
    }

    /// Lists a part of this log as damaged.
    pub(crate) fn note(&self, part: Part, path: PathBuf, reason: &str) {
        if self.is_dropped() {
            return;
        }
        self.damages.note(Damage {
            log: self.number,
            origin: Some(self.origin.clone()),
            own: Some(self.own),
            part,
            path,
            reason: reason.to_owned(),
        });
    }
}

/// Whether a payload is the one that an entry commits to.
pub(crate) fn fits(leaf: &Leaf, bytes: &Bytes) -> bool {
    let slot = Slot::new(bytes.clone()).ok().zip(leaf.payload());
    slot.is_some_and(|(slot, claim)| slot.verify(claim).is_ok())
}

pub(crate) fn leaf_hashes(entries: &EntryBundle) -> Vec<Hash> {
    entries.iter().map(Hash::leaf).collect()
}
