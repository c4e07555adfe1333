//! Connections of which the other side has closed its own half: it has asked for all that it
//! wants, and still waits for the answer.
//!
//! Nothing tells such a caller from one that is gone, until something is written to it. So the
//! end is kept from hyper while a request is being answered, which would else drop the answer;
//! and who waits for its first bytes for longer than [`Limits::half_closed`] is taken for gone,
//! so that nothing is made for nobody for long.
//!
//! Not taken: hyper's own `half_close`, which looks for no end at all while it answers.
//!
//! [`Limits::half_closed`]: crate::Limits::half_closed

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
    time::{Sleep, sleep},
};

use crate::pulse::Pulse;

/// A stream whose other side may close its half and still be answered.
pub(crate) struct Half<IO> {
    io: IO,
    pulse: Arc<Pulse>,
    patience: Duration,
    /// How long the first bytes of the answer are waited for, once the other half is closed.
    closed: Option<Pin<Box<Sleep>>>,
    /// Something was written since then; the next write tells whether anybody is there.
    has_answered: bool,
    /// Told when the other half was closed under a request.
    last: Arc<Notify>,
}

impl<IO> Half<IO> {
    /// `last` hears once when the other half was closed while a request was answered: then the
    /// connection ends with that answer.
    pub(crate) fn new(io: IO, pulse: Arc<Pulse>, patience: Duration, last: Arc<Notify>) -> Self {
        Self {
            io,
            pulse,
            patience,
            closed: None,
            has_answered: false,
            last,
        }
    }

    fn written(&mut self, answer: &Poll<io::Result<usize>>) {
        let is_written = matches!(answer, Poll::Ready(Ok(bytes)) if *bytes > 0);
        self.has_answered |= is_written && self.closed.is_some();
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Half<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.closed.is_none() {
            let before = buf.filled().len();
            let is_full = buf.remaining() == 0;
            ready!(Pin::new(&mut this.io).poll_read(cx, buf))?;
            if is_full || buf.filled().len() > before || !this.pulse.is_busy() {
                return Poll::Ready(Ok(()));
            }
            this.closed = Some(Box::pin(sleep(this.patience)));
            this.last.notify_one();
        }
        match &mut this.closed {
            // Whoever writes finds out.
            Some(_) if this.has_answered => Poll::Pending,
            Some(patience) => patience.as_mut().poll(cx).map(Ok),
            None => Poll::Pending,
        }
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Half<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let answer = Pin::new(&mut self.io).poll_write(cx, buf);
        self.written(&answer);
        answer
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let answer = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.written(&answer);
        answer
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
