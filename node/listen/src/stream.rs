//! Streams that are open already, and that we serve instead of calling over them.

use std::net::SocketAddr;

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use wpsx_client::{tls::TlsKeyHash, transport::Counted};

use crate::{
    caller::Caller,
    connections::Connections,
    error::ListenError,
    http::{Served, http2_connection},
    operator::Operator,
    panics::{Panicked, Tasks, guarded},
};

/// Serves HTTP/2 over a stream to somebody else: one that we dialled with turned
/// roles. Returns when it has ended.
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
    let served = Served::to(slot.caller(key, address), router);
    match guarded(http2_connection(io, served, &slot)).await {
        Ok(ended) => ended,
        Err(Panicked) => Err(ListenError::Broken),
    }
}

/// Serves HTTP/2 over a pipe within this process, to the command that opened the node:
/// every request is the operator's. Returns when the command has closed its end.
///
/// Both ends are ours, so none of the limits for others hold here. How large a message
/// may be is the service's to say, as everywhere.
///
/// # Errors
/// When a panic ended it.
pub async fn serve_pipe<IO>(io: IO, router: Router) -> Result<(), ListenError>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let operator = Operator::at_this_door();
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Caller::default());
        operator.mark(request.extensions_mut());
        router.clone().oneshot(request)
    });
    let cut = CancellationToken::new();
    let served = http2::Builder::new(Tasks::new(None, cut.clone()))
        .serve_connection(TokioIo::new(io), service);
    tokio::select! {
        () = cut.cancelled() => Err(ListenError::Broken),
        ended = guarded(served) => match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                // The command has gone; there is nobody to tell.
                tracing::debug!(%error, "pipe ended");
                Ok(())
            }
            Err(Panicked) => Err(ListenError::Broken),
        },
    }
}
