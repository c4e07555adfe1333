//! What goes wrong on a disk in memory, when a test says.

use std::io::ErrorKind;

#[derive(Clone, Default)]
pub(super) struct Trouble {
    /// How the next write to the journal fails.
    pub(super) journal: Option<Fault>,
    /// Which change from now on fails, and how; 0 is the next.
    pub(super) at: Option<(u64, Fault)>,
    /// Changes so far.
    pub(super) changes: u64,
    /// Whoever reads or writes a file whose name begins so panics.
    pub(super) panic: Option<String>,
}

/// How a write fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) left: Left,
    pub(super) kind: ErrorKind,
}

/// What a failing write leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// The first half.
    Half,
    /// All of it.
    Everything,
    /// All was written, but the disk did not say that it has it.
    Unsynced,
}

impl Trouble {
    pub(super) fn look(&mut self, name: &str) {
        if let Some(prefix) = self
            .panic
            .take_if(|prefix| name.starts_with(prefix.as_str()))
        {
            panic!("a test wants a panic at {prefix}");
        }
    }
}
