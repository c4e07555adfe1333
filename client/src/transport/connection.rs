//! An open connection.

use std::{
    fmt,
    future::Future,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{
    HeaderValue, Request, Response, Uri,
    header::USER_AGENT,
    uri::{Authority, PathAndQuery, Scheme},
};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tower::Service;

use super::{
    answer::Answer,
    counted::{Counted, Counters},
    dial,
    endpoint::Endpoint,
    error::{Closed, TransportError},
    held::Held,
    settings::Settings,
    shared::{Shared, note},
};
use crate::tls::{Pins, TlsDialer, TlsKeyHash};

const AGENT: HeaderValue = HeaderValue::from_static(concat!("wpsx/", env!("CARGO_PKG_VERSION")));

/// An open HTTP/2 connection. Clones share it; it ends with the last of them, with
/// [`close`](Self::close), or when the other side is gone.
#[derive(Clone)]
pub struct Connection {
    sender: http2::SendRequest<tonic::body::Body>,
    shared: Arc<Shared>,
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
