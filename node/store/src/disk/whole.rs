//! Files that are written, read and removed as a whole.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{backend::Durable, error::StoreError, format::strangers::is_leftover};

/// Suffix of files that are being written.
const UNFINISHED: &str = "tmp";

/// Writes a whole file beside its place and renames it there: a reader sees the
/// old file or the new one.
pub(crate) fn write(path: &Path, parts: &[&[u8]], durable: Durable) -> Result<(), StoreError> {
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
    if durable == Durable::Now {
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
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", path)(error)),
    }
}

/// Makes the names in a directory durable.
pub(crate) fn sync_names(dir: &Path) -> Result<(), StoreError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(StoreError::io("sync", dir))
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes a directory and what is in it, or a file, if it is there.
pub(crate) fn remove_tree(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// What is in a directory, each with whether it is one itself; nothing if it is not there.
/// What systems and editors leave everywhere is not in it.
pub(crate) fn children(dir: &Path) -> Result<Vec<(String, bool)>, StoreError> {
    let listing = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(StoreError::io("read", dir))?,
    };
    let mut found = Vec::new();
    for file in listing {
        let file = file.map_err(StoreError::io("read", dir))?;
        let name = file.file_name().to_string_lossy().into_owned();
        if is_leftover(&name) {
            continue;
        }
        let is_dir = match file.file_type() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other
                .map_err(StoreError::io("read", &file.path()))?
                .is_dir(),
        };
        found.push((name, is_dir));
    }
    Ok(found)
}

/// All files below `dir`, each as `below` and its name from there.
pub(crate) fn files(dir: &Path, below: &str, found: &mut Vec<String>) -> Result<(), StoreError> {
    for (name, is_dir) in children(dir)? {
        let path = dir.join(&name);
        let name = match below {
            "" => name,
            below => format!("{below}/{name}"),
        };
        if is_dir {
            files(&path, &name, found)?;
        } else {
            found.push(name);
        }
    }
    Ok(())
}
