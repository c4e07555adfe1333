//! Connections with turned roles: the other side dialled, we ask.

use std::sync::Arc;

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;
use wpsx_client::transport::{Counted, Counters, Held};

use crate::{caller::Caller, connections::Slot};

/// Takes connections with turned roles. Must not block: the work belongs in a task.
pub type OnTurned = Arc<dyn Fn(AcceptedTurn, Caller) + Send + Sync>;

/// A connection that a peer dialled for us to use as HTTP/2 client. It stays in the
/// registry while it lives, and ends when the registry says so.
pub struct AcceptedTurn(Held<TlsStream<Counted<TcpStream>>, Slot>);

impl AcceptedTurn {
    pub(crate) fn new(io: TlsStream<Counted<TcpStream>>, slot: Slot) -> Self {
        let cut = slot.cut.clone();
        Self(Held::new(io, cut).keeping(slot))
    }

    /// Bytes on the wire, TLS included.
    pub fn counters(&self) -> Arc<Counters> {
        self.0.get_ref().get_ref().0.counters()
    }

    /// The stream to speak over. The place in the registry goes with it.
    pub fn into_io(self) -> impl AsyncRead + AsyncWrite + Send + Unpin + 'static {
        self.0
    }
}
