//! The two ends of a connection, against each other and against callers that
//! misbehave. Real sockets on the loopback, times shortened.

use std::{
    fs, future::Future, net::SocketAddr, os::unix::fs::PermissionsExt as _, pin::Pin, sync::Arc,
    time::Duration,
};

use axum::{Router, routing::get};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixListener},
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Extensions, Request, Response, Status};
use wpsx_client::{
    clock::Clock,
    tls::{ALPN_H2, ALPN_HTTP1, Pins, TlsDialer, TlsIdentity, TlsKeyHash},
    transport::{Closed, Connection, Endpoint, Settings, TransportError, dial_turned},
};
use wpsx_listen::{
    AcceptedTurn, Caller, Connections, Limits, ListenError, OnTurned, bind, serve_http, serve_io,
    serve_tls, serve_unix,
    tls::{NewTlsIdentity, ServerTls},
};
use wpsx_proto::api::{
    log::v1::Package,
    replication::v1::{
        GetConsistencyRequest, GetConsistencyResponse, GetIdentityRequest, GetIdentityResponse,
        HelloRequest, HelloResponse, ListHeadsRequest, ListHeadsResponse, ReadPackagesRequest,
        ReadPackagesResponse, ReadPayloadsRequest, ReadPayloadsResponse, ReportForkRequest,
        ReportForkResponse, ReportRefusalRequest, ReportRefusalResponse, WatchHeadsRequest,
        WatchHeadsResponse,
        replication_service_client::ReplicationServiceClient,
        replication_service_server::{ReplicationService, ReplicationServiceServer},
    },
};

const SOON: Duration = Duration::from_secs(5);
/// The time-out that a test is about.
const SHORT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn two_peers_that_pin_each_other_talk() {
    let node = Node::start(Limits::default()).await;
    let own = identity("eu");
    let connection = node.dial(Some(&own)).await.unwrap();
    assert_eq!(connection.peer_key(), Some(node.key));
    let said = hello(&connection).await.unwrap();
    assert_eq!(said, own.key_hash().to_string());
    assert_eq!(node.connections.count_of(&own.key_hash()), 1);
    let counters = connection.counters();
    assert!(counters.sent() > 500 && counters.received() > 500);
    drop(connection);
    within(node.connections.wait_for_count(0)).await;
    let figures = node.connections.figures();
    assert_eq!((figures.accepted, figures.refused), (1, 0));
    assert!(figures.received > 500 && figures.sent > 500);
}

#[tokio::test]
async fn a_reader_without_a_certificate_is_served() {
    let node = Node::start(Limits::default()).await;
    let connection = node.dial(None).await.unwrap();
    assert_eq!(hello(&connection).await.unwrap(), "nobody");
}

#[tokio::test]
async fn a_wrong_key_is_refused_with_the_reason_on_both_sides() {
    let node = Node::start(Limits::default()).await;
    let other = identity("other").key_hash();
    let dialler = TlsDialer::new(None, Pins::only(other)).unwrap();
    let refused = Connection::dial(&node.endpoint, &dialler, &settings()).await;
    match refused {
        Err(TransportError::WrongKey { found, pinned, .. }) => {
            assert_eq!(found, node.key);
            assert_eq!(pinned, other.to_string());
        }
        other => panic!("{other:?}"),
    }
    node.refused_for("it expected another TLS key of us").await;
}

#[tokio::test]
async fn a_key_that_was_unpinned_is_not_taken_up_again_by_a_resumed_session() {
    let node = Node::start(Limits::default()).await;
    let pins = Pins::only(node.key);
    let dialler = TlsDialer::new(Some(&identity("eu")), pins.clone()).unwrap();
    for _ in 0..2 {
        let connection = Connection::dial(&node.endpoint, &dialler, &settings()).await;
        hello(&connection.unwrap()).await.unwrap();
    }
    pins.clear();
    let refused = Connection::dial(&node.endpoint, &dialler, &settings()).await;
    assert!(matches!(refused, Err(TransportError::WrongKey { .. })));
}

#[tokio::test]
async fn a_node_that_dialled_out_is_called_back_over_the_same_connection() {
    // `hidden` listens on nothing.
    let hidden = identity("hidden");
    let (sender, mut accepted) = mpsc::channel(1);
    let node = Node::with_peers(Limits::default(), vec![hidden.key_hash()], sender).await;
    let dialler = TlsDialer::new(Some(&hidden), Pins::only(node.key)).unwrap();

    let theirs = tokio::spawn(async move {
        let (stream, caller): (AcceptedTurn, Caller) = accepted.recv().await.unwrap();
        let key = caller.key.unwrap();
        let counters = stream.counters();
        let pins = Pins::only(key);
        Connection::over_turned(stream, key, pins, counters, &settings()).await
    });
    let stream = dial_turned(&node.endpoint, &dialler, &settings())
        .await
        .unwrap();
    assert_eq!(stream.peer_key(), node.key);
    let own = Connections::new(Limits::default(), Clock::system(), CancellationToken::new());
    let (key, address, registry) = (stream.peer_key(), stream.address(), own.clone());
    let served = tokio::spawn(async move {
        serve_io(stream, Some(key), address, Service::router(), &registry).await
    });

    let connection = theirs.await.unwrap().unwrap();
    assert_eq!(connection.peer_key(), Some(hidden.key_hash()));
    assert_eq!(hello(&connection).await.unwrap(), node.key.to_string());
    assert_eq!(
        (
            own.count_of(&node.key),
            node.connections.count_of(&hidden.key_hash())
        ),
        (1, 1)
    );
    let sent: usize = read(&connection, 20, 300_000).await.unwrap();
    assert_eq!(sent, 6_000_000);

    // Removed on the side that accepted: the stream that was handed on ends too.
    let closed = connection.closed();
    assert_eq!(node.connections.close_all_of(&hidden.key_hash()), 1);
    within(closed).await;
    within(served).await.unwrap().unwrap();
    within(node.connections.wait_for_count(0)).await;
    assert_eq!(
        hello(&connection).await.unwrap_err().code(),
        Code::Unavailable
    );
}

#[tokio::test]
async fn turned_roles_are_refused_to_strangers_with_the_reason_on_both_sides() {
    let (sender, _accepted) = mpsc::channel(1);
    let node = Node::with_peers(Limits::default(), Vec::new(), sender).await;
    let pins = Pins::only(node.key);
    let dialler = TlsDialer::new(Some(&identity("stranger")), pins.clone()).unwrap();
    let refused = dial_turned(&node.endpoint, &dialler, &settings()).await;
    let message = refused.err().unwrap().to_string();
    assert!(message.contains("has to add this node's card"), "{message}");
    node.refused_for("its TLS key is no peer's").await;

    let nameless = TlsDialer::new(None, pins.clone()).unwrap();
    let refused = dial_turned(&node.endpoint, &nameless, &settings()).await;
    let message = refused.err().unwrap().to_string();
    assert!(message.contains("client certificate"), "{message}");

    // A node that takes no turned connections at all.
    let plain = Node::start(Limits::default()).await;
    let dialler = TlsDialer::new(Some(&identity("x")), Pins::only(plain.key)).unwrap();
    let refused = dial_turned(&plain.endpoint, &dialler, &settings()).await;
    let message = refused.err().unwrap().to_string();
    assert!(message.contains("does not offer this use"), "{message}");
}

#[tokio::test]
async fn removing_a_peer_closes_its_connections_on_either_side() {
    let node = Node::start(Limits::default()).await;
    let (eu, au) = (identity("eu"), identity("au"));
    let (first, second) = (
        node.dial(Some(&eu)).await.unwrap(),
        node.dial(Some(&au)).await.unwrap(),
    );
    let mut standing = watch(&first).await.unwrap();
    hello(&second).await.unwrap();

    assert_eq!(node.connections.close_all_of(&eu.key_hash()), 1);
    let cut = within(standing.next()).await.unwrap().unwrap_err();
    assert_eq!(cut.code(), Code::Unavailable, "{cut:?}");
    within(first.closed()).await;
    hello(&second).await.unwrap();

    // And from the dialling side: what is open ends, what comes is refused.
    let pins = Pins::only(node.key);
    let dialler = TlsDialer::new(Some(&eu), pins.clone()).unwrap();
    let third = Connection::dial(&node.endpoint, &dialler, &settings())
        .await
        .unwrap();
    let mut standing = watch(&third).await.unwrap();
    pins.clear();
    assert!(within(standing.next()).await.unwrap().is_err());
    assert!(matches!(within(third.closed()).await, Closed::Unpinned));
    let refused = hello(&third).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert!(
        refused.message().contains("no longer accepted"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_call_after_close_says_that_we_closed() {
    let node = Node::start(Limits::default()).await;
    let connection = node.dial(None).await.unwrap();
    hello(&connection).await.unwrap();
    let clone = connection.clone();
    connection.close();
    assert!(matches!(within(clone.closed()).await, Closed::ByUs));
    assert!(clone.is_closed());
    assert_eq!(hello(&clone).await.unwrap_err().code(), Code::Cancelled);
    within(node.connections.wait_for_count(0)).await;
}

#[tokio::test]
async fn an_answer_outlives_the_connection_it_was_asked_on() {
    let node = Node::start(Limits::default()).await;
    let connection = node.dial(None).await.unwrap();
    let mut client = ReplicationServiceClient::new(connection);
    let request = ReadPackagesRequest {
        start: 40,
        end: 1_000_000,
        ..Default::default()
    };
    let answer = client.read_packages(request).await.unwrap().into_inner();
    drop(client);
    sleep(SHORT).await;
    assert_eq!(within(answer.count()).await, 40);
    within(node.connections.wait_for_count(0)).await;
}

#[tokio::test]
async fn an_answer_that_nobody_reads_leaves_room_for_others() {
    let node = Node::start(Limits::default()).await;
    let connection = node.dial_with(None, |s| s.window = 200_000).await.unwrap();
    let mut client = ReplicationServiceClient::new(connection.clone());
    let request = ReadPackagesRequest {
        start: 50,
        end: 100_000,
        ..Default::default()
    };
    let _unread = client.read_packages(request).await.unwrap();
    sleep(SHORT).await;
    assert_eq!(
        within(read(&connection, 20, 50_000)).await.unwrap(),
        1_000_000
    );
}

#[tokio::test]
async fn who_stalls_the_handshake_is_cut() {
    let limits = Limits {
        handshake: SHORT,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let mut silent = TcpStream::connect(node.address).await.unwrap();
    let mut half = TcpStream::connect(node.address).await.unwrap();
    half.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    node.refused_for("did not finish the TLS handshake").await;
    assert_cut(&mut silent).await;
    assert_cut(&mut half).await;
    // TLS is done, but HTTP/2 never begins.
    let mut mute = raw(node.address, ALPN_H2).await;
    node.refused_for("connected and said nothing").await;
    assert_cut(&mut mute).await;
    within(node.connections.wait_for_count(0)).await;
}

#[tokio::test]
async fn who_speaks_plain_text_to_the_tls_port_is_told_apart() {
    let node = Node::start(Limits::default()).await;
    let mut plain = TcpStream::connect(node.address).await.unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    node.refused_for("does not speak TLS").await;
    assert_cut(&mut plain).await;
}

#[tokio::test]
async fn headers_that_drip_are_cut() {
    let limits = Limits {
        headers: SHORT,
        ping_interval: SHORT,
        ping_timeout: SHORT,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let mut one = raw(node.address, ALPN_HTTP1).await;
    drip(&mut one, b"GET /page HTTP/1.1\r\nx-slow: ").await;
    node.refused_for("silent for longer than allowed").await;

    // HTTP/2: a header block that is never finished; a ping cannot be answered inside it.
    let mut two = raw(node.address, ALPN_H2).await;
    two.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    two.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
    two.write_all(&[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82])
        .await
        .unwrap();
    within(async {
        let continuation = [0, 0, 1, 9, 0, 0, 0, 0, 1, 0x84];
        while two.write_all(&continuation).await.is_ok() {
            sleep(SHORT / 10).await;
        }
    })
    .await;
    within(node.connections.wait_for_count(0)).await;
}

#[tokio::test]
async fn a_request_that_drips_is_answered_with_its_reason() {
    let limits = Limits {
        request: SHORT,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let connection = node.dial(None).await.unwrap();
    let (sender, body) = mpsc::channel::<Result<Bytes, Status>>(1);
    let body = tokio_stream::wrappers::ReceiverStream::new(body);
    let request = http::Request::post("/wpsx.replication.v1.ReplicationService/Hello")
        .header("content-type", "application/grpc")
        .body(tonic::body::Body::new(axum::body::Body::from_stream(body)))
        .unwrap();
    sender
        .send(Ok(Bytes::from_static(&[0, 0, 0])))
        .await
        .unwrap();
    let mut service = connection.clone();
    let answer = within(tower::Service::call(&mut service, request))
        .await
        .unwrap();
    let status = answer.headers()["grpc-status"].to_str().unwrap().to_owned();
    assert_eq!(status, (Code::DeadlineExceeded as i32).to_string());
    hello(&connection).await.unwrap();
}

#[tokio::test]
async fn who_does_not_take_its_answers_is_cut() {
    let limits = Limits {
        stall: SHORT,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let connection = node.dial_with(None, |s| s.window = 70_000).await.unwrap();
    let mut client = ReplicationServiceClient::new(connection.clone());
    let request = ReadPackagesRequest {
        start: 50,
        end: 100_000,
        ..Default::default()
    };
    let untaken = client.read_packages(request).await.unwrap();
    node.refused_for("does not take the answers").await;
    within(connection.closed()).await;
    drop(untaken);
    // A standing call with nothing to say is another thing.
    let connection = node.dial(None).await.unwrap();
    let _standing = watch(&connection).await.unwrap();
    sleep(SHORT * 3).await;
    hello(&connection).await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_order() {
    let limits = Limits {
        idle: SHORT,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let connection = node.dial(None).await.unwrap();
    hello(&connection).await.unwrap();
    assert!(matches!(within(connection.closed()).await, Closed::ByPeer));
    assert_eq!(node.connections.figures().refused, 0);
}

#[tokio::test]
async fn ten_thousand_connections_of_one_address_are_capped() {
    let limits = Limits {
        connections_per_address: 20,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let mut held = Vec::new();
    let mut tried = 0;
    while tried < 10_000 {
        for _ in 0..250 {
            held.push(TcpStream::connect(node.address).await.unwrap());
            tried += 1;
        }
        assert!(node.connections.count() <= 20);
        // Those that were refused are closed; keep the first, which were not.
        held.truncate(20);
    }
    node.refused_for("as many connections as one may have")
        .await;
    assert_eq!(node.connections.count(), 20);
    drop(held);
    within(node.connections.wait_for_count(0)).await;
    hello(&node.dial(None).await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn calls_beyond_the_cap_of_a_connection_wait_their_turn() {
    let limits = Limits {
        streams: 2,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let connection = node.dial(None).await.unwrap();
    hello(&connection).await.unwrap();
    let first = watch(&connection).await.unwrap();
    let _second = watch(&connection).await.unwrap();
    let third = hello(&connection);
    let mut third = std::pin::pin!(third);
    assert!(timeout(SHORT, third.as_mut()).await.is_err());
    drop(first);
    within(third).await.unwrap();
}

#[tokio::test]
async fn headers_beyond_the_bound_are_refused() {
    let node = Node::start(Limits::default()).await;
    let connection = node.dial(None).await.unwrap();
    let mut request = Request::new(HelloRequest::default());
    let long = "x".repeat(40_000).parse().unwrap();
    request.metadata_mut().insert("x-long", long);
    let mut client = ReplicationServiceClient::new(connection.clone());
    assert!(within(client.hello(request)).await.is_err());
}

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
async fn the_plain_listener_keeps_the_same_limits() {
    let limits = Limits {
        headers: SHORT,
        connections_per_address: 2,
        ..Limits::default()
    };
    let stop = CancellationToken::new();
    let connections = Connections::new(limits, Clock::system(), stop.clone());
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(serve_http(listener, Service::router(), connections.clone()));
    let mut good = TcpStream::connect(address).await.unwrap();
    let mut mute = TcpStream::connect(address).await.unwrap();
    within(connections.wait_for_count(2)).await;
    let mut third = TcpStream::connect(address).await.unwrap();
    assert_cut(&mut third).await;
    good.write_all(b"GET /page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    within(good.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("a page"), "{answer}");
    assert_cut(&mut mute).await;
    stop.cancel();
    within(served).await.unwrap();
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
    let node = Node::start(Limits::default()).await;
    let connection = node.dial(None).await.unwrap();
    let slow = page(node.address, "/slow");
    let slow = tokio::spawn(slow);
    within(node.connections.wait_for_count(2)).await;
    sleep(SHORT).await;
    let _standing = watch(&connection).await.unwrap();
    let cut = within(node.connections.drain(Duration::from_secs(1))).await;
    assert_eq!(cut, 1);
    assert!(slow.await.unwrap().ends_with("at last"));
    assert_eq!(node.connections.count(), 0);
    assert!(hello(&connection).await.is_err());
    assert!(TcpStream::connect(node.address).await.is_err());

    let quick = Node::start(Limits::default()).await;
    let connection = quick.dial(None).await.unwrap();
    hello(&connection).await.unwrap();
    assert_eq!(within(quick.connections.drain(SOON)).await, 0);
}

#[tokio::test]
async fn a_peer_that_no_longer_answers_is_found_out() {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let settings = Settings {
        ping_interval: SHORT,
        ping_timeout: SHORT,
        ..Settings::default()
    };
    let connection = Connection::over(ours, &settings).await.unwrap();
    let waiting = hello(&connection);
    let failed = within(waiting).await.unwrap_err();
    assert_eq!(failed.code(), Code::Unavailable);
    assert!(failed.message().contains("no longer answers"), "{failed:?}");
    assert!(matches!(within(connection.closed()).await, Closed::Silent));
    drop(theirs);
}

#[tokio::test]
async fn a_pipe_in_memory_carries_a_connection() {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let connections =
        Connections::new(Limits::default(), Clock::system(), CancellationToken::new());
    tokio::spawn(
        async move { serve_io(theirs, None, None, Service::router(), &connections).await },
    );
    let connection = Connection::over(ours, &settings()).await.unwrap();
    assert_eq!(hello(&connection).await.unwrap(), "nobody");
    assert_eq!(connection.peer_key(), None);
    assert_eq!(read(&connection, 3, 1_000_000).await.unwrap(), 3_000_000);
}

#[tokio::test]
async fn the_way_out_may_lead_through_a_proxy() {
    let node = Node::start(Limits::default()).await;
    let proxy = TcpListener::bind(loopback()).await.unwrap();
    let url = format!("http://me:secret@{}", proxy.local_addr().unwrap());
    let target = node.address;
    tokio::spawn(async move {
        for _ in 0..2 {
            let (mut inner, _) = proxy.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(inner.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap();
            assert!(request.contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
            if request.starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")) {
                let mut outer = TcpStream::connect(target).await.unwrap();
                let answer = b"HTTP/1.1 200 Connection established\r\nx: y\r\n\r\n";
                inner.write_all(answer).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut inner, &mut outer).await;
            } else {
                let answer = b"HTTP/1.1 403 Forbidden\r\n\r\n";
                inner.write_all(answer).await.unwrap();
            }
        }
    });
    let through = |s: &mut Settings| s.proxy = Some(url.parse().unwrap());
    let connection = node.dial_with(None, through).await.unwrap();
    hello(&connection).await.unwrap();
    drop(connection);
    let elsewhere: Endpoint = "https://elsewhere.example:1".parse().unwrap();
    let dialler = TlsDialer::new(None, Pins::only(node.key)).unwrap();
    let mut settings = settings();
    through(&mut settings);
    let refused = Connection::dial(&elsewhere, &dialler, &settings)
        .await
        .unwrap_err();
    let message = refused.to_string();
    assert!(
        message.contains("403 Forbidden") && !message.contains("secret"),
        "{message}"
    );
}

#[tokio::test]
async fn nobody_there_and_nobody_answering_are_told_apart() {
    let closed = TcpListener::bind(loopback()).await.unwrap();
    let address = closed.local_addr().unwrap();
    let endpoint: Endpoint = format!("https://{address}").parse().unwrap();
    let dialler = TlsDialer::new(None, Pins::default()).unwrap();
    let settings = Settings {
        handshake: SHORT,
        ..Settings::default()
    };
    let late = Connection::dial(&endpoint, &dialler, &settings)
        .await
        .unwrap_err();
    assert!(matches!(late, TransportError::Timeout { .. }), "{late}");
    drop(closed);
    let nobody = Connection::dial(&endpoint, &dialler, &settings)
        .await
        .unwrap_err();
    assert!(
        matches!(nobody, TransportError::Unreachable { .. }),
        "{nobody}"
    );
}

// What the tests are made of.

struct Node {
    address: SocketAddr,
    endpoint: Endpoint,
    key: TlsKeyHash,
    connections: Connections,
}

impl Node {
    async fn start(limits: Limits) -> Self {
        Self::run(limits, Vec::new(), None).await
    }

    async fn with_peers(
        limits: Limits,
        peers: Vec<TlsKeyHash>,
        accepted: mpsc::Sender<(AcceptedTurn, Caller)>,
    ) -> Self {
        let turned: OnTurned = Arc::new(move |stream, caller| {
            let _ = accepted.try_send((stream, caller));
        });
        Self::run(limits, peers, Some(turned)).await
    }

    async fn run(limits: Limits, peers: Vec<TlsKeyHash>, turned: Option<OnTurned>) -> Self {
        let own = identity("node");
        let tls = ServerTls::new(&own, Arc::new(move |key| peers.contains(key))).unwrap();
        let connections = Connections::new(limits, Clock::system(), CancellationToken::new());
        let listener = bind(loopback()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Service::router();
        tokio::spawn(serve_tls(
            listener,
            tls,
            router,
            turned,
            connections.clone(),
        ));
        Self {
            address,
            endpoint: format!("https://{address}").parse().unwrap(),
            key: own.key_hash(),
            connections,
        }
    }

    async fn dial(&self, own: Option<&TlsIdentity>) -> Result<Connection, TransportError> {
        self.dial_with(own, |_| {}).await
    }

    async fn dial_with(
        &self,
        own: Option<&TlsIdentity>,
        change: impl FnOnce(&mut Settings),
    ) -> Result<Connection, TransportError> {
        let dialler = TlsDialer::new(own, Pins::only(self.key)).unwrap();
        let mut settings = settings();
        change(&mut settings);
        Connection::dial(&self.endpoint, &dialler, &settings).await
    }

    /// Waits until a refusal with this reason is kept.
    async fn refused_for(&self, reason: &str) {
        let seen = async {
            while !self
                .connections
                .refusals()
                .iter()
                .any(|r| r.reason.contains(reason))
            {
                sleep(Duration::from_millis(5)).await;
            }
        };
        if timeout(SOON, seen).await.is_err() {
            panic!(
                "no refusal for \"{reason}\" in {:#?}",
                self.connections.refusals()
            );
        }
    }
}

fn settings() -> Settings {
    Settings::default()
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn identity(name: &str) -> TlsIdentity {
    NewTlsIdentity::generate(name).unwrap().identity().unwrap()
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(SOON, work).await.expect("it takes too long")
}

async fn hello(connection: &Connection) -> Result<String, Status> {
    let mut client = ReplicationServiceClient::new(connection.clone());
    let answer = client.hello(HelloRequest::default()).await?;
    Ok(answer.into_inner().software)
}

async fn watch(connection: &Connection) -> Result<tonic::Streaming<WatchHeadsResponse>, Status> {
    let mut client = ReplicationServiceClient::new(connection.clone());
    let answer = client.watch_heads(WatchHeadsRequest::default()).await?;
    Ok(answer.into_inner())
}

/// Reads `messages` of `size` bytes, and returns the bytes that came.
async fn read(connection: &Connection, messages: u64, size: u64) -> Result<usize, Status> {
    let mut client = ReplicationServiceClient::new(connection.clone());
    let request = ReadPackagesRequest {
        start: messages,
        end: size,
        ..Default::default()
    };
    let mut stream = client.read_packages(request).await?.into_inner();
    let mut bytes = 0;
    while let Some(message) = stream.message().await? {
        bytes += message.package.unwrap_or_default().entries.len();
    }
    Ok(bytes)
}

async fn page(address: SocketAddr, path: &str) -> String {
    let mut stream = raw(address, ALPN_HTTP1).await;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

/// Reads until the other side has closed; a reset is as good as an end.
async fn assert_cut(stream: &mut (impl tokio::io::AsyncRead + Unpin)) {
    let mut rest = Vec::new();
    let _ = within(stream.read_to_end(&mut rest)).await;
}

/// Sends the beginning, then a byte now and then until the other side has enough.
async fn drip(stream: &mut TlsStream<TcpStream>, beginning: &[u8]) {
    stream.write_all(beginning).await.unwrap();
    within(async {
        while stream.write_all(b"x").await.is_ok() {
            sleep(SHORT / 10).await;
        }
    })
    .await;
}

/// TLS without a check, for callers that do not behave.
async fn raw(address: SocketAddr, protocol: &[u8]) -> TlsStream<TcpStream> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("node").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .unwrap()
}

#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Answers with who called, and sends as much as it is asked for.
struct Service;

impl Service {
    fn router() -> Router {
        let service = ReplicationServiceServer::new(Self);
        let slow = || async {
            sleep(SHORT * 3).await;
            "at last"
        };
        Router::new()
            .route("/page", get(|| async { "a page" }))
            .route("/slow", get(slow))
            .route_service("/wpsx.replication.v1.ReplicationService/{call}", service)
    }
}

type Sent<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn caller(extensions: &Extensions) -> Caller {
    extensions
        .get::<Caller>()
        .expect("every request has one")
        .clone()
}

#[tonic::async_trait]
impl ReplicationService for Service {
    type WatchHeadsStream = Sent<WatchHeadsResponse>;
    type ReadPackagesStream = Sent<ReadPackagesResponse>;
    type ReadPayloadsStream = Sent<ReadPayloadsResponse>;

    async fn hello(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        let key = caller(request.extensions()).key;
        Ok(Response::new(HelloResponse {
            software: key.map_or("nobody".to_owned(), |key| key.to_string()),
            ..Default::default()
        }))
    }

    async fn watch_heads(
        &self,
        _: Request<WatchHeadsRequest>,
    ) -> Result<Response<Self::WatchHeadsStream>, Status> {
        Ok(Response::new(Box::pin(stream::pending())))
    }

    async fn read_packages(
        &self,
        request: Request<ReadPackagesRequest>,
    ) -> Result<Response<Self::ReadPackagesStream>, Status> {
        let asked = request.into_inner();
        let entries = Bytes::from(vec![7; usize::try_from(asked.end).unwrap()]);
        let messages = (0..asked.start).map(move |_| {
            let package = Some(Package {
                entries: entries.clone(),
                ..Default::default()
            });
            Ok(ReadPackagesResponse { package })
        });
        Ok(Response::new(Box::pin(stream::iter(messages))))
    }

    async fn list_heads(
        &self,
        _: Request<ListHeadsRequest>,
    ) -> Result<Response<ListHeadsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_identity(
        &self,
        _: Request<GetIdentityRequest>,
    ) -> Result<Response<GetIdentityResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_consistency(
        &self,
        _: Request<GetConsistencyRequest>,
    ) -> Result<Response<GetConsistencyResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn read_payloads(
        &self,
        _: Request<ReadPayloadsRequest>,
    ) -> Result<Response<Self::ReadPayloadsStream>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn report_refusal(
        &self,
        _: Request<ReportRefusalRequest>,
    ) -> Result<Response<ReportRefusalResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn report_fork(
        &self,
        _: Request<ReportForkRequest>,
    ) -> Result<Response<ReportForkResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}
