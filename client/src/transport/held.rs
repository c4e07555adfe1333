//! A stream that can be ended from outside, whoever is reading and writing it.
//!
//! HTTP/2 keeps a connection alive while an answer is under way, even when nobody
//! drives it any more. Ending the stream below ends everything above.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A stream whose reads and writes fail once `cut` is cancelled. It keeps a `K` until it
/// is dropped, which is when it has truly ended.
pub struct Held<IO, K = ()> {
    io: IO,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    _kept: K,
}

impl<IO> Held<IO> {
    /// Ends when `cut` is cancelled.
    pub fn new(io: IO, cut: CancellationToken) -> Self {
        Self {
            io,
            cut: Box::pin(cut.cancelled_owned()),
            _kept: (),
        }
    }

    /// The same, keeping `kept` as long as it lives.
    pub fn keeping<K>(self, kept: K) -> Held<IO, K> {
        Held {
            io: self.io,
            cut: self.cut,
            _kept: kept,
        }
    }
}

impl<IO, K> Held<IO, K> {
    /// The stream itself.
    pub fn get_ref(&self) -> &IO {
        &self.io
    }

    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.as_mut().poll(cx).is_ready() {
            return Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "it was ended from here",
            ));
        }
        Ok(())
    }
}

impl<IO: AsyncRead + Unpin, K: Unpin> AsyncRead for Held<IO, K> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<IO: AsyncWrite + Unpin, K: Unpin> AsyncWrite for Held<IO, K> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
