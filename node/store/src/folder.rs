//! The folder of a store, held by one process.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::backend::{Backend, Lock};

/// The folder of a store that this process alone has, until this is dropped or the
/// store that was opened in it is closed.
///
/// It comes before the store, so that followers open their own files only where no
/// other process has them.
pub struct StoreFolder {
    dir: PathBuf,
    pub(crate) backend: Backend,
    /// What is written to it stays in memory.
    pub(crate) only_looks: bool,
    _lock: Lock,
}

impl StoreFolder {
    pub(crate) fn new(dir: PathBuf, backend: Backend, lock: Lock) -> Self {
        Self {
            dir,
            backend,
            only_looks: false,
            _lock: lock,
        }
    }

    /// The same, for who only looks at it.
    pub(crate) fn only_looked_at(self) -> Self {
        Self {
            only_looks: true,
            ..self
        }
    }

    /// The folder itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the views may keep what they compute.
    pub fn views(&self) -> PathBuf {
        self.dir.join("views")
    }
}

impl fmt::Debug for StoreFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreFolder").field(&self.dir).finish()
    }
}
