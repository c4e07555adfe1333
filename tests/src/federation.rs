//! Nodes on ports picked by the system, in folders that go away, with their own
//! keys and certificates; everything else is the real thing.

use std::{
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Parser as _;
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};
use wpsx_cli::{Cli, Desk, Output, socket_path, with_desk, without_desk};
use wpsx_client::clock::Clock;
use wpsx_domain::publishing::{Batch, Draft, Licences, Outcome};
use wpsx_doors::{
    app::App,
    config::Config,
    serve::{self, Listeners, Running},
};
use wpsx_federation::peers::{PayloadFilter, Peer};
use wpsx_node::app::{self, World};
use wpsx_proto::{
    api::{
        admin::v1::{GetStatusResponse, PeerStatus},
        record::v1 as record_api,
    },
    card::NodeCard,
    envelope::{Operation, Reason},
    origin::{NodeName, Origin, RecordId},
};
use wpsx_store::LogHandle;

use crate::line::Line;

/// How long a state may take to come about before a test fails.
pub const BOUND: Duration = Duration::from_secs(60);

/// A node in a temporary folder.
pub struct TestNode {
    /// `eu` for the node `eu.example`.
    pub name: String,
    running: Option<Running>,
    // Removed after what runs in it.
    dir: TempDir,
    listens: bool,
    line: Option<Arc<Line>>,
    clock: Option<Clock>,
    /// Of records that name none, once it is opened.
    pub licences: Licences,
}

impl TestNode {
    /// A running node called `<name>.example` with one publisher of that name.
    ///
    /// # Errors
    /// It cannot be made or started.
    pub async fn start(name: &str) -> Result<Self> {
        Self::create(name)?.with_publisher().await
    }

    /// The same for a node whose clock is this one.
    ///
    /// # Errors
    /// It cannot be made or started.
    pub async fn start_at(name: &str, clock: Clock) -> Result<Self> {
        let mut node = Self::create(name)?;
        node.clock = Some(clock);
        node.with_publisher().await
    }

    /// The same for a node that listens on nothing.
    ///
    /// # Errors
    /// It cannot be made or started.
    pub async fn start_hidden(name: &str) -> Result<Self> {
        let mut node = Self::create(name)?;
        node.listens = false;
        node.with_publisher().await
    }

    /// The same for a node that others reach over `line` alone.
    ///
    /// # Errors
    /// It cannot be made or started.
    pub async fn start_behind(name: &str, line: &Arc<Line>) -> Result<Self> {
        let mut node = Self::create(name)?;
        node.line = Some(line.clone());
        node.with_publisher().await
    }

    /// The node runs and has one publisher, who is called as it is.
    async fn with_publisher(mut self) -> Result<Self> {
        self.open().await?;
        self.add_publisher(&format!("{}.example", self.name), &self.name)?;
        Ok(self)
    }

    /// A node's folder with fresh keys; nothing runs.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn create(name: &str) -> Result<Self> {
        let dir = TempDir::new()?;
        App::create(
            &dir.path().join("data"),
            &NodeName::parse(&format!("{name}.example"))?,
        )?;
        Ok(Self {
            name: name.to_owned(),
            dir,
            running: None,
            listens: true,
            line: None,
            clock: None,
            licences: Licences::default(),
        })
    }

    /// A node from a copy of this one's folder, which does not run now.
    ///
    /// # Errors
    /// The folder cannot be copied.
    pub fn copy(&self) -> Result<Self> {
        let dir = TempDir::new()?;
        copy_folder(&self.data_dir(), &dir.path().join("data"))?;
        Ok(Self {
            name: self.name.clone(),
            dir,
            running: None,
            listens: self.listens,
            line: self.line.clone(),
            clock: self.clock.clone(),
            licences: self.licences.clone(),
        })
    }

    /// The data directory.
    pub fn data_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    /// The temporary folder around it.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Opens and serves the node on fresh ports.
    ///
    /// # Errors
    /// It cannot be opened or started.
    pub async fn open(&mut self) -> Result<()> {
        self.open_on(None).await
    }

    /// The same on a given TLS port of the loopback; 0 or none lets the system choose.
    ///
    /// # Errors
    /// It cannot be opened or started.
    pub async fn open_on(&mut self, port: Option<u16>) -> Result<()> {
        let mut config = Config::default();
        config.limits.drain = Duration::from_secs(3);
        config.limits.disk_reserve = 0;
        config.publishing.licences = self.licences.clone();
        if !self.listens {
            config.node.listen = None;
        }
        if let Some(line) = &self.line {
            config.node.advertise = vec![line.endpoint()];
        }
        let mut world = World::real();
        if let Some(clock) = &self.clock {
            world.clock = clock.clone();
        }
        let node = app::open_in(world, &self.data_dir(), config)?;
        let listen = || TcpListener::bind("127.0.0.1:0");
        let listeners = if self.listens {
            Listeners {
                tls: Some(TcpListener::bind(("127.0.0.1", port.unwrap_or(0))).await?),
                http: Some(listen().await?),
                metrics: Some(listen().await?),
            }
        } else {
            Listeners::default()
        };
        if let (Some(line), Some(tls)) = (&self.line, &listeners.tls) {
            line.lead_to(tls.local_addr()?.port());
        }
        self.running = Some(serve::start(node, listeners).await?);
        Ok(())
    }

    /// The node.
    ///
    /// # Panics
    /// It does not run.
    pub fn node(&self) -> &App {
        self.running.as_ref().expect("the node runs").node()
    }

    /// Stops it in order.
    ///
    /// # Errors
    /// It could not write its last state.
    pub async fn stop(&mut self) -> Result<()> {
        if let Some(running) = self.running.take() {
            running.stop().await?;
        }
        Ok(())
    }

    /// The TLS port.
    pub fn port(&self) -> Option<u16> {
        self.node().addresses().0.rsplit(':').next()?.parse().ok()
    }

    /// The node's card.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn card(&self) -> Result<NodeCard> {
        Ok((*self.node().card()?).clone())
    }

    /// Makes `other` a peer of this node.
    ///
    /// # Errors
    /// The card contradicts what is known.
    pub fn add(&self, other: &Self, introduces: bool) -> Result<()> {
        self.add_with(other, introduces, PayloadFilter::default())
    }

    /// The same with a filter for payloads.
    ///
    /// # Errors
    /// The card contradicts what is known.
    pub fn add_with(&self, other: &Self, introduces: bool, filter: PayloadFilter) -> Result<()> {
        let card = other.card()?;
        self.node().federation().peering().add(Peer {
            card,
            introduces,
            filter,
            turn: false,
        })?;
        Ok(())
    }

    /// This node's own log.
    ///
    /// # Errors
    /// It has none.
    pub fn own(&self) -> Result<LogHandle> {
        let hosted = self.node().publishing().publishers().named("")?;
        self.replica(&hosted.origin).context("its own log")
    }

    /// The origin of this node's own log.
    pub fn origin(&self) -> Origin {
        Origin::parse(&format!("{}.example/wpsx/public", self.name)).expect("a test's name")
    }

    /// Publishes `drafts` in the own log.
    ///
    /// # Errors
    /// A draft is not well-formed, or the log may not be signed.
    pub async fn publish(&self, drafts: Vec<Draft>) -> Result<Outcome> {
        self.publish_as("", drafts).await
    }

    /// The same in the log of one of its publishers.
    ///
    /// # Errors
    /// As [`TestNode::publish`].
    pub async fn publish_as(&self, publisher: &str, drafts: Vec<Draft>) -> Result<Outcome> {
        let batch = Batch {
            publisher: publisher.to_owned(),
            ..Batch::default()
        };
        Ok(self.node().publishing().publish(batch, drafts).await?)
    }

    /// Withdraws or erases a record of one of its publishers.
    ///
    /// # Errors
    /// The record is not here, or the log may not be signed.
    pub async fn retire(
        &self,
        operation: Operation,
        id: Option<RecordId>,
        reason: Reason,
    ) -> Result<()> {
        let id = id.context("a record that was published")?;
        let publishing = self.node().publishing();
        publishing.retire(operation, &id, reason, "").await?;
        Ok(())
    }

    /// Makes one more publisher.
    ///
    /// # Errors
    /// The name is taken, or there are too many.
    pub fn add_publisher(&self, name: &str, title: &str) -> Result<()> {
        let publishers = self.node().publishing().publishers();
        publishers.create(name, title, &[])?;
        Ok(())
    }

    /// Its state, as `wpsx status` shows it.
    ///
    /// # Errors
    /// The views cannot be read.
    pub fn status(&self) -> Result<GetStatusResponse> {
        let sight = self.node().access().public();
        Ok(self.node().services().status(&sight)?)
    }

    /// How many current and how many unreadable records its views count in a log, once
    /// they show all of it.
    ///
    /// # Errors
    /// The views cannot be read.
    pub async fn counted(&self, origin: &Origin) -> Result<(u64, u64)> {
        let sight = self.node().access().public();
        self.node().records().index().settled_in(&sight).await?;
        let log = sight.log(origin).context("a log that it holds")?;
        let counts = self.node().records().count(&sight, &log)?;
        Ok((counts.records, counts.unreadable))
    }

    /// Its replica of `origin`, if it has one.
    pub fn replica(&self, origin: &Origin) -> Option<LogHandle> {
        self.node().store().log(origin)
    }

    /// The size of the newest head it holds of `origin`.
    pub fn head_size(&self, origin: &Origin) -> u64 {
        self.replica(origin)
            .and_then(|log| log.head())
            .map_or(0, |head| head.size().value())
    }

    /// Waits until it holds a head of `origin` of at least `size`.
    ///
    /// # Errors
    /// Not within a minute; says how far it came and what the peers say.
    pub async fn reaches(&self, origin: &Origin, size: u64) -> Result<()> {
        wait_until(|| self.head_size(origin) >= size)
            .await
            .with_context(|| {
                let status = self.status();
                format!(
                    "{} holds {} of {size} entries of {origin}; {status:#?}",
                    self.name,
                    self.head_size(origin)
                )
            })
    }

    /// What `wpsx status` knows of a peer.
    ///
    /// # Errors
    /// It is no peer of this node.
    pub fn peer_status(&self, peer: &str) -> Result<PeerStatus> {
        let status = self.status()?;
        let found = status.peers.into_iter().find(|p| p.name == peer);
        found.with_context(|| format!("{peer} is no peer of {}", self.name))
    }

    /// What `wpsx <arguments>` prints when it commands this running node.
    ///
    /// # Errors
    /// As the command; the node does not run.
    pub async fn typed(&self, arguments: &[&str]) -> Result<String> {
        let typed = ["wpsx"].iter().chain(arguments);
        let command = Cli::try_parse_from(typed)?.command;
        let printed = Printed::default();
        let now = self.node().clock().unix_ms();
        let mut out = Output::to(Box::new(printed.clone()), false, false, now);
        let failed = |failure| anyhow!("{failure}");
        let command = without_desk(command, &self.data_dir(), &mut out).await;
        let Some(command) = command.map_err(failed)? else {
            return Ok(printed.text());
        };
        wait_until(|| socket_path(&self.data_dir()).exists()).await?;
        let mut desk = Desk::running(&self.data_dir())
            .await
            .map_err(failed)?
            .context("the node does not run")?;
        let done = with_desk(command, &mut desk, &mut out).await;
        drop(out);
        let closed = desk.close().await;
        done.and(closed).map_err(failed)?;
        Ok(printed.text())
    }

    /// The same, with every payload: becoming a peer breaks the line once, and what was
    /// on its way then comes over the next one.
    ///
    /// # Errors
    /// It did not come about in time.
    pub async fn holds(&self, origin: &Origin, size: u64) -> Result<()> {
        self.reaches(origin, size).await?;
        let log = self.replica(origin).context("followed")?;
        wait_until(|| log.holes().not_held == 0).await
    }

    /// Checks every log from its raw bytes.
    ///
    /// # Errors
    /// Names everything that is wrong.
    pub fn verify(&self) -> Result<()> {
        for log in self.node().store().logs() {
            let report = self.node().store().verify(&log, |_| {})?;
            if !report.problems.is_empty() {
                bail!("{}: {}: {:?}", self.name, log.origin(), report.problems);
            }
        }
        Ok(())
    }
}

/// Keeps what a command prints.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for TestNode {
    /// Stops it, so that nothing writes to the folder while it is removed.
    fn drop(&mut self) {
        let Some(running) = self.running.take() else {
            return;
        };
        if let Ok(runtime) = Handle::try_current()
            && runtime.runtime_flavor() == RuntimeFlavor::MultiThread
        {
            // A test that is over has no use for the error.
            let _ = block_in_place(|| runtime.block_on(running.stop()));
        }
    }
}

/// Makes two nodes peers of each other.
///
/// # Errors
/// A card contradicts what is known.
pub fn join(a: &TestNode, b: &TestNode, introduces: bool) -> Result<()> {
    a.add(b, introduces)?;
    b.add(a, introduces)
}

/// Two running nodes, `a` and `b`, that are peers of each other.
///
/// # Errors
/// They cannot be made or started.
pub async fn pair() -> Result<(TestNode, TestNode)> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    join(&a, &b, false)?;
    Ok((a, b))
}

/// Three running nodes: `a` and `c` have no line to each other, and each has one to the
/// `hub` between them, which introduces the other's publisher.
///
/// # Errors
/// They cannot be made or started.
pub async fn around_a_hub() -> Result<(TestNode, TestNode, TestNode)> {
    let a = TestNode::start("a").await?;
    let hub = TestNode::start("hub").await?;
    let c = TestNode::start("c").await?;
    join(&a, &hub, true)?;
    join(&c, &hub, true)?;
    Ok((a, hub, c))
}

/// Waits for a state, with a bound.
///
/// # Errors
/// It did not come about within a minute.
pub async fn wait_until(mut state: impl FnMut() -> bool) -> Result<()> {
    let since = Instant::now();
    while !state() {
        if since.elapsed() > BOUND {
            bail!("the state did not come about within {BOUND:?}");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Copies a data directory as a backup would.
///
/// # Errors
/// Something cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    std::fs::set_permissions(to, std::fs::metadata(from)?.permissions())?;
    Ok(())
}

/// `count` good practices with their own ids, of about `size` bytes each.
pub fn practices(prefix: &str, count: usize, size: usize) -> Vec<Draft> {
    (0..count)
        .map(|n| practice(&format!("{prefix}-{n}"), &["FRA"], size))
        .collect()
}

/// One good practice of about `size` bytes.
pub fn practice(external_id: &str, countries: &[&str], size: usize) -> Draft {
    use prost::Message as _;
    let mut record = record_api::Record {
        external_id: external_id.to_owned(),
        countries: countries.iter().map(|c| (*c).to_owned()).collect(),
        body: Some(record_api::record::Body::GoodPractice(
            record_api::GoodPractice::default(),
        )),
        ..Default::default()
    };
    record.title.push(record_api::Text {
        language: "en".to_owned(),
        text: words(
            external_id,
            size.saturating_sub(external_id.len() + 40).clamp(8, 2_000),
        ),
        ..Default::default()
    });
    Draft {
        record_id: None,
        kind: record_api::Kind::GoodPractice as u32,
        payload: record.encode_to_vec().into(),
        external_id: external_id.to_owned(),
        ..Draft::default()
    }
}

/// Text of about `bytes` bytes from a small vocabulary, another for every `seed`.
pub fn words(seed: &str, bytes: usize) -> String {
    const WORDS: [&str; 16] = [
        "women",
        "peace",
        "security",
        "plan",
        "network",
        "police",
        "training",
        "mediation",
        "ministry",
        "resolution",
        "prevention",
        "protection",
        "recovery",
        "practice",
        "region",
        "border",
    ];
    let mut state = seed.bytes().fold(0x9E37_79B9_7F4A_7C15_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3)
    });
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push_str(WORDS[(state % 16) as usize]);
        text.push(' ');
    }
    text.truncate(bytes);
    text
}
