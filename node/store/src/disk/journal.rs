//! The journal's segments, each a file.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
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
    fn segments(&self) -> Result<Vec<String>, StoreError> {
        let dir = &self.dir;
        let mut names = Vec::new();
        for file in fs::read_dir(dir).map_err(StoreError::io("read", dir))? {
            let path = file.map_err(StoreError::io("read", dir))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            match path.extension().and_then(|e| e.to_str()) {
                Some("journal") => names.extend(name.map(str::to_owned)),
                // A segment whose making was interrupted: nothing was written to it.
                Some("tmp") => whole::remove(&path)?,
                _ => {}
            }
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Bytes, StoreError> {
        let path = self.path_of(name);
        let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
        Ok(Bytes::from(bytes))
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
            .append(true)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        Ok(Box::new(DiskSegment { file, path }))
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
}

impl SegmentFile for DiskSegment {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file
            .write_all(bytes)
            .map_err(StoreError::io("write", &self.path))
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.file
            .sync_data()
            .map_err(StoreError::io("sync", &self.path))
    }
}
