//! Answers that long work of the operator's pushes as it goes on, whoever still listens.
//!
//! All of it is boxed before it is spawned: tokio is compiled once for each type of task.

use futures::future::BoxFuture;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use wpsx_domain::NodeError;

use crate::{calls::Answers, codes::refusal};

/// Runs `work` on a blocking thread that feeds a stream of which at most `ahead`
/// messages wait to be sent. If it panics, the stream ends with an error.
pub(crate) fn pushed<T: Send + 'static>(
    ahead: usize,
    work: impl FnOnce(&mpsc::Sender<Result<T, Status>>) -> Result<(), NodeError> + Send + 'static,
) -> Answers<T> {
    let (tx, rx) = mpsc::channel(ahead);
    let sending = tx.clone();
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        if let Err(error) = work(&sending) {
            // The reader may be gone; then nobody wants the reason either.
            let _ = sending.blocking_send(Err(refusal(error)));
        }
    });
    end_with(tokio::task::spawn_blocking(work), tx);
    Box::pin(ReceiverStream::new(rx))
}

/// The same for work that waits.
pub(crate) fn pushed_while<T, F>(
    ahead: usize,
    work: impl FnOnce(mpsc::Sender<Result<T, Status>>) -> F,
) -> Answers<T>
where
    T: Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (tx, rx) = mpsc::channel(ahead);
    let work: BoxFuture<'static, ()> = Box::pin(work(tx.clone()));
    let working = tokio::spawn(work);
    end_with(working, tx);
    Box::pin(ReceiverStream::new(rx))
}

/// A stream that merely ended would look like a complete answer.
fn end_with<T: Send + 'static>(working: JoinHandle<()>, tx: mpsc::Sender<Result<T, Status>>) {
    let ending: BoxFuture<'static, ()> = Box::pin(async move {
        if working.await.is_err_and(|error| error.is_panic()) {
            let broken = Status::internal("answering ended in a panic; please report it");
            let _ = tx.send(Err(broken)).await;
        }
    });
    tokio::spawn(ending);
}

#[cfg(test)]
mod tests {
    use tokio_stream::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn an_answer_that_ends_in_a_panic_is_no_complete_one() {
        let mut pushed = pushed::<u32>(1, |tx| {
            let _ = tx.blocking_send(Ok(1));
            panic!("after the first");
        });
        assert_eq!(pushed.next().await.unwrap().unwrap(), 1);
        let broken = pushed.next().await.unwrap().unwrap_err();
        assert_eq!(broken.code(), tonic::Code::Internal);
        assert!(pushed.next().await.is_none());
    }
}
