//! Keeps the newest checkpoint seen of every log, so that a server that was rolled
//! back, or that shows others another history, is caught even after a restart.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use parking_lot::Mutex;
use wpsx_proto::origin::Origin;

/// A signed note is at most this long; a longer file is not ours.
const MAX_NOTE: u64 = 16 * 1024;

/// Remembers signed notes by origin.
pub trait HeadStore: Send + Sync + 'static {
    /// The note kept for a log.
    ///
    /// # Errors
    ///
    /// What reading it gives; no note is not an error.
    fn load(&self, origin: &Origin) -> io::Result<Option<Bytes>>;

    /// Replaces the note kept for a log, atomically; it must be durable on return.
    ///
    /// # Errors
    ///
    /// What writing it gives; the old note is then still there.
    fn keep(&self, origin: &Origin, note: &[u8]) -> io::Result<()>;
}

/// Forgets everything when the program ends.
#[derive(Debug, Default)]
pub struct MemoryHeads(Mutex<BTreeMap<String, Bytes>>);

impl HeadStore for MemoryHeads {
    fn load(&self, origin: &Origin) -> io::Result<Option<Bytes>> {
        Ok(self.0.lock().get(origin.as_str()).cloned())
    }

    fn keep(&self, origin: &Origin, note: &[u8]) -> io::Result<()> {
        let note = Bytes::copy_from_slice(note);
        self.0.lock().insert(origin.to_string(), note);
        Ok(())
    }
}

/// One file for each log in a folder, named by the hash of the origin line.
#[derive(Debug)]
pub struct FileHeads {
    folder: PathBuf,
}

impl FileHeads {
    /// Keeps heads in `folder`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    fn path(&self, origin: &Origin) -> PathBuf {
        self.folder.join(origin.hash_hex())
    }
}

impl HeadStore for FileHeads {
    fn load(&self, origin: &Origin) -> io::Result<Option<Bytes>> {
        let file = match File::open(self.path(origin)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut note = Vec::new();
        file.take(MAX_NOTE + 1).read_to_end(&mut note)?;
        Ok(Some(note.into()))
    }

    fn keep(&self, origin: &Origin, note: &[u8]) -> io::Result<()> {
        write_whole(&self.path(origin), note)
    }
}

/// Writes a file under another name, syncs it, renames it into place and syncs the
/// folder: a crash leaves the old file or the new one, whole.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = PathBuf::from(aside);
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&aside, path)?;
    sync_folder(path)
}

/// Makes the names in the folder of `path` durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_found_again_after_a_restart() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let origin = Origin::parse("log.example/wpsx/public").expect("an origin");
        let heads = FileHeads::open(folder.path().join("heads")).expect("a folder");
        assert!(heads.load(&origin).expect("readable").is_none());
        heads.keep(&origin, b"first").expect("writable");
        heads.keep(&origin, b"second").expect("writable");
        let heads = FileHeads::open(folder.path().join("heads")).expect("a folder");
        assert_eq!(
            heads.load(&origin).expect("readable").as_deref(),
            Some(&b"second"[..])
        );
    }
}
