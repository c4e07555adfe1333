//! The TCP ports: TLS for peers and readers, plain HTTP for what everybody may read.
//!
//! Nobody who comes in here is the operator.

use std::{io, net::SocketAddr};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use wpsx_client::{
    tls::{ALPN_H2, ALPN_TURN},
    transport::Counted,
};

use crate::{
    accept::accept_each,
    connections::{Connections, Slot},
    error::ListenError,
    handshake::{Shaken, shake},
    http::{Served, http1_connection, http2_connection},
    tls::ServerTls,
    turned::{AcceptedTurn, OnTurned},
};

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
    accept_each(
        &listener,
        || place(&listener),
        &connections,
        |stream, address, slot| {
            let (tls, router, turned) = (tls.clone(), router.clone(), turned.clone());
            tls_connection(stream, address, slot, tls, router, turned)
        },
    )
    .await
}

/// Serves plain HTTP/1.1 until the node stops.
///
/// # Errors
/// When accepting ended in a panic.
pub async fn serve_http(
    listener: TcpListener,
    router: Router,
    connections: Connections,
) -> Result<(), ListenError> {
    accept_each(
        &listener,
        || place(&listener),
        &connections,
        |stream, address, slot| {
            let router = router.clone();
            async move {
                let caller = slot.caller(None, address);
                http1_connection(stream, Served::to(caller, router), &slot).await
            }
        },
    )
    .await
}

async fn tls_connection(
    stream: Counted<TcpStream>,
    address: Option<SocketAddr>,
    slot: Slot,
    tls: ServerTls,
    router: Router,
    turned: Option<OnTurned>,
) -> Result<(), ListenError> {
    let Some(Shaken { stream, key }) = shake(stream, &slot, &tls, turned.is_some()).await? else {
        return Ok(());
    };
    let caller = slot.caller(key, address);
    match (stream.get_ref().1.alpn_protocol(), turned) {
        (Some(ALPN_TURN), Some(turned)) => {
            turned(AcceptedTurn::new(stream, slot), caller);
            Ok(())
        }
        (Some(ALPN_H2), _) => {
            let stream = Counted::new(stream);
            http2_connection(stream, Served::to(caller, router), &slot).await
        }
        _ => http1_connection(stream, Served::to(caller, router), &slot).await,
    }
}

fn place(listener: &TcpListener) -> String {
    listener
        .local_addr()
        .map_or_else(|_| "a port".to_owned(), |address| address.to_string())
}
