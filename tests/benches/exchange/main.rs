//! What the exchange reaches, each figure with its method and, where the machine
//! sets a ceiling, the share of it.
//!
//! `cargo bench -p wpsx-tests --bench exchange` runs everything with 1,000,000
//! records; `WPSX_BENCH_RECORDS` sets another number and `WPSX_BENCH_ONLY` a
//! comma-separated choice of the parts named in [`PARTS`].
//!
//! The publisher of a bootstrap is a process of its own, so that memory is told
//! for each side.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use prost::Message as _;
use tokio::net::TcpListener;
use wpsx_client::{
    pull::{Held, PullOptions, Puller, nothing_erased},
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_node::{
    config::Config,
    node::Node,
    peers::{PayloadFilter, Peer},
    serve::{self, Listeners, Running},
    store::{LogHandle, NewEntry, RecordTarget},
};
use wpsx_proto::{
    api::{
        record::v1 as record_api,
        replication::v1::{
            KnownHead, ListHeadsRequest, replication_service_client::ReplicationServiceClient,
        },
    },
    card::NodeCard,
    envelope::{Operation, Reason},
    origin::{NodeName, Origin, RecordId},
};
use wpsx_tests::federation::{TestNode, join, practices, words};

const PARTS: [&str; 7] = [
    "publish",
    "single",
    "bootstrap",
    "changes",
    "nothing",
    "latency",
    "reopen",
];
const BATCH: usize = 1_000;
const RECORD: usize = 1_000;
const COUNTRIES: [&str; 8] = ["FRA", "DEU", "KEN", "NAM", "ALB", "SRB", "CHL", "PHL"];

fn main() -> Result<()> {
    let args: Vec<String> = env::args().collect();
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(at) = args.iter().position(|a| a == "--serve") {
        let dir = args.get(at + 1).context("--serve DIR")?;
        return runtime.block_on(child(Path::new(dir)));
    }
    if args.iter().any(|a| a == "--test") {
        return Ok(());
    }
    runtime.block_on(run())
}

async fn run() -> Result<()> {
    let records = env::var("WPSX_BENCH_RECORDS").map_or(Ok(1_000_000), |n| n.parse::<usize>())?;
    let only = env::var("WPSX_BENCH_ONLY").unwrap_or_default();
    let wanted = |part: &str| only.is_empty() || only.split(',').any(|o| o == part);
    if let Some(unknown) = only
        .split(',')
        .find(|o| !o.is_empty() && !PARTS.contains(o))
    {
        bail!("no part {unknown}; the parts are {}", PARTS.join(", "));
    }
    let folder = tempfile::TempDir::with_prefix("wpsx-bench-")?;
    let store = folder.path().join("publisher");
    println!("records {records}, payload {RECORD} bytes, batches of {BATCH}, each durable");
    publish(&store, records).await?;
    if wanted("reopen") {
        reopen(&store).await?;
    }
    if wanted("single") {
        single(&store).await?;
    }
    if wanted("bootstrap") {
        bootstrap(folder.path(), &store, records).await?;
        uncompressed(&store, records).await?;
    }
    if wanted("changes") || wanted("nothing") {
        let small = folder.path().join("small");
        publish(&small, 10_000).await?;
        changes(folder.path(), &small, 10_000).await?;
        changes(folder.path(), &store, records).await?;
    }
    if wanted("latency") {
        latency().await?;
    }
    Ok(())
}

/// A record whose payload has exactly `RECORD` bytes: half words, some of it random.
fn payload(n: usize) -> Bytes {
    let mut record = record_api::Record {
        external_id: format!("bench-{n}"),
        countries: vec![COUNTRIES[n % COUNTRIES.len()].to_owned()],
        ..Default::default()
    };
    let noise = hex::encode(random::<48>());
    record.title.push(record_api::Text {
        language: "en".to_owned(),
        ..Default::default()
    });
    record.body = Some(record_api::record::Body::GoodPractice(Default::default()));
    // Two more bytes for the length of a text this long, and two for its message's.
    let room = RECORD - record.encoded_len() - 4;
    record.title[0].text = format!(
        "{noise} {}",
        words(&record.external_id, room - noise.len() - 1)
    );
    record.encode_to_vec().into()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn entry(n: usize) -> NewEntry {
    NewEntry {
        target: RecordTarget::New(RecordId::from_bytes(random())),
        operation: Operation::Publish,
        kind: record_api::Kind::GoodPractice as u32,
        payload: Some(payload(n)),
        reason: Reason::Unspecified,
        salt: random(),
    }
}

/// The largest resident size that a process had so far, in MB.
fn peak_mb(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find(|l| l.starts_with("VmHWM:"))
        .context("no VmHWM")?;
    let kb: f64 = line
        .split_whitespace()
        .nth(1)
        .context("no figure")?
        .parse()?;
    Ok(kb / 1024.0)
}

fn name_of(dir: &Path) -> Result<NodeName> {
    let name = dir
        .file_name()
        .context("a folder's name")?
        .to_string_lossy();
    Ok(NodeName::parse(&format!("{name}.example"))?)
}

async fn open(dir: &Path) -> Result<Running> {
    let node = Node::open(dir, Config::default())?;
    let listeners = Listeners {
        tls: Some(TcpListener::bind("127.0.0.1:0").await?),
        ..Listeners::default()
    };
    Ok(serve::start(node, listeners).await?)
}

async fn views_current(log: &LogHandle, node: &Node, count: u64) {
    while node.store().views().position(log.number()) < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Publishes in process, each batch awaited, then waits for the views.
async fn publish(dir: &Path, records: usize) -> Result<()> {
    let name = name_of(dir)?;
    Node::create(dir, &name)?;
    let node = Node::open(dir, Config::default())?;
    let log = node.create_publisher(name.as_str(), "bench", &[])?;
    let since = Instant::now();
    let mut spent = Duration::ZERO;
    for first in (0..records).step_by(BATCH) {
        let batch: Vec<NewEntry> = (first..records.min(first + BATCH)).map(entry).collect();
        let asked = Instant::now();
        node.append(&log, batch, None).await?;
        spent += asked.elapsed();
    }
    let made = since.elapsed();
    views_current(&log, &node, records as u64).await;
    let current = since.elapsed();
    println!(
        "publish: {:.0} records/s durable ({:.1} s in the node, {:.1} s with making the records), \
         views current after {:.1} s, peak {:.0} MB",
        records as f64 / spent.as_secs_f64(),
        spent.as_secs_f64(),
        made.as_secs_f64(),
        current.as_secs_f64(),
        peak_mb(std::process::id())?
    );
    node.close().await?;
    Ok(())
}

/// Opens a store that was closed in order.
async fn reopen(dir: &Path) -> Result<()> {
    let since = Instant::now();
    let node = Node::open(dir, Config::default())?;
    let took = since.elapsed();
    let size = node.own_log("")?.stored();
    println!("reopen: {:.3} s for {size} records", took.as_secs_f64());
    node.close().await?;
    Ok(())
}

/// One record at a time, each awaited.
async fn single(dir: &Path) -> Result<()> {
    let node = Node::open(dir, Config::default())?;
    let log = node.own_log("")?;
    let mut times = Vec::new();
    for n in 0..200 {
        let since = Instant::now();
        node.append(&log, vec![entry(10_000_000 + n)], None).await?;
        times.push(since.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    times.sort_unstable();
    println!(
        "single: {:.2} ms median, {:.2} ms at 99 %",
        ms(times[times.len() / 2]),
        ms(times[times.len() * 99 / 100])
    );
    node.close().await?;
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The publisher's process: serves a store until its standard input ends.
async fn child(dir: &Path) -> Result<()> {
    let running = open(dir).await?;
    let card = running.node().card()?;
    println!("{}", hex::encode(card.note_bytes()));
    std::io::stdout().flush()?;
    let node = running.node().clone();
    // One line of input is one command: a card to know as a peer, or a number of records to publish.
    tokio::task::spawn_blocking(move || -> Result<()> {
        let runtime = tokio::runtime::Handle::current();
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            if let Ok(count) = line.parse::<usize>() {
                let log = node.own_log("")?;
                let batch = (0..count).map(|n| entry(20_000_000 + n)).collect();
                runtime.block_on(node.append(&log, batch, None))?;
            } else {
                let card = NodeCard::verify(&hex::decode(line.trim())?)?;
                node.add_peer(Peer {
                    card,
                    introduces: false,
                    filter: PayloadFilter::default(),
                    turn: false,
                })?;
            }
            println!("done");
        }
        Ok(())
    })
    .await??;
    running.stop().await?;
    Ok(())
}

struct Publisher {
    process: Child,
    card: NodeCard,
    answers: BufReader<std::process::ChildStdout>,
}

impl Publisher {
    fn start(dir: &Path) -> Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .arg("--serve")
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut answers = BufReader::new(process.stdout.take().context("its output")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let card = NodeCard::verify(&hex::decode(line.trim())?)?;
        Ok(Self {
            process,
            card,
            answers,
        })
    }

    fn tell(&mut self, line: &str) -> Result<()> {
        let input = self.process.stdin.as_mut().context("its input")?;
        writeln!(input, "{line}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(())
    }

    fn origin(&self) -> Result<Origin> {
        let publisher = self.card.publishers().first().context("a publisher")?;
        Ok(publisher.origin(wpsx_proto::origin::Audience::Public))
    }

    fn stop(mut self) -> Result<()> {
        drop(self.process.stdin.take());
        self.process.wait()?;
        Ok(())
    }
}

async fn replica(dir: &Path) -> Result<Running> {
    if !dir.exists() {
        Node::create(dir, &name_of(dir)?)?;
    }
    let node = Node::open(dir, Config::default())?;
    Ok(serve::start(node, Listeners::default()).await?)
}

async fn reaches(node: &Node, origin: &Origin, size: u64) -> Result<LogHandle> {
    let since = Instant::now();
    loop {
        if let Some(log) = node.store().log(origin)
            && log.head().is_some_and(|head| head.size().value() >= size)
        {
            return Ok(log);
        }
        if since.elapsed() > Duration::from_secs(300) {
            bail!("the replica did not come to {size}");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A new replica takes everything: both processes on this machine, mutual TLS.
async fn bootstrap(folder: &Path, dir: &Path, records: usize) -> Result<()> {
    let mut publisher = Publisher::start(dir)?;
    let running = replica(&folder.join("replica")).await?;
    let node = running.node().clone();
    publisher.tell(&hex::encode(node.card()?.note_bytes()))?;
    let origin = publisher.origin()?;
    let since = Instant::now();
    let peer = node.add_peer(Peer {
        card: publisher.card.clone(),
        introduces: false,
        filter: PayloadFilter::default(),
        turn: false,
    })?;
    let log = reaches(&node, &origin, records as u64).await?;
    let durable = since.elapsed();
    let wire = node.links().of(peer.name()).bytes();
    views_current(&log, &node, log.stored().value()).await;
    let current = since.elapsed();
    let payload = (log.stored().value() as usize * RECORD) as f64;
    println!(
        "bootstrap (zstd): {:.0} records/s verified and durable ({:.2} s), views current after {:.1} s, \
         {:.1} % of the payload on the wire, peak {:.0} MB here, {:.0} MB at the publisher",
        log.stored().value() as f64 / durable.as_secs_f64(),
        durable.as_secs_f64(),
        current.as_secs_f64(),
        wire as f64 / payload * 100.0,
        peak_mb(std::process::id())?,
        peak_mb(publisher.process.id())?,
    );
    running.stop().await?;
    publisher.stop()
}

/// The same stream without compression, verified but not stored, for its size.
async fn uncompressed(dir: &Path, records: usize) -> Result<()> {
    let publisher = Publisher::start(dir)?;
    let identity = publisher.card.publishers().first().context("a publisher")?;
    let origin = publisher.origin()?;
    let key = identity.log_key(&origin).context("its log's key")?;
    let tls = TlsDialer::new(None, Pins::only(publisher.card.tls_key()))?;
    let endpoint: Endpoint = publisher
        .card
        .endpoints()
        .first()
        .context("an endpoint")?
        .parse()?;
    let connection = Connection::dial(&endpoint, &tls, &Settings::default()).await?;
    let options = PullOptions {
        zstd: false,
        ..PullOptions::default()
    };
    let puller = Puller::new(connection.clone(), origin, key).with_options(options);
    let held = Held::nothing();
    let head = puller.head(&held).await?.context("a head")?;
    let since = Instant::now();
    let mut steps = puller.pull(held, head, nothing_erased());
    while let Some(step) = steps.next().await {
        step?;
    }
    println!(
        "bare stream (uncompressed): {:.0} records/s verified, not stored, {:.1} % of the payload on the wire",
        records as f64 / since.elapsed().as_secs_f64(),
        connection.counters().received() as f64 / (records * RECORD) as f64 * 100.0
    );
    connection.close();
    publisher.stop()
}

/// 100 new records on top of `records`, then a question when nothing is new.
async fn changes(folder: &Path, dir: &Path, records: usize) -> Result<()> {
    let mut publisher = Publisher::start(dir)?;
    let running = replica(&folder.join(format!("changes-{records}"))).await?;
    let node = running.node().clone();
    publisher.tell(&hex::encode(node.card()?.note_bytes()))?;
    let origin = publisher.origin()?;
    let peer = node.add_peer(Peer {
        card: publisher.card.clone(),
        introduces: false,
        filter: PayloadFilter::default(),
        turn: false,
    })?;
    let before = reaches(&node, &origin, records as u64)
        .await?
        .stored()
        .value();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let link = node.links().of(peer.name());
    let mut times = Vec::new();
    let mut bytes = Vec::new();
    for round in 1..=11u64 {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let wire = link.bytes();
        let since = Instant::now();
        publisher.tell("100")?;
        reaches(&node, &origin, before + round * 100).await?;
        times.push(since.elapsed());
        bytes.push(link.bytes() - wire);
    }
    times.sort_unstable();
    bytes.sort_unstable();
    println!(
        "changes: 100 on top of {records}: {:.1} ms median from asking the publisher to the replica's head, \
         {} bytes received ({} bytes of payload)",
        ms(times[times.len() / 2]),
        bytes[bytes.len() / 2],
        100 * RECORD
    );
    nothing_new(&node, &peer, records).await?;
    running.stop().await?;
    publisher.stop()
}

/// Heads that differ from what is held, asked for on an open connection.
async fn nothing_new(node: &Node, peer: &Peer, records: usize) -> Result<()> {
    let dialer = node.dialer(peer)?;
    let endpoint: Endpoint = peer
        .card
        .endpoints()
        .first()
        .context("an endpoint")?
        .parse()?;
    let connection = Connection::dial(&endpoint, &dialer, &node.dial_settings()?).await?;
    let known: Vec<KnownHead> = node
        .store()
        .logs()
        .into_iter()
        .map(|log| KnownHead {
            origin: log.origin().to_string(),
            tree_size: log.stored().value(),
            note_hash: Bytes::new(),
        })
        .collect();
    let mut client = ReplicationServiceClient::new(connection.clone());
    let request = ListHeadsRequest {
        known,
        ..Default::default()
    };
    client.list_heads(request.clone()).await?;
    let (mut times, mut bytes) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        let counters = connection.counters();
        let before = counters.received() + counters.sent();
        let since = Instant::now();
        let heads = client.list_heads(request.clone()).await?.into_inner().heads;
        times.push(since.elapsed());
        let counters = connection.counters();
        bytes.push(counters.received() + counters.sent() - before);
        anyhow::ensure!(heads.is_empty(), "nothing was published meanwhile");
    }
    times.sort_unstable();
    bytes.sort_unstable();
    println!(
        "nothing new at {records}: one call, {:.2} ms, {} bytes both ways (TLS included)",
        ms(times[50]),
        bytes[50]
    );
    connection.close();
    Ok(())
}

/// From the call to publish to the record being readable: at a neighbour, and over two relays.
async fn latency() -> Result<()> {
    let nodes = [
        TestNode::start("a").await?,
        TestNode::start("b").await?,
        TestNode::start("c").await?,
        TestNode::start("d").await?,
    ];
    for pair in nodes.windows(2) {
        join(&pair[0], &pair[1], true)?;
    }
    let origin = nodes[0].origin();
    nodes[0].publish(practices("warm", 1, 300)).await?;
    nodes[3].reaches(&origin, 1).await?;
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for n in 0..100u64 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let since = Instant::now();
        nodes[0]
            .publish(practices(&format!("n{n}"), 1, 300))
            .await?;
        let size = n + 2;
        let readable = |node: &TestNode| {
            let (node, origin) = (node.node().clone(), origin.clone());
            async move {
                let log = reaches(&node, &origin, size).await?;
                views_current(&log, &node, size).await;
                Ok::<_, anyhow::Error>(since.elapsed())
            }
        };
        let (one, three) = tokio::join!(readable(&nodes[1]), readable(&nodes[3]));
        near.push(one?);
        far.push(three?);
    }
    near.sort_unstable();
    far.sort_unstable();
    println!(
        "latency: publish to readable: {:.1} ms median at a neighbour, {:.1} ms over two relays",
        ms(near[50]),
        ms(far[50])
    );
    Ok(())
}
