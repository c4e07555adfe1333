//! Where things lie in a data directory, and how files are put there.
//!
//! ```text
//! wpsx-store            the format's version
//! lock                  held by the one process that has the store open
//! journal/<seq>.journal what the files below may not have yet
//! logs/<hash>/          one log, by the hex SHA-256 of its origin line
//!     origin            that line
//!     checkpoint        its head as of the last time the journal was dropped
//!     tile/…            C2SP tlog-tiles, byte for byte
//!     payload/<N>       256 payload slots; laid out like tile/entries/<N>
//! state/                small files that cannot be rebuilt
//! views/                can be rebuilt
//! ```

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::error::StoreError;

/// The store format that this software reads and writes.
pub(crate) const FORMAT: u32 = 1;
/// The file that makes a directory a store.
pub(crate) const VERSION_FILE: &str = "wpsx-store";
/// Suffix of files that are being written.
const UNFINISHED: &str = "tmp";

/// One file of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FileKey {
    Tile { level: u8, index: u64 },
    Entries(u64),
    Payload(u64),
}

impl FileKey {
    /// The file's path below the log's directory; `width` for a partial one.
    pub(crate) fn path(self, width: Option<usize>) -> String {
        let mut path = match self {
            FileKey::Tile { level, index } => format!("tile/{level}/{}", number(index)),
            FileKey::Entries(index) => format!("tile/entries/{}", number(index)),
            FileKey::Payload(index) => format!("payload/{}", number(index)),
        };
        if let Some(width) = width {
            path.push_str(&format!(".p/{width}"));
        }
        path
    }
}

/// `1234067` as `x001/x234/067` (tlog-tiles, "Merkle Tree").
fn number(mut n: u64) -> String {
    let mut path = format!("{:03}", n % 1000);
    while n >= 1000 {
        n /= 1000;
        path = format!("x{:03}/{path}", n % 1000);
    }
    path
}

/// Whether a write waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sync {
    /// The file is new, and the journal has its content until it is synced.
    Later,
    /// The file may replace one whose content is nowhere else.
    BeforeRename,
}

/// Writes a whole file beside its place and renames it there: a reader sees the
/// old file or the new one.
pub(crate) fn write_whole(path: &Path, parts: &[&[u8]], sync: Sync) -> Result<(), StoreError> {
    let unfinished = unfinished(path);
    let mut file = match File::create(&unfinished) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(StoreError::io("create", parent))?;
            }
            File::create(&unfinished)
        }
        other => other,
    }
    .map_err(StoreError::io("create", &unfinished))?;
    for part in parts {
        file.write_all(part)
            .map_err(StoreError::io("write", &unfinished))?;
    }
    if sync == Sync::BeforeRename {
        file.sync_data()
            .map_err(StoreError::io("sync", &unfinished))?;
    }
    drop(file);
    fs::rename(&unfinished, path).map_err(StoreError::io("rename", path))
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    PathBuf::from(name)
}

/// A file's bytes; none if it is not there.
pub(crate) fn read_whole(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path)(error)),
    }
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(StoreError::io("sync", path))
}

/// Removes a file that may be gone already.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes a directory and what is in it, if it is there.
pub(crate) fn remove_tree(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Asks the disk to keep everything written to the file system of `dir`.
///
/// Gives false where the system has no such call.
pub(crate) fn sync_everything(dir: &Path) -> Result<bool, StoreError> {
    #[cfg(target_os = "linux")]
    {
        let file = File::open(dir).map_err(StoreError::io("open", dir))?;
        match rustix::fs::syncfs(&file) {
            Ok(()) => return Ok(true),
            Err(rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {}
            Err(error) => return Err(StoreError::io("sync", dir)(error.into())),
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = dir;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::FileKey;

    #[test]
    fn paths_are_those_of_tlog_tiles() {
        assert_eq!(
            FileKey::Tile {
                level: 0,
                index: 1_234_067
            }
            .path(None),
            "tile/0/x001/x234/067"
        );
        assert_eq!(FileKey::Entries(0).path(Some(12)), "tile/entries/000.p/12");
        assert_eq!(FileKey::Payload(999).path(None), "payload/999");
        assert_eq!(FileKey::Payload(1000).path(None), "payload/x001/000");
    }
}
