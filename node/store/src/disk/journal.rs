//! The journal's segments, each a file.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt as _,
    path::PathBuf,
};

use bytes::Bytes;

use super::whole;
use crate::{
    backend::{Durable, JournalFiles, SegmentFile},
    error::StoreError,
};

/// The segments in a directory.
pub(crate) struct DiskJournal {
    dir: PathBuf,
}

impl DiskJournal {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }
}

impl JournalFiles for DiskJournal {
    fn list(&self) -> Result<Vec<String>, StoreError> {
        let children = whole::children(&self.dir)?.into_iter();
        let files = children.filter(|(_, is_dir)| !is_dir);
        let mut names: Vec<String> = files.map(|(name, _)| name).collect();
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Bytes, StoreError> {
        let path = self.path_of(name);
        let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
        Ok(Bytes::from(bytes))
    }

    fn sync(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path_of(name);
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(StoreError::io("sync", &path))
    }

    fn cut(&self, name: &str, length: u64) -> Result<(), StoreError> {
        let path = self.path_of(name);
        let file = OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        file.set_len(length)
            .and_then(|()| file.sync_all())
            .map_err(StoreError::io("cut", &path))
    }

    fn create(&self, name: &str, header: &[u8]) -> Result<Box<dyn SegmentFile>, StoreError> {
        let path = self.path_of(name);
        whole::write(&path, &[header], Durable::Now)?;
        whole::sync_names(&self.dir)?;
        let file = OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        let end = header.len() as u64;
        Ok(Box::new(DiskSegment { file, path, end }))
    }

    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        for name in names {
            whole::remove(&self.path_of(name))?;
        }
        match names {
            [] => Ok(()),
            _ => whole::sync_names(&self.dir),
        }
    }

    fn rename(&self, name: &str, to: &str) -> Result<(), StoreError> {
        let path = self.path_of(name);
        fs::rename(&path, self.path_of(to)).map_err(StoreError::io("rename", &path))?;
        whole::sync_names(&self.dir)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        match name {
            "" => self.dir.clone(),
            name => self.dir.join(name),
        }
    }
}

struct DiskSegment {
    file: File,
    path: PathBuf,
    end: u64,
}

impl SegmentFile for DiskSegment {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file
            .write_all_at(bytes, self.end)
            .map_err(StoreError::io("write", &self.path))?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.file
            .sync_data()
            .map_err(StoreError::io("sync", &self.path))
    }

    fn replace(&mut self, at: u64, bytes: &[u8]) {
        if let Err(error) = self.file.write_all_at(bytes, at) {
            tracing::warn!(%error, path = %self.path.display(), "cannot write the journal's mark");
        }
    }

    fn cut(&mut self, length: u64) -> Result<(), StoreError> {
        self.file
            .set_len(length)
            .and_then(|()| self.file.sync_all())
            .map_err(StoreError::io("cut", &self.path))
    }
}
