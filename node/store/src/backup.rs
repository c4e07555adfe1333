//! A copy of the whole store as it is at one moment, written while it goes on.
//!
//! Files are written whole and renamed, and almost all of them never change again. So
//! they are copied first, while everything goes on; then again those that changed
//! meanwhile; and then the store is held for a moment: the journal is turned into files,
//! nobody changes one, and what is still missing is put aside together with the state.
//! Who wants to append in that moment waits for its end.
//!
//! Whoever reads the copy may be as slow as they like: what is copied while the store is
//! held goes to a file without a name first. Views are left out, as they are made of the
//! logs, and so is the journal, in which nothing is left at that moment.
//!
//! Not taken: hard links to all files, in which what is erased would stay; and a copy of
//! the journal beside files of many moments, for which no segment of it could be dropped
//! meanwhile, and so nothing could be erased.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{self, ErrorKind, Write},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::{
    archive::{Archive, HEAD, LINE, VOID},
    backend::Files,
    disk::whole,
    error::StoreError,
    format::layout::VERSION_FILE,
    store::Store,
    wait::block_on,
    write::{job::Held, request::Hold},
};

/// Rights of what is copied from memory.
const MODE: u32 = 0o600;

/// A file, or a folder of files, that is copied with the store.
#[derive(Clone, Debug)]
pub struct Beside {
    /// Its name in the data directory.
    pub name: String,
    /// Where it lies; it may be missing.
    pub path: PathBuf,
}

/// What is in a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Logs.
    pub logs: u64,
    /// Entries of them all.
    pub entries: u64,
    /// Files from beside the store.
    pub beside: u64,
}

impl Store {
    /// Writes a backup to `to`: all logs and the state as they are at one moment, and what
    /// is `beside` them. `about` are lines that say whose it is; `progress` gets the bytes
    /// read and about how many there are. Blocks, and holds up nobody for longer than it
    /// takes to look at all files and copy those that have changed last.
    ///
    /// # Errors
    /// The store does not write any more, its files cannot be read, or nobody takes what is
    /// written.
    pub fn backup(
        &self,
        to: impl Write,
        about: &str,
        beside: &[Beside],
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Copied, StoreError> {
        let dir = self.shared.dir.clone();
        let files = &*self.shared.backend.files;
        let mut archive = Archive::new(to);
        let head = format!("{LINE}\n{about}");
        put(&mut archive, HEAD, head.as_bytes())?;

        let mut pass = Pass::default();
        // The second pass takes what changed during the first, so that the third is short.
        for _ in 0..2 {
            let names = self.files_of_logs(Which::Whole)?;
            pass.copy(&mut archive, files, names, &mut progress)?;
        }

        let mut copied = Copied::default();
        let held = self.hold()?;
        let aside = match tempfile::tempfile_in(&dir) {
            // A store that is only looked at may lie where nothing can be written.
            Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => tempfile::tempfile(),
            made => made,
        };
        let aside = aside.map_err(StoreError::io("write in", &dir))?;
        let mut aside = Archive::new(aside);
        let before = archive.members();
        let names = self.files_of_logs(Which::All)?;
        let mut void = pass.gone(&names);
        pass.begin_at(before);
        pass.copy(&mut aside, files, names, |_, _| {})?;
        void.append(&mut pass.undone);
        self.shared
            .state
            .all_at_once(|name, bytes| put(&mut aside, &format!("state/{name}"), bytes))?;
        for log in self.logs() {
            copied.logs += 1;
            copied.entries += log.stored().value();
        }
        drop(held);

        archive.take_over(aside).map_err(unwritten)?;
        for beside in beside {
            copied.beside += copy_beside(&mut archive, beside)?;
        }
        let mut list = String::new();
        for place in &void {
            list.push_str(&format!("{place}\n"));
        }
        put(&mut archive, VOID, list.as_bytes())?;
        // The last one: without it, what was restored is no store.
        let version = dir.join(VERSION_FILE);
        let bytes = fs::read(&version).map_err(StoreError::io("read", &version))?;
        put(&mut archive, VERSION_FILE, &bytes)?;
        archive.end().map_err(unwritten)?;
        Ok(copied)
    }

    /// Turns the journal into files, and keeps all files as they are while the answer is
    /// there: no log is added or dropped, and none is written to.
    fn hold(&self) -> Result<impl Sized + use<'_>, StoreError> {
        // In this order, as who drops a log waits for the poster with the turn in hand.
        let turn = self.shared.turn.lock();
        let held: Held = block_on(self.ask(Hold))?;
        Ok((held, turn))
    }

    /// The names of the files of all logs.
    fn files_of_logs(&self, which: Which) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        for log in self.logs() {
            names.extend(self.shared.backend.files.list(&log.inner.dir)?);
        }
        names.retain(|name| match which {
            _ if name.ends_with(".tmp") => false,
            // Those at the right edge are replaced all the time.
            Which::Whole => !name.contains(".p/") && !name.ends_with("/checkpoint"),
            Which::All => true,
        });
        names.sort_unstable();
        Ok(names)
    }
}

/// Which files of a log.
#[derive(Clone, Copy)]
enum Which {
    /// Those that seldom change once they are there.
    Whole,
    All,
}

/// What was copied so far, and which of it does not count any more.
#[derive(Default)]
struct Pass {
    /// Where each file stands in the archive, and how it was then.
    copied: HashMap<String, (u64, Stamp)>,
    undone: Vec<u64>,
    /// Members that stand before those of the archive that is written now.
    before: u64,
}

impl Pass {
    /// What is written from now on stands behind so many members.
    fn begin_at(&mut self, before: u64) {
        self.before = before;
    }

    /// Copies the files that are new or changed. One that is gone is passed over.
    fn copy<W: Write>(
        &mut self,
        archive: &mut Archive<W>,
        files: &dyn Files,
        names: Vec<String>,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), StoreError> {
        let (mut done, mut total) = (0, 0);
        let mut changed = Vec::new();
        for name in names {
            if let Some(bytes) = files.in_memory(&name) {
                let added = archive.add(&name, MODE, bytes.len() as u64, &*bytes);
                let place = added.map_err(unwritten)? + self.before;
                if let Some((before, _)) = self.copied.insert(name, (place, Stamp::default())) {
                    self.undone.push(before);
                }
                continue;
            }
            let Some(stamp) = Stamp::at(&files.path_of(&name))? else {
                continue;
            };
            if self
                .copied
                .get(&name)
                .is_none_or(|(_, then)| *then != stamp)
            {
                total += stamp.length;
                changed.push(name);
            }
        }
        for name in changed {
            let path = files.path_of(&name);
            let Some((file, stamp)) = open(&path)? else {
                continue;
            };
            let place = add(archive, &name, &path, file, &stamp)? + self.before;
            done += stamp.length;
            if let Some((before, _)) = self.copied.insert(name, (place, stamp)) {
                self.undone.push(before);
            }
            progress(done, total.max(done));
        }
        Ok(())
    }

    /// The places of files that are not there any more.
    fn gone(&mut self, now: &[String]) -> Vec<u64> {
        let now: HashSet<&String> = now.iter().collect();
        let gone = self.copied.iter().filter(|(name, _)| !now.contains(name));
        gone.map(|(_, (place, _))| *place).collect()
    }
}

/// By what a file that was replaced is told from the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stamp {
    file: u64,
    length: u64,
    changed: (i64, i64),
    mode: u32,
}

impl Stamp {
    fn of(data: &fs::Metadata) -> Self {
        Self {
            file: data.ino(),
            length: data.len(),
            changed: (data.mtime(), data.mtime_nsec()),
            mode: data.permissions().mode() & 0o777,
        }
    }

    fn at(path: &Path) -> Result<Option<Self>, StoreError> {
        match fs::symlink_metadata(path) {
            Ok(data) if data.is_file() => Ok(Some(Self::of(&data))),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", path)(error)),
        }
    }
}

/// A file that may be gone; once it is open, it stays what it is.
fn open(path: &Path) -> Result<Option<(File, Stamp)>, StoreError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(StoreError::io("open", path))?,
    };
    let data = file.metadata().map_err(StoreError::io("read", path))?;
    Ok(Some((file, Stamp::of(&data))))
}

fn add<W: Write>(
    archive: &mut Archive<W>,
    name: &str,
    path: &Path,
    file: File,
    stamp: &Stamp,
) -> Result<u64, StoreError> {
    let added = archive.add(name, stamp.mode, stamp.length, file);
    added.map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => StoreError::damaged(path, "it ends before its length"),
        _ => unwritten(error),
    })
}

fn put<W: Write>(archive: &mut Archive<W>, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let added = archive.add(name, MODE, bytes.len() as u64, bytes);
    added.map(drop).map_err(unwritten)
}

/// Copies a file, or all files of a folder, and says how many.
fn copy_beside<W: Write>(archive: &mut Archive<W>, beside: &Beside) -> Result<u64, StoreError> {
    let mut files = Vec::new();
    if beside.path.is_dir() {
        whole::files(&beside.path, "", &mut files)?;
        files.retain(|name| !name.ends_with(".tmp"));
        files.sort_unstable();
    } else {
        files.push(String::new());
    }
    let mut copied = 0;
    for file in files {
        let (name, path) = match file.as_str() {
            "" => (beside.name.clone(), beside.path.clone()),
            file => (format!("{}/{file}", beside.name), beside.path.join(file)),
        };
        if let Some((file, stamp)) = open(&path)? {
            add(archive, &name, &path, file, &stamp)?;
            copied += 1;
        }
    }
    Ok(copied)
}

fn unwritten(error: io::Error) -> StoreError {
    StoreError::io("write", Path::new("the backup"))(error)
}
