//! Small files that cannot be rebuilt, each written whole and made durable
//! before the call returns.
//!
//! A file is one line (`wpsx state 1`, CRC-32 and length of the rest) and the
//! bytes that were put. A file that does not match its line is reported as
//! damaged, never read.

use std::{fmt, path::PathBuf, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::{backend::StateFiles, error::StoreError};

const LINE: &str = "wpsx state 1";
const MOST_NAME: usize = 200;

/// The files under `state/`. Clones are the same files.
#[derive(Clone)]
pub struct State {
    files: Arc<dyn StateFiles>,
    turn: Arc<Mutex<()>>,
}

impl State {
    pub(crate) fn new(files: Arc<dyn StateFiles>) -> Self {
        Self {
            files,
            turn: Arc::default(),
        }
    }

    /// Replaces `name` by `bytes`: after a crash it holds the old bytes or the new ones.
    ///
    /// # Errors
    /// A name that is none, or a disk that refuses; then the old bytes stay.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check(name)?;
        let _turn = self.turn.lock();
        let line = format!("{LINE} {:08x} {}\n", crc32fast::hash(bytes), bytes.len());
        self.files.put(name, &[line.as_bytes(), bytes])
    }

    /// What was put as `name`.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn get(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        check(name)?;
        let Some(bytes) = self.files.read(name)? else {
            return Ok(None);
        };
        let path = self.path_of(name);
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
        check(name)?;
        let _turn = self.turn.lock();
        self.files.remove(name)
    }

    /// The names that begin with `prefix`, in order.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut names = self.files.list(prefix)?;
        names.sort();
        Ok(names)
    }

    /// Where a name lies, for messages.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.files.path_of(name)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("State")
            .field(&self.files.path_of(""))
            .finish()
    }
}

/// A name cannot lead out of the state, nor look like a file that is being written.
fn check(name: &str) -> Result<(), StoreError> {
    let well_formed = name.len() <= MOST_NAME
        && name.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.ends_with(".tmp")
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        });
    match well_formed {
        true => Ok(()),
        false => Err(StoreError::BadName(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::disk::state::DiskState;

    fn state() -> (tempfile::TempDir, State) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let state = State::new(Arc::new(DiskState::new(dir.path().join("state"))));
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
        let path = state.path_of("x");
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
