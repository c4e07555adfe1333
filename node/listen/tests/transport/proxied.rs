//! Readers behind a proxy, and who would like to be taken for another.

use std::net::SocketAddr;

use axum::{Extension, Router, routing::get};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;
use wpsx_client::clock::Clock;
use wpsx_listen::{Caller, Class, Connections, Limits, Share, bind, serve_http};

use crate::node::{loopback, within};

/// A listener behind which one caller may have two calls at once, and all of them four.
async fn listener(trusted: &[&str]) -> (SocketAddr, CancellationToken) {
    let mut limits = Limits::default();
    let one = limits.readers.call();
    limits.readers = Share {
        memory: 8 * one,
        memory_per_caller: 4 * one,
        ..limits.readers
    };
    limits.proxies.trust(trusted).unwrap();
    let stop = CancellationToken::new();
    let connections = Connections::new(limits, Clock::system(), stop.clone());
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let who = |Extension(caller): Extension<Caller>| async move {
        caller.address().unwrap().ip().to_string()
    };
    let router = Router::new()
        .route("/who", get(who))
        .route("/wait", get(std::future::pending::<()>));
    tokio::spawn(serve_http(
        listener,
        router,
        connections,
        Class::Reader,
        None,
    ));
    (address, stop)
}

/// Asks with a header; the connection stays open with what is returned.
async fn ask(address: SocketAddr, path: &str, header: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{header}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn answer(address: SocketAddr, header: &str) -> String {
    let mut stream = ask(address, "/who", header).await;
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

/// Asks until the calls that wait are there, which another connection cannot see.
async fn until_refused(address: SocketAddr, header: &str) -> String {
    loop {
        let answer = answer(address, header).await;
        if !answer.starts_with("HTTP/1.1 200") {
            return answer;
        }
    }
}

#[tokio::test]
async fn each_reader_behind_a_trusted_proxy_has_its_own_share() {
    let (address, stop) = listener(&["127.0.0.1"]).await;
    let greedy = "x-forwarded-for: 192.0.2.1";
    let _one = ask(address, "/wait", greedy).await;
    let _two = ask(address, "/wait", greedy).await;
    let refused = until_refused(address, greedy).await;
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    assert!(
        refused.to_lowercase().contains("retry-after: "),
        "{refused}"
    );
    let other = answer(address, "x-forwarded-for: 192.0.2.2").await;
    assert!(
        other.starts_with("HTTP/1.1 200") && other.ends_with("192.0.2.2"),
        "{other}"
    );
    // What it sends itself stands to the left of what the proxy adds.
    let forged = answer(address, "x-forwarded-for: 192.0.2.2, 192.0.2.1").await;
    assert!(forged.starts_with("HTTP/1.1 429"), "{forged}");
    // One that all share is told otherwise: it may be none of its doing.
    let second = "x-forwarded-for: 192.0.2.3";
    let _three = ask(address, "/wait", second).await;
    let _four = ask(address, "/wait", second).await;
    let third = until_refused(address, "x-forwarded-for: 192.0.2.4").await;
    assert!(third.starts_with("HTTP/1.1 503"), "{third}");
    stop.cancel();
}

#[tokio::test]
async fn who_is_no_trusted_proxy_speaks_for_itself_alone() {
    let nobody: &[&str] = &[];
    for trusted in [nobody, &["192.0.2.9"]] {
        let (address, stop) = listener(trusted).await;
        for header in [
            "x-forwarded-for: 198.51.100.1",
            "forwarded: for=198.51.100.1",
        ] {
            let answer = answer(address, header).await;
            assert!(answer.ends_with("127.0.0.1"), "{answer}");
        }
        stop.cancel();
    }
}
