//! Verifies packages in their order and asks for their payloads.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    index::{BUNDLE, LeafIndex},
    package::VerifiedPackage,
};

use super::{
    error::PullError,
    filter::Erased,
    frames::{self, Frames},
    packages::Fetched,
    puller::Puller,
    request::{self, Request, Span, wanted},
    transport::Transport,
};

/// KiB of entries and payloads between the first request and the caller. One package
/// alone may be more.
pub(super) const BUDGET: u32 = 24 * 1024;
/// KiB that a package counts for at the least: about what its entries, once read, and
/// their hashes weigh without any payload.
const LEAST: u32 = 64;
/// Packages that can have a part of the budget at one time.
const MOST: usize = (BUDGET / LEAST) as usize;
/// Room for all of them on the way to `gather`, and for what ends the pull: handing one
/// on never waits.
pub(super) const ITEMS: usize = MOST + 1;
/// Room for the calls that `gather` has not come to. Each brings the last payloads of a
/// package that has a part of the budget, or is a full one out of the middle of one
/// package, which has at most so many entries. So asking for a package never waits for
/// `gather`, which may itself be waiting for what is asked.
pub(super) const CALLS_AHEAD: usize = MOST + BUNDLE as usize;
/// Payload bytes after which a call is full at the latest: more than where no budget bounds
/// what calls bring together, so that the source has the next one before the last is taken.
const CALL_BYTES: u64 = 2 * request::CALL_BYTES;
/// Calls for payloads at a time.
pub(super) const CALLS: usize = 3;

/// A verified package whose payloads have been asked for.
pub(super) struct Planned {
    pub(super) package: VerifiedPackage,
    /// The payload slots that come for it.
    pub(super) spans: Vec<Span>,
    pub(super) budget: OwnedSemaphorePermit,
}

/// What `plan` tells `gather`.
pub(super) enum Item {
    Package(Box<Planned>),
    /// Every package up to the target has been planned.
    Last(Box<VerifiedCheckpoint>),
    Failed(PullError),
}

pub(super) struct Plan<T> {
    pub(super) puller: Puller<T>,
    pub(super) erased: Erased,
    pub(super) budget: Arc<Semaphore>,
    pub(super) slots: Arc<Semaphore>,
    /// Where the next package starts.
    pub(super) next: LeafIndex,
    pub(super) request: Request,
    pub(super) calls: mpsc::Sender<Frames>,
}

impl<T: Transport> Plan<T> {
    /// Verifies packages and asks for their payloads, several packages in one call
    /// where they come faster than they are worked off.
    pub(super) async fn run(
        mut self,
        target: VerifiedCheckpoint,
        mut open: Vec<Hash>,
        mut fetched: mpsc::Receiver<Result<Fetched, PullError>>,
        out: mpsc::Sender<Item>,
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
            if out.send(item).await.is_err() {
                return;
            }
            if self.request.is_full(self.piece()) || last {
                self.ask().await;
            }
            if last {
                return;
            }
        }
    }

    async fn plan(&mut self, package: VerifiedPackage) -> Planned {
        let filter = &self.puller.options.payloads;
        let piece = self.piece();
        let wanted = wanted(
            package.start(),
            package.leaves(),
            filter,
            &self.erased,
            piece,
        );
        let bytes: u64 = wanted.iter().map(|wanted| wanted.bytes).sum();
        let cost = u32::try_from((bytes + package.entries().bytes().len() as u64) / 1024 + 1)
            .unwrap_or(BUDGET)
            .clamp(LEAST, BUDGET);
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
        if bytes + self.request.bytes > piece {
            self.ask().await;
        }
        let mut spans = Vec::new();
        for wanted in wanted {
            spans.push(wanted.span);
            self.request.add(wanted.span, wanted.bytes);
            if self.request.is_full(piece) {
                self.ask().await;
            }
        }
        Planned {
            package,
            spans,
            budget,
        }
    }

    /// Bytes of one call.
    fn piece(&self) -> u64 {
        self.puller.options.speed.piece(CALL_BYTES)
    }

    /// Sends what has been collected.
    async fn ask(&mut self) {
        if self.request.is_empty() {
            return;
        }
        let places = if self.puller.options.speed.is_slow() {
            CALLS
        } else {
            1
        };
        let slot = Arc::clone(&self.slots)
            .acquire_many_owned(places as u32)
            .await
            .expect("the semaphore is never closed");
        let request = std::mem::take(&mut self.request);
        let frames = frames::call(
            self.puller.clone(),
            request,
            self.erased.clone(),
            Some(slot),
        );
        // Nobody listens any more if this fails.
        let _ = self.calls.send(frames).await;
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
