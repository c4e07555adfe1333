//! Work that reads or writes files, kept off the threads that answer calls.

use crate::error::NodeError;

/// Runs `work`, which reads or writes files, on a blocking thread.
///
/// # Errors
/// What `work` says; [`NodeError::Internal`] if it panicked.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeError> + Send + 'static,
) -> Result<T, NodeError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| NodeError::Internal(e.to_string()))?
}
