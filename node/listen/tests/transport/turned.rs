//! Connections whose roles have turned: who dialled is asked.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use wpsx_client::{
    clock::Clock,
    tls::{Pins, TlsDialer},
    transport::{Connection, dial_turned},
};
use wpsx_listen::{AcceptedTurn, Caller, Connections, Limits, serve_io};

use crate::{
    node::{Node, hello, identity, read, settings, within},
    service::Service,
};

#[tokio::test]
async fn a_node_that_dialled_out_is_called_back_over_the_same_connection() {
    // `hidden` listens on nothing.
    let hidden = identity("hidden");
    let (sender, mut accepted) = mpsc::channel(1);
    let node = Node::with_peers(Limits::default(), vec![hidden.key_hash()], sender).await;
    let dialler = TlsDialer::new(Some(&hidden), Pins::only(node.key)).unwrap();

    let theirs = tokio::spawn(async move {
        let (stream, caller): (AcceptedTurn, Caller) = accepted.recv().await.unwrap();
        let key = *caller.key().unwrap();
        let counters = stream.counters();
        let pins = Pins::only(key);
        Connection::over_turned(stream.into_io(), key, pins, counters, &settings()).await
    });
    let stream = dial_turned(&node.endpoint, &dialler, &settings())
        .await
        .unwrap();
    assert_eq!(stream.peer_key(), node.key);
    let own = Connections::new(Limits::default(), Clock::system(), CancellationToken::new());
    let (key, address, registry) = (stream.peer_key(), stream.address(), own.clone());
    let served = tokio::spawn(async move {
        serve_io(
            stream.into_io(),
            Some(key),
            address,
            Service::router(),
            &registry,
        )
        .await
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
