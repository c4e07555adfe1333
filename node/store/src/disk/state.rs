//! The state's files, in a directory.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::whole;
use crate::{
    backend::{Durable, StateFiles},
    error::StoreError,
};

/// The state's files below a directory.
pub(crate) struct DiskState {
    dir: PathBuf,
}

impl DiskState {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    fn sync_parents(&self, path: &Path, fresh: bool) -> Result<(), StoreError> {
        let mut parent = path.parent();
        while let Some(dir) = parent {
            whole::sync_names(dir)?;
            if !fresh || dir == self.dir {
                break;
            }
            parent = dir.parent();
        }
        Ok(())
    }
}

impl StateFiles for DiskState {
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(whole::read(&self.path_of(name))?.map(Bytes::from))
    }

    fn put(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError> {
        let path = self.path_of(name);
        let fresh = !path.parent().is_some_and(Path::exists);
        whole::write(&path, parts, Durable::Now)?;
        self.sync_parents(&path, fresh)
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path_of(name);
        if !path.exists() {
            return Ok(());
        }
        whole::remove(&path)?;
        self.sync_parents(&path, false)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        // What is asked for lies below the last whole part of the prefix.
        let above = prefix.rsplit_once('/').map_or("", |(above, _)| above);
        whole::files(&self.dir.join(above), above, &mut names)?;
        names.retain(|name| name.starts_with(prefix) && !name.ends_with(".tmp"));
        Ok(names)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}
