//! Requests that have to arrive whole within a time: who drips holds nothing.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::Status;

/// A request's body that has to arrive within a time.
pub(crate) struct Punctual {
    body: Incoming,
    limit: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl Punctual {
    pub(crate) fn new(body: Incoming, limit: Duration) -> Self {
        Self {
            body,
            limit,
            sleep: Box::pin(sleep(limit)),
        }
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
