//! Connections with turned roles: the other side dialled, we ask.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;
use wpsx_client::transport::{Counted, Counters, Held};

use super::connections::Slot;

/// A connection that a peer dialled for us to use as HTTP/2 client. It stays in the
/// registry while it lives, and ends when the registry says so.
pub struct AcceptedTurn {
    io: Held<TlsStream<Counted<TcpStream>>>,
    _slot: Slot,
}

impl AcceptedTurn {
    pub(super) fn new(io: TlsStream<Counted<TcpStream>>, slot: Slot) -> Self {
        Self {
            io: Held::new(io, slot.cut.clone()),
            _slot: slot,
        }
    }

    /// Bytes on the wire, TLS included.
    pub fn counters(&self) -> Arc<Counters> {
        self.io.get_ref().get_ref().0.counters()
    }
}

impl AsyncRead for AcceptedTurn {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for AcceptedTurn {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
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
