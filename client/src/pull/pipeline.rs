//! Runs a pull: fetching, verifying and the caller's own work overlap.
//!
//! ```text
//! packages ──► plan: verify, ask for payloads ──► gather ──► verify frames ──► the caller
//!              └──────► calls for payloads ────────┘          (blocking pool)
//! ```
//!
//! Every arrow keeps the log's order. What is in flight is bounded by two windows of
//! packages, by a budget of bytes, of which each package has a part until the caller
//! takes it, and by what a call may bring. Those bounds alone make anybody wait: the
//! channels have room for all that they let through, so that no two tasks can wait for
//! each other, and a stream is always read to its end.

use std::sync::Arc;

use tokio::{
    sync::{Semaphore, mpsc},
    task::AbortHandle,
};
use wpsx_proto::{api::replication::v1::Head, checkpoint::VerifiedCheckpoint};

use super::{
    error::PullError,
    filter::Erased,
    gather::{Pending, gather},
    held::Held,
    packages,
    plan::{BUDGET, CALLS, CALLS_AHEAD, ITEMS, Plan},
    puller::Puller,
    request::Request,
    step::Step,
    transport::Transport,
};

/// Packages being verified, or verified and waiting for the caller.
const STEPS: usize = 8;

/// A running pull of one log. Dropping it stops it.
pub struct Pull {
    steps: mpsc::Receiver<Result<Pending, PullError>>,
    current: Option<Pending>,
    tasks: Vec<AbortHandle>,
}

impl Pull {
    /// The next verified step. `None` after [`Step::Head`] or after an error. May be
    /// dropped and called again without losing a step.
    pub async fn next(&mut self) -> Option<Result<Step, PullError>> {
        if self.current.is_none() {
            match self.steps.recv().await? {
                Ok(pending) => self.current = Some(pending),
                Err(error) => return Some(Err(self.stop(error))),
            }
        }
        let result = match self.current.as_mut()? {
            Pending::Ready(_) => None,
            Pending::Verifying { work, .. } => {
                Some(work.await.unwrap_or(Err(PullError::Interrupted)))
            }
        };
        match (self.current.take()?, result) {
            (_, Some(Ok(step))) => Some(Ok(step)),
            (_, Some(Err(error))) => Some(Err(self.stop(error))),
            (Pending::Ready(step), None) => Some(Ok(*step)),
            (Pending::Verifying { .. }, None) => Some(Err(self.stop(PullError::Interrupted))),
        }
    }

    /// Nothing is yielded after an error.
    fn stop(&mut self, error: PullError) -> PullError {
        self.steps.close();
        while self.steps.try_recv().is_ok() {}
        for task in &self.tasks {
            task.abort();
        }
        error
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl<T: Transport> Puller<T> {
    /// Pulls from what is `held` up to `head`, which the source has shown. Must be
    /// called within a Tokio runtime; dropping the [`Pull`] stops it.
    pub fn pull(&self, held: Held, head: Head, erased: Erased) -> Pull {
        start(self.clone(), held, head, erased)
    }
}

fn start<T: Transport>(puller: Puller<T>, held: Held, head: Head, erased: Erased) -> Pull {
    let (out, steps) = mpsc::channel(STEPS);
    let (packages_out, fetched) = mpsc::channel(packages::ROOM);
    let (planned_out, planned) = mpsc::channel(ITEMS);
    let (calls_out, calls) = mpsc::channel(CALLS_AHEAD);
    let (target_out, target) = tokio::sync::oneshot::channel();

    // A task that cannot hand on its work has lost the caller and ends quietly.
    let keep = puller.options.keep_entries;
    let gather = tokio::spawn(gather(planned, calls, erased.clone(), keep, out.clone()));
    let plan = Plan {
        puller: puller.clone(),
        erased,
        budget: Arc::new(Semaphore::new(BUDGET as usize)),
        slots: Arc::new(Semaphore::new(CALLS)),
        next: held.stored().next_index(),
        request: Request::default(),
        calls: calls_out,
    };
    let open = held.open.clone();
    let plan = tokio::spawn(async move {
        if let Ok(target) = target.await {
            plan.run(target, open, fetched, planned_out).await;
        }
    });
    let fetch = tokio::spawn(async move {
        let target = match checked_target(&puller, &held, &head).await {
            Ok(target) => target,
            Err(error) => {
                let _ = out.send(Err(error)).await;
                return;
            }
        };
        let step = Step::Target(target.clone());
        if out.send(Ok(Pending::Ready(Box::new(step)))).await.is_err() {
            return;
        }
        drop(out);
        let (start, end) = (held.stored().next_index(), target.size());
        drop(held);
        let _ = target_out.send(target);
        packages::fetch(puller, start, end, packages_out).await;
    });
    Pull {
        steps,
        current: None,
        tasks: vec![
            fetch.abort_handle(),
            plan.abort_handle(),
            gather.abort_handle(),
        ],
    }
}

async fn checked_target<T: Transport>(
    puller: &Puller<T>,
    held: &Held,
    head: &Head,
) -> Result<VerifiedCheckpoint, PullError> {
    let open = held.stored().value() % wpsx_proto::index::BUNDLE;
    if held.open.len() as u64 != open {
        return Err(PullError::Held {
            why: format!(
                "{} leaf hashes of an open bundle of {open} entries",
                held.open.len()
            ),
        });
    }
    puller.prove(held, head).await
}
