//! Callers that leave before they are answered.

use std::{convert::Infallible, future::pending, sync::Arc};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{
        Notify,
        mpsc::{Receiver, Sender, channel},
    },
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::Clock, tls::ALPN_HTTP1, transport::Connection};
use wpsx_listen::{Class, Connections, Limits, bind, serve_http};

use crate::{
    node::{Node, SHORT, loopback, within},
    raw::raw,
};

const REQUEST: &[u8] = b"GET /forever HTTP/1.1\r\nhost: node\r\n\r\n";

/// Tells when what holds it is gone.
struct Held(Sender<()>);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.try_send(());
    }
}

/// Work without an end, and what is heard of it.
struct Work {
    begun: Receiver<()>,
    ended: Receiver<()>,
}

impl Work {
    fn new() -> (Self, Router) {
        let (begins, begun) = channel(8);
        let (ends, ended) = channel(8);
        let work = move || {
            let (begins, held) = (begins.clone(), Held(ends.clone()));
            async move {
                let _until_it_ends = held;
                begins.send(()).await.unwrap();
                pending::<&'static str>().await
            }
        };
        let router = Router::new().route("/forever", get(work));
        (Self { begun, ended }, router)
    }

    async fn begins(&mut self) {
        within(self.begun.recv()).await.unwrap();
        assert!(self.ended.try_recv().is_err(), "its caller waits");
    }

    async fn ends(&mut self) {
        within(self.ended.recv()).await.unwrap();
    }
}

fn call(connection: &Connection) -> JoinHandle<()> {
    let mut connection = connection.clone();
    tokio::spawn(async move {
        let request = http::Request::get("/forever")
            .body(tonic::body::Body::empty())
            .unwrap();
        let _ = tower::Service::call(&mut connection, request).await;
    })
}

#[tokio::test]
async fn what_is_made_for_a_call_ends_when_the_call_or_its_connection_does() {
    let (mut work, router) = Work::new();
    let node = Node::serving(Limits::default(), router).await;
    let connection = node.dial(None).await.unwrap();
    let (left, stays) = (call(&connection), call(&connection));
    work.begins().await;
    work.begins().await;
    left.abort();
    work.ends().await;
    assert!(work.ended.try_recv().is_err(), "the other one waits");
    connection.close();
    work.ends().await;
    within(stays).await.unwrap();

    let mut stream = raw(node.address, ALPN_HTTP1).await;
    stream.write_all(REQUEST).await.unwrap();
    work.begins().await;
    drop(stream);
    work.ends().await;
}

#[tokio::test]
async fn what_is_made_for_a_page_ends_when_its_reader_goes() {
    let (mut work, router) = Work::new();
    let limits = Limits {
        half_closed: SHORT,
        ..Limits::default()
    };
    let mut stream = plainly(router, limits).await;
    stream.write_all(REQUEST).await.unwrap();
    work.begins().await;
    drop(stream);
    work.ends().await;
}

/// A connection to a listener without TLS.
async fn plainly(router: Router, limits: Limits) -> TcpStream {
    let connections = Connections::new(limits, Clock::system(), CancellationToken::new());
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = serve_http(listener, router, connections, Class::Reader, None);
    tokio::spawn(serving);
    TcpStream::connect(address).await.unwrap()
}

#[tokio::test]
async fn who_has_said_all_it_asks_and_closes_its_half_gets_the_whole_answer() {
    const PART: usize = 64 << 10;
    const PARTS: usize = 80;
    for header in ["", "connection: close\r\n"] {
        let (begins, mut begun) = channel(1);
        let go_on = Arc::new(Notify::new());
        let goes_on = go_on.clone();
        let work = move || {
            let (begins, goes_on) = (begins.clone(), goes_on.clone());
            async move {
                begins.send(()).await.unwrap();
                goes_on.notified().await;
                let part = Bytes::from(vec![b'x'; PART]);
                let parts = std::iter::repeat_n(Ok::<_, Infallible>(part), PARTS);
                Body::from_stream(futures::stream::iter(parts))
            }
        };
        let router = Router::new().route("/large", get(work));
        let mut stream = plainly(router, Limits::default()).await;
        let request = format!("GET /large HTTP/1.1\r\nhost: node\r\n{header}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        within(begun.recv()).await.unwrap();
        stream.shutdown().await.unwrap();
        go_on.notify_one();
        let mut answer = Vec::new();
        within(stream.read_to_end(&mut answer)).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"));
        assert!(answer.ends_with(b"\r\n0\r\n\r\n"), "its end is there");
        let sent = answer.iter().filter(|byte| **byte == b'x').count();
        assert_eq!(sent, PART * PARTS);
    }
}
