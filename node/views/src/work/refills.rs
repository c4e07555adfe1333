//! The slots whose refilling may not have reached the table yet.
//!
//! Positions cover what is posted in order. A refill is out of order, so it is
//! noted here, synced, before it is taken; the note goes once the table is flushed.
//! One line each: log number, index.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The notes. Without a directory they are not kept.
pub(crate) struct Refills {
    path: Option<PathBuf>,
    file: Option<File>,
}

impl Refills {
    /// Opens the notes in `dir` and reads what a crash left.
    pub(crate) fn open(dir: Option<&Path>) -> io::Result<(Self, BTreeSet<(u32, u64)>)> {
        let path = dir.map(|dir| dir.join("refills"));
        let mut left = BTreeSet::new();
        if let Some(path) = &path {
            match fs::read_to_string(path) {
                // A torn last line was never acknowledged.
                Ok(text) => left.extend(text.split_inclusive('\n').filter_map(|line| {
                    let (log, index) = line.strip_suffix('\n')?.split_once(' ')?;
                    Some((log.parse().ok()?, index.parse().ok()?))
                })),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok((Self { path, file: None }, left))
    }

    /// Notes slots, durably.
    pub(crate) fn note(&mut self, log: u32, indexes: impl Iterator<Item = u64>) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let lines: String = indexes.map(|index| format!("{log} {index}\n")).collect();
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut file = OpenOptions::new().append(true).create(true).open(path)?;
                // Ends a line that a crash may have torn.
                file.write_all(b"\n")?;
                none.insert(file)
            }
        };
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    }

    /// Everything noted is in the flushed table.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.file = None;
        match &self.path {
            Some(path) => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
            None => Ok(()),
        }
    }
}
