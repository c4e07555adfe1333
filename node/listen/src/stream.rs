//! Streams that are open already, and that we serve instead of calling over them.

use std::net::SocketAddr;

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tower::ServiceExt as _;
use wpsx_client::{tls::TlsKeyHash, transport::Counted};

use crate::{
    allowance::Allowance,
    caller::Caller,
    class::Class,
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
    // We chose to open it: the places of others are not its measure.
    let slot = connections.admit(None, key, io.counters());
    let served = Served::to(Class::Peer, key, address, &slot, router);
    let serving = async move { http2_connection(io, served, &slot).await };
    let serving = connections.room(Class::Peer).spawn(guarded(serving));
    match AbortOnDropHandle::new(serving).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(Panicked)) | Err(_) => Err(ListenError::Broken),
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
    let caller = Caller::new(None, None, 0, Class::Operator, Allowance::default());
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(caller.clone());
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
