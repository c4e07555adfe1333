//! Waits for a future on any thread, a runtime's too.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
};

/// Holds the thread until the future is there. What it waits for must come from
/// another thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    // A runtime counts how much a task of its own does without a pause, and lets it
    // wait when it was enough. Here nobody would go on.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
