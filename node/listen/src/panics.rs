//! What becomes of a panic: whoever waits is told, and it is never silent.
//!
//! A task that nobody waits for takes its panic with it. So what runs in a task of this
//! package runs [`guarded`], and a panic becomes a value that somebody has to handle.
//! What the panic says of itself may hold what a caller sent: it is not repeated here.

use std::{future::Future, net::SocketAddr, panic::AssertUnwindSafe};

use futures::{FutureExt as _, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use crate::caller::kind_of_place;

/// The work ended in a panic, which is a fault of this program.
#[derive(Debug)]
pub(crate) struct Panicked;

/// Runs `work` to its end. What it worked on is dropped with it, so that nobody sees
/// it half done.
pub(crate) async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|_| Panicked)
}

/// Runs the tasks of one connection, and ends the connection with the first that
/// panics.
#[derive(Clone)]
pub(crate) struct Tasks {
    address: Option<SocketAddr>,
    cut: CancellationToken,
}

impl Tasks {
    /// For a connection from this address, which ends when `cut` is cancelled.
    pub(crate) fn new(address: Option<SocketAddr>, cut: CancellationToken) -> Self {
        Self { address, cut }
    }
}

impl<W> hyper::rt::Executor<W> for Tasks
where
    W: Future + Send + 'static,
    W::Output: Send + 'static,
{
    fn execute(&self, work: W) {
        let tasks = self.clone();
        // Boxed, so that tokio is compiled for one type of task and not for each of hyper's.
        let task: BoxFuture<'static, ()> = Box::pin(async move {
            if let Err(Panicked) = guarded(work).await {
                report(tasks.address);
                tasks.cut.cancel();
            }
        });
        tokio::spawn(task);
    }
}

/// Tells the log of a connection that a panic ended.
pub(crate) fn report(address: Option<SocketAddr>) {
    tracing::error!(
        from = kind_of_place(address),
        "a panic ended a connection, which is a fault of this program"
    );
}
