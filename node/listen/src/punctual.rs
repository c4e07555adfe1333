//! Requests that have to arrive whole within a time, and whose caller has room for them:
//! who drips holds nothing, and who sends much holds its own.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::Status;

use crate::{allowance::Allowance, pulse::Held};

/// What a call costs anyway covers so many bytes of its request, and after that room is
/// asked for by this much.
const STEP: usize = 16 << 10;
/// A byte of a request costs so many: it is kept as it came and as what it means.
const TWICE: usize = 2;

/// A request's body that has to arrive within a time.
pub(crate) struct Punctual {
    body: Incoming,
    limit: Duration,
    sleep: Pin<Box<Sleep>>,
    /// Whose memory it takes; none: nobody counts.
    cost: Option<Allowance>,
    held: Held,
    /// Bytes that came, and those that there is room for.
    came: usize,
    paid: usize,
}

impl Punctual {
    /// The body, within `limit` from now, at the cost of `cost`, for as long as `held` is.
    pub(crate) fn new(
        body: Incoming,
        limit: Duration,
        cost: Option<Allowance>,
        held: Held,
    ) -> Self {
        Self {
            body,
            limit,
            sleep: Box::pin(sleep(limit)),
            cost,
            held,
            came: 0,
            paid: STEP,
        }
    }

    /// Takes room for what came; none is left if false.
    fn has_room(&mut self, bytes: usize) -> bool {
        self.came += bytes;
        let Some(cost) = &self.cost else { return true };
        while self.paid < self.came {
            let Ok(step) = cost.call(TWICE * STEP) else {
                return false;
            };
            self.held.lock().join(step);
            self.paid += STEP;
        }
        true
    }
}

impl Body for Punctual {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            if let Some(Ok(frame)) = &frame
                && !self.has_room(frame.data_ref().map_or(0, Bytes::len))
            {
                let full = "there is no room for this request; try again soon";
                return Poll::Ready(Some(Err(Status::resource_exhausted(full).into())));
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        if self.sleep.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let limit = self.limit.as_secs_f32();
        let late = format!("the request did not arrive whole within {limit} s");
        Poll::Ready(Some(Err(Status::deadline_exceeded(late).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
