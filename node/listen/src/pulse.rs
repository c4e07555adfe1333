//! Whether a connection is worth keeping: what it asks, and whether it takes what
//! it asked for.
//!
//! A caller may not hold anything by being slow. An answer has to be taken piece by
//! piece within a time, and a connection on which nothing happens is closed.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;
use wpsx_client::clock::monotonic;

use crate::allowance::Holding;

/// The most bytes of an answer that are handed on at once, where its buffer is not smaller
/// still. HTTP/2 keeps a piece that was handed on, even if the other side has no room for it.
const PIECE: usize = 64 * 1024;
/// In `waiting`: the body is being asked for more, so nobody waits for the caller.
const WANTED: u64 = u64::MAX;

/// The life signs of one connection.
pub(crate) struct Pulse {
    begun: Instant,
    state: Mutex<State>,
}

struct State {
    busy: usize,
    quiet_since: Instant,
    next: u64,
    /// For each answer under way, since when it has not been asked for more, in
    /// milliseconds since `begun`.
    waiting: HashMap<u64, Arc<AtomicU64>>,
}

/// What the life signs say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Lives,
    /// No request for longer than allowed.
    Idle,
    /// An answer has not been taken for longer than allowed.
    Stalled,
}

impl Pulse {
    pub(crate) fn new() -> Arc<Self> {
        let begun = monotonic();
        Arc::new(Self {
            begun,
            state: Mutex::new(State {
                busy: 0,
                quiet_since: begun,
                next: 0,
                waiting: HashMap::new(),
            }),
        })
    }

    pub(crate) fn verdict(&self, idle: Duration, stall: Duration) -> Verdict {
        let state = self.state();
        let now = self.now();
        let stall = u64::try_from(stall.as_millis()).unwrap_or(u64::MAX);
        let stalled = state.waiting.values().any(|since| {
            let since = since.load(Ordering::Relaxed);
            since != WANTED && now.saturating_sub(since) > stall
        });
        if stalled {
            Verdict::Stalled
        } else if state.busy == 0 && state.quiet_since.elapsed() > idle {
            Verdict::Idle
        } else {
            Verdict::Lives
        }
    }

    /// A request begins, whose answer goes out in pieces of at most so many bytes.
    pub(crate) fn request(self: &Arc<Self>, piece: usize) -> Busy {
        self.state().busy += 1;
        Busy {
            pulse: Arc::clone(self),
            piece: piece.clamp(1, PIECE),
            held: Held::default(),
        }
    }

    /// Whether a request is being answered.
    pub(crate) fn is_busy(&self) -> bool {
        self.state().busy > 0
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(WANTED - 1)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

/// What a request holds until it is answered to its end.
pub(crate) type Held = Arc<Mutex<Holding>>;

/// A request that has not been answered to its end.
pub(crate) struct Busy {
    pulse: Arc<Pulse>,
    piece: usize,
    held: Held,
}

impl Busy {
    /// Holds this too, and whatever is added to what this gives.
    pub(crate) fn holds(&self, holding: Holding) -> Held {
        self.held.lock().join(holding);
        self.held.clone()
    }

    /// The answer is there: sends it in pieces, and watches that they are taken.
    pub(crate) fn answer(self, body: axum::body::Body) -> Answer {
        let since = Arc::new(AtomicU64::new(self.pulse.now()));
        let mut state = self.pulse.state();
        let id = state.next;
        state.next += 1;
        state.waiting.insert(id, Arc::clone(&since));
        drop(state);
        Answer {
            body,
            rest: Bytes::new(),
            since,
            id,
            busy: self,
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.pulse.state();
        state.busy -= 1;
        state.quiet_since = monotonic();
    }
}

/// An answer that goes out in pieces.
pub(crate) struct Answer {
    body: axum::body::Body,
    rest: Bytes,
    since: Arc<AtomicU64>,
    id: u64,
    busy: Busy,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            self.since.store(WANTED, Ordering::Relaxed);
            let frame = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(frame) => frame,
            };
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(other))) => {
                    self.since.store(self.busy.pulse.now(), Ordering::Relaxed);
                    return Poll::Ready(Some(Ok(other)));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let size = self.rest.len().min(self.busy.piece);
        let piece = self.rest.split_to(size);
        self.since.store(self.busy.pulse.now(), Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let inner = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower().saturating_add(rest));
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.busy.pulse.state().waiting.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    const IDLE: Duration = Duration::from_secs(60);
    const STALL: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_quiet_connection_is_idle_and_a_busy_one_is_not() {
        let pulse = Pulse::new();
        tokio::time::advance(IDLE / 2).await;
        assert_eq!(pulse.verdict(IDLE, STALL), Verdict::Lives);
        let busy = pulse.request(PIECE);
        tokio::time::advance(IDLE * 10).await;
        assert_eq!(pulse.verdict(IDLE, STALL), Verdict::Lives);
        drop(busy);
        tokio::time::advance(IDLE / 2).await;
        assert_eq!(pulse.verdict(IDLE, STALL), Verdict::Lives);
        tokio::time::advance(IDLE).await;
        assert_eq!(pulse.verdict(IDLE, STALL), Verdict::Idle);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_taken_stalls() {
        let pulse = Pulse::new();
        let body = axum::body::Body::from(vec![7; 3 * PIECE]);
        let mut answer = pulse.request(PIECE).answer(body);
        tokio::time::advance(STALL / 2).await;
        let piece = answer.frame().await.unwrap().unwrap();
        assert_eq!(piece.into_data().unwrap().len(), PIECE);
        tokio::time::advance(STALL / 2).await;
        assert_eq!(pulse.verdict(IDLE, STALL), Verdict::Lives);
        tokio::time::advance(STALL).await;
        assert_eq!(pulse.verdict(IDLE, STALL), Verdict::Stalled);
        let rest = answer.collect().await.unwrap().to_bytes();
        assert_eq!(rest.len(), 2 * PIECE);
        assert_eq!(pulse.verdict(IDLE, STALL), Verdict::Lives);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_nothing_to_send_does_not_stall() {
        let pulse = Pulse::new();
        let nothing = futures::stream::pending::<Result<Bytes, axum::Error>>();
        let mut answer = pulse
            .request(PIECE)
            .answer(axum::body::Body::from_stream(nothing));
        let asked = tokio::time::timeout(IDLE * 10, answer.frame()).await;
        assert!(asked.is_err());
        assert_eq!(pulse.verdict(IDLE, STALL), Verdict::Lives);
    }
}
