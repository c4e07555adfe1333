//! What callers can hold at most.

use std::collections::VecDeque;

use futures::future::join_all;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request};
use wpsx_client::clock::Clock;
use wpsx_listen::{Class, Connections, Limits, bind, serve_http};
use wpsx_proto::api::replication::v1::{
    HelloRequest, ReadPackagesRequest, replication_service_client::ReplicationServiceClient,
};

use crate::{
    node::{Node, SHORT, hello, loopback, read, watch, within},
    raw::page,
    service::Service,
};

#[tokio::test]
async fn ten_thousand_silent_connections_of_one_address_are_capped() {
    let limits = Limits {
        opening: 20,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let mut held = VecDeque::new();
    let mut tried = 0;
    while tried < 10_000 {
        for _ in 0..250 {
            held.push_back(TcpStream::connect(node.address).await.unwrap());
            tried += 1;
        }
        assert!(node.connections.count() <= 20);
        // The oldest gave way and are closed; keep the newest, which were not.
        held.drain(..230);
    }
    node.refused_for("gave its place to another").await;
    within(node.connections.wait_for_count(20)).await;
    drop(held);
    within(node.connections.wait_for_count(0)).await;
    hello(&node.dial(None).await.unwrap()).await.unwrap();
}

/// Over plain HTTP, and over TLS to HTTP/1.1 and to calls.
#[tokio::test]
async fn of_two_hundred_callers_at_once_each_is_answered() {
    let limits = Limits {
        connections_per_address: 8,
        ..Limits::default()
    };
    let stop = CancellationToken::new();
    let connections = Connections::new(limits, Clock::system(), stop.clone());
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_http(
        listener,
        Service::router(),
        connections.clone(),
        Class::Reader,
        None,
    ));
    let request = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";
    let asking = (0..200).map(|_| async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        stream
    });
    let asked = within(join_all(asking)).await;
    let answers = asked.into_iter().map(|mut stream| async move {
        let mut answer = vec![0; 4096];
        let read = stream.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]).to_lowercase();
        assert!(!answer.is_empty(), "closed without an answer");
        (stream, answer)
    });
    let answers = within(join_all(answers)).await;
    let refused: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| !answer.starts_with("http/1.1 200"))
        .collect();
    assert_eq!(refused.len(), 192);
    for (_, answer) in refused {
        assert!(answer.starts_with("http/1.1 429"), "{answer}");
        assert!(answer.contains("retry-after: "), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    // Who was refused holds nothing, though it has not gone.
    within(connections.wait_for_count(8)).await;
    stop.cancel();
}

#[tokio::test]
async fn one_too_many_over_tls_is_told_so_and_closed() {
    let limits = Limits {
        connections_per_address: 1,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let first = node.dial(None).await.unwrap();
    hello(&first).await.unwrap();
    let answer = page(node.address, "/page").await.to_lowercase();
    assert!(answer.starts_with("http/1.1 429"), "{answer}");
    assert!(answer.contains("retry-after: "), "{answer}");
    let second = node.dial(None).await.unwrap();
    let refused = hello(&second).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");
    assert!(
        refused.message().contains("as many connections"),
        "{refused}"
    );
    within(second.closed()).await;
    within(node.connections.wait_for_count(1)).await;
    hello(&first).await.unwrap();
    node.refused_for("as many connections as one may have")
        .await;
}

#[tokio::test]
async fn one_too_many_that_asks_nothing_is_closed() {
    let limits = Limits {
        connections_per_address: 1,
        handshake: SHORT,
        ..Limits::default()
    };
    let node = Node::start(limits).await;
    let first = node.dial(None).await.unwrap();
    hello(&first).await.unwrap();
    let second = node.dial(None).await.unwrap();
    within(second.closed()).await;
    within(node.connections.wait_for_count(1)).await;
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
async fn an_answer_that_nobody_reads_leaves_room_for_others() {
    let node = Node::start(Limits::default()).await;
    let connection = node.dial_with(None, |s| s.window = 200_000).await.unwrap();
    let mut client = ReplicationServiceClient::new(connection.clone());
    let request = ReadPackagesRequest {
        start: 50,
        end: 100_000,
        ..Default::default()
    };
    let mut unread = client.read_packages(request).await.unwrap().into_inner();
    // It has begun, and takes what the window has room for.
    within(unread.message()).await.unwrap();
    assert_eq!(
        within(read(&connection, 20, 50_000)).await.unwrap(),
        1_000_000
    );
}
