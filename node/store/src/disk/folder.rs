//! A data directory: made, checked, and held by one process.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::Path,
    sync::Arc,
};

use rustix::fs::FlockOperation;

use super::{
    files::DiskFiles, journal::DiskJournal, reserve::DiskReserve, state::DiskState, whole,
};
use crate::{
    backend::{Backend, Durable},
    error::StoreError,
    folder::StoreFolder,
    format::layout::{FORMAT, VERSION_FILE, VERSION_LINE, version_line},
    overlay,
    state::State,
};

const LOCK: &str = "lock";
/// What a store has besides the file with its version; the views may be missing.
const PARTS: [&str; 3] = ["journal", "logs", "state"];

/// Makes an empty store in a directory that is empty or not there.
pub(crate) fn create(dir: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(dir).map_err(StoreError::io("create", dir))?;
    if !whole::children(dir)?.is_empty() {
        return Err(StoreError::Foreign(dir.to_owned()));
    }
    for part in PARTS {
        let path = dir.join(part);
        fs::create_dir(&path).map_err(StoreError::io("create", &path))?;
    }
    State::create(&DiskState::new(dir.join("state")))?;
    // Last: before it is there, the directory is no store.
    let line = version_line();
    whole::write(&dir.join(VERSION_FILE), &[line.as_bytes()], Durable::Now)?;
    whole::sync_names(dir)
}

impl StoreFolder {
    /// Takes a store's folder for this process.
    ///
    /// # Errors
    /// No store is there, another process has it, it was written by newer software, or
    /// a part is missing.
    pub fn lock(dir: &Path) -> Result<Self, StoreError> {
        check_format(dir)?;
        let lock = lock(dir)?;
        Ok(Self::new(dir.to_owned(), backend(dir)?, Box::new(lock)))
    }

    /// A store's folder to look into: nothing in it is changed, whatever is done with the
    /// store that is opened in it. Others may look at the same time, and it may lie on a
    /// file system that is read-only.
    ///
    /// # Errors
    /// As [`StoreFolder::lock`].
    pub fn look(dir: &Path) -> Result<Self, StoreError> {
        check_format(dir)?;
        let lock = lock_to_look(dir)?;
        let backend = overlay::over(backend(dir)?);
        Ok(Self::new(dir.to_owned(), backend, Box::new(lock)).only_looked_at())
    }
}

fn backend(dir: &Path) -> Result<Backend, StoreError> {
    for part in PARTS {
        let path = dir.join(part);
        if !path.is_dir() {
            return Err(StoreError::damaged(&path, "it is missing"));
        }
    }
    Ok(Backend {
        files: Arc::new(DiskFiles::new(dir.to_owned())),
        journal: Arc::new(DiskJournal::new(dir.join("journal"))),
        state: Arc::new(DiskState::new(dir.join("state"))),
        reserve: Arc::new(DiskReserve::new(dir.to_owned())),
    })
}

fn check_format(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(VERSION_FILE);
    let Some(line) = whole::read(&path)? else {
        let is_store = PARTS.iter().all(|part| dir.join(part).is_dir());
        return Err(match is_store {
            true => StoreError::damaged(
                &path,
                format!(
                    "it is missing beside the rest of a store; write the line {VERSION_LINE:?} and \
                 the format's number into it"
                ),
            ),
            false => StoreError::Missing(dir.to_owned()),
        });
    };
    let line = String::from_utf8_lossy(&line);
    let found = line.strip_prefix(VERSION_LINE).map(str::trim);
    match found.map(|found| (found, found.parse::<u32>())) {
        Some((_, Ok(FORMAT))) => Ok(()),
        Some((found, Ok(newer))) if newer > FORMAT => Err(StoreError::Newer {
            path,
            found: found.to_owned(),
            ours: FORMAT,
        }),
        Some((found, Ok(1..FORMAT))) => Err(StoreError::Older {
            path,
            found: found.to_owned(),
            ours: FORMAT,
        }),
        _ => Err(StoreError::damaged(
            &path,
            "it does not name a store format",
        )),
    }
}

/// Held until the file is closed, by the end of the process at the latest.
fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(StoreError::io("open", &path))?;
    hold(file, dir, FlockOperation::NonBlockingLockExclusive)
}

/// The same for who looks on: nothing is there to hold where nobody ever wrote.
fn lock_to_look(dir: &Path) -> Result<Option<File>, StoreError> {
    let path = dir.join(LOCK);
    match File::open(&path) {
        Ok(file) => hold(file, dir, FlockOperation::NonBlockingLockShared).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("open", &path)(error)),
    }
}

fn hold(file: File, dir: &Path, how: FlockOperation) -> Result<File, StoreError> {
    match rustix::fs::flock(&file, how) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreError::Locked(dir.to_owned())),
        Err(error) => Err(StoreError::io("lock", &dir.join(LOCK))(error.into())),
    }
}
