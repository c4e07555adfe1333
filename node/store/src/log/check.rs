//! Checks a log from the raw bytes of its files, trusting nothing but the log's key.
//!
//! entries -> level-0 tiles -> all tiles -> root -> signature; full payload slots ->
//! commitments; holes -> their reasons. Every problem is a sentence.

use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use wpsx_proto::{
    bundle::EntryBundle,
    checkpoint::SignedCheckpoint,
    envelope::{Leaf, Operation},
    hash::Hash,
    index::BUNDLE,
    origin::RecordId,
    payload::{SALT, Slot, SlotState},
    tree::{Frontier, root_of},
};

use super::{handle::Log, sound::leaf_hashes};
use crate::{
    damage::Part,
    format::{
        edge::TILE,
        erased::{Erased, Records},
        holes::Holes,
        layout::FileKey,
        payloads::Payloads,
        saved::{Saved, name},
    },
    state::State,
};

/// Problems listed before the rest is only counted.
const MOST_PROBLEMS: usize = 100;
/// The end of the names of files that are being written.
const UNFINISHED: &str = ".tmp";

/// How far a verification is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Entries checked.
    pub checked: u64,
    /// Entries in all.
    pub total: u64,
    /// Payloads compared with their commitments.
    pub payloads: u64,
}

/// What a verification found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Entries checked.
    pub checked: u64,
    /// Entries in all.
    pub total: u64,
    /// Payloads compared with their commitments.
    pub payloads: u64,
    /// What is wrong, each a sentence; none: all is well.
    pub problems: Vec<String>,
}

/// A check that is under way.
pub(crate) struct Check<'l> {
    log: &'l Log,
    halt: &'l AtomicBool,
    erased: Erased,
    holes: Holes,
    /// The records of its erase entries, and where these are.
    erasing: Vec<(RecordId, u64)>,
    problems: Vec<String>,
    /// The parts that are damaged, each with its file.
    pub(crate) damaged: BTreeMap<(Part, PathBuf), String>,
    more: u64,
    done: Progress,
    progress: &'l mut dyn FnMut(Progress),
}

impl<'l> Check<'l> {
    pub(crate) fn new(
        log: &'l Log,
        halt: &'l AtomicBool,
        progress: &'l mut dyn FnMut(Progress),
    ) -> Self {
        Self {
            log,
            halt,
            erased: Erased::default(),
            holes: Holes::default(),
            erasing: Vec::new(),
            problems: Vec::new(),
            damaged: BTreeMap::new(),
            more: 0,
            done: Progress::default(),
            progress,
        }
    }

    pub(crate) fn problem(&mut self, sentence: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(sentence);
        } else {
            self.more += 1;
        }
    }

    /// A part that is damaged, and can be mended by itself.
    fn damage(&mut self, key: FileKey, width: usize, sentence: String) {
        let width = (width < TILE).then_some(width);
        let path = self.log.files.path_of(&self.log.name_of(key, width));
        self.damage_at(key.into(), path, sentence);
    }

    /// What the state keeps of the log.
    fn state_damage(&mut self, state: &State, what: &str, sentence: String) {
        let path = state.path_of(&name(self.log.number, what));
        self.damage_at(Part::State, path, sentence);
    }

    /// A small file beside the tiles.
    fn beside_damage(&mut self, file: &str, sentence: String) {
        let path = self.log.files.path_of(&self.log.name(file));
        self.damage_at(Part::State, path, sentence);
    }

    fn damage_at(&mut self, part: Part, path: PathBuf, sentence: String) {
        let reason = self.damaged.entry((part, path));
        reason.or_insert_with(|| sentence.clone());
        self.problem(sentence);
    }

    pub(crate) fn report(mut self) -> Report {
        if self.more > 0 {
            self.problems.push(format!("and {} more", self.more));
        }
        let Progress {
            checked,
            total,
            payloads,
        } = self.done;
        Report {
            checked,
            total,
            payloads,
            problems: self.problems,
        }
    }

    /// Checks all that the files of the log, and its state files, say.
    pub(crate) fn all(&mut self, state: &State) {
        let number = self.log.number;
        let contradiction = self.log.contradiction.lock().clone();
        if let Some(sentence) = contradiction {
            self.problem(sentence);
        }
        match Saved::read(state, number) {
            Ok(Some(saved)) => {
                match state
                    .get(&name(number, "erased"))
                    .map(|bytes| bytes.map(|b| Erased::parse(&b)))
                {
                    Ok(None) if saved.erased > 0 => {
                        let missing = "the list of erased payloads is missing".to_owned();
                        self.state_damage(state, "erased", missing);
                    }
                    Ok(None) => {}
                    Ok(Some(Ok(erased))) => self.erased = erased,
                    Ok(Some(Err(reason))) => {
                        let sentence = format!("the list of erased payloads: {reason}");
                        self.state_damage(state, "erased", sentence);
                    }
                    Err(error) => self.state_damage(state, "erased", error.to_string()),
                }
                self.files(&saved, state);
                let stored = self.log.contents.read().size();
                self.strangers(saved.size, stored);
            }
            Ok(None) => {
                let contents = self.log.contents.read();
                if contents.head.is_some() || contents.size() > 0 {
                    drop(contents);
                    let missing = "its state file is missing".to_owned();
                    self.state_damage(state, "head", missing);
                }
            }
            Err(error) => self.state_damage(state, "head", error.to_string()),
        }
    }

    fn files(&mut self, saved: &Saved, state: &State) {
        self.done.total = saved.size;
        self.origin_file();
        let mut frontier = Frontier::empty();
        // The hashes of each level's open tile; a full one becomes a hash of the next.
        let mut open: Vec<Vec<Hash>> = Vec::new();
        for bundle in 0..saved.size.div_ceil(BUNDLE) {
            if self.halt.load(Ordering::Relaxed) {
                return;
            }
            let width = (saved.size - bundle * BUNDLE).min(BUNDLE) as usize;
            let hashes = self.bundle(bundle, width);
            frontier.extend(hashes.iter().copied());
            self.tiles(&mut open, 0, &hashes, bundle);
            self.done.checked += width as u64;
            (self.progress)(self.done);
        }
        for (level, hashes) in open.iter().enumerate() {
            let index = (saved.size >> (8 * level)) / BUNDLE;
            if !hashes.is_empty() && level > 0 {
                self.tile(level as u8, index, hashes);
            }
        }
        self.heads(saved, &frontier);
        self.erasures(saved, state);
        let counted = self.holes;
        if counted != saved.holes() {
            self.problem(format!(
                "it has {counted:?}, its state file says {:?}",
                saved.holes()
            ));
        }
    }

    /// One bundle: its entries, their tile, their payloads. Gives the leaf hashes.
    fn bundle(&mut self, bundle: u64, width: usize) -> Vec<Hash> {
        let key = FileKey::Entries(bundle);
        let parsed = self.file(key, width).and_then(|bytes| {
            EntryBundle::parse(bytes).map_err(|e| format!("{}: {e}", key.path(None)))
        });
        let entries = match parsed {
            Ok(entries) if entries.len() == width => Ok(entries),
            Ok(entries) => Err(format!(
                "{}: it has {} entries, not {width}",
                key.path(None),
                entries.len()
            )),
            Err(problem) => Err(problem),
        };
        let entries =
            entries.and_then(
                |entries| match self.are_right(bundle, &leaf_hashes(&entries)) {
                    true => Ok(entries),
                    false => Err(format!(
                        "{}: its entries do not hash to the tile above them",
                        key.path(None)
                    )),
                },
            );
        let entries = match entries {
            Ok(entries) => entries,
            Err(problem) => {
                self.damage(key, width, problem);
                return self.beside(bundle, width);
            }
        };
        let hashes = leaf_hashes(&entries);
        let leaves: Vec<Leaf> = entries.iter().map(Leaf::read).collect();
        self.erasing.extend(
            (bundle * BUNDLE..)
                .zip(&leaves)
                .filter_map(|(index, leaf)| {
                    let envelope = leaf.envelope()?;
                    (envelope.operation == Operation::Erase).then_some((envelope.record_id, index))
                }),
        );
        self.payloads(bundle, width, &leaves);
        self.tile(0, bundle, &hashes);
        hashes
    }

    /// What lies beside entries that are damaged, as far as it can be checked without them.
    /// Gives the hashes of their tile.
    fn beside(&mut self, bundle: u64, width: usize) -> Vec<Hash> {
        let (level, index) = (0, bundle);
        let tile = FileKey::Tile { level, index };
        let hashes = self.file(tile, width).and_then(|bytes| {
            let hashes = Hash::list_from_bytes(&bytes, width).map_err(|e| e.to_string())?;
            match hashes.len() == width && self.are_right(bundle, &hashes) {
                true => Ok(hashes),
                false => Err("it does not hash to the tile above it".to_owned()),
            }
        });
        let payload = FileKey::Payload(bundle);
        let payloads = self
            .file(payload, width)
            .and_then(|bytes| Payloads::read(&bytes, width).map_err(|flawed| flawed.reason));
        if let Err(problem) = payloads {
            let sentence = format!("{}: {problem}", payload.path(None));
            self.damage(payload, width, sentence);
        }
        hashes.unwrap_or_else(|problem| {
            self.damage(tile, width, format!("{}: {problem}", tile.path(None)));
            vec![Hash::of(b""); width]
        })
    }

    /// Whether what is above a level-0 tile, or in memory, has these hashes in it.
    fn are_right(&self, bundle: u64, hashes: &[Hash]) -> bool {
        if hashes.len() == TILE {
            return self.log.root_of_tile(0, bundle).ok() == Some(root_of(hashes));
        }
        let contents = self.log.contents.read();
        let (index, open) = contents.edge.open_tile(0);
        // What was the open bundle when it was written may be a full one by now.
        index > bundle || (index == bundle && open.starts_with(hashes))
    }

    /// Adds the hashes of a full tile to the level above, and checks tiles that fill up.
    fn tiles(&mut self, open: &mut Vec<Vec<Hash>>, level: usize, hashes: &[Hash], index: u64) {
        if hashes.len() < TILE {
            return;
        }
        if open.len() < level + 2 {
            open.resize(level + 2, Vec::new());
        }
        open[level + 1].push(root_of(hashes));
        if open[level + 1].len() == TILE {
            let full = std::mem::take(&mut open[level + 1]);
            let above = index / BUNDLE;
            self.tile(level as u8 + 1, above, &full);
            self.tiles(open, level + 1, &full, above);
        }
    }

    fn tile(&mut self, level: u8, index: u64, expected: &[Hash]) {
        let key = FileKey::Tile { level, index };
        match self.file(key, expected.len()) {
            Ok(bytes) if bytes == Hash::list_to_bytes(expected) => {}
            Ok(_) => {
                let sentence = format!("{}: it is not what is below it hashes to", key.path(None));
                self.damage(key, expected.len(), sentence);
            }
            Err(problem) => self.damage(key, expected.len(), problem),
        }
    }

    fn payloads(&mut self, bundle: u64, width: usize, leaves: &[Leaf]) {
        let key = FileKey::Payload(bundle);
        let parsed = self.file(key, width).and_then(|bytes| {
            let payloads = Payloads::parse(&bytes, true)?;
            if payloads.len() != width {
                return Err(format!(
                    "{}: it has {} slots, not {width}",
                    key.path(None),
                    payloads.len()
                ));
            }
            let slots = payloads.slots()?;
            Ok(slots)
        });
        let slots = match parsed {
            Ok(slots) => slots,
            Err(problem) => {
                let sentence = format!("{}: {problem}", key.path(None));
                return self.damage(key, width, sentence);
            }
        };
        for ((index, leaf), (state, slot)) in (bundle * BUNDLE..).zip(leaves).zip(slots) {
            self.holes.count(state);
            let erased = self.erased.contains(index);
            match (leaf.payload(), state, slot) {
                (None, SlotState::None, _) => {}
                (Some(_), SlotState::Erased, _) if erased => {}
                (Some(_), SlotState::Full, _) if erased => {
                    let sentence = format!("payload {index} was erased and is there");
                    self.damage(key, width, sentence);
                }
                (Some(_), SlotState::Erased, _) => {
                    let sentence =
                        format!("payload {index} is gone as erased, but nothing erased it");
                    self.damage(key, width, sentence);
                }
                (Some(_), SlotState::Filtered | SlotState::NotHeld, _) if !erased => {
                    if self.log.own {
                        self.problem(format!("payload {index} of our own log is missing"));
                    }
                }
                (Some(claim), SlotState::Full, Some(slot)) if slot.len() >= SALT => {
                    self.done.payloads += 1;
                    let checked = Slot::new(slot).and_then(|slot| slot.verify(claim));
                    if let Err(error) = checked {
                        self.damage(key, width, format!("payload {index}: {error}"));
                    }
                }
                (claim, state, _) => {
                    let has = if claim.is_some() { "has" } else { "has no" };
                    self.problem(format!(
                        "payload {index} is {state:?}, but its entry {has} payload and it is {}erased",
                        if erased { "" } else { "not " }
                    ));
                }
            }
        }
    }

    /// Compares the list of what was erased with what the erase entries erase: those up
    /// to the head by their records, later ones as far as it was done.
    fn erasures(&mut self, saved: &Saved, state: &State) {
        let head = self.log.checkpoint(&saved.head);
        let head = head.map_or(0, |head| head.size().value());
        let mut explained = match self.log.erased_elsewhere(state) {
            Ok(erased) => erased,
            Err(error) => {
                self.problem(error.to_string());
                Erased::default()
            }
        };
        let carried_out =
            Records::before(self.erasing.iter().copied().filter(|(_, at)| *at < head));
        let begun = Records::before(self.erasing.iter().copied());
        let mut missed = Vec::new();
        let read = self
            .log
            .read_leaves(0..saved.size.min(begun.end()), |index, leaf| {
                if begun.cover(index, leaf) {
                    explained.insert(index);
                }
                let gone = leaf.payload().is_some() && carried_out.cover(index, leaf);
                if gone && !self.erased.contains(index) {
                    missed.push(index);
                }
            });
        if let Err(error) = read {
            self.problem(error.to_string());
        }
        for index in missed {
            self.problem(format!(
                "payload {index} was erased by an entry, but is not in the list"
            ));
        }
        let erased = self.erased.iter();
        let unexplained: Vec<u64> = erased.filter(|index| !explained.contains(*index)).collect();
        for index in unexplained {
            self.problem(format!(
                "payload {index} is in the list of erased ones, but no entry erases it"
            ));
        }
    }

    fn heads(&mut self, saved: &Saved, frontier: &Frontier) {
        let file = self.log.files.read(&self.log.name("checkpoint"));
        match file {
            Ok(None) if saved.head.is_empty() => {}
            Ok(Some(bytes)) if bytes == saved.head => {}
            Ok(_) => {
                let sentence = "checkpoint: it is not the head that the state file says";
                self.beside_damage("checkpoint", sentence.to_owned());
            }
            Err(error) => self.beside_damage("checkpoint", error.to_string()),
        }
        for (what, note) in [
            ("head", &saved.head),
            ("pending checkpoint", &saved.pending),
        ] {
            if note.is_empty() {
                continue;
            }
            let checked =
                SignedCheckpoint::parse(note).and_then(|signed| signed.verify(&self.log.key));
            let checkpoint = match checked {
                Ok(checkpoint) => checkpoint,
                Err(error) => {
                    self.problem(format!("its {what} is not signed by its key: {error}"));
                    continue;
                }
            };
            let size = checkpoint.size().value();
            if checkpoint.origin() != &self.log.origin {
                self.problem(format!("its {what} is of {}", checkpoint.origin()));
            }
            if size == saved.size && checkpoint.root() != frontier.root() {
                self.problem(format!(
                    "its entries do not hash to its {what} of size {size}"
                ));
            }
            if what == "head" && size > saved.size {
                self.problem(format!(
                    "its head is of size {size}, but {} entries are there",
                    saved.size
                ));
            }
            if what == "head" && size < saved.size {
                if self.log.own {
                    self.problem(format!(
                        "{} entries are beyond its head of size {size}",
                        saved.size - size
                    ));
                } else {
                    self.older_root(size, checkpoint.root());
                }
            }
        }
        if saved.head.is_empty() && self.log.own && saved.size > 0 {
            self.problem("its entries have no head".to_owned());
        }
    }

    /// A replica may hold entries beyond its head; the head's root is checked by
    /// going over the entries below it once more.
    fn older_root(&mut self, size: u64, root: Hash) {
        let mut frontier = Frontier::empty();
        for bundle in 0..size.div_ceil(BUNDLE) {
            let width = (size - bundle * BUNDLE).min(BUNDLE) as usize;
            let held = (self.done.total - bundle * BUNDLE).min(BUNDLE) as usize;
            let Ok(bytes) = self.file(
                FileKey::Tile {
                    level: 0,
                    index: bundle,
                },
                held,
            ) else {
                return;
            };
            let Ok(hashes) = Hash::list_from_bytes(&bytes, TILE) else {
                return;
            };
            frontier.extend(hashes.into_iter().take(width));
        }
        if frontier.root() != root {
            self.problem(format!(
                "its entries do not hash to its head of size {size}"
            ));
        }
    }

    fn origin_file(&mut self) {
        match self.log.files.read(&self.log.name("origin")) {
            Ok(Some(line)) if line == format!("{}\n", self.log.origin).as_bytes() => {}
            Ok(_) => {
                let sentence = "origin: it does not hold the log's name".to_owned();
                self.beside_damage("origin", sentence);
            }
            Err(error) => self.beside_damage("origin", error.to_string()),
        }
    }

    /// Files that belong to nothing. What is full may already be there of entries that
    /// the state does not name yet.
    fn strangers(&mut self, size: u64, stored: u64) {
        let mut found = Vec::new();
        for part in ["tile", "payload"] {
            match self.log.files.list(&self.log.name(part)) {
                Ok(names) => found.extend(names),
                Err(error) => self.problem(error.to_string()),
            }
        }
        let mut expected: HashSet<String> = of_size(size).collect();
        expected.extend(of_size(stored - stored % BUNDLE));
        for name in found {
            let path = &name[self.log.dir.len() + 1..];
            if !expected.contains(path) && !path.ends_with(UNFINISHED) {
                self.problem(format!(
                    "{path}: it belongs to nothing in a log of {size} entries"
                ));
            }
        }
    }

    /// The bytes of a full file, or of the partial one of this width.
    fn file(&self, key: FileKey, width: usize) -> Result<Bytes, String> {
        let width = (width < TILE).then_some(width);
        let read = self.log.files.read(&self.log.name_of(key, width));
        read.map_err(|e| e.to_string())?
            .ok_or_else(|| format!("{}: it is missing", key.path(width)))
    }
}

/// The files of a log of this size.
fn of_size(size: u64) -> impl Iterator<Item = String> {
    (0u8..8).flat_map(move |level| {
        let nodes = size >> (8 * u32::from(level));
        (0..nodes.div_ceil(BUNDLE)).flat_map(move |index| {
            let width = (nodes - index * BUNDLE).min(BUNDLE) as usize;
            let width = (width < TILE).then_some(width);
            let tile = FileKey::Tile { level, index };
            let bundles = [FileKey::Entries(index), FileKey::Payload(index)];
            let bundles = bundles.into_iter().filter(move |_| level == 0);
            std::iter::once(tile)
                .chain(bundles)
                .map(move |key| key.path(width))
        })
    })
}
