//! What was found damaged, and what became of it, until somebody was told.
//!
//! Whatever is found, of any file that the node keeps, is here, also what was mended at
//! once: a disk that loses bytes is not well because there was another copy. What is not
//! mended stays. What is, or is lost for good, stays until it was asked for to be told
//! ([`Told::take`]) or the store is opened again. In a store that is only looked at
//! nothing is ever mended.

use std::{collections::BTreeMap, path::PathBuf};

use wpsx_proto::index::BUNDLE;

use crate::damage::{Damage, Part};

/// What became of something that was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// Nothing yet.
    Left,
    /// It is what it was again; how.
    Mended(&'static str),
    /// Nobody has what it held; what that means.
    Lost(&'static str),
}

impl Became {
    pub(crate) const FROM_TWIN: Self = Self::Mended("written again from its other copy");
    pub(crate) const FROM_MEMORY: Self =
        Self::Mended("written again from what the node had in memory");
    pub(crate) const ANEW: Self = Self::Mended("written again");
    pub(crate) const REMOVED: Self = Self::Mended("removed: it is needed no more");
}

/// A file that was found damaged.
#[derive(Clone, Debug)]
pub struct DamagedFile {
    /// The log that it is of, as messages call it; none: of the node.
    pub log: Option<String>,
    /// The file, or the folder of the log.
    pub path: PathBuf,
    /// How it shows.
    pub reason: String,
    /// What became of it.
    pub became: Became,
}

impl DamagedFile {
    /// Whether it is what it was again.
    pub fn is_mended(&self) -> bool {
        matches!(self.became, Became::Mended(_))
    }
}

impl std::fmt::Display for DamagedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)?;
        match self.became {
            Became::Left => Ok(()),
            Became::Mended(how) => write!(f, "; {how}"),
            Became::Lost(meaning) => write!(f, "; {meaning}"),
        }
    }
}

/// Who can mend a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The log that it is of.
    Log,
    /// The state, under this name.
    State(String),
    /// The store: what makes its folder one.
    Store,
    /// The journal, which is not needed once all that it holds is in its own place.
    Journal,
    /// Who has it in the folder beside the store, and looks after it.
    Beside,
    /// Whoever puts it anew.
    Nobody,
}

#[derive(Debug)]
struct Entry {
    file: DamagedFile,
    owner: Owner,
    part: Option<(u32, Part)>,
}

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Told {
    entries: BTreeMap<PathBuf, Entry>,
    /// Nothing that is done about it stays.
    pub(crate) only_looks: bool,
}

impl Told {
    /// Whether this is new.
    pub(crate) fn note(&mut self, owner: Owner, path: PathBuf, reason: &str) -> bool {
        let there = self.entries.get(&path);
        if there.is_some_and(|it| !it.file.is_mended()) {
            return false;
        }
        let file = DamagedFile {
            log: None,
            path: path.clone(),
            reason: reason.to_owned(),
            became: Became::Left,
        };
        let part = None;
        self.entries.insert(path, Entry { file, owner, part });
        true
    }

    /// The same of a part of a log.
    pub(crate) fn note_part(&mut self, damage: &Damage) -> bool {
        let reason = match damage.part {
            Part::Entries(bundle) | Part::Payloads(bundle) => {
                let first = bundle * BUNDLE;
                format!("{}; it is of the entries from {first} on", damage.reason)
            }
            Part::Log | Part::State | Part::Tile { .. } => damage.reason.clone(),
        };
        let is_new = self.note(Owner::Log, damage.path.clone(), &reason);
        if let Some(entry) = self.entries.get_mut(&damage.path) {
            entry.file.log = Some(damage.log_name());
            entry.part = Some((damage.log, damage.part));
        }
        is_new
    }

    /// A part of a log was mended. What the state has of it is when it is written.
    pub(crate) fn mended_part(&mut self, log: u32, part: Part) {
        let of_part = |entry: &Entry| {
            entry.part == Some((log, part)) && (part != Part::State || entry.owner == Owner::Log)
        };
        let paths = self.entries.iter().filter(|(_, entry)| of_part(entry));
        let paths: Vec<PathBuf> = paths.map(|(path, _)| path.clone()).collect();
        for path in paths {
            self.became(&path, Became::Mended(how(part)));
        }
    }

    /// What became of a file, if it was damaged and nothing became of it yet. Whether it
    /// was.
    pub(crate) fn became(&mut self, path: &PathBuf, became: Became) -> bool {
        let is_mended = matches!(became, Became::Mended(_));
        let entry = self.entries.get_mut(path);
        match entry.filter(|it| it.file.became == Became::Left) {
            Some(entry) if !(is_mended && self.only_looks) => {
                entry.file.became = became;
                tracing::warn!(path = %path.display(), what = %entry.file, "damaged before");
                true
            }
            _ => false,
        }
    }

    /// The files of this sort of which nothing became yet.
    pub(crate) fn left(&self, of: impl Fn(&Owner) -> bool) -> Vec<(PathBuf, Owner)> {
        let left = self.entries.values();
        let left = left.filter(|it| it.file.became == Became::Left && of(&it.owner));
        left.map(|it| (it.file.path.clone(), it.owner.clone()))
            .collect()
    }

    /// The log is gone.
    pub(crate) fn forget(&mut self, log: u32, in_state: &str) {
        self.entries.retain(|_, entry| {
            let is_of_state =
                matches!(&entry.owner, Owner::State(name) if name.starts_with(in_state));
            entry.part.is_none_or(|(number, _)| number != log) && !is_of_state
        });
    }

    pub(crate) fn all(&self) -> Vec<DamagedFile> {
        self.entries.values().map(|it| it.file.clone()).collect()
    }

    /// All of it, of which what is mended or lost was told with this.
    pub(crate) fn take(&mut self) -> Vec<DamagedFile> {
        let all = self.all();
        self.entries.retain(|_, it| it.file.became == Became::Left);
        all
    }
}

fn how(part: Part) -> &'static str {
    match part {
        Part::Log => "the log goes on",
        Part::State => "made again from the log itself",
        Part::Tile { .. } => "made again from what is below it",
        Part::Entries(_) => "made again, or fetched from a peer",
        Part::Payloads(_) => "written again with all that was whole in it",
    }
}
