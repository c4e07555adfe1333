//! What the gRPC services share: who calls, work that reads files, answers in parts.

use std::{future::Future, pin::Pin};

use futures::Stream;
use tokio::{sync::mpsc, task::JoinHandle};
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
/// messages wait to be sent. If it panics, the stream ends with an error.
pub(crate) fn stream_from<T: Send + 'static>(
    ahead: usize,
    work: impl FnOnce(&mpsc::Sender<Result<T, Status>>) -> Result<(), NodeError> + Send + 'static,
) -> Answers<T> {
    let (tx, rx) = mpsc::channel(ahead);
    let sending = tx.clone();
    let working = tokio::task::spawn_blocking(move || {
        if let Err(error) = work(&sending) {
            // The reader may be gone; then nobody wants the reason either.
            let _ = sending.blocking_send(Err(refusal(error)));
        }
    });
    end_with(working, tx);
    Box::pin(ReceiverStream::new(rx))
}

/// The same for work that waits.
pub(crate) fn stream_while<T, F>(
    ahead: usize,
    work: impl FnOnce(mpsc::Sender<Result<T, Status>>) -> F,
) -> Answers<T>
where
    T: Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (tx, rx) = mpsc::channel(ahead);
    let working = tokio::spawn(work(tx.clone()));
    end_with(working, tx);
    Box::pin(ReceiverStream::new(rx))
}

/// A stream that merely ended would look like a complete answer.
fn end_with<T: Send + 'static>(working: JoinHandle<()>, tx: mpsc::Sender<Result<T, Status>>) {
    tokio::spawn(async move {
        if working.await.is_err_and(|error| error.is_panic()) {
            let broken = Status::internal("answering ended in a panic; please report it");
            let _ = tx.send(Err(broken)).await;
        }
    });
}

#[cfg(test)]
mod tests {
    use tokio_stream::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn an_answer_that_ends_in_a_panic_is_no_complete_one() {
        let mut blocking = stream_from::<u32>(1, |tx| {
            let _ = tx.blocking_send(Ok(1));
            panic!("after the first");
        });
        assert_eq!(blocking.next().await.unwrap().unwrap(), 1);
        let broken = blocking.next().await.unwrap().unwrap_err();
        assert_eq!(broken.code(), tonic::Code::Internal);
        assert!(blocking.next().await.is_none());

        let mut waiting = stream_while::<u32, _>(1, |_| async { panic!("at once") });
        assert!(waiting.next().await.unwrap().is_err());
        assert!(waiting.next().await.is_none());
    }
}
