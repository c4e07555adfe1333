//! A data directory: made, checked, and held by one process.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rustix::fs::FlockOperation;

use crate::{
    error::StoreError,
    format::layout::{self, FORMAT, Sync, VERSION_FILE},
};

const VERSION_LINE: &str = "wpsx store format ";
/// What a store has besides the file with its version; the views may be missing.
const PARTS: [&str; 3] = ["journal", "logs", "state"];

pub(crate) fn create(dir: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(dir).map_err(StoreError::io("create", dir))?;
    let mut there = fs::read_dir(dir).map_err(StoreError::io("read", dir))?;
    if there.next().is_some() {
        return Err(StoreError::Foreign(dir.to_owned()));
    }
    for part in PARTS {
        let path = dir.join(part);
        fs::create_dir(&path).map_err(StoreError::io("create", &path))?;
    }
    // Last: before it is there, the directory is no store.
    let line = format!("{VERSION_LINE}{FORMAT}\n");
    layout::write_whole(
        &dir.join(VERSION_FILE),
        &[line.as_bytes()],
        Sync::BeforeRename,
    )?;
    layout::sync_dir(dir)
}

/// The folder of a store that this process alone has, until this is dropped or the
/// store that was opened in it is closed.
///
/// It comes before the store, so that followers open their own files only where no
/// other process has them.
#[derive(Debug)]
pub struct StoreFolder {
    dir: PathBuf,
    _lock: File,
}

impl StoreFolder {
    /// Takes the folder for this process.
    ///
    /// # Errors
    /// No store is there, another process has it, it was written by newer software, or
    /// a part is missing.
    pub fn lock(dir: &Path) -> Result<Self, StoreError> {
        check_format(dir)?;
        let lock = lock(dir)?;
        for part in PARTS {
            let path = dir.join(part);
            if !path.is_dir() {
                return Err(StoreError::damaged(&path, "it is missing"));
            }
        }
        Ok(Self {
            dir: dir.to_owned(),
            _lock: lock,
        })
    }

    /// The folder itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the views may keep what they compute.
    pub fn views(&self) -> PathBuf {
        self.dir.join("views")
    }
}

fn check_format(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(VERSION_FILE);
    let Some(line) = layout::read_whole(&path)? else {
        return Err(StoreError::Missing(dir.to_owned()));
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
        _ => Err(StoreError::damaged(
            &path,
            "it does not name a store format",
        )),
    }
}

/// Held until the file is closed, by the end of the process at the latest.
fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(StoreError::io("open", &path))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreError::Locked(dir.to_owned())),
        Err(error) => Err(StoreError::io("lock", &path)(error.into())),
    }
}
