//! The way out: through a proxy, to nobody, and to somebody who says nothing.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use wpsx_client::{
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings, TransportError},
};
use wpsx_listen::Limits;

use crate::node::{Node, SHORT, hello, loopback, settings};

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
