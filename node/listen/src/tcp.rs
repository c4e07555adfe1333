//! The TCP ports: TLS for peers and readers, plain HTTP for what everybody may read.
//!
//! Nobody who comes in here is the operator.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;
use wpsx_client::{
    tls::{ALPN_H2, ALPN_TURN},
    transport::Counted,
};

use crate::{
    accept::accept_each,
    class::Class,
    connections::{Connections, Slot},
    error::ListenError,
    handshake::{Shaken, shake},
    http::{Served, http1_connection, http2_connection},
    panics::{self, Panicked, guarded},
    tls::ServerTls,
    turned::{AcceptedTurn, OnTurned},
    whose::OnRefused,
};

/// A connection that has its place lives until something else ends it.
const FOREVER: Duration = Duration::MAX;

/// Listens on an address.
///
/// # Errors
/// With a sentence that says what to do.
#[expect(clippy::disallowed_methods, reason = "this is the owner of the way in")]
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
///
/// # Errors
/// When accepting ended in a panic.
pub async fn serve_tls(
    listener: TcpListener,
    tls: ServerTls,
    router: Router,
    turned: Option<OnTurned>,
    connections: Connections,
) -> Result<(), ListenError> {
    // What we do over turned connections is ours, and runs where this does.
    let home = Handle::current();
    let turned = turned.map(|turned| -> OnTurned {
        Arc::new(move |io, caller| {
            let _home = home.enter();
            turned(io, caller);
        })
    });
    let room = connections.door();
    let accepting = accept(
        listener,
        connections,
        room.clone(),
        move |stream, address, slot| {
            let (tls, router, turned) = (tls.clone(), router.clone(), turned.clone());
            tls_connection(stream, address, slot, tls, router, turned)
        },
    );
    within(&room, accepting).await
}

/// Serves plain HTTP/1.1 until the node stops, to callers of one class: readers, or who
/// asks for the operator on a port that they keep for themselves. Who finds no room hears
/// it from `refusing`, or in a plain sentence.
///
/// # Errors
/// When accepting ended in a panic.
pub async fn serve_http(
    listener: TcpListener,
    router: Router,
    connections: Connections,
    class: Class,
    refusing: Option<OnRefused>,
) -> Result<(), ListenError> {
    let room = connections.room(class);
    let accepting = accept(
        listener,
        connections,
        room.clone(),
        move |stream, address, slot| {
            let (router, refusing) = (router.clone(), refusing.clone());
            async move {
                let served = Served::to(class, None, address, &slot, router);
                let served = served.by_its_requests(&slot, refusing);
                http1_connection(stream, served, &slot).await
            }
        },
    );
    within(&room, accepting).await
}

/// Accepts, and serves in `room`.
async fn accept<F>(
    listener: TcpListener,
    connections: Connections,
    room: Handle,
    serve: impl Fn(Counted<TcpStream>, Option<SocketAddr>, Slot) -> F + Send + Sync,
) -> Result<(), ListenError>
where
    F: Future<Output = Result<(), ListenError>> + Send + 'static,
{
    accept_each(&listener, || place(&listener), &connections, &room, serve).await
}

/// Accepting is work for those who come, and done by their threads.
async fn within(
    room: &Handle,
    accepting: impl Future<Output = Result<(), ListenError>> + Send + 'static,
) -> Result<(), ListenError> {
    // It has handled a panic itself; what is cut here ends with the process.
    AbortOnDropHandle::new(room.spawn(accepting))
        .await
        .unwrap_or(Ok(()))
}

async fn tls_connection(
    stream: Counted<TcpStream>,
    address: Option<SocketAddr>,
    slot: Slot,
    tls: ServerTls,
    router: Router,
    turned: Option<OnTurned>,
) -> Result<(), ListenError> {
    let shaken = shake(stream, &slot, &tls, turned.is_some()).await?;
    let Some(Shaken {
        stream,
        key,
        class,
        full,
    }) = shaken
    else {
        return Ok(());
    };
    let served = Served::to(class, key, address, &slot, router).once_a_peer(tls.is_peer);
    let served = served.without_room(full);
    let protocol = stream.get_ref().1.alpn_protocol();
    if let (Some(ALPN_TURN), Some(turned)) = (protocol, turned) {
        // It asks nothing that could be answered.
        if let Some(full) = full {
            return Err(ListenError::Refused(full.reason.to_owned()));
        }
        turned(AcceptedTurn::new(stream, slot), served.caller());
        return Ok(());
    }
    let is_http2 = protocol == Some(ALPN_H2);
    let room = slot.connections.room(class);
    // Who is only told that it is one too many has to ask soon for being told.
    let patience = full.map_or(FOREVER, |_| slot.connections.limits().handshake);
    let serving = async move {
        let serving = async {
            match is_http2 {
                true => http2_connection(Counted::new(stream), served, &slot).await,
                false => http1_connection(stream, served, &slot).await,
            }
        };
        timeout(patience, serving).await.unwrap_or(Ok(()))
    };
    let served = AbortOnDropHandle::new(room.spawn(guarded(serving))).await;
    match served {
        Ok(Ok(ended)) => ended,
        // It says so as the loop would.
        Ok(Err(Panicked)) => {
            panics::report(address);
            Ok(())
        }
        Err(_) => Ok(()),
    }
}

fn place(listener: &TcpListener) -> String {
    listener
        .local_addr()
        .map_or_else(|_| "a port".to_owned(), |address| address.to_string())
}
