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

/// By how much threads stand back that derive something from what is true.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// Has the thread that calls this give way to those that write the logs and answer from
/// them: what a follower derives may come a little later. It does so where the system sets
/// this for a thread alone; elsewhere all share evenly.
pub fn stand_back() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// What a panic said.
pub(crate) fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it did not say why")
}
