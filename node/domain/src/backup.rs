//! Copying a whole node while it runs: its logs and decisions as they are at one moment,
//! its settings, and its keys where the operator asks for them.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use wpsx_client::clock::Clock;
use wpsx_proto::origin::NodeName;
use wpsx_store::{Beside, Store};

use crate::error::NodeError;

/// What a node's backup is made of.
#[derive(Clone, Debug)]
pub struct BackupParts {
    /// The logs.
    pub store: Store,
    /// The node's name.
    pub node: NodeName,
    /// The time of the backup.
    pub clock: Clock,
    /// The folder with the keys.
    pub keys: PathBuf,
    /// The settings file; it may be missing.
    pub settings: PathBuf,
}

/// Makes backups. Clones are the same.
#[derive(Clone, Debug)]
pub struct Backup {
    parts: BackupParts,
}

/// What is in a backup.
#[derive(Clone, Copy, Debug)]
pub struct Contents {
    /// Logs.
    pub logs: u64,
    /// Entries of them all.
    pub entries: u64,
    /// The settings file.
    pub settings: bool,
    /// Files with keys.
    pub keys: u64,
}

impl Backup {
    /// Backups of one node.
    pub fn new(parts: BackupParts) -> Self {
        Self { parts }
    }

    /// Writes a backup to `to`; `progress` gets the bytes read and about how many there
    /// are. Blocks.
    ///
    /// # Errors
    /// The store does not write any more, its files cannot be read, or nobody takes what is
    /// written.
    pub fn write(
        &self,
        with_keys: bool,
        to: &mut dyn Write,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Contents, NodeError> {
        let parts = &self.parts;
        let about = format!("node {}\ntime {}\n", parts.node, parts.clock.unix_ms());
        let mut beside = vec![beside(&parts.settings)];
        let settings = parts.settings.is_file();
        if with_keys {
            beside.push(self::beside(&parts.keys));
        }
        let copied = parts.store.backup(to, &about, &beside, progress)?;
        Ok(Contents {
            logs: copied.logs,
            entries: copied.entries,
            settings,
            keys: copied.beside - u64::from(settings),
        })
    }
}

/// What lies under its own name in the data directory.
fn beside(path: &Path) -> Beside {
    let name = path.file_name().unwrap_or_default();
    Beside {
        name: name.to_string_lossy().into_owned(),
        path: path.to_owned(),
    }
}
