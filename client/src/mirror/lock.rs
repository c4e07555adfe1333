//! One writer in a folder: two mirrors would write each other's files.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use rustix::fs::FlockOperation;
use wpsx_proto::origin::Origin;

use crate::ClientError;

/// The right to write to a folder. The system takes it back when the process ends,
/// however it ends, so the file itself may stay.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    pub(super) fn take(folder: &Path, origin: &Origin) -> Result<Self, ClientError> {
        let kept = |source: io::Error| ClientError::Kept {
            origin: origin.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(kept)?;
        let file = File::create(folder.join("lock")).map_err(kept)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(ClientError::InUse {
                folder: folder.to_owned(),
            }),
            Err(error) => Err(kept(error.into())),
        }
    }
}
