//! Parts of a file, for what is too large to be read as a whole.

use std::{
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt as _,
    path::PathBuf,
};

use bytes::Bytes;

use crate::{backend::Parts, error::StoreError};

/// An open file.
pub(crate) struct DiskParts {
    file: File,
    path: PathBuf,
    length: u64,
}

impl DiskParts {
    /// The file at `path`; none if it is not there.
    pub(crate) fn open(path: PathBuf) -> Result<Option<Self>, StoreError> {
        let opened = File::open(&path).and_then(|file| {
            let length = file.metadata()?.len();
            Ok((file, length))
        });
        match opened {
            Ok((file, length)) => Ok(Some(Self { file, path, length })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("open", &path)(error)),
        }
    }
}

impl Parts for DiskParts {
    fn length(&self) -> u64 {
        self.length
    }

    fn part(&self, start: u64, length: usize) -> Result<Bytes, StoreError> {
        let rest = usize::try_from(self.length.saturating_sub(start)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length.min(rest)];
        let read: io::Result<()> = self.file.read_exact_at(&mut bytes, start);
        read.map_err(StoreError::io("read", &self.path))?;
        Ok(bytes.into())
    }
}
