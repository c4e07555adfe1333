//! The main job in one command: four nodes on free local ports exchange the
//! real records and prove every byte.
//!
//! `au` and `western-balkans` have no line between them; what one publishes
//! comes to the other through `eu` or `secretariat`, which each of them lets
//! introduce others.

mod asked;
mod bars;
pub mod data;
mod files;
mod notice;
mod report;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use prost::Message as _;
use tokio::time::Instant;
use toml::Value;
use wpsx_client::clock::monotonic;
use wpsx_domain::{
    NodeError, blocking,
    publishing::{Batch, Draft, Remembered},
    records::{Part, Question},
};
use wpsx_federation::peers::{PayloadFilter, Peer};
use wpsx_proto::{
    api::record::v1::{GoodPractice, Kind, Record, Text, record::Body},
    card::NodeCard,
    envelope::Leaf,
    index::LeafIndex,
    origin::NodeName,
    payload::{SALT, SlotState},
    record::Header,
};
use wpsx_store::LogHandle;

pub use self::report::{NodeReport, OriginReport, Report};
use self::{
    bars::Bars,
    data::{Network, Share},
};
use crate::{
    app::{App, Root},
    config::{self, Config},
    serve::{self, Listeners, Running},
};

/// Which nodes have a line between them.
pub const LINES: [(&str, &str); 5] = [
    ("eu", "au"),
    ("eu", "western-balkans"),
    ("eu", "secretariat"),
    ("au", "secretariat"),
    ("western-balkans", "secretariat"),
];

/// Whose plans the closing question asks for.
const EXAMPLE: [&str; 3] = ["ALB", "KEN", "FRA"];

/// How long the federation may take before it is said not to converge.
const BOUND: Duration = Duration::from_secs(120);

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

/// The data files of the demo, handed in as one batch.
fn imported() -> Batch {
    Batch {
        remembered: Some(Remembered {
            title: "the data files of the demo".to_owned(),
            ..Remembered::default()
        }),
        ..Batch::default()
    }
}

impl Demo {
    /// Makes, fills and peers the four nodes in `dir`, or in a folder that goes away.
    ///
    /// # Errors
    /// A folder that is not empty, or a node that cannot be made.
    pub async fn start(root: Root, dir: Option<&Path>, further: u64) -> Result<Self, NodeError> {
        let (base, keep) = folder(dir)?;
        let since = monotonic();
        let shares = data::shares().map_err(|e| NodeError::Internal(e.to_string()))?;
        let mut nodes = Vec::with_capacity(shares.len());
        for share in shares {
            let running = open(root, &base.join(share.network.name()), &share).await?;
            let mut drafts = share.drafts;
            drafts.extend((0..further).map(|n| made_up(share.network, n)));
            let publishing = running.node().publishing();
            publishing.publish(imported(), drafts).await?;
            nodes.push(running);
        }
        let demo = Self { nodes, since, keep };
        for (a, b) in LINES {
            demo.join(a, b)?;
        }
        Ok(demo)
    }

    /// The nodes in the order of the table.
    pub fn nodes(&self) -> impl Iterator<Item = &App> {
        self.nodes.iter().map(Running::node)
    }

    fn named(&self, name: &str) -> Result<&App, NodeError> {
        self.nodes()
            .find(|node| node.name().as_str() == name)
            .ok_or_else(|| NodeError::not_found("node", name))
    }

    fn join(&self, a: &str, b: &str) -> Result<(), NodeError> {
        let (a, b) = (self.named(a)?, self.named(b)?);
        for (from, to) in [(a, b), (b, a)] {
            let card: NodeCard = (*to.card()?).clone();
            from.federation().peering().add(Peer {
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
        let bars = {
            let names = self.nodes().map(|node| node.name().to_string());
            Bars::new(names, wanted, shown.progress)
        };
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
            let sight = node.access().public();
            node.records().index().settled_in(&sight).await?;
        }
        let nodes: Vec<App> = self.nodes().cloned().collect();
        let reports = blocking(move || nodes.iter().map(report_node).collect());
        let reports: Vec<NodeReport> = reports.await?;
        let verified = reports.iter().all(|n| n.origins.iter().all(|o| o.verified));
        let secretariat = self.named("secretariat")?.clone();
        let kinds = blocking(move || asked::by_kind(&secretariat, &[])).await?;
        Ok(Report {
            converged: converged && verified,
            kinds,
            nodes: reports,
            seconds,
        })
    }

    /// A question to the global view: the national plans of three countries, by country,
    /// title and the log that they are in.
    ///
    /// # Errors
    /// Our own files cannot be read.
    pub fn example(&self) -> Result<Vec<[String; 3]>, NodeError> {
        let secretariat = self.named("secretariat")?;
        let question = Question {
            kinds: vec![Kind::NationalActionPlan as u32],
            countries: EXAMPLE.map(str::to_owned).to_vec(),
            ..Question::default()
        };
        let sight = secretariat.access().public();
        let page = secretariat.records().list(
            &sight,
            &question,
            &Part::default(),
            &wpsx_domain::Wanted::default(),
        )?;
        let mut found = Vec::new();
        for entry in page.entries {
            let payload = entry.slot.as_deref().and_then(|slot| slot.get(SALT..));
            let Some(Ok(header)) = payload.map(Header::read) else {
                continue;
            };
            found.push([
                header.countries().join(" "),
                header.title(&["en"]).unwrap_or_default().to_owned(),
                entry.origin.to_string(),
            ]);
        }
        Ok(found)
    }

    /// A question to the global view across all kinds: how many records of each there are
    /// of one country.
    ///
    /// # Errors
    /// Our own files cannot be read.
    pub async fn of_country(
        &self,
        country: &'static str,
    ) -> Result<BTreeMap<String, u64>, NodeError> {
        let secretariat = self.named("secretariat")?.clone();
        blocking(move || asked::by_kind(&secretariat, &[country])).await
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

/// Makes and runs the node of a share, on free ports. It holds no record yet.
///
/// # Errors
/// A folder that is not empty, or a node that cannot be made.
pub async fn open(root: Root, dir: &Path, share: &Share) -> Result<Running, NodeError> {
    let name = share.network.name();
    let node_name = NodeName::parse(name).map_err(|e| NodeError::invalid("name", e))?;
    App::create(dir, &node_name)?;
    let settings = Config::file_text(&[
        ("node.name", Value::from(name)),
        ("node.listen", Value::from("127.0.0.1:0")),
        ("node.http_listen", Value::from("127.0.0.1:0")),
        ("node.metrics_listen", Value::from("none")),
        ("publishing.licences", Value::from(vec![data::LICENCE])),
        ("site.notice", notice::setting()),
        ("site.contact", Value::from(notice::contact(name))),
    ]);
    std::fs::write(dir.join(config::FILE_NAME), &settings)
        .map_err(|e| NodeError::Internal(format!("{} cannot be written: {e}", dir.display())))?;
    let config = Config::parse(&dir.join(config::FILE_NAME), &settings)
        .map_err(|e| NodeError::Internal(e.to_string()))?;
    let node = (root.open)(dir, config)?;
    let publishers = node.publishing().publishers();
    publishers.create(name, share.network.title(), &share.countries)?;
    let listeners = Listeners::bind(&node).await?;
    serve::start(node, listeners).await
}

/// Entries of complete heads that this node holds.
fn held(node: &App) -> u64 {
    let logs = node.store().logs();
    logs.iter()
        .filter_map(|log| {
            let size = log.head()?.size().value();
            // A line that broke may have brought entries whose payloads come over the next.
            Some(size.saturating_sub(log.holes().not_held))
        })
        .sum()
}

fn report_node(node: &App) -> Result<NodeReport, NodeError> {
    let mut origins = Vec::new();
    let mut proofs = 0;
    let sight = node.access().public();
    for served in sight.logs() {
        let Some(log) = node.store().log(served.origin()) else {
            continue;
        };
        let report = node.store().verify(&log, |_| {})?;
        for problem in &report.problems {
            tracing::error!(node = %node.name(), origin = %log.origin(), problem, "verify");
        }
        let counts = node.records().count(&sight, &served)?;
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
    let federation = node.federation();
    let peers = federation.peers().all();
    let bytes_in = peers
        .iter()
        .map(|peer| federation.links().of(peer.name()).bytes())
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
        let entry = log.entry(index)?;
        let (state, _) = log.slot(index)?;
        if let Leaf::Known(envelope) = Leaf::read(&entry)
            && let Some(claim) = envelope.payload
            && state == SlotState::Full
        {
            bytes += u64::from(claim.length);
        }
    }
    Ok(bytes)
}
