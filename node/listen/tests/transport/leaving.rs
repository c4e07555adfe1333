//! Callers that leave before they are answered.

use std::future::pending;

use axum::{Router, routing::get};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::Clock, tls::ALPN_HTTP1, transport::Connection};
use wpsx_listen::{Class, Connections, Limits, bind, serve_http};

use crate::{
    node::{Node, loopback, within},
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
    let connections =
        Connections::new(Limits::default(), Clock::system(), CancellationToken::new());
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = serve_http(listener, router, connections, Class::Reader, None);
    tokio::spawn(serving);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    work.begins().await;
    drop(stream);
    work.ends().await;
}
