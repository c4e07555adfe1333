//! Peers and readers that behave: they pin keys, talk, and part.

use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use wpsx_client::{
    clock::Clock,
    tls::{Pins, TlsDialer},
    transport::{Closed, Connection, TransportError},
};
use wpsx_listen::{Connections, Limits, serve_io};
use wpsx_proto::api::replication::v1::{
    ReadPackagesRequest, replication_service_client::ReplicationServiceClient,
};

use crate::{
    node::{Node, hello, identity, read, settings, watch, within},
    service::Service,
};

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
    // Of 40 MB hardly any has come by now: the window has no room for them.
    drop(client);
    assert_eq!(within(answer.count()).await, 40);
    within(node.connections.wait_for_count(0)).await;
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
