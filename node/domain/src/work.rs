//! Work that reads or writes files, kept off the threads that answer calls.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::task::{JoinError, JoinHandle};
use tokio_util::task::AbortOnDropHandle;

use crate::error::NodeError;

/// Runs `work`, which reads or writes files, on a blocking thread.
///
/// # Errors
/// What `work` says; [`NodeError::Internal`] if it panicked.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeError> + Send + 'static,
) -> Result<T, NodeError> {
    ended(begun(work).await)
}

/// What work answers, whatever that is.
type Answer = Box<dyn Any + Send>;

/// Begins `work` on a blocking thread. What runs there and what it answers are one type for
/// all work: tokio is compiled once for each type of task, and the packages that ask have
/// dozens.
fn begun<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<Answer> {
    let boxed: Box<dyn FnOnce() -> Answer + Send> = Box::new(move || Box::new(work()));
    tokio::task::spawn_blocking(boxed)
}

/// What work said that has ended.
fn ended<T: 'static>(working: Result<Answer, JoinError>) -> Result<T, NodeError> {
    let answer = working.map_err(|e| NodeError::Internal(e.to_string()))?;
    match answer.downcast::<Result<T, NodeError>>() {
        Ok(answer) => *answer,
        Err(_) => Err(NodeError::Internal(
            "an answer to something else".to_owned(),
        )),
    }
}

/// Whether somebody still waits for what is worked on. Long work asks it between its parts.
#[derive(Clone, Debug, Default)]
pub struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// Nobody waits any more.
    ///
    /// # Errors
    /// So it is; the error ends the work, and nobody hears it.
    pub fn check(&self) -> Result<(), NodeError> {
        match self.is_gone() {
            true => Err(NodeError::Busy("nobody waits for this any more")),
            false => Ok(()),
        }
    }

    /// Whether nobody waits any more.
    pub fn is_gone(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Tells the work when who waits for it is gone.
struct Waiting(Wanted);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// The same as [`blocking`] for work that is done for its answer alone: if nobody waits for
/// that any more, work that has not begun never does, and work that has is told.
///
/// # Errors
/// As [`blocking`].
pub async fn while_wanted<T: Send + 'static>(
    work: impl FnOnce(&Wanted) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, NodeError> {
    let wanted = Wanted::default();
    let _waiting = Waiting(wanted.clone());
    let working = begun(move || work(&wanted));
    ended(AbortOnDropHandle::new(working).await)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[tokio::test]
    async fn work_stops_when_nobody_waits_for_it() {
        let (begun, hears) = sync_channel(1);
        let (ended, ends) = sync_channel(1);
        let working = while_wanted(move |wanted| {
            begun.send(()).unwrap();
            while wanted.check().is_ok() {
                std::thread::yield_now();
            }
            ended.send(()).unwrap();
            Ok(())
        });
        let working = tokio::spawn(working);
        tokio::task::spawn_blocking(move || hears.recv().unwrap())
            .await
            .unwrap();
        working.abort();
        tokio::task::spawn_blocking(move || ends.recv().unwrap())
            .await
            .unwrap();
    }

    #[test]
    fn work_that_waits_its_turn_for_nobody_never_begins() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(1)
            .build()
            .unwrap();
        runtime.block_on(async {
            let (go, wait) = sync_channel(1);
            let first = tokio::task::spawn_blocking(move || wait.recv().unwrap());
            let second = tokio::spawn(while_wanted(|_| -> Result<(), _> {
                panic!("nobody waits for this")
            }));
            tokio::task::yield_now().await;
            second.abort();
            assert!(second.await.unwrap_err().is_cancelled());
            go.send(()).unwrap();
            first.await.unwrap();
            tokio::task::spawn_blocking(|| ()).await.unwrap();
        });
    }
}
