//! The files of a mirrored log: the tlog-tiles layout, and payloads beside it.
//!
//! ```text
//! checkpoint                the newest signed note whose entries and tiles are all here
//! target                    the signed note that is being fetched
//! lock                      held by the mirror that writes here
//! tile/entries/000          entries, and partial bundles as tile/entries/000.p/12
//! tile/0/000, tile/1/000 …  hashes
//! payload/000               the payload frames of a bundle, each behind its length
//! ```
//!
//! Every file is written aside and renamed. Before `checkpoint` names a tree, all its
//! files are synced, each once; what a crash leaves beyond it is checked when the folder
//! is opened.

use std::{
    collections::BTreeSet,
    fmt,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use bytes::{Bytes, BytesMut};
use prost::Message as _;
use wpsx_proto::{
    api::log::v1::PayloadFrame,
    bundle::EntryBundle,
    envelope::Leaf,
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    payload::{Frame, SlotState, VerifiedFrame, encode_frames},
    tile::{TileKind, TilePath, full_tiles, partial_tiles},
    tree::{MemoryTree, Subtrees},
};

use super::bundle::{Bundle, LEVEL};
use crate::heads::write_whole;

/// The files below one path.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// Files that were written and not synced.
    written: BTreeSet<PathBuf>,
}

impl Folder {
    pub(super) fn open(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(root.join("tile/entries"))?;
        fs::create_dir_all(root.join("payload"))?;
        Ok(Self {
            root,
            written: BTreeSet::new(),
        })
    }

    pub(super) fn note(&self, name: &str) -> io::Result<Option<Bytes>> {
        Ok(read_if_there(&self.root.join(name))?.map(Bytes::from))
    }

    pub(super) fn keep_note(&self, name: &str, note: &[u8]) -> io::Result<()> {
        write_whole(&self.root.join(name), note)
    }

    /// The entries of a bundle in a tree of at least `size`: a wider file serves too.
    pub(super) fn entries(&self, bundle: u64, size: TreeSize) -> io::Result<EntryBundle> {
        let full =
            TilePath::full(TileKind::Entries, bundle).ok_or_else(|| damaged("no such bundle"))?;
        let wanted = width(bundle, size);
        let partial = TilePath::in_tree(TileKind::Entries, bundle, size)
            .ok_or_else(|| damaged("no such bundle"))?;
        let read = |path: &TilePath| read_if_there(&self.root.join(path.to_string()));
        let bytes = match read(&full)? {
            Some(bytes) => bytes,
            None => read(&partial)?.ok_or_else(|| damaged(format!("{partial} is missing")))?,
        };
        let entries = EntryBundle::parse(bytes.into())
            .map_err(|error| damaged(format!("{partial}: {error}")))?;
        if entries.len() < wanted {
            return Err(damaged(format!("{partial} ends early")));
        }
        Ok(entries.slice(0..wanted))
    }

    /// Replaces the entries of a bundle by a longer run of them.
    pub(super) fn put_entries(&mut self, bundle: u64, entries: &EntryBundle) -> io::Result<()> {
        let path = path_of(bundle, entries.len())?;
        self.put(self.root.join(path.to_string()), &entries.bytes())
    }

    /// Takes the files of a bundle, which an earlier process may have left unsynced, for
    /// written just now.
    pub(super) fn adopt(&mut self, bundle: u64, width: usize) -> io::Result<()> {
        let entries = self.root.join(path_of(bundle, width)?.to_string());
        let files = [entries, self.payload_path(bundle)];
        self.written
            .extend(files.into_iter().filter(|path| path.exists()));
        Ok(())
    }

    /// The payload frames of a bundle, checked against its entries; none if they are lost.
    pub(super) fn frames(&self, bundle: u64, leaves: &[Leaf]) -> io::Result<Vec<VerifiedFrame>> {
        let path = self.payload_path(bundle);
        let damaged = |why: &dyn fmt::Display| damaged(format!("{}: {why}", path.display()));
        let mut rest = Bytes::from(read_if_there(&path)?.unwrap_or_default());
        let first = bundle * BUNDLE;
        let mut frames = Vec::new();
        while !rest.is_empty() {
            let frame =
                PayloadFrame::decode_length_delimited(&mut rest).map_err(|e| damaged(&e))?;
            let frame = Frame::from_api(frame).map_err(|e| damaged(&e))?;
            let at = frame.start().value().checked_sub(first);
            let at = at.ok_or_else(|| damaged(&"a frame of another bundle"))? as usize;
            let Some(leaves) = leaves.get(at..at + frame.states().len()) else {
                // Frames beyond the entries are what a crash left.
                break;
            };
            frames.push(frame.verify(leaves, |_| false).map_err(|e| damaged(&e))?);
        }
        Ok(frames)
    }

    /// Replaces the payload frames of a bundle.
    pub(super) fn put_frames(&mut self, bundle: u64, frames: &[PayloadFrame]) -> io::Result<()> {
        let mut bytes = BytesMut::new();
        for frame in frames {
            frame
                .encode_length_delimited(&mut bytes)
                .map_err(io::Error::other)?;
        }
        self.put(self.payload_path(bundle), &bytes)
    }

    pub(super) fn bundle(&self, bundle: u64, size: TreeSize) -> io::Result<Bundle> {
        let entries = self.entries(bundle, size)?;
        let leaves: Vec<Leaf> = entries.iter().map(Leaf::read).collect();
        let frames = self.frames(bundle, &leaves)?;
        Ok(Bundle {
            start: LeafIndex::new(bundle * BUNDLE),
            entries,
            leaves,
            frames,
        })
    }

    /// Puts payloads in the place of holes: `filled` gives the one at an index.
    pub(super) fn fill(
        &mut self,
        bundle: &Bundle,
        filled: impl Fn(LeafIndex) -> Option<Bytes>,
    ) -> io::Result<()> {
        let slots: Vec<_> = (0..bundle.leaves.len())
            .map(|at| match bundle.slot(at) {
                hole @ (SlotState::Filtered | SlotState::NotHeld, _) => {
                    let slot = filled(bundle.start.plus(at as u64));
                    slot.map_or(hole, |slot| (SlotState::Full, Some(slot)))
                }
                slot => slot,
            })
            .collect();
        let frames = encode_frames(bundle.start, &slots, LEVEL);
        self.put_frames(bundle.start.bundle(), &frames)
    }

    /// Destroys the payload at an index, wherever it lies.
    pub(super) fn erase(&mut self, index: LeafIndex, size: TreeSize) -> io::Result<()> {
        let bundle = self.bundle(index.bundle(), size)?;
        let mut slots: Vec<_> = (0..bundle.leaves.len()).map(|at| bundle.slot(at)).collect();
        let at = index.in_bundle();
        // An entry without a payload, such as a withdrawal, has nothing to destroy.
        if slots
            .get(at)
            .is_none_or(|(state, _)| matches!(state, SlotState::Erased | SlotState::None))
        {
            return Ok(());
        }
        slots[at] = (SlotState::Erased, None);
        self.put_frames(index.bundle(), &encode_frames(bundle.start, &slots, LEVEL))
    }

    /// Writes the hash tiles that a tree of `to` has beyond one of `from`, syncs what
    /// is new, and removes the partial files that the tree has outgrown.
    pub(super) fn settle(
        &mut self,
        tree: &MemoryTree,
        from: TreeSize,
        to: TreeSize,
    ) -> io::Result<()> {
        for level in 0..8 {
            let kind = TileKind::Hashes { level };
            for index in full_tiles(kind, from)..full_tiles(kind, to) {
                if let Some(path) = TilePath::full(kind, index) {
                    self.put_tile(tree, &path)?;
                }
            }
        }
        let partial: Vec<_> = partial_tiles(to).collect();
        for path in &partial {
            if matches!(path.kind(), TileKind::Hashes { .. }) {
                self.put_tile(tree, path)?;
            }
        }
        self.sync()?;
        for path in partial_tiles(from).filter(|path| !partial.contains(path)) {
            let outgrown = self.root.join(path.to_string());
            match fs::remove_file(&outgrown) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn put_tile(&mut self, tree: &MemoryTree, path: &TilePath) -> io::Result<()> {
        let TileKind::Hashes { level } = path.kind() else {
            return Ok(());
        };
        let mut bytes = Vec::with_capacity(path.width() as usize * Hash::LENGTH);
        let first = path.index() * BUNDLE;
        for at in first..first + u64::from(path.width()) {
            let hash = tree.subtree(level * 8, at).map_err(damaged)?;
            bytes.extend_from_slice(hash.as_bytes());
        }
        self.put(self.root.join(path.to_string()), &bytes)
    }

    fn put(&mut self, path: PathBuf, bytes: &[u8]) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut aside = path.as_os_str().to_owned();
        aside.push(".new");
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        drop(file);
        fs::rename(&aside, &path)?;
        self.written.insert(path);
        Ok(())
    }

    /// Makes everything that was written durable: each file once, each folder once.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        let mut folders = BTreeSet::new();
        for path in &self.written {
            File::open(path)?.sync_all()?;
            folders.extend(path.parent());
        }
        for folder in folders.iter().filter(|_| cfg!(unix)) {
            File::open(folder)?.sync_all()?;
        }
        self.written.clear();
        Ok(())
    }

    fn payload_path(&self, bundle: u64) -> PathBuf {
        let number = TilePath::full(TileKind::Entries, bundle)
            .map(|path| path.to_string())
            .unwrap_or_default();
        let number = number.strip_prefix("tile/entries/").unwrap_or(&number);
        self.root.join("payload").join(number)
    }
}

fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn width(bundle: u64, size: TreeSize) -> usize {
    size.value().saturating_sub(bundle * BUNDLE).min(BUNDLE) as usize
}

fn path_of(bundle: u64, width: usize) -> io::Result<TilePath> {
    u16::try_from(width)
        .ok()
        .and_then(|width| TilePath::new(TileKind::Entries, bundle, width))
        .ok_or_else(|| damaged("no such bundle"))
}

pub(super) fn damaged(why: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
}
