//! What callers can hold at most.

use std::collections::VecDeque;

use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tonic::Request;
use wpsx_listen::Limits;
use wpsx_proto::api::replication::v1::{
    HelloRequest, ReadPackagesRequest, replication_service_client::ReplicationServiceClient,
};

use crate::node::{Node, SHORT, hello, read, watch, within};

#[tokio::test]
async fn ten_thousand_connections_of_one_address_are_capped() {
    let limits = Limits {
        connections_per_address: 20,
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
    let _unread = client.read_packages(request).await.unwrap();
    sleep(SHORT).await;
    assert_eq!(
        within(read(&connection, 20, 50_000)).await.unwrap(),
        1_000_000
    );
}
