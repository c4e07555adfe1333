//! How many bytes wait to become files.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// The committer waits while files for so many bytes are to be written.
const MOST_BACKLOG: usize = 64 << 20;

/// How much waits to be written.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    bytes: Mutex<usize>,
    less: Condvar,
}

impl Backlog {
    pub(crate) fn add(&self, bytes: usize) {
        *self.bytes.lock() += bytes;
    }

    /// Waits until there is room, or `give_up`.
    pub(crate) fn wait(&self, give_up: impl Fn() -> bool) {
        let mut bytes = self.bytes.lock();
        while *bytes > MOST_BACKLOG && !give_up() {
            self.less.wait_for(&mut bytes, Duration::from_millis(100));
        }
    }

    pub(crate) fn done(&self, bytes: usize) {
        *self.bytes.lock() -= bytes;
        self.less.notify_all();
    }
}
