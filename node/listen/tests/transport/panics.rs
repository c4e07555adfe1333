//! A panic ends what it happened in, and nothing else; and it does not pass unseen.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use axum::{Router, routing::get};
use futures::StreamExt as _;
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::fmt::MakeWriter;
use wpsx_client::{
    clock::Clock,
    tls::{ALPN_HTTP1, Pins, TlsDialer},
    transport::Connection,
};
use wpsx_listen::{Connections, Limits, ListenError, bind, serve_pipe, serve_tls, tls::ServerTls};

use crate::{
    node::{identity, loopback, settings, within},
    raw::raw,
};

/// What nobody but the caller should ever read.
const SECRET: &str = "a telephone number";

#[tokio::test]
async fn a_panic_in_a_request_ends_its_connection_and_is_logged() {
    let log = Log::of("from=\"this machine\"");
    let own = identity("node");
    let tls = ServerTls::new(&own, Arc::new(|_| false)).unwrap();
    let listener = bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let all = Connections::new(Limits::default(), Clock::system(), CancellationToken::new());
    let served = tokio::spawn(serve_tls(listener, tls, router(), None, all.clone()));
    let endpoint = format!("https://{address}").parse().unwrap();
    let dialler = TlsDialer::new(None, Pins::only(own.key_hash())).unwrap();
    let dial = || async {
        Connection::dial(&endpoint, &dialler, &settings())
            .await
            .unwrap()
    };

    for (path, times) in [("/panic", 1), ("/late", 2)] {
        let (hit, spared) = (dial().await, dial().await);
        let failed = fetch(&hit, path).await;
        assert!(failed.is_err(), "{failed:?}");
        within(hit.closed()).await;
        assert_eq!(fetch(&spared, "/page").await.unwrap(), "a page");
        within(log.has_reported(times)).await;
    }

    // HTTP/1.1, where the request runs in the connection's own task.
    let mut stream = raw(address, ALPN_HTTP1).await;
    let request = b"GET /panic HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let _ = within(stream.read_to_end(&mut answer)).await;
    assert_eq!(answer, b"");

    within(log.has_reported(3)).await;
    assert!(!log.text().contains(SECRET), "{}", log.text());
    assert_eq!(fetch(&dial().await, "/page").await.unwrap(), "a page");
    all.stop().cancel();
    within(served).await.unwrap().unwrap();
    within(all.wait_for_count(0)).await;
}

#[tokio::test]
async fn a_panic_behind_a_pipe_is_told_to_who_serves_it() {
    let log = Log::of("from=\"a socket or pipe of this machine\"");
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let served = tokio::spawn(serve_pipe(theirs, router()));
    let connection = Connection::over(ours, &settings()).await.unwrap();
    assert_eq!(fetch(&connection, "/page").await.unwrap(), "a page");
    assert!(fetch(&connection, "/panic").await.is_err());
    let ended = within(served).await.unwrap();
    assert!(matches!(ended, Err(ListenError::Broken)));
    within(log.has_reported(1)).await;
    assert!(!log.text().contains(SECRET), "{}", log.text());
}

fn router() -> Router {
    Router::new()
        .route("/page", get(|| async { "a page" }))
        .route("/panic", get(fall))
        .route("/late", get(fall_late))
}

async fn fall() -> &'static str {
    panic!("cannot read {SECRET}")
}

/// The answer has begun when it falls.
async fn fall_late() -> axum::body::Body {
    let pieces = futures::stream::iter(0..2).map(|piece: u32| {
        assert!(piece == 0, "cannot read {SECRET}");
        Ok::<_, io::Error>("the beginning, ")
    });
    axum::body::Body::from_stream(pieces)
}

async fn fetch(connection: &Connection, path: &str) -> Result<String, tonic::Status> {
    let request = http::Request::get(path)
        .body(tonic::body::Body::empty())
        .unwrap();
    let answer = tower::Service::call(&mut connection.clone(), request);
    let body = within(answer).await?.into_body();
    let bytes = within(body.collect()).await?.to_bytes();
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

/// What these tests log, each from a place of its own.
#[derive(Clone)]
struct Log {
    all: Arc<Mutex<Vec<u8>>>,
    from: &'static str,
}

impl Log {
    /// The reports from there; one log for the process, whose threads all write to it.
    fn of(from: &'static str) -> Self {
        static ALL: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();
        let all = ALL.get_or_init(|| {
            let log = Self {
                all: Arc::default(),
                from: "",
            };
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_writer(log.clone())
                .init();
            log.all
        });
        Self {
            all: all.clone(),
            from,
        }
    }

    /// Waits until so many reports are there, and no more.
    async fn has_reported(&self, times: usize) {
        while self.reports().len() < times {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_eq!(self.reports().len(), times);
    }

    fn text(&self) -> String {
        String::from_utf8(self.all.lock().clone()).unwrap()
    }

    fn reports(&self) -> Vec<String> {
        self.text()
            .lines()
            .filter(|line| line.contains("ERROR") && line.contains("a panic ended a connection"))
            .filter(|line| line.contains(self.from))
            .map(str::to_owned)
            .collect()
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.all.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
