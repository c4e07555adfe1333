//! What the gRPC services share: who calls, work that reads files, answers in parts.

use std::pin::Pin;

use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Status};
use wpsx_domain::NodeError;
use wpsx_listen::Caller;

use crate::codes::refusal;

/// Answers that come one after the other.
pub(crate) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Who makes a request; nobody in particular where the listener did not say.
pub(crate) fn caller<T>(request: &Request<T>) -> Caller {
    request
        .extensions()
        .get::<Caller>()
        .cloned()
        .unwrap_or_default()
}

/// Runs `work`, which reads or writes files, on a blocking thread.
///
/// # Errors
/// What `work` says, in the caller's codes.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Status> {
    wpsx_domain::blocking(work).await.map_err(refusal)
}

/// Runs `work` on a blocking thread that feeds a stream of which at most `ahead`
/// messages wait to be sent.
pub(crate) fn stream_from<T: Send + 'static>(
    ahead: usize,
    work: impl FnOnce(&mpsc::Sender<Result<T, Status>>) -> Result<(), NodeError> + Send + 'static,
) -> Answers<T> {
    let (tx, rx) = mpsc::channel(ahead);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = work(&tx) {
            // The reader may be gone; then nobody wants the reason either.
            let _ = tx.blocking_send(Err(refusal(error)));
        }
    });
    Box::pin(ReceiverStream::new(rx))
}
