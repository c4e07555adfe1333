//! Runs a pull: fetching, verifying and the caller's own work overlap.
//!
//! ```text
//! packages ──► plan: verify, ask for payloads ──► gather ──► verify frames ──► the caller
//!              └──────► calls for payloads ────────┘          (blocking pool)
//! ```
//!
//! Every arrow keeps the log's order. What is in flight is bounded by two windows of
//! packages and by a budget of payload bytes, which a package leaves when the caller
//! takes it.

use std::sync::Arc;

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::{AbortHandle, JoinHandle},
};
use wpsx_proto::{
    api::replication::v1::Head,
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    index::LeafIndex,
    package::VerifiedPackage,
    payload::{Frame, SlotState},
};

use super::{
    Erased, Held, PullError, Puller, Step, Transport,
    packages::{self, Fetched},
    payloads::{self, Frames, Request, Span, wanted},
    target,
};

/// KiB of payloads between the first request and the caller. One package alone may be more.
const BUDGET: u32 = 24 * 1024;
/// Calls for payloads at a time.
const CALLS: usize = 3;
/// Packages being verified, or verified and waiting for the caller.
const STEPS: usize = 4;

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

/// A step on its way to the caller.
enum Pending {
    Ready(Box<Step>),
    Verifying {
        work: JoinHandle<Result<Step, PullError>>,
        /// Given back when the caller takes the step.
        _budget: OwnedSemaphorePermit,
    },
}

/// A verified package whose payloads have been asked for.
struct Planned {
    package: VerifiedPackage,
    /// The payload slots that come for it.
    spans: Vec<Span>,
    budget: OwnedSemaphorePermit,
}

pub(super) fn start<T: Transport>(
    puller: Puller<T>,
    held: Held,
    head: Head,
    erased: Erased,
) -> Pull {
    let (out, steps) = mpsc::channel(STEPS);
    let (packages_out, fetched) = mpsc::unbounded_channel();
    let (planned_out, planned) = mpsc::unbounded_channel();
    let (calls_out, calls) = mpsc::unbounded_channel();
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
    target::prove(puller, held, head).await
}

/// What `plan` tells `gather`.
enum Item {
    Package(Box<Planned>),
    /// Every package up to the target has been planned.
    Last(Box<VerifiedCheckpoint>),
    Failed(PullError),
}

struct Plan<T> {
    puller: Puller<T>,
    erased: Erased,
    budget: Arc<Semaphore>,
    slots: Arc<Semaphore>,
    /// Where the next package starts.
    next: LeafIndex,
    request: Request,
    calls: mpsc::UnboundedSender<Frames>,
}

impl<T: Transport> Plan<T> {
    /// Verifies packages and asks for their payloads, several packages in one call
    /// where they come faster than they are worked off.
    async fn run(
        mut self,
        target: VerifiedCheckpoint,
        mut open: Vec<Hash>,
        mut fetched: mpsc::UnboundedReceiver<Result<Fetched, PullError>>,
        out: mpsc::UnboundedSender<Item>,
    ) {
        loop {
            let next = match fetched.try_recv() {
                Ok(next) => Some(next),
                Err(_) => {
                    self.ask().await;
                    fetched.recv().await
                }
            };
            let item = match next {
                None if self.next == target.size().next_index() => {
                    Item::Last(Box::new(target.clone()))
                }
                None => Item::Failed(PullError::Interrupted),
                Some(Err(error)) => Item::Failed(error),
                Some(Ok(fetched)) => {
                    let before = std::mem::take(&mut open);
                    match verify(fetched, &before, &target) {
                        Ok(package) => {
                            self.next = package.end().next_index();
                            Item::Package(Box::new(self.plan(package).await))
                        }
                        Err(error) => Item::Failed(error),
                    }
                }
            };
            let last = !matches!(item, Item::Package(_));
            if out.send(item).is_err() {
                return;
            }
            if self.request.is_full() || last {
                self.ask().await;
            }
            if last {
                return;
            }
        }
    }

    async fn plan(&mut self, package: VerifiedPackage) -> Planned {
        let filter = &self.puller.options.payloads;
        let wanted = wanted(package.start(), package.leaves(), filter, &self.erased);
        let bytes: u64 = wanted.iter().map(|wanted| wanted.bytes).sum();
        let cost = u32::try_from((bytes + package.entries().bytes().len() as u64) / 1024 + 1)
            .unwrap_or(BUDGET)
            .min(BUDGET);
        let budget = match Arc::clone(&self.budget).try_acquire_many_owned(cost) {
            Ok(budget) => budget,
            Err(_) => {
                // What was planned must be on its way, or nothing would ever leave the budget.
                self.ask().await;
                Arc::clone(&self.budget)
                    .acquire_many_owned(cost)
                    .await
                    .expect("the semaphore is never closed")
            }
        };
        if bytes + self.request.bytes > payloads::CALL_BYTES {
            self.ask().await;
        }
        let mut spans = Vec::new();
        for wanted in wanted {
            spans.push(wanted.span);
            self.request.add(wanted.span, wanted.bytes);
            if self.request.is_full() {
                self.ask().await;
            }
        }
        Planned {
            package,
            spans,
            budget,
        }
    }

    /// Sends what has been collected.
    async fn ask(&mut self) {
        if self.request.is_empty() {
            return;
        }
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let request = std::mem::take(&mut self.request);
        let frames = payloads::call(
            self.puller.clone(),
            request,
            self.erased.clone(),
            Some(slot),
        );
        // Nobody listens any more if this fails.
        let _ = self.calls.send(frames);
    }
}

fn verify(
    fetched: Fetched,
    before: &[Hash],
    target: &VerifiedCheckpoint,
) -> Result<VerifiedPackage, PullError> {
    let start = fetched.package.start();
    fetched
        .package
        .verify(before, target)
        .map_err(|error| PullError::BadProof {
            what: format!("that the package at {start} is part of the log"),
            why: error.to_string(),
        })
}

/// Puts packages and their frames together and has the frames verified, several
/// packages at a time. If `keep` is set, what came before the line broke is handed on:
/// packages though not all of their payloads came.
async fn gather(
    mut planned: mpsc::UnboundedReceiver<Item>,
    calls: mpsc::UnboundedReceiver<Frames>,
    erased: Erased,
    keep: bool,
    out: mpsc::Sender<Result<Pending, PullError>>,
) {
    let mut source = Source {
        calls,
        current: None,
        ahead: None,
        keep,
        broken: None,
    };
    while let Some(item) = planned.recv().await {
        let pending = match item {
            Item::Failed(error) => Err(source.broken.take().unwrap_or(error)),
            Item::Last(head) => source
                .finish()
                .await
                .map(|()| Pending::Ready(Box::new(Step::Head(*head)))),
            Item::Package(planned) => {
                let Planned {
                    package,
                    spans,
                    budget,
                } = *planned;
                let come = source.frames(&spans).await.and_then(|frames| {
                    if source.broken.is_none() {
                        return Ok(frames);
                    }
                    payloads::complete(frames, &spans, &package)
                });
                come.map(|frames| {
                    let erased = erased.clone();
                    let work = move || assemble(package, frames, &erased);
                    Pending::Verifying {
                        work: tokio::task::spawn_blocking(work),
                        _budget: budget,
                    }
                })
            }
        };
        let failed = pending.is_err();
        if out.send(pending).await.is_err() || failed {
            return;
        }
    }
}

/// The frames of all calls as one sequence.
struct Source {
    calls: mpsc::UnboundedReceiver<Frames>,
    current: Option<Frames>,
    /// A frame that came and is of a later package.
    ahead: Option<Frame>,
    /// Take what came over a line that broke.
    keep: bool,
    /// Why the line broke, once it did.
    broken: Option<PullError>,
}

impl Source {
    /// The frames of the next spans that were asked for: all, or those that came before
    /// the line broke.
    async fn frames(&mut self, spans: &[Span]) -> Result<Vec<Frame>, PullError> {
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
            return Ok(Vec::new());
        };
        let mut frames: Vec<Frame> = Vec::new();
        while frames
            .last()
            .is_none_or(|frame| frame.end().value() < last.end)
        {
            let Some(frame) = self.next().await? else {
                break;
            };
            if frame.start().value() >= last.end {
                self.ahead = Some(frame);
                break;
            }
            if frame.start().value() >= first.start {
                frames.push(frame);
            }
        }
        Ok(frames)
    }

    /// Waits for the end of the last call: nothing else may come.
    async fn finish(&mut self) -> Result<(), PullError> {
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        if let Some(current) = &mut self.current
            && let Some(frame) = current.next().await
        {
            frame?;
        }
        Ok(())
    }

    /// The next frame; none if the line broke and nothing more came.
    async fn next(&mut self) -> Result<Option<Frame>, PullError> {
        if let Some(frame) = self.ahead.take() {
            return Ok(Some(frame));
        }
        loop {
            if let Some(current) = &mut self.current {
                match current.next().await {
                    Some(Ok(frame)) => return Ok(Some(frame)),
                    Some(Err(error @ PullError::Connection(_))) if self.keep => {
                        self.broken.get_or_insert(error);
                    }
                    Some(Err(error)) => return Err(error),
                    None => {}
                }
                self.current = None;
            }
            self.current = if self.broken.is_none() {
                let call = self.calls.recv().await;
                Some(call.ok_or(PullError::Interrupted)?)
            } else {
                // Calls that are not under way by now will not bring anything.
                match self.calls.try_recv() {
                    Ok(call) => Some(call),
                    Err(_) => return Ok(None),
                }
            };
        }
    }
}

fn assemble(
    package: VerifiedPackage,
    frames: Vec<Frame>,
    erased: &Erased,
) -> Result<Step, PullError> {
    let first = package.start().value();
    let frames = frames
        .into_iter()
        .map(|frame| {
            let at = (frame.start().value() - first) as usize;
            let end = at + frame.states().len();
            payloads::verify(frame, &package.leaves()[at..end], erased)
        })
        .collect::<Result<_, _>>()?;
    Ok(Step::Package {
        package,
        frames,
        uncovered: SlotState::Filtered,
    })
}
