//! Small files that cannot be rebuilt, each written whole and made durable
//! before the call returns.
//!
//! A file is one line (`wpsx state 1`, CRC-32 and length of the rest) and the
//! bytes that were put. A file that does not match its line is reported as
//! damaged, never read.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::{
    error::StoreError,
    format::layout::{self, Sync},
};

const LINE: &str = "wpsx state 1";
const MOST_NAME: usize = 200;

/// The files under `state/`. Clones are the same files.
#[derive(Clone, Debug)]
pub struct State {
    dir: PathBuf,
    turn: Arc<Mutex<()>>,
}

impl State {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            turn: Arc::default(),
        }
    }

    /// Replaces `name` by `bytes`: after a crash it holds the old bytes or the new ones.
    ///
    /// # Errors
    /// A name that is none, or a disk that refuses; then the old bytes stay.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(name)?;
        let _turn = self.turn.lock();
        let fresh = !path.parent().is_some_and(Path::exists);
        let line = format!("{LINE} {:08x} {}\n", crc32fast::hash(bytes), bytes.len());
        layout::write_whole(&path, &[line.as_bytes(), bytes], Sync::BeforeRename)?;
        self.sync_parents(&path, fresh)
    }

    /// What was put as `name`.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn get(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        let path = self.path(name)?;
        let Some(file) = layout::read_whole(&path)? else {
            return Ok(None);
        };
        let bytes = Bytes::from(file);
        let Some(end) = bytes.iter().take(64).position(|b| *b == b'\n') else {
            return Err(StoreError::damaged(
                &path,
                "it does not begin with its line",
            ));
        };
        let body = bytes.slice(end + 1..);
        let line = format!("{LINE} {:08x} {}", crc32fast::hash(&body), body.len());
        if bytes[..end] != *line.as_bytes() {
            return Err(StoreError::damaged(
                &path,
                "its content does not match its first line",
            ));
        }
        Ok(Some(body))
    }

    /// Removes `name`, if it is there.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path(name)?;
        let _turn = self.turn.lock();
        if !path.exists() {
            return Ok(());
        }
        layout::remove_if_there(&path)?;
        self.sync_parents(&path, false)
    }

    /// The names that begin with `prefix`, in order.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        collect(&self.dir, "", prefix, &mut names)?;
        names.sort();
        Ok(names)
    }

    /// Where a name lies, for messages.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        let well_formed = name.len() <= MOST_NAME
            && name.split('/').all(|part| {
                !part.is_empty()
                    && !part.starts_with('.')
                    && !part.ends_with(".tmp")
                    && part
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            });
        if !well_formed {
            return Err(StoreError::BadName(name.to_owned()));
        }
        Ok(self.dir.join(name))
    }

    fn sync_parents(&self, path: &Path, fresh: bool) -> Result<(), StoreError> {
        let mut parent = path.parent();
        while let Some(dir) = parent {
            layout::sync_dir(dir)?;
            if !fresh || dir == self.dir {
                break;
            }
            parent = dir.parent();
        }
        Ok(())
    }
}

fn collect(
    dir: &Path,
    above: &str,
    prefix: &str,
    names: &mut Vec<String>,
) -> Result<(), StoreError> {
    let listing = match fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(StoreError::io("read", dir))?,
    };
    for file in listing {
        let file = file.map_err(StoreError::io("read", dir))?;
        let Ok(part) = file.file_name().into_string() else {
            continue;
        };
        let name = if above.is_empty() {
            part
        } else {
            format!("{above}/{part}")
        };
        let is_dir = file
            .file_type()
            .map_err(StoreError::io("read", dir))?
            .is_dir();
        if is_dir {
            if name.starts_with(prefix) || prefix.starts_with(&name) {
                collect(&file.path(), &name, prefix, names)?;
            }
        } else if name.starts_with(prefix) && !name.ends_with(".tmp") {
            names.push(name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> (tempfile::TempDir, State) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let state = State::new(dir.path().join("state"));
        (dir, state)
    }

    #[test]
    fn what_was_put_is_there_and_can_be_listed_and_removed() {
        let (_dir, state) = state();
        state.put("peers/a", b"one").unwrap();
        state.put("peers/b", b"two").unwrap();
        state.put("peers/b", b"three").unwrap();
        state.put("other", b"").unwrap();
        assert_eq!(state.get("peers/b").unwrap().unwrap(), "three");
        assert_eq!(state.get("other").unwrap().unwrap(), "");
        assert_eq!(state.get("peers/c").unwrap(), None);
        assert_eq!(state.list("peers/").unwrap(), ["peers/a", "peers/b"]);
        assert_eq!(state.list("").unwrap(), ["other", "peers/a", "peers/b"]);
        state.remove("peers/a").unwrap();
        state.remove("peers/a").unwrap();
        assert_eq!(state.list("p").unwrap(), ["peers/b"]);
    }

    #[test]
    fn a_name_cannot_leave_the_directory() {
        let (_dir, state) = state();
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "a/",
            "x.tmp",
            "ü",
            ".hidden",
        ] {
            assert!(
                matches!(state.put(name, b"x"), Err(StoreError::BadName(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn any_flipped_bit_is_noticed() {
        let (_dir, state) = state();
        state.put("x", b"something to keep").unwrap();
        let path = state.path("x").unwrap();
        let good = fs::read(&path).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, bad).unwrap();
            assert!(
                matches!(state.get("x"), Err(StoreError::Damaged { .. })),
                "bit {bit}"
            );
        }
    }
}
