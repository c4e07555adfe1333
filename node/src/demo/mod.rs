//! The main job in one command: four nodes on free local ports exchange the
//! real plans and prove every byte.
//!
//! `au` and `western-balkans` have no line between them; what one publishes
//! comes to the other through `eu` or `secretariat`, which each of them lets
//! introduce others.

pub mod data;
mod report;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use prost::Message as _;
use toml::Value;
use wpsx_proto::{
    api::{
        admin::v1::{Draft, PublishHeader},
        exchange::v1::RecordFilter,
        record::v1::{GoodPractice, Kind, Record, Text, record::Body},
    },
    card::NodeCard,
    envelope::Leaf,
    index::LeafIndex,
    origin::NodeName,
    payload::{SALT, SlotState},
    record::Header,
};

use data::{Network, Share};
pub use report::{NodeReport, OriginReport, Report};

use crate::{
    cli::{DemoArgs, Failure, Global, Output},
    config::{self, Config},
    error::NodeError,
    node::Node,
    peers::{PayloadFilter, Peer},
    publish, records,
    serve::{self, Listeners, Running},
    store::LogHandle,
};

/// Which nodes have a line between them.
pub const LINES: [(&str, &str); 5] = [
    ("eu", "au"),
    ("eu", "western-balkans"),
    ("eu", "secretariat"),
    ("au", "secretariat"),
    ("western-balkans", "secretariat"),
];

/// How long the federation may take before it is said not to converge.
const BOUND: Duration = Duration::from_secs(120);

/// `wpsx demo`
///
/// # Errors
/// A node could not be made, or the federation did not converge.
pub async fn run(global: &Global, args: &DemoArgs, out: &mut Output) -> Result<(), Failure> {
    let failed = |error: NodeError| Failure::because("the demo failed", &error);
    let stories = !out.is_json();
    if stories {
        out.say("Four nodes start on this machine, publish real action plans, and exchange them.")?;
    }
    let demo = Demo::start(global.named_data_dir(), args.records)
        .await
        .map_err(failed)?;
    let report = demo
        .converge(Shown { progress: stories })
        .await
        .map_err(failed)?;
    if out.is_json() {
        let report = serde_json::to_value(&report)
            .map_err(|error| Failure::because("the report cannot be written", &error))?;
        out.document(&report)?;
    } else {
        let (header, rows) = report.table();
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        out.table(&header, &rows)?;
        out.say(report.sentence())?;
        out.say(example(&demo).map_err(failed)?)?;
    }
    let converged = report.converged;
    if !args.once {
        if stories {
            out.say(stay_up(&demo, &report))?;
        }
        // Without signals there is nothing to wait for; the nodes are stopped at once.
        let _ = tokio::signal::ctrl_c().await;
    }
    demo.stop().await.map_err(failed)?;
    if converged {
        return Ok(());
    }
    Err(
        Failure::failed("the four nodes did not come to hold and verify the same records")
            .remedy("run the demo again; wpsx --data-dir DIR/eu status of a kept store shows why"),
    )
}

/// A question to the global view: which countries' plans are in force, by region of the answerer.
fn example(demo: &Demo) -> Result<String, NodeError> {
    let secretariat = demo.named("secretariat")?;
    let filter = RecordFilter {
        kinds: vec![Kind::NationalActionPlan as u32],
        countries: vec!["ALB".to_owned(), "KEN".to_owned(), "FRA".to_owned()],
        ..RecordFilter::default()
    };
    let page = records::list(secretariat, Some(filter), 100, "", |_| true)?;
    let mut text = String::from(
        "\nThe secretariat's node answers: national action plans of Albania, France and Kenya\n",
    );
    for entry in page.entries {
        let Leaf::Known(_) = Leaf::read(&entry.entry) else {
            continue;
        };
        let Ok(header) = Header::read(payload_of(&entry.slot)) else {
            continue;
        };
        let title = header.title(&["en"]).unwrap_or_default();
        text.push_str(&format!(
            "  {}  {title}  ({})\n",
            header.countries().join(" "),
            entry.origin
        ));
    }
    Ok(text)
}

fn payload_of(slot: &[u8]) -> &[u8] {
    slot.get(SALT..).unwrap_or_default()
}

fn stay_up(demo: &Demo, report: &Report) -> String {
    let mut text = String::from("The nodes stay up until Ctrl-C.\n");
    for (node, shown) in demo.nodes().zip(&report.nodes) {
        text.push_str(&format!(
            "  {:16} https://{}  http://{}/mirror/  wpsx --data-dir {} status\n",
            shown.name,
            shown.listen,
            shown.http,
            node.dir().display()
        ));
    }
    text
}

/// Four running nodes.
pub struct Demo {
    nodes: Vec<Running>,
    since: Instant,
    keep: Option<tempfile::TempDir>,
}

/// What the demo shows while it works.
pub struct Shown {
    /// Bars on standard error; hidden where that is no terminal.
    pub progress: bool,
}

impl Demo {
    /// Makes, fills and peers the four nodes in `dir`, or in a folder that goes away.
    ///
    /// # Errors
    /// A folder that is not empty, or a node that cannot be made.
    pub async fn start(dir: Option<&Path>, further: u64) -> Result<Self, NodeError> {
        let (base, keep) = folder(dir)?;
        let since = Instant::now();
        let shares = data::shares().map_err(|e| NodeError::Internal(e.to_string()))?;
        let mut nodes = Vec::with_capacity(shares.len());
        for share in shares {
            let running = open(&base.join(share.network.name()), &share).await?;
            let mut drafts = share.drafts;
            drafts.extend((0..further).map(|n| made_up(share.network, n)));
            publish::publish(running.node(), PublishHeader::default(), drafts).await?;
            nodes.push(running);
        }
        let demo = Self { nodes, since, keep };
        for (a, b) in LINES {
            demo.join(a, b)?;
        }
        Ok(demo)
    }

    /// The nodes in the order of the table.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().map(Running::node)
    }

    fn named(&self, name: &str) -> Result<&Node, NodeError> {
        self.nodes()
            .find(|node| node.name().as_str() == name)
            .ok_or_else(|| NodeError::not_found("node", name))
    }

    fn join(&self, a: &str, b: &str) -> Result<(), NodeError> {
        let (a, b) = (self.named(a)?, self.named(b)?);
        for (from, to) in [(a, b), (b, a)] {
            let card: NodeCard = (*to.card()?).clone();
            from.add_peer(Peer {
                card,
                introduces: true,
                filter: PayloadFilter::default(),
                turn: false,
            })?;
        }
        Ok(())
    }

    /// Waits until every node holds and has proven every public record, showing
    /// how far it is; then checks each store from its raw bytes.
    ///
    /// # Errors
    /// Our own files cannot be read.
    pub async fn converge(&self, shown: Shown) -> Result<Report, NodeError> {
        let wanted: u64 = self.logs().iter().map(|log| log.stored().value()).sum();
        let bars = Bars::new(self, wanted, shown.progress);
        let converged = loop {
            let mut all = true;
            for (n, node) in self.nodes().enumerate() {
                let held = held(node);
                bars.show(n, held);
                all &= held >= wanted;
            }
            if all {
                break true;
            }
            if self.since.elapsed() > BOUND {
                break false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let seconds = self.since.elapsed().as_secs_f64();
        bars.done();
        for node in self.nodes() {
            node.all_views_settled().await?;
        }
        let nodes: Vec<Node> = self.nodes().cloned().collect();
        let reports = tokio::task::spawn_blocking(move || {
            nodes.iter().map(report_node).collect::<Result<Vec<_>, _>>()
        })
        .await
        .map_err(|e| NodeError::Internal(e.to_string()))??;
        let verified = reports.iter().all(|n| n.origins.iter().all(|o| o.verified));
        Ok(Report {
            converged: converged && verified,
            nodes: reports,
            seconds,
        })
    }

    fn logs(&self) -> Vec<LogHandle> {
        self.nodes()
            .flat_map(|node| node.store().logs())
            .filter(LogHandle::is_own)
            .collect()
    }

    /// Where the stores are, if they stay.
    pub fn kept_in(&self) -> Option<PathBuf> {
        let first = self.nodes.first()?.node().dir().parent()?.to_owned();
        self.keep.is_none().then_some(first)
    }

    /// Stops the nodes in order.
    ///
    /// # Errors
    /// A store could not write its last state.
    pub async fn stop(self) -> Result<(), NodeError> {
        let mut stopped = Ok(());
        for running in self.nodes {
            let one = running.stop().await;
            if stopped.is_ok() {
                stopped = one;
            }
        }
        stopped
    }
}

fn folder(dir: Option<&Path>) -> Result<(PathBuf, Option<tempfile::TempDir>), NodeError> {
    if let Some(dir) = dir {
        let taken = Network::ALL
            .iter()
            .any(|network| dir.join(network.name()).exists());
        if taken {
            return Err(NodeError::invalid(
                "data-dir",
                format!(
                    "{} holds stores of an earlier demo; remove them or name another folder",
                    dir.display()
                ),
            ));
        }
        std::fs::create_dir_all(dir).map_err(|e| {
            NodeError::invalid("data-dir", format!("{} cannot be made: {e}", dir.display()))
        })?;
        return Ok((dir.to_owned(), None));
    }
    let keep = tempfile::TempDir::with_prefix("wpsx-demo-")
        .map_err(|e| NodeError::Internal(format!("no temporary folder: {e}")))?;
    Ok((keep.path().to_owned(), Some(keep)))
}

/// A record that says nothing, for a larger demo.
fn made_up(network: Network, n: u64) -> Draft {
    let external_id = format!("made-up-{}-{n}", network.name());
    let record = Record {
        title: vec![Text {
            language: "en".to_owned(),
            text: format!("Made-up practice {n} of {}", network.title()),
            ..Text::default()
        }],
        external_id: external_id.clone(),
        body: Some(Body::GoodPractice(GoodPractice::default())),
        ..Record::default()
    };
    Draft {
        kind: Kind::GoodPractice as u32,
        payload: record.encode_to_vec().into(),
        external_id,
        ..Draft::default()
    }
}

async fn open(dir: &Path, share: &Share) -> Result<Running, NodeError> {
    let name = share.network.name();
    let node_name = NodeName::parse(name).map_err(|e| NodeError::invalid("name", e))?;
    Node::create(dir, &node_name)?;
    let settings = Config::file_text(&[
        ("node.name", Value::from(name)),
        ("node.listen", Value::from("127.0.0.1:0")),
        ("node.http_listen", Value::from("127.0.0.1:0")),
        ("node.metrics_listen", Value::from("none")),
    ]);
    std::fs::write(dir.join(config::FILE_NAME), &settings)
        .map_err(|e| NodeError::Internal(format!("{} cannot be written: {e}", dir.display())))?;
    let config = Config::parse(&dir.join(config::FILE_NAME), &settings)
        .map_err(|e| NodeError::Internal(e.to_string()))?;
    let node = Node::open(dir, config)?;
    node.create_publisher(name, share.network.title(), &share.countries)?;
    let listeners = Listeners::bind(&node).await?;
    serve::start(node, listeners).await
}

/// Entries of complete heads that this node holds.
fn held(node: &Node) -> u64 {
    let logs = node.store().logs();
    logs.iter()
        .filter_map(LogHandle::head)
        .map(|head| head.size().value())
        .sum()
}

fn report_node(node: &Node) -> Result<NodeReport, NodeError> {
    let mut origins = Vec::new();
    let mut proofs = 0;
    for log in node.store().logs() {
        let report = node
            .store()
            .verify(&log, |_| {})
            .map_err(NodeError::Store)?;
        for problem in &report.problems {
            tracing::error!(node = %node.name(), origin = %log.origin(), problem, "verify");
        }
        let counts = node.views().counts(log.number()).map_err(NodeError::from)?;
        // Every entry is bound to its checkpoint, every payload to its entry.
        proofs += report.checked + report.payloads;
        origins.push(OriginReport {
            origin: log.origin().to_string(),
            records: counts.records,
            tree_size: log.head().map_or(0, |head| head.size().value()),
            verified: report.problems.is_empty() && log.holes().not_held == 0,
            payload_bytes: payload_bytes(&log)?,
        });
    }
    origins.sort_by(|a, b| a.origin.cmp(&b.origin));
    let links = node.peers().all();
    let bytes_in = links
        .iter()
        .map(|peer| node.links().of(peer.name()).bytes())
        .sum();
    let (listen, http) = node.addresses();
    Ok(NodeReport {
        name: node.name().to_string(),
        origins,
        proofs,
        bytes_in,
        listen,
        http,
    })
}

fn payload_bytes(log: &LogHandle) -> Result<u64, NodeError> {
    let mut bytes = 0;
    let size = log.head().map_or(0, |head| head.size().value());
    for index in 0..size {
        let index = LeafIndex::new(index);
        let entry = log.entry(index).map_err(NodeError::Store)?;
        let (state, _) = log.slot(index).map_err(NodeError::Store)?;
        if let Leaf::Known(envelope) = Leaf::read(&entry)
            && let Some(claim) = envelope.payload
            && state == SlotState::Full
        {
            bytes += u64::from(claim.length);
        }
    }
    Ok(bytes)
}

struct Bars {
    bars: Vec<ProgressBar>,
    all: MultiProgress,
}

impl Bars {
    fn new(demo: &Demo, wanted: u64, visible: bool) -> Self {
        let all = MultiProgress::new();
        if !visible {
            all.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        }
        let style =
            ProgressStyle::with_template("{prefix:>16} {bar:32} {pos}/{len} entries proven")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bars = demo
            .nodes()
            .map(|node| {
                let bar = all.add(ProgressBar::new(wanted).with_style(style.clone()));
                bar.set_prefix(node.name().to_string());
                bar
            })
            .collect();
        Self { bars, all }
    }

    fn show(&self, n: usize, held: u64) {
        if let Some(bar) = self.bars.get(n) {
            bar.set_position(held);
        }
    }

    fn done(&self) {
        for bar in &self.bars {
            bar.finish();
        }
        let _ = self.all.clear();
    }
}
