//! Accepts connections and serves them, with a bound on everything a caller can hold.
//!
//! One TLS port serves HTTP/2 (gRPC between nodes and for readers) and HTTP/1.1, and
//! hands over connections with turned roles. The same loop serves the plain HTTP
//! listener and the Unix socket of administration. Every request carries a
//! [`Caller`]; what that caller may see is the services' business.

mod connections;
mod http;
mod pulse;
pub mod tls;
mod turned;
mod unix;

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout_at},
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};
use wpsx_client::{
    clock::monotonic,
    tls::{ALPN_H2, ALPN_TURN, TlsKeyHash, alert_reason, key_hash, tls_error},
    transport::Counted,
};

use self::{
    connections::Slot,
    http::{http1_connection, http2_connection},
};
pub use self::{
    connections::{Connections, Figures, Refusal},
    turned::AcceptedTurn,
    unix::serve_unix,
};
use crate::tls::ServerTls;

/// After an error of the system that will not go away at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// What callers may hold, and for how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections.
    pub connections: usize,
    /// Open connections of those who are no peers; the other places are kept for peers.
    pub strangers: usize,
    /// Open connections of one address (of one /64 of IPv6).
    pub connections_per_address: usize,
    /// Requests at once on one connection.
    pub streams: u32,
    /// Time for TLS and the first bytes of HTTP/2.
    pub handshake: Duration,
    /// Time for the headers of a request; an idle HTTP/1.1 connection is closed then too.
    pub headers: Duration,
    /// Time for a request to arrive whole.
    pub request: Duration,
    /// Time in which some of an answer has to be taken.
    pub stall: Duration,
    /// Time without a request after which a connection is closed.
    pub idle: Duration,
    /// How often a quiet connection is asked whether it still lives.
    pub ping_interval: Duration,
    /// How long the answer to that may take.
    pub ping_timeout: Duration,
    /// Bytes of headers in one request.
    pub header_list: u32,
    /// Bytes of one request that may be under way to us unread.
    pub stream_window: u32,
    /// Bytes of all requests of a connection that may be under way to us unread.
    pub connection_window: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            strangers: 768,
            connections_per_address: 64,
            streams: 64,
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(15),
            request: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            idle: Duration::from_secs(300),
            ping_interval: Duration::from_secs(20),
            ping_timeout: Duration::from_secs(10),
            header_list: 16 * 1024,
            stream_window: 64 * 1024,
            connection_window: 256 * 1024,
        }
    }
}

/// Who makes a request. Every request carries it as an extension.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The TLS key that the caller proved to have, if it showed one.
    pub key: Option<TlsKeyHash>,
    /// Its address; none on a Unix socket or a pipe.
    pub address: Option<SocketAddr>,
    /// The connection, by a number that is not used again.
    pub connection: u64,
}

/// Takes connections with turned roles. Must not block: the work belongs in a task.
pub type OnTurned = Arc<dyn Fn(AcceptedTurn, Caller) + Send + Sync>;

/// Why a port cannot be listened on, or a connection ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else has the port.
    #[error(
        "the address {0} is taken; stop the other program or choose another in the configuration"
    )]
    Taken(SocketAddr),
    /// The system does not let us.
    #[error(
        "listening on {0} is not permitted; choose a port from 1024 up, or grant \
         CAP_NET_BIND_SERVICE"
    )]
    NotPermitted(SocketAddr),
    /// This machine has no such address.
    #[error("this machine has no address {0}; choose one it has, or 0.0.0.0 for all")]
    NoSuchAddress(SocketAddr),
    /// Another reason to have no port.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The path of the Unix socket is longer than the system allows.
    #[error("the socket path {0} is longer than 100 bytes; choose a shorter data directory")]
    PathTooLong(String),
    /// A living process answers on the Unix socket.
    #[error("another process serves {0}; stop it first")]
    SocketTaken(String),
    /// Something that is no socket is in the way.
    #[error("{0} exists and is not a socket; move it away")]
    NotASocket(String),
    /// The Unix socket could not be made.
    #[error("cannot make the socket {path}; check that its directory exists and may be written")]
    Socket {
        /// The path.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A connection was refused or ended for what the other side did.
    #[error("{0}")]
    Refused(String),
}

/// Listens on an address.
///
/// # Errors
/// With a sentence that says what to do.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::Taken(address),
            io::ErrorKind::PermissionDenied => ListenError::NotPermitted(address),
            io::ErrorKind::AddrNotAvailable => ListenError::NoSuchAddress(address),
            _ => ListenError::Bind { address, source },
        })
}

/// Serves TLS until the node stops: HTTP/2 and HTTP/1.1 with `router`, turned roles
/// with `turned` if they are wanted.
pub async fn serve_tls(
    listener: TcpListener,
    tls: ServerTls,
    router: Router,
    turned: Option<OnTurned>,
    connections: Connections,
) {
    accept_each(&listener, &connections, |stream, address, slot| {
        let (tls, router, turned) = (tls.clone(), router.clone(), turned.clone());
        async move {
            let ended = tls_connection(stream, address, &slot, &tls, router, turned);
            match ended.await {
                Ok(None) => Ok(()),
                Ok(Some((stream, turned, caller))) => {
                    turned(AcceptedTurn::new(stream, slot), caller);
                    Ok(())
                }
                Err(error) => Err(error),
            }
        }
    })
    .await;
}

/// Serves plain HTTP/1.1 until the node stops.
pub async fn serve_http(listener: TcpListener, router: Router, connections: Connections) {
    accept_each(&listener, &connections, |stream, address, slot| {
        let router = router.clone();
        async move { http1_connection(stream, Some(address), None, router, &slot).await }
    })
    .await;
}

/// Serves HTTP/2 over a stream that is open already: one we dialled with turned
/// roles, or a pipe in memory. Returns when it has ended.
///
/// # Errors
/// When it was ended for what the other side did, or broke.
pub async fn serve_io<IO>(
    io: IO,
    key: Option<TlsKeyHash>,
    address: Option<SocketAddr>,
    router: Router,
    connections: &Connections,
) -> Result<(), ListenError>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let io = Counted::new(io);
    // We chose to open it: what strangers at the other end hold is not its measure.
    let slot = connections
        .admit(None, key, io.counters())
        .map_err(|cap| ListenError::Refused(cap.to_owned()))?;
    http2_connection(io, address, key, router, &slot).await
}

async fn accept_each<F>(
    listener: &TcpListener,
    connections: &Connections,
    serve: impl Fn(Counted<TcpStream>, SocketAddr, Slot) -> F,
) where
    F: Future<Output = Result<(), ListenError>> + Send + 'static,
{
    loop {
        let accepted = tokio::select! {
            biased;
            () = connections.stop().cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections at the moment");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Small messages go out at once; without it, each would wait for an answer.
        let _ = stream.set_nodelay(true);
        let stream = Counted::new(stream);
        let slot = match connections.admit(Some(address), None, stream.counters()) {
            Ok(slot) => slot,
            Err(cap) => {
                connections.refuse(Some(address), cap);
                continue;
            }
        };
        let served = serve(stream, address, slot);
        let connections = connections.clone();
        tokio::spawn(async move {
            if let Err(error) = served.await {
                connections.refuse(Some(address), &error.to_string());
            }
        });
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// A connection whose roles have turned, and who takes it.
type Turned = (TlsStream<Counted<TcpStream>>, OnTurned, Caller);

async fn tls_connection(
    stream: Counted<TcpStream>,
    address: SocketAddr,
    slot: &Slot,
    tls: &ServerTls,
    router: Router,
    turned: Option<OnTurned>,
) -> Result<Option<Turned>, ListenError> {
    let limits = slot.connections.limits();
    let handshake = async {
        let hello = LazyConfigAcceptor::new(Default::default(), stream).await?;
        let wants_turn = hello
            .client_hello()
            .alpn()
            .is_some_and(|mut names| names.any(|name| name == ALPN_TURN));
        let config = if wants_turn && turned.is_some() {
            &tls.turned
        } else {
            &tls.open
        };
        hello.into_stream(Arc::clone(config)).await
    };
    let stream = tokio::select! {
        () = slot.cut.cancelled() => return Ok(None),
        done = timeout_at(monotonic() + limits.handshake, handshake) => match done {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(ListenError::Refused(tls_reason(&error))),
            Err(_) => {
                let reason = "it did not finish the TLS handshake in time".to_owned();
                return Err(ListenError::Refused(reason));
            }
        },
    };
    let session = stream.get_ref().1;
    let shown = session.peer_certificates().and_then(|chain| chain.first());
    let key = match shown.map(key_hash).transpose() {
        Ok(key) => key,
        // The handshake has read this certificate already.
        Err(error) => return Err(ListenError::Refused(error.to_string())),
    };
    let is_peer = key.is_some_and(|key| (tls.is_peer)(&key));
    slot.identify(key, is_peer)
        .map_err(|cap| ListenError::Refused(cap.to_owned()))?;
    match (session.alpn_protocol(), turned) {
        (Some(ALPN_TURN), Some(turned)) => {
            let caller = Caller {
                key,
                address: Some(address),
                connection: slot.id,
            };
            Ok(Some((stream, turned, caller)))
        }
        (Some(ALPN_H2), _) => {
            let stream = Counted::new(stream);
            http2_connection(stream, Some(address), key, router, slot).await?;
            Ok(None)
        }
        _ => {
            http1_connection(stream, Some(address), key, router, slot).await?;
            Ok(None)
        }
    }
}

/// What a failed handshake says about the other side.
fn tls_reason(error: &io::Error) -> String {
    let Some(tls) = tls_error(error) else {
        return "it left during the TLS handshake".to_owned();
    };
    if let Some(reason) = alert_reason(tls) {
        return reason.to_owned();
    }
    match tls {
        rustls::Error::InvalidMessage(_) => "it does not speak TLS on a TLS port".to_owned(),
        rustls::Error::NoCertificatesPresented => {
            "it wanted to turn the roles and showed no TLS key".to_owned()
        }
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::ApplicationVerificationFailure,
        ) => "it wanted to turn the roles, but its TLS key is no peer's; add its card".to_owned(),
        rustls::Error::PeerIncompatible(_) => "it does not speak TLS 1.3".to_owned(),
        other => format!("its TLS handshake failed: {other}"),
    }
}
