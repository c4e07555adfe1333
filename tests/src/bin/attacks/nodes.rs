//! Two nodes that are peers, each a process.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Mutex, time::timeout};
use tonic::Streaming;
use wpsx_cli::socket_path;
use wpsx_client::{
    tls::{Pins, TlsDialer},
    transport::{Connection, Settings},
};
use wpsx_domain::publishing::{Batch, Draft};
use wpsx_doors::{
    app::App,
    config::Config,
    serve::{self, Listeners},
};
use wpsx_proto::{
    api::{
        admin::v1::{
            AddPeerRequest, Draft as DraftMessage, GetStatusRequest, PublishHeader, PublishRequest,
            admin_service_client::AdminServiceClient,
        },
        replication::v1::{
            WatchHeadsRequest, WatchHeadsResponse,
            replication_service_client::ReplicationServiceClient,
        },
    },
    card::NodeCard,
    origin::NodeName,
};
use wpsx_tests::{federation::practices, strangers::large_practice};

const SOON: Duration = Duration::from_secs(60);
/// Records in one batch, and about their size.
const BATCH: usize = 5_000;
const SIZE: usize = 400;
/// The file beside the card with the address of the pages.
pub(crate) const SITE: &str = "site";
/// So many records come first that are large: two bundles, with about 45 MB each.
const LARGE: usize = 512;

/// The node that is attacked, and its peer.
pub(crate) struct Pair {
    victim: Running,
    _peer: Running,
    /// What the peer tells of heads.
    heads: Mutex<Streaming<WatchHeadsResponse>>,
    next: AtomicU64,
    _dir: TempDir,
}

/// One node's process.
struct Running {
    child: Child,
    dir: PathBuf,
    card: String,
    admin: AdminServiceClient<Connection>,
}

impl Pair {
    /// Two nodes, one with so many records that the other has pulled.
    pub(crate) async fn start(records: usize) -> Result<Self> {
        let folder = TempDir::new()?;
        let dirs = ["victim", "peer"].map(|name| folder.path().join(name));
        for (dir, records) in dirs.iter().zip([records, 0]) {
            let name = dir.file_name().and_then(|n| n.to_str()).context("a name")?;
            let filled = own_part(&[
                "fill",
                &dir.display().to_string(),
                name,
                &records.to_string(),
            ])?
            .status()?;
            ensure!(filled.success(), "cannot fill {name}");
        }
        let victim = Running::start(&dirs[0]).await?;
        let peer = Running::start(&dirs[1]).await?;
        for (node, other) in [(&victim, &peer), (&peer, &victim)] {
            let request = AddPeerRequest {
                card: other.card.clone(),
                introduces: true,
                ..AddPeerRequest::default()
            };
            node.admin.clone().add_peer(request).await?;
        }
        let connection = dial(&peer.card).await?;
        let heads = ReplicationServiceClient::new(connection)
            .watch_heads(WatchHeadsRequest::default())
            .await?
            .into_inner();
        let pair = Self {
            victim,
            _peer: peer,
            heads: Mutex::new(heads),
            next: AtomicU64::new(0),
            _dir: folder,
        };
        pair.publish_to_the_peer().await?;
        Ok(pair)
    }

    /// A file with the victim's card.
    pub(crate) fn card(&self) -> PathBuf {
        self.victim.dir.join("card")
    }

    /// `wpsx status` of the victim.
    pub(crate) async fn ask_status(&self) -> Result<()> {
        let asked = self.victim.admin.clone();
        let asked = asked.max_decoding_message_size(16 << 20);
        timeout(SOON, { asked }.get_status(GetStatusRequest {})).await??;
        Ok(())
    }

    /// Publishes a record, and waits until the peer has it.
    pub(crate) async fn publish_to_the_peer(&self) -> Result<()> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let drafts = practices(&format!("new-{n}"), 1, SIZE);
        let drafts = drafts.into_iter().map(|draft: Draft| DraftMessage {
            kind: draft.kind,
            payload: draft.payload,
            external_id: draft.external_id,
            ..DraftMessage::default()
        });
        let request = PublishRequest {
            header: Some(PublishHeader::default()),
            drafts: drafts.collect(),
        };
        let mut admin = self.victim.admin.clone();
        let published = admin.publish(futures::stream::iter([request]));
        let size = timeout(SOON, published).await??.into_inner().tree_size;
        let mut heads = self.heads.lock().await;
        let reached = async {
            loop {
                let told = heads.message().await?.context("the peer ends its heads")?;
                let newest = told.heads.iter().filter_map(|head| {
                    let note = String::from_utf8_lossy(&head.checkpoint).into_owned();
                    note.lines().nth(1)?.parse::<u64>().ok()
                });
                if newest.max().unwrap_or_default() >= size {
                    return anyhow::Ok(());
                }
            }
        };
        timeout(SOON, reached).await?
    }

    /// The most memory that the victim had since it was last asked to forget it.
    pub(crate) fn most_memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.victim.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(kilobytes.context("no VmHWM")?.parse::<u64>()? << 10)
    }

    /// Begins to look for the most memory anew.
    pub(crate) fn forget_memory(&self) -> Result<()> {
        let file = format!("/proc/{}/clear_refs", self.victim.child.id());
        Ok(fs::write(file, "5")?)
    }
}

impl Running {
    async fn start(dir: &Path) -> Result<Self> {
        let mut child = own_part(&["serve", &dir.display().to_string()])?
            // As the unit and the container have it.
            .env("MALLOC_ARENA_MAX", "2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("its output")?;
        let ready = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(out).read_line(&mut line).map(|_| line)
        });
        ensure!(ready.await??.starts_with("ready"), "a node did not start");
        let socket = Connection::unix(&socket_path(dir), &Settings::default()).await?;
        let card = fs::read_to_string(dir.join("card"))?;
        Ok(Self {
            child,
            dir: dir.to_owned(),
            card,
            admin: AdminServiceClient::new(socket),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// This program, doing another part.
pub(crate) fn own_part(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments);
    Ok(command)
}

/// A connection of a stranger to the node with this card.
pub(crate) async fn dial(card: &str) -> Result<Connection> {
    let card = NodeCard::verify(card.as_bytes())?;
    let endpoint = card.endpoints().first().context("an endpoint")?.parse()?;
    let dialler = TlsDialer::new(None, Pins::only(card.tls_key()))?;
    Ok(Connection::dial(&endpoint, &dialler, &Settings::default()).await?)
}

/// Makes a node with so many records.
pub(crate) async fn fill(dir: &Path, name: &str, records: usize) -> Result<()> {
    App::create(dir, &NodeName::parse(&format!("{name}.example"))?)?;
    let app = wpsx_node::app::open(dir, config())?;
    let publishing = app.publishing();
    publishing
        .publishers()
        .create(&format!("{name}.example"), name, &[])?;
    let mut at = 0;
    while at < records {
        let large = if at == 0 { LARGE } else { 0 };
        let small = BATCH.min(records - at) - large;
        let mut drafts: Vec<Draft> = (0..large).map(large_practice).collect();
        drafts.extend(practices(&format!("{name}-{at}"), small, SIZE));
        publishing.publish(Batch::default(), drafts).await?;
        at += large + small;
    }
    app.close().await?;
    Ok(())
}

/// Serves a node until standard input ends.
pub(crate) async fn serve(dir: &Path) -> Result<()> {
    let app = wpsx_node::app::open(dir, config())?;
    let loopback = || TcpListener::bind("127.0.0.1:0");
    let listeners = Listeners {
        tls: Some(loopback().await?),
        http: Some(loopback().await?),
        metrics: None,
    };
    let running = serve::start(app, listeners).await?;
    fs::write(dir.join("card"), running.node().card()?.note_bytes())?;
    fs::write(dir.join(SITE), running.node().addresses().1)?;
    let socket = socket_path(dir);
    let is_there = async {
        while !socket.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, is_there).await?;
    println!("ready");
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        ended = ended => drop(ended??),
        failed = running.failed() => bail!(failed),
    }
    Ok(running.stop().await?)
}

fn config() -> Config {
    let mut config = Config::default();
    config.limits.drain = Duration::from_secs(1);
    config
}
