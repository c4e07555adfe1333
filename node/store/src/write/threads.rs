//! The store's threads: one that ends in a panic leaves nobody waiting.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
};

use super::standing::Standing;
use crate::error::StoreError;

/// Starts a thread that does `what`, for the store in `dir`: if it ends in a panic, the store stops and says so.
pub(crate) fn spawn(
    name: String,
    what: &'static str,
    standing: &Arc<Standing>,
    dir: &Path,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    let standing = standing.clone();
    let guarded = move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            standing.stop(what, words(&*panic));
        }
    };
    thread::Builder::new()
        .name(name)
        .spawn(guarded)
        .map_err(StoreError::io("start a thread for", dir))
}

/// What a panic said.
pub(crate) fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it did not say why")
}
