//! The files of the logs, in a directory.

use std::{
    collections::BTreeSet,
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{parts::DiskParts, whole};
use crate::{
    backend::{Durable, Files, Parts},
    error::StoreError,
};

/// The files below a directory.
pub(crate) struct DiskFiles {
    dir: PathBuf,
    /// Written since the last sync, for systems without `syncfs`.
    written: Mutex<Vec<PathBuf>>,
}

impl DiskFiles {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            written: Mutex::default(),
        }
    }

    fn touched(&self, path: PathBuf) {
        self.written.lock().push(path);
    }
}

impl Files for DiskFiles {
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(whole::read(&self.dir.join(name))?.map(Bytes::from))
    }

    fn open(&self, name: &str) -> Result<Option<Box<dyn Parts>>, StoreError> {
        Ok(DiskParts::open(self.dir.join(name))?.map(|parts| Box::new(parts) as Box<dyn Parts>))
    }

    fn exists(&self, name: &str) -> bool {
        self.dir.join(name).exists()
    }

    fn write(&self, name: &str, parts: &[&[u8]], durable: Durable) -> Result<(), StoreError> {
        let path = self.dir.join(name);
        whole::write(&path, parts, durable)?;
        self.touched(path);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.dir.join(name);
        whole::remove(&path)?;
        self.touched(path);
        Ok(())
    }

    fn remove_tree(&self, name: &str) -> Result<(), StoreError> {
        let path = self.dir.join(name);
        whole::remove_tree(&path)?;
        self.touched(path);
        Ok(())
    }

    fn list(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        whole::files(&self.dir.join(name), name, &mut found)?;
        Ok(found)
    }

    fn children(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let children = whole::children(&self.dir.join(name))?;
        Ok(children.into_iter().map(|(name, _)| name).collect())
    }

    fn sync_names(&self, name: &str) -> Result<(), StoreError> {
        whole::sync_names(&self.dir.join(name))
    }

    fn sync(&self) -> Result<(), StoreError> {
        let paths = std::mem::take(&mut *self.written.lock());
        if sync_everything(&self.dir)? {
            return Ok(());
        }
        sync_each(&self.dir, &paths)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn in_memory(&self, _: &str) -> Option<Bytes> {
        None
    }
}

/// Asks the disk to keep everything written to the file system of `dir`.
///
/// Gives false where the system has no such call.
fn sync_everything(dir: &Path) -> Result<bool, StoreError> {
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

/// Makes files durable one by one, and the names of what was removed.
fn sync_each(dir: &Path, paths: &[PathBuf]) -> Result<(), StoreError> {
    let mut dirs = BTreeSet::new();
    for path in paths {
        match File::open(path).and_then(|file| file.sync_all()) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StoreError::io("sync", path)(error));
            }
            _ => {}
        }
        let within = path
            .ancestors()
            .skip(1)
            .take_while(|above| above.starts_with(dir));
        dirs.extend(within);
    }
    dirs.iter()
        .filter(|dir| dir.exists())
        .try_for_each(|dir| whole::sync_names(dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_with_what_is_above_them_and_files_synced_one_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let files = DiskFiles::new(dir.path().to_owned());
        for name in [
            "logs/a/tile/0/000",
            "logs/a/payload/000.p/3",
            "logs/b/origin",
        ] {
            files.write(name, &[b"o", b"ne"], Durable::Later).unwrap();
            assert_eq!(files.read(name).unwrap().unwrap(), "one");
        }
        let mut found = files.list("logs/a").unwrap();
        found.sort();
        assert_eq!(found, ["logs/a/payload/000.p/3", "logs/a/tile/0/000"]);
        let mut found = files.children("logs").unwrap();
        found.sort();
        assert_eq!(found, ["a", "b"]);
        let written = ["logs/a/tile/0/000", "logs/gone"].map(|name| dir.path().join(name));
        sync_each(dir.path(), &written).unwrap();
        files.remove_tree("logs/a").unwrap();
        files.remove_tree("logs/a").unwrap();
        assert!(files.list("logs/a").unwrap().is_empty());
        assert!(!files.exists("logs/a/tile/0/000") && files.exists("logs/b/origin"));
        files.sync().unwrap();
    }
}
