//! Why the views cannot take or tell something.

use std::sync::Arc;

use crate::table::TableError;

/// Why the views cannot take or tell something.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// The entries do not continue what was posted.
    #[error("log {log} was posted up to {posted}, entries from {start} leave a gap")]
    Gap {
        /// The log's number.
        log: u32,
        /// The index that should have come next.
        posted: u64,
        /// The index that came.
        start: u64,
    },
    /// The entries handed over are not one run from `start`.
    #[error("entry {index} is out of order in log {log}")]
    OutOfOrder {
        /// The log's number.
        log: u32,
        /// The index that broke the order.
        index: u64,
    },
    /// The table cannot be written and memory has taken what it may.
    #[error("the views have stopped taking entries: {0}")]
    Stopped(Arc<str>),
    /// The thread that writes the table ended in a panic.
    #[error("their thread ended in a panic: {0}")]
    Panicked(Arc<str>),
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}
