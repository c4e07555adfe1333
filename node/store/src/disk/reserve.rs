//! A file that takes room on the disk, to be given back when there is no other.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::PathBuf,
};

use super::whole;
use crate::{backend::Reserve, error::StoreError};

/// The file's name in the store's folder.
const NAME: &str = "reserve";
/// Bytes that are written at once where the system cannot allocate.
const CHUNK: usize = 1 << 20;

/// The reserve of a store in a directory.
pub(crate) struct DiskReserve {
    dir: PathBuf,
}

impl DiskReserve {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    fn path(&self) -> PathBuf {
        self.dir.join(NAME)
    }
}

impl Reserve for DiskReserve {
    fn keep(&self, bytes: u64) -> Result<(), StoreError> {
        let path = self.path();
        if fs::metadata(&path).is_ok_and(|there| there.len() == bytes) {
            return Ok(());
        }
        let made = File::create(&path).and_then(|file| {
            allocate(&file, bytes)?;
            file.sync_all()
        });
        made.map_err(|error| {
            // A part of it is of no use, and takes the room of something else.
            let _ = fs::remove_file(&path);
            StoreError::io("write", &path)(error)
        })
    }

    fn give_back(&self) -> Result<bool, StoreError> {
        let path = self.path();
        if !path.exists() {
            return Ok(false);
        }
        whole::remove(&path)?;
        Ok(true)
    }

    fn free(&self) -> Option<u64> {
        let there = rustix::fs::statvfs(&self.dir).ok()?;
        Some(there.f_bavail.saturating_mul(there.f_frsize))
    }
}

fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::{fs::FallocateFlags, io::Errno};
        match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, bytes) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
            other => return Ok(other?),
        }
    }
    let zeros = vec![0; CHUNK];
    let mut left = bytes;
    while left > 0 {
        let next = left.min(CHUNK as u64);
        let part = zeros.get(..next as usize).ok_or(ErrorKind::InvalidInput)?;
        (&mut &*file).write_all(part)?;
        left -= next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_takes_its_room_and_gives_it_back() {
        let dir = tempfile::tempdir().unwrap();
        let reserve = DiskReserve::new(dir.path().to_owned());
        assert!(reserve.free().unwrap() > 0);
        assert!(!reserve.give_back().unwrap());
        reserve.keep(3 << 20).unwrap();
        reserve.keep(3 << 20).unwrap();
        assert_eq!(fs::metadata(reserve.path()).unwrap().len(), 3 << 20);
        reserve.keep(1 << 20).unwrap();
        assert_eq!(fs::metadata(reserve.path()).unwrap().len(), 1 << 20);
        assert!(reserve.give_back().unwrap());
        assert!(!reserve.path().exists());
    }
}
