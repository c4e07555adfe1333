//! Where the views' rows are kept: a sorted map of bytes that takes small batches.
//!
//! Whatever implements [`Table`] promises that a batch is there whole or not at
//! all, and that after a crash it holds some prefix of the batches it took. It
//! promises nothing about how long that prefix is: views are rebuilt from the
//! logs, so nothing here is flushed before an answer.

pub(crate) mod batches;
pub(crate) mod blocks;
pub(crate) mod cursor;
pub(crate) mod filter;
mod generation;
pub(crate) mod generations;
pub(crate) mod memory;
pub(crate) mod positions;
pub(crate) mod sled;
pub(crate) mod stored;

use std::ops::ControlFlow;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// One change: the key, and its new value or `None` to remove it.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// Takes pairs of a scan until it breaks.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// What went wrong in a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The disk or the file system refused.
    #[error("cannot read or write the views")]
    Io(#[source] std::io::Error),
    /// The table holds bytes that this code never wrote.
    #[error("the views are damaged: {0}")]
    Damaged(String),
    /// Another process, or another handle of this one, has the table open.
    #[error("the views are in use by another process")]
    InUse,
}

impl TableError {
    /// Whether throwing the table away and building it again is the remedy.
    pub fn needs_rebuild(&self) -> bool {
        matches!(self, Self::Damaged(_))
    }
}

/// A sorted map of bytes that takes atomic batches.
pub trait Table: Send + Sync {
    /// The pair with the greatest key in `low..=high`.
    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError>;

    /// Calls `visit` with every pair in `from..to` in order, until it breaks.
    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError>;

    /// Makes all changes, or none of them. No two have the same key.
    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError>;

    /// Hands everything applied so far to the file system.
    fn flush(&self) -> Result<(), TableError>;
}
