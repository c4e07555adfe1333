//! The listeners: what each port and the socket serve, and how they end.

use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use futures::poll;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UnixListener},
    sync::Notify,
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use wpsx_client::{
    clock::Clock,
    tls::ALPN_HTTP1,
    transport::{Connection, TransportError},
};
use wpsx_listen::{Class, Connections, Limits, ListenError, bind, serve_http, serve_unix};

use crate::{
    node::{Node, SHORT, SOON, hello, loopback, settings, watch, within},
    raw::{assert_cut, page, raw},
    service::Service,
};

#[tokio::test]
async fn the_tls_port_serves_http_1_too() {
    let node = Node::start(Limits::default()).await;
    let mut stream = raw(node.address, ALPN_HTTP1).await;
    let request = b"GET /page HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("a page"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_request_that_does_not_name_one_host_is_refused() {
    let node = Node::start(Limits::default()).await;
    for (head, status) in [
        ("HTTP/1.1\r\n", "400"),
        ("HTTP/1.1\r\nhost: a\r\nhost: b\r\n", "400"),
        ("HTTP/1.1\r\nhost: a b\r\n", "400"),
        ("HTTP/1.1\r\nhost: node.example:8443\r\n", "200"),
        ("HTTP/1.1\r\nhost: [::1]:80\r\n", "200"),
        ("HTTP/1.1\r\nhost:\r\n", "200"),
        ("HTTP/1.0\r\n", "200"),
    ] {
        let mut stream = raw(node.address, ALPN_HTTP1).await;
        let request = format!("GET /page {head}connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        within(stream.read_to_string(&mut answer)).await.unwrap();
        let told = answer.split(' ').nth(1);
        assert_eq!(told, Some(status), "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn the_plain_listener_keeps_the_same_limits() {
    let limits = Limits {
        headers: SHORT,
        opening: 2,
        ..Limits::default()
    };
    let stop = CancellationToken::new();
    let connections = Connections::new(limits, Clock::system(), stop.clone());
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Service::router();
    let served = tokio::spawn(serve_http(
        listener,
        router,
        connections.clone(),
        Class::Reader,
        None,
    ));
    let mut first = TcpStream::connect(address).await.unwrap();
    within(connections.wait_for_count(1)).await;
    let mut mute = TcpStream::connect(address).await.unwrap();
    within(connections.wait_for_count(2)).await;
    let mut good = TcpStream::connect(address).await.unwrap();
    // The oldest gives way, so that the newest can say something.
    assert_cut(&mut first).await;
    good.write_all(b"GET /page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    within(good.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("a page"), "{answer}");
    assert_cut(&mut mute).await;
    stop.cancel();
    within(served).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_socket_of_administration_is_for_its_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    // What a killed process leaves.
    drop(UnixListener::bind(&path).unwrap());
    let stop = CancellationToken::new();
    let connections = Connections::new(Limits::default(), Clock::system(), stop.clone());
    let (socket, registry) = (path.clone(), connections.clone());
    let served =
        tokio::spawn(async move { serve_unix(&socket, Service::router(), registry).await });
    let connection = within(async {
        loop {
            match Connection::unix(&path, &settings()).await {
                Ok(connection) => return connection,
                Err(_) => sleep(Duration::from_millis(5)).await,
            }
        }
    })
    .await;
    assert_eq!(hello(&connection).await.unwrap(), "nobody");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let second = serve_unix(&path, Router::new(), connections.clone()).await;
    assert!(matches!(second, Err(ListenError::SocketTaken(_))));
    stop.cancel();
    within(served).await.unwrap().unwrap();
    assert!(!path.exists());
    let gone = Connection::unix(&path, &settings()).await.unwrap_err();
    assert!(matches!(gone, TransportError::Unreachable { .. }));

    fs::write(&path, "precious").unwrap();
    let blocked = serve_unix(&path, Router::new(), connections.clone()).await;
    assert!(matches!(blocked, Err(ListenError::NotASocket(_))));
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    let long = folder.path().join("x".repeat(100));
    let refused = serve_unix(&long, Router::new(), connections.clone()).await;
    assert!(matches!(refused, Err(ListenError::PathTooLong(_))));
    let refused = Connection::unix(&long, &settings()).await;
    assert!(matches!(refused, Err(TransportError::SocketPath { .. })));
    let nowhere = folder.path().join("no/admin.sock");
    let refused = serve_unix(&nowhere, Router::new(), connections).await;
    assert!(matches!(refused, Err(ListenError::Socket { .. })));
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = bind(loopback()).await.unwrap();
    let again = bind(taken.local_addr().unwrap()).await.unwrap_err();
    assert!(matches!(again, ListenError::Taken(_)), "{again}");
}

#[tokio::test]
async fn a_drain_lets_requests_end_and_cuts_what_would_not() {
    let (begins, ends) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = {
        let (begins, ends) = (begins.clone(), ends.clone());
        move || async move {
            begins.notify_one();
            ends.notified().await;
            "at last"
        }
    };
    let router = Service::router().route("/held", get(held));
    let node = Node::serving(Limits::default(), router).await;
    let connection = node.dial(None).await.unwrap();
    let _standing = watch(&connection).await.unwrap();
    let held = tokio::spawn(page(node.address, "/held"));
    within(begins.notified()).await;
    let mut drain = node.connections.drain(Duration::from_secs(3));
    assert!(poll!(drain.as_mut()).is_pending());
    ends.notify_one();
    let cut = within(drain).await;
    assert_eq!(cut, 1);
    assert!(held.await.unwrap().ends_with("at last"));
    assert_eq!(node.connections.count(), 0);
    assert!(hello(&connection).await.is_err());
    assert!(TcpStream::connect(node.address).await.is_err());

    let quick = Node::start(Limits::default()).await;
    let connection = quick.dial(None).await.unwrap();
    hello(&connection).await.unwrap();
    assert_eq!(within(quick.connections.drain(SOON)).await, 0);
}
