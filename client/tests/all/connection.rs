//! Pulls over real HTTP/2: many logs at once over one connection, none of which may
//! hold back another.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use futures::future::join_all;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tonic::body::Body;
use tower::{Service as _, ServiceExt as _, service_fn};
use wpsx_client::{
    Connection,
    pull::{Held, PullOptions, Puller, Step, nothing_erased},
    testing::{TestLog, TestNode},
    transport::Settings,
};

const LOGS: u64 = 12;
const RECORDS: u64 = 3_000;

/// A connection in memory to a node that serves these logs.
async fn connect(logs: Vec<TestLog>) -> Connection {
    let node = TestNode::with_logs(logs);
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let transport = node.transport();
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let mut transport = transport.clone();
            async move { transport.ready().await?.call(request.map(Body::new)).await }
        });
        let service = hyper_util::service::TowerToHyperService::new(service);
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        // It ends with the test.
        let _ = server.serve_connection(TokioIo::new(theirs), service).await;
    });
    Connection::over(ours, &Settings::default())
        .await
        .expect("the other end is in memory")
}

/// Pulls a whole log, taking its time for each step; the payload bytes that came.
async fn pull(connection: Connection, log: &TestLog, pause: Duration) -> usize {
    let puller =
        Puller::new(connection, log.origin().clone(), log.key()).with_options(PullOptions {
            zstd: false,
            ..PullOptions::default()
        });
    let held = Held::nothing();
    let head = puller.head(&held).await.expect("answered").expect("a head");
    let mut pull = puller.pull(held, head, nothing_erased());
    let mut bytes = 0;
    while let Some(step) = pull.next().await {
        match step.expect("the truth is believed") {
            Step::Package { frames, .. } => {
                bytes += frames.iter().map(|f| f.decoded().len()).sum::<usize>();
                tokio::time::sleep(pause).await;
            }
            Step::Head(head) => assert_eq!(head.size(), log.size()),
            Step::Target(_) => {}
        }
    }
    bytes
}

#[tokio::test]
async fn many_logs_come_over_one_connection_and_a_slow_reader_holds_back_none() {
    let logs: Vec<TestLog> = (0..LOGS)
        .map(|number| TestLog::with_records(&format!("log{number}.example"), RECORDS, 1000))
        .collect();
    let connection = connect(logs.clone()).await;
    let pulls = logs.iter().enumerate().map(|(number, log)| {
        let pause = match number {
            0 => Duration::from_millis(100),
            _ => Duration::ZERO,
        };
        pull(connection.clone(), log, pause)
    });
    let whole = tokio::time::timeout(Duration::from_secs(120), join_all(pulls)).await;
    let bytes = whole.expect("nobody waits for ever");
    assert_eq!(bytes, vec![RECORDS as usize * 1032; LOGS as usize]);
}
