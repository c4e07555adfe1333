//! One HTTP/2 connection to a node, over whatever carries bytes.
//!
//! [`Connection`] is what the generated clients are made with. It is the same
//! whether we dialled it, the other side dialled and the roles turned, or a Unix
//! socket or an in-memory pipe lies below. The key of the other side is looked up
//! again for every call, so that a removed peer is refused at once.

mod counted;
mod dial;
mod endpoint;
mod error;
mod held;

use std::{
    fmt,
    future::Future,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, Uri,
    header::USER_AGENT,
    uri::{Authority, PathAndQuery, Scheme},
};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    client::conn::http2,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tower::Service;

pub use self::{
    counted::{Counted, Counters},
    dial::{TurnedStream, dial_turned},
    endpoint::{Endpoint, Proxy},
    error::{Closed, TransportError},
    held::Held,
};
use crate::tls::{Pins, TlsDialer, TlsKeyHash};

const AGENT: HeaderValue = HeaderValue::from_static(concat!("wpsx/", env!("CARGO_PKG_VERSION")));
/// How long an answer that failed with its connection waits to learn why.
const REASON_WAIT: Duration = Duration::from_millis(200);

/// Times and sizes of our side of a connection.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long name look-up and TCP may take, the proxy's part included.
    pub connect: Duration,
    /// How long TLS may take.
    pub handshake: Duration,
    /// How often a quiet connection is asked whether it still lives.
    pub ping_interval: Duration,
    /// How long the answer to that may take.
    pub ping_timeout: Duration,
    /// HTTP/2 window of a stream: what may be under way to us unread; the connection
    /// has half as much again. At 50 ms of distance 64 KB allow 1 MB/s, 16 MB 170 MB/s.
    pub window: u32,
    /// The largest HTTP/2 frame we take.
    pub frame: u32,
    /// The most bytes of headers we take in one answer.
    pub header_list: u32,
    /// The way out, where there is no direct one.
    pub proxy: Option<Proxy>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            ping_interval: Duration::from_secs(20),
            ping_timeout: Duration::from_secs(10),
            window: 16 * 1024 * 1024,
            frame: 256 * 1024,
            header_list: 32 * 1024,
            proxy: None,
        }
    }
}

/// An open HTTP/2 connection. Clones share it; it ends with the last of them, with
/// [`close`](Self::close), or when the other side is gone.
#[derive(Clone)]
pub struct Connection {
    sender: http2::SendRequest<tonic::body::Body>,
    shared: Arc<Shared>,
}

struct Shared {
    place: String,
    authority: Authority,
    peer: Option<(TlsKeyHash, Pins)>,
    counters: Arc<Counters>,
    cut: CancellationToken,
    closed: watch::Receiver<Option<Closed>>,
    reason: Arc<watch::Sender<Option<Closed>>>,
}

impl Connection {
    /// Dials a node. Its key must be one of the dialler's pins.
    ///
    /// # Errors
    /// When it cannot be reached in time, has another key, or refuses us.
    pub async fn dial(
        endpoint: &Endpoint,
        tls: &TlsDialer,
        settings: &Settings,
    ) -> Result<Self, TransportError> {
        let dialled = dial::dial(endpoint, &tls.plain, settings).await?;
        let peer = Some((dialled.key, tls.pins().clone()));
        let place = endpoint.to_string();
        Self::start(dialled.io, place, peer, dialled.counters, settings).await
    }

    /// Speaks over a stream whose other end serves HTTP/2 and needs no key: a socket
    /// of this machine, a pipe in memory.
    ///
    /// # Errors
    /// When the stream breaks at once.
    pub async fn over<IO>(io: IO, settings: &Settings) -> Result<Self, TransportError>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let io = Counted::new(io);
        let counters = io.counters();
        Self::start(io, "the other side".to_owned(), None, counters, settings).await
    }

    /// Speaks over a stream that a peer dialled to be served from: turned roles.
    /// `counters` are the stream's own.
    ///
    /// # Errors
    /// When the peer's key is not pinned, or the stream breaks at once.
    pub async fn over_turned<IO>(
        io: IO,
        key: TlsKeyHash,
        pins: Pins,
        counters: Arc<Counters>,
        settings: &Settings,
    ) -> Result<Self, TransportError>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let place = format!("the peer with the TLS key {key}");
        if !pins.contains(&key) {
            return Err(TransportError::Closed {
                place,
                reason: Closed::Unpinned,
            });
        }
        Self::start(io, place, Some((key, pins)), counters, settings).await
    }

    /// Connects to the Unix socket of a node on this machine.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn unix(path: &Path, settings: &Settings) -> Result<Self, TransportError> {
        let io = Counted::new(dial::unix(path).await?);
        let counters = io.counters();
        Self::start(io, path.display().to_string(), None, counters, settings).await
    }

    async fn start<IO>(
        io: IO,
        place: String,
        peer: Option<(TlsKeyHash, Pins)>,
        counters: Arc<Counters>,
        settings: &Settings,
    ) -> Result<Self, TransportError>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (cut, gone) = (CancellationToken::new(), CancellationToken::new());
        let io = Held::new(io, cut.clone()).keeping(gone.clone().drop_guard());
        let (sender, driver) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(settings.window)
            // A stream that nobody reads may fill its window; the others have to go on.
            .initial_connection_window_size(settings.window.saturating_add(settings.window / 2))
            .max_frame_size(settings.frame)
            .max_header_list_size(settings.header_list)
            .keep_alive_interval(settings.ping_interval)
            .keep_alive_timeout(settings.ping_timeout)
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|e| TransportError::Closed {
                place: place.clone(),
                reason: Closed::from_hyper(&e),
            })?;
        let (reason, closed) = watch::channel(None);
        let reason = Arc::new(reason);
        let (pinned, end, ender) = (peer.clone(), cut.clone(), Arc::clone(&reason));
        tokio::spawn(async move {
            let unpinned = async {
                match &pinned {
                    Some((key, pins)) => pins.dropped(key).await,
                    None => std::future::pending().await,
                }
            };
            // The driver ends with the last clone of the sender, the connection only
            // when the last answer has been read too.
            let ended = async {
                match driver.await {
                    Ok(()) => gone.cancelled().await,
                    Err(error) => return Closed::from_hyper(&error),
                }
                Closed::ByPeer
            };
            let why = tokio::select! {
                () = end.cancelled() => Closed::ByUs,
                () = unpinned => Closed::Unpinned,
                why = ended => why,
            };
            note(&ender, why);
            end.cancel();
        });
        let authority = place
            .strip_prefix("https://")
            .and_then(|host| Authority::try_from(host).ok())
            .unwrap_or_else(|| Authority::from_static("node"));
        Ok(Self {
            sender,
            shared: Arc::new(Shared {
                place,
                authority,
                peer,
                counters,
                cut,
                closed,
                reason,
            }),
        })
    }

    /// The key the other side proved to have; none on a Unix socket or a pipe.
    pub fn peer_key(&self) -> Option<TlsKeyHash> {
        self.shared.peer.as_ref().map(|(key, _)| *key)
    }

    /// Bytes in and out so far: on the wire, TLS included, where there is TLS.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.shared.counters
    }

    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.shared.closed.borrow().is_some() || self.sender.is_closed()
    }

    /// Waits until it has ended, and says why.
    pub fn closed(&self) -> impl Future<Output = Closed> + Send + 'static {
        let mut closed = self.shared.closed.clone();
        async move {
            match closed.wait_for(Option::is_some).await {
                Ok(reason) => reason.clone().unwrap_or(Closed::ByUs),
                Err(_) => Closed::ByUs,
            }
        }
    }

    /// Ends it now; calls under way fail.
    pub fn close(&self) {
        self.shared.end(Closed::ByUs);
    }
}

impl Shared {
    fn end(&self, why: Closed) {
        note(&self.reason, why);
        self.cut.cancel();
    }

    fn error(&self, reason: Closed) -> Status {
        TransportError::Closed {
            place: self.place.clone(),
            reason,
        }
        .into()
    }

    /// The error of a call: the connection's, where it ended, else the stream's own.
    async fn explain(&self, error: hyper::Error, is_closed: bool) -> Status {
        let mut closed = self.closed.clone();
        if is_closed {
            // The driver is about to say why.
            let _ = timeout(REASON_WAIT, closed.wait_for(Option::is_some)).await;
        }
        let known = closed.borrow_and_update().clone();
        match known {
            Some(reason) => self.error(reason),
            None => error::stream_status(error),
        }
    }
}

/// Notes why a connection ended; the first reason stays.
fn note(reason: &watch::Sender<Option<Closed>>, why: Closed) {
    reason.send_if_modified(|known| {
        let is_first = known.is_none();
        known.get_or_insert(why);
        is_first
    });
}

impl Service<Request<tonic::body::Body>> for Connection {
    type Response = Response<Answer>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Status>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        // Generated clients hide the code of an error that is given here.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<tonic::body::Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        if let Some((key, pins)) = &shared.peer
            && !pins.contains(key)
        {
            shared.end(Closed::Unpinned);
        }
        if let Some(reason) = &*shared.closed.borrow() {
            let ended = shared.error(reason.clone());
            return Box::pin(std::future::ready(Err(ended)));
        }
        let mut uri = http::uri::Parts::default();
        uri.scheme = Some(Scheme::HTTPS);
        uri.authority = Some(self.shared.authority.clone());
        uri.path_and_query = Some(
            request
                .uri()
                .path_and_query()
                .cloned()
                .unwrap_or_else(|| PathAndQuery::from_static("/")),
        );
        *request.uri_mut() = Uri::from_parts(uri).unwrap_or_default();
        request.headers_mut().entry(USER_AGENT).or_insert(AGENT);
        let mut sender = self.sender.clone();
        Box::pin(async move {
            match sender.send_request(request).await {
                Ok(response) => Ok(response.map(|body| Answer { body, shared })),
                Err(error) => Err(shared.explain(error, sender.is_closed()).await),
            }
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("place", &self.shared.place)
            .field("closed", &*self.shared.closed.borrow())
            .finish_non_exhaustive()
    }
}

/// The body of an answer. When it fails because the connection ended, it says why.
pub struct Answer {
    body: Incoming,
    shared: Arc<Shared>,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(cx).map_err(|error| {
            match &*self.shared.closed.borrow() {
                Some(reason) => self.shared.error(reason.clone()),
                None => error::stream_status(error),
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}
