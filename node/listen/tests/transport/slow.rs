//! Others that stall, drip, fall silent or speak something else.

use bytes::Bytes;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::mpsc, time::sleep};
use tonic::{Code, Status};
use wpsx_client::{
    tls::{ALPN_H2, ALPN_HTTP1},
    transport::{Closed, Connection, Settings},
};
use wpsx_listen::Limits;
use wpsx_proto::api::replication::v1::{
    ReadPackagesRequest, replication_service_client::ReplicationServiceClient,
};

use crate::{
    node::{Node, SHORT, hello, watch, within},
    raw::{assert_cut, drip, raw},
};

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
