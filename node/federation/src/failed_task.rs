//! A task that ended in a panic: nobody may wait for it for ever.

use tokio::task::JoinError;

/// Panics as the task did, so that whoever waits for this one learns of it.
///
/// # Panics
/// The task panicked.
pub(crate) fn pass_panic_on(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}
