//! A data directory made of a backup.
//!
//! The whole file is checked before anything is made of it. What is in it is put where its
//! names say, below the new directory and nowhere else: only plain files, with names that
//! lead down, each made new. What is not part of a data directory is refused.

use std::{
    collections::HashSet,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Seek as _, SeekFrom},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Component, Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::{
    archive::{END, END_BYTES, HEAD, LINE, VOID, ends},
    backend::Files as _,
    disk::{files::DiskFiles, state::DiskState, whole},
    error::StoreError,
    format::layout::VERSION_FILE,
    state::State,
};

/// The state's file that says that this store was made of a backup, and that nobody has
/// asked yet what was erased since.
pub const RESTORED: &str = "restored";

/// The folders of a data directory that a backup may have files for.
const FOLDERS: [&str; 3] = ["keys", "logs", "state"];
/// What a store has, also where nothing is in it.
const PARTS: [&str; 3] = ["journal", "logs", "state"];
/// What is said of a backup, and the list of what does not count, are short.
const MOST_TEXT: u64 = 64 << 20;
const PIECE: usize = 1 << 20;

/// What was restored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// What the backup says of itself, line by line.
    pub about: String,
    /// Files.
    pub files: u64,
    /// Files in `keys/`.
    pub keys: u64,
    /// Files directly in the data directory, such as settings.
    pub beside: u64,
}

/// Makes the data directory `dir`, which is empty or not there, of the backup at `path`.
/// It is as it was before if that fails. Blocks.
///
/// # Errors
/// The file is no whole backup, something is in `dir`, or it cannot be written.
pub fn restore(path: &Path, dir: &Path) -> Result<Restored, StoreError> {
    let backup = Backup::check(path)?;
    let is_new = !dir.exists();
    make_dir(dir)?;
    if !whole::children(dir)?.is_empty() {
        return Err(StoreError::Foreign(dir.to_owned()));
    }
    let restored = backup.unpack(dir);
    if restored.is_err() {
        clear(dir, is_new);
    }
    restored
}

/// A file whose checksum is right.
struct Backup<'a> {
    path: &'a Path,
    file: File,
    void: HashSet<u64>,
    about: String,
}

impl<'a> Backup<'a> {
    fn check(path: &'a Path) -> Result<Self, StoreError> {
        let unread = StoreError::io("read", path);
        let mut file = File::open(path).map_err(StoreError::io("open", path))?;
        let length = file.metadata().map_err(unread)?.len();
        let not = |reason: &str| StoreError::NotABackup {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let Some(length) = length.checked_sub(END_BYTES) else {
            return Err(not("it is too short"));
        };
        let sum = sum_of(&mut file, length).map_err(StoreError::io("read", path))?;
        let mut last = Vec::new();
        file.read_to_end(&mut last)
            .map_err(StoreError::io("read", path))?;
        if !ends(&last, &sum) {
            return Err(not(
                "it does not end with the checksum of what is in it; it was cut, changed, or is something else",
            ));
        }
        let mut backup = Self {
            path,
            file,
            void: HashSet::new(),
            about: String::new(),
        };
        backup.read_about()?;
        Ok(backup)
    }

    /// Reads what the backup says of itself.
    fn read_about(&mut self) -> Result<(), StoreError> {
        let (mut about, mut void) = (None, HashSet::new());
        self.each(|place, name, _, bytes| {
            if place == 0 {
                let text = text(bytes)?;
                let lines = (name == HEAD).then(|| text.strip_prefix(LINE)).flatten();
                let lines = lines.and_then(|lines| lines.strip_prefix('\n'));
                about = lines.map(str::to_owned);
            } else if name == VOID {
                void.extend(
                    text(bytes)?
                        .lines()
                        .filter_map(|line| line.parse::<u64>().ok()),
                );
            }
            Ok(())
        })?;
        self.void = void;
        self.about = about.ok_or_else(|| {
            self.not(format!(
                "it does not begin with \"{LINE}\"; perhaps a newer wpsx made it"
            ))
        })?;
        Ok(())
    }

    fn unpack(mut self, dir: &Path) -> Result<Restored, StoreError> {
        for part in PARTS {
            make_dir(&dir.join(part))?;
        }
        let void = std::mem::take(&mut self.void);
        let mut restored = Restored::default();
        let mut is_store = false;
        self.each(|place, name, mode, bytes| {
            if void.contains(&place) || name == HEAD || name == VOID {
                return Ok(());
            }
            let Some(to) = placed(name) else {
                return Err(io::Error::other(format!(
                    "{name:?} is no name for a file of a data directory"
                )));
            };
            let mode = if name.starts_with("keys/") {
                0o600
            } else {
                mode & 0o700 | 0o600
            };
            write(&dir.join(&to), mode, bytes)?;
            restored.files += 1;
            restored.keys += u64::from(name.starts_with("keys/"));
            restored.beside += u64::from(!name.contains('/') && name != VERSION_FILE);
            is_store |= name == VERSION_FILE;
            Ok(())
        })?;
        if !is_store {
            return Err(self.not(format!("it has no {VERSION_FILE}")));
        }
        // Found by the next opening, as what a crash left without being listed.
        State::leave(&DiskState::new(dir.join("state")), RESTORED)?;
        DiskFiles::new(dir.to_owned()).sync()?;
        restored.about = self.about;
        Ok(restored)
    }

    /// Hands each member to `take`: its place, name, mode and bytes.
    fn each(
        &mut self,
        mut take: impl FnMut(u64, &str, u32, &mut dyn Read) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let mut all = || -> io::Result<()> {
            self.file.rewind()?;
            // What is not taken is passed over without reading it.
            let mut archive = tar::Archive::new(&self.file);
            for (place, member) in (0..).zip(archive.entries_with_seek()?) {
                let mut member = member?;
                let path = member.path_bytes().into_owned();
                let name = String::from_utf8(path).map_err(io::Error::other)?;
                if !member.header().entry_type().is_file() {
                    return Err(io::Error::other(format!("{name:?} is no plain file")));
                }
                let mode = member.header().mode()?;
                if name != END {
                    take(place, &name, mode, &mut member)?;
                }
            }
            Ok(())
        };
        all().map_err(|error| match error.kind() {
            io::ErrorKind::Other => self.not(error.to_string()),
            _ => StoreError::io("restore", self.path)(error),
        })
    }

    fn not(&self, reason: String) -> StoreError {
        StoreError::NotABackup {
            path: self.path.to_owned(),
            reason,
        }
    }
}

/// The checksum of the first `length` bytes; the file stands behind them afterwards.
fn sum_of(file: &mut File, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut left = file.take(length);
    loop {
        match left.read(&mut piece)? {
            0 => return Ok(hash.finalize().to_vec()),
            read => hash.update(&piece[..read]),
        }
    }
}

/// Where a member goes, if it belongs to a data directory: down, and nowhere else.
fn placed(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(name);
    let parts: Vec<&str> = name.split('/').collect();
    let leads_down = path.components().count() == parts.len()
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
    let belongs = match parts.as_slice() {
        [VERSION_FILE] => true,
        [file] => file.ends_with(".toml"),
        [folder, ..] => FOLDERS.contains(folder),
        [] => false,
    };
    (leads_down && belongs && !name.contains('\0')).then_some(path)
}

fn text(bytes: &mut dyn Read) -> io::Result<String> {
    let mut text = String::new();
    bytes.take(MOST_TEXT).read_to_string(&mut text)?;
    Ok(text)
}

fn write(path: &Path, mode: u32, bytes: &mut dyn Read) -> io::Result<()> {
    if let Some(above) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(above)?;
    }
    // New: it replaces nothing, and follows no link.
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(path)?;
    io::copy(bytes, &mut file)?;
    Ok(())
}

fn make_dir(dir: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(StoreError::io("create", dir))
}

/// Removes what was made in a folder that was empty. What cannot be removed stays, without
/// the file that would make it a store.
fn clear(dir: &Path, too: bool) {
    for (name, is_dir) in whole::children(dir).unwrap_or_default() {
        let path = dir.join(name);
        let _ = match is_dir {
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
    }
    if too {
        let _ = fs::remove_dir(dir);
    }
}
