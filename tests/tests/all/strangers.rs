//! What strangers hold is theirs: the operator, alarms and peers are answered meanwhile.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};
use tonic::{Code, Status};
use wpsx_client::{
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_doors::{
    config::Config,
    serve::{self, Listeners, Starting},
};
use wpsx_proto::api::{
    exchange::v1::{
        ListRecordsRequest, WatchRecordsRequest, exchange_service_client::ExchangeServiceClient,
    },
    replication::v1::{
        IndexRange, ReadPayloadsRequest, WatchHeadsRequest,
        replication_service_client::ReplicationServiceClient,
    },
};
use wpsx_tests::federation::{TestNode, join, practices, wait_until};

mod pages;

const SOON: Duration = Duration::from_secs(20);
/// However slow the machine is, in the turn of others.
const LONG: Duration = Duration::from_secs(60);
/// Pages that a reader asks for, one after the other.
const PAGES: usize = 4;
/// For each of them a greedy reader may have had so many meanwhile: one that is being made,
/// and what it is given while the page is on its way.
const TIMES: usize = 16;

fn page() -> ListRecordsRequest {
    ListRecordsRequest {
        page_size: 1_000,
        ..ListRecordsRequest::default()
    }
}

/// What a plain HTTP port answers, on a connection that stays open.
async fn get(address: SocketAddr, path: &str) -> Result<(TcpStream, String)> {
    let mut stream = TcpSocket::new_v4()?.connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; 4096];
    let read = timeout(SOON, stream.read(&mut answer)).await??;
    answer.truncate(read);
    Ok((stream, String::from_utf8_lossy(&answer).into_owned()))
}

/// The same for one that comes from another address of this machine.
async fn stranger_from(address: [u8; 4], node: &TestNode) -> Result<Connection> {
    let card = node.card()?;
    let target: Endpoint = card.endpoints().first().context("an endpoint")?.parse()?;
    let target: SocketAddr = target.to_string().trim_start_matches("https://").parse()?;
    let way = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint: Endpoint = format!("https://{}", way.local_addr()?).parse()?;
    tokio::spawn(async move {
        let (mut near, _) = way.accept().await?;
        let socket = TcpSocket::new_v4()?;
        socket.bind((address, 0).into())?;
        let mut far = socket.connect(target).await?;
        tokio::io::copy_bidirectional(&mut near, &mut far).await
    });
    let dialer = TlsDialer::new(None, Pins::only(card.tls_key()))?;
    Ok(Connection::dial(&endpoint, &dialer, &Settings::default()).await?)
}

async fn stranger(node: &TestNode, window: u32) -> Result<Connection> {
    let card = node.card()?;
    let endpoint: Endpoint = card.endpoints().first().context("an endpoint")?.parse()?;
    let dialer = TlsDialer::new(None, Pins::only(card.tls_key()))?;
    let settings = Settings {
        window,
        ..Settings::default()
    };
    Ok(Connection::dial(&endpoint, &dialer, &settings).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_answered_when_readers_have_all_the_connections_that_they_may() -> Result<()> {
    let node = TestNode::create("node")?;
    let mut config = Config::default();
    config.limits.disk_reserve = 0;
    config.limits.connections_per_address = 4;
    let app = wpsx_node::app::open(&node.data_dir(), config)?;
    let loopback = || TcpListener::bind("127.0.0.1:0");
    let (http, metrics) = (loopback().await?, loopback().await?);
    let (readers, alarm) = (http.local_addr()?, metrics.local_addr()?);
    let listeners = Listeners {
        tls: None,
        http: Some(http),
        metrics: Some(metrics),
    };
    let running = serve::start(app, listeners).await?;
    let mut held = Vec::new();
    for n in 0..8 {
        let (stream, answer) = get(readers, "/mirror/").await?;
        let expected = if n < 4 { "200 OK" } else { "429" };
        assert!(answer.contains(expected), "{n}: {answer}");
        held.push(stream);
    }
    let (_, answer) = get(alarm, "/metrics").await?;
    assert!(answer.contains("200 OK"), "{answer}");
    drop(held);
    running.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_too_often_and_while_a_node_starts_reads_a_page_in_its_language() -> Result<()> {
    let node = TestNode::create("node")?;
    let mut config = Config::default();
    config.limits.disk_reserve = 0;
    config.limits.connections_per_address = 1;
    config.node.http_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let starting = Starting::on(&config).await.context("a free port")?;
    let address = starting.address()?;
    for (path, language) in [("/fr/event", "fr"), ("/healthz", "en")] {
        let (_stream, answer) = get(address, path).await?;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(answer.contains("retry-after: 5"), "{answer}");
        assert!(
            answer.contains(&format!("<html lang=\"{language}\"")),
            "{answer}"
        );
        // It is asked again by who reads it, and not by itself.
        let again = format!("<a href=\"{path}\">");
        assert!(
            answer.contains(&again) && !answer.contains("http-equiv"),
            "{answer}"
        );
    }
    config.node.listen = None;
    config.node.metrics_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let app = wpsx_node::app::open(&node.data_dir(), config)?;
    let listeners = Listeners::bind_after(&app, Some(starting)).await?;
    assert_eq!(
        listeners.http.as_ref().context("the port")?.local_addr()?,
        address
    );
    let metrics = listeners
        .metrics
        .as_ref()
        .context("metrics")?
        .local_addr()?;
    let running = serve::start(app, listeners).await?;
    let (held, answer) = get(address, "/healthz").await?;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (_stream, answer) = get(address, "/ar").await?;
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(
        answer.contains("retry-after: ") && answer.contains("lang=\"ar\""),
        "{answer}"
    );
    drop(held);
    let (mut stream, mut text) = get(metrics, "/metrics").await?;
    while !text.contains("route=\"refused\",form=\"html\",status=\"429\"} 1") {
        let mut more = vec![0; 4096];
        let read = timeout(SOON, stream.read(&mut more)).await??;
        anyhow::ensure!(read > 0, "no line for it: {text}");
        text.push_str(&String::from_utf8_lossy(&more[..read]));
    }
    assert!(
        text.contains("route=\"/healthz\",form=\"text\",status=\"200\""),
        "{text}"
    );
    running.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_that_takes_no_answers_holds_up_neither_the_operator_nor_a_peer() -> Result<()> {
    let (node, peer) = (
        TestNode::start("node").await?,
        TestNode::start("peer").await?,
    );
    node.publish(practices("node", 600, 300)).await?;
    join(&node, &peer, true)?;
    peer.holds(&node.origin(), 600).await?;
    let refused = Arc::new(AtomicUsize::new(0));
    let mut asked = Vec::new();
    for _ in 0..4 {
        let connection = stranger(&node, 0).await?;
        for _ in 0..64 {
            let request = ReadPayloadsRequest {
                origin: node.origin().to_string(),
                ranges: vec![IndexRange { start: 0, end: 600 }],
                ..ReadPayloadsRequest::default()
            };
            let mut client = ReplicationServiceClient::new(connection.clone());
            let mut pages = ExchangeServiceClient::new(connection.clone());
            let refused = refused.clone();
            asked.push(tokio::spawn(async move {
                let answer = client.read_payloads(request).await;
                let exhausted = |status: &Status| status.code() == Code::ResourceExhausted;
                let is_refused = answer.as_ref().is_err_and(exhausted);
                refused.fetch_add(usize::from(is_refused), Ordering::SeqCst);
                // It keeps the answer that it does not take.
                let _ = pages.list_records(ListRecordsRequest::default()).await;
                drop(answer);
            }));
        }
    }
    timeout(SOON, node.typed(&["status"])).await??;
    node.publish(practices("more", 1, 300)).await?;
    timeout(SOON, peer.holds(&node.origin(), 601)).await??;
    // A stranger has so many calls, and is told when these are too many.
    wait_until(|| refused.load(Ordering::SeqCst) > 0)
        .await
        .context("256 calls of one address were all taken")?;
    asked.iter().for_each(|call| call.abort());
    Ok(())
}

/// One reader asks for pages on as many connections as it may have, without end; another
/// one has one connection, and is answered about as if it were alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_with_many_connections_keeps_no_other_reader_waiting() -> Result<()> {
    let node = TestNode::start("node").await?;
    node.publish(practices("node", 400, 300)).await?;
    node.counted(&node.origin()).await?;
    let most = 16 << 20;
    let connection = stranger_from([127, 0, 0, 3], &node).await?;
    let other = ExchangeServiceClient::new(connection).max_decoding_message_size(most);
    let pages = async || {
        for _ in 0..PAGES {
            let answer = timeout(LONG, other.clone().list_records(page())).await??;
            assert_eq!(answer.into_inner().entries.len(), 400);
        }
        anyhow::Ok(())
    };
    pages().await?;
    let (made, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut greedy = Vec::new();
    for _ in 0..48 {
        let connection = stranger_from([127, 0, 0, 2], &node).await?;
        for _ in 0..8 {
            let client = ExchangeServiceClient::new(connection.clone());
            let mut client = client.max_decoding_message_size(most);
            let (made, refused) = (made.clone(), refused.clone());
            greedy.push(tokio::spawn(async move {
                loop {
                    // It is told that these are too many, and asks on.
                    match client.list_records(page()).await {
                        Ok(_) => made.fetch_add(1, Ordering::SeqCst),
                        Err(_) => {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                            refused.fetch_add(1, Ordering::SeqCst)
                        }
                    };
                }
            }));
        }
    }
    // From when on all the calls that it may have wait for their turn.
    wait_until(|| refused.load(Ordering::SeqCst) > 0 && made.load(Ordering::SeqCst) > 0).await?;
    let before = made.load(Ordering::SeqCst);
    pages().await?;
    let meanwhile = made.load(Ordering::SeqCst) - before;
    greedy.iter().for_each(tokio::task::JoinHandle::abort);
    // The greedy one has one page made at a time, and some eighty calls that wait for that:
    // in one queue with them, each page would come after all of these.
    assert!(
        meanwhile <= TIMES * PAGES,
        "{meanwhile} pages of a greedy reader before {PAGES} of another"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_tell_of_logs_that_were_there_and_of_one_that_is_new() -> Result<()> {
    let node = TestNode::start("node").await?;
    for n in 0..20 {
        node.add_publisher(&format!("other{n}.example"), "another")?;
    }
    let connection = stranger(&node, 1 << 20).await?;
    let mut heads = ReplicationServiceClient::new(connection.clone())
        .watch_heads(WatchHeadsRequest::default())
        .await?
        .into_inner();
    let mut records = ExchangeServiceClient::new(connection)
        .watch_records(WatchRecordsRequest::default())
        .await?
        .into_inner();
    node.add_publisher("new.example", "a new one")?;
    let publishers = [
        "other7.example",
        "new.example",
        "node.example",
        "new.example",
    ];
    for (n, publisher) in publishers.into_iter().enumerate() {
        let drafts = practices(&format!("{publisher}-{n}"), 1, 300);
        let told = node.publish_as(publisher, drafts).await?;
        let origin = told.origin.to_string();
        let newest = async {
            loop {
                let message = heads.message().await?.context("the watch goes on")?;
                let of_it = message.heads.iter().any(|head| {
                    let note = String::from_utf8_lossy(&head.checkpoint);
                    head.origin == origin
                        && note.lines().nth(1) == Some(told.tree_size.to_string().as_str())
                });
                if of_it {
                    return anyhow::Ok(());
                }
            }
        };
        timeout(SOON, newest).await??;
        let entry = timeout(SOON, records.message())
            .await??
            .context("it goes on")?;
        assert_eq!(entry.entry.context("an entry")?.origin, origin);
    }
    Ok(())
}
