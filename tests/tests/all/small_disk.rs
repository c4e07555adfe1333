//! A disk that a test can fill: 96 MiB of memory under a node's data directory, where
//! something can be mounted.

use std::{
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    process::Command,
};

use anyhow::Result;
use wpsx_tests::federation::{TestNode, copy_folder};

/// A disk of its own; gone with this.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Puts one under the data directory of a node that does not run. None, and a word that
    /// the test is skipped, where nothing can be mounted.
    pub(crate) fn under(node: &TestNode) -> Result<Option<Self>> {
        let (data, before) = (node.data_dir(), node.folder().join("before"));
        fs::rename(&data, &before)?;
        fs::create_dir(&data)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=96m", "tmpfs"])
            .arg(&data)
            .output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            eprintln!("skipped: nothing can be mounted here");
            return Ok(None);
        }
        let disk = Self(data);
        copy_folder(&before, &disk.0)?;
        Ok(Some(disk))
    }

    /// Writes until nothing more can be written; what to remove when there is to be room.
    pub(crate) fn fill(&self) -> Result<PathBuf> {
        let path = self.0.join("filler");
        let mut file = File::create(&path)?;
        for piece in [1 << 20, 4 << 10] {
            let piece = vec![7; piece];
            while file.write_all(&piece).is_ok() {}
        }
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).output();
        if let Err(error) = unmounted {
            eprintln!("{} is still mounted: {error}", self.0.display());
        }
    }
}
