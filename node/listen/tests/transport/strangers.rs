//! What strangers do is no matter of peers.

use std::net::SocketAddr;

use tokio::{net::TcpSocket, sync::mpsc};
use tonic::Code;
use wpsx_listen::{Limits, Share};

use crate::node::{Node, hello, identity, watch, within};

/// Strangers with room for so many calls, half of them of one address.
fn calls_of_readers(calls: usize) -> Limits {
    let mut limits = Limits::default();
    let one = limits.readers.call();
    limits.readers = Share {
        memory: 2 * one * calls,
        memory_per_caller: one * calls,
        ..limits.readers
    };
    limits
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_thousand_silent_connections_from_twenty_addresses_do_not_lock_peers_out() {
    let peer = identity("eu");
    let (accepted, _accepted) = mpsc::channel(1);
    let node = Node::with_peers(Limits::default(), vec![peer.key_hash()], accepted).await;
    let mut silent = Vec::new();
    for n in 0..1024_u32 {
        let from = SocketAddr::from(([127, 0, 1, (n % 20 + 1) as u8], 0));
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(from).unwrap();
        silent.push(socket.connect(node.address).await.unwrap());
    }
    within(node.connections.wait_for_count(Limits::default().opening)).await;
    let connection = within(node.dial(Some(&peer))).await.unwrap();
    within(hello(&connection)).await.unwrap();
    // A reader that says who it is comes in, too.
    let reader = within(node.dial(None)).await.unwrap();
    within(hello(&reader)).await.unwrap();
    assert_eq!(silent.len(), 1024);
}

#[tokio::test]
async fn calls_beyond_what_one_address_may_hold_are_refused_and_a_peers_are_not() {
    let peer = identity("eu");
    let (accepted, _accepted) = mpsc::channel(1);
    let node = Node::with_peers(calls_of_readers(4), vec![peer.key_hash()], accepted).await;
    let (first, second) = (
        node.dial(None).await.unwrap(),
        node.dial(None).await.unwrap(),
    );
    // By whichever connection.
    let one = within(watch(&first)).await.unwrap();
    let _other = within(watch(&second)).await.unwrap();
    let refused = within(hello(&second)).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");
    let connection = node.dial(Some(&peer)).await.unwrap();
    within(hello(&connection)).await.unwrap();
    drop(one);
    // What the first held is free as soon as the node has noticed.
    while within(hello(&second)).await.is_err() {}
}

#[tokio::test]
async fn a_request_that_there_is_no_room_for_is_refused_while_it_comes() {
    use wpsx_proto::api::replication::v1::{
        HelloRequest, replication_service_client::ReplicationServiceClient,
    };
    let node = Node::start(calls_of_readers(4)).await;
    let connection = node.dial(None).await.unwrap();
    let request = HelloRequest {
        capabilities: vec!["x".repeat(1_000); 1_000],
        ..Default::default()
    };
    let mut client = ReplicationServiceClient::new(connection.clone());
    let refused = within(client.hello(request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");
    within(hello(&connection)).await.unwrap();
}
