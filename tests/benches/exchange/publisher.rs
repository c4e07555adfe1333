//! The other side: a process of its own, so that memory is told for each side.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use wpsx_client::transport::Endpoint;
use wpsx_domain::publishing::Batch;
use wpsx_doors::{
    config::Config,
    serve::{self, Listeners, Running},
};
use wpsx_federation::peers::{PayloadFilter, Peer};
use wpsx_proto::{
    card::NodeCard,
    origin::{Audience, NodeName, Origin},
};

use crate::{measure::peak_mb, records::draft};

/// A node's name from that of its folder.
pub(crate) fn name_of(dir: &Path) -> Result<NodeName> {
    let name = dir
        .file_name()
        .context("a folder's name")?
        .to_string_lossy();
    Ok(NodeName::parse(&format!("{name}.example"))?)
}

/// Serves the store in `dir` on a free port.
async fn open(dir: &Path) -> Result<Running> {
    let node = wpsx_node::app::open(dir, Config::default())?;
    let listeners = Listeners {
        tls: Some(TcpListener::bind("127.0.0.1:0").await?),
        ..Listeners::default()
    };
    Ok(serve::start(node, listeners).await?)
}

/// The publisher's process: serves a store until its standard input ends.
pub(crate) async fn child(dir: &Path) -> Result<()> {
    let running = open(dir).await?;
    let card = running.node().card()?;
    println!("{}", hex::encode(card.note_bytes()));
    std::io::stdout().flush()?;
    let node = running.node().clone();
    // One line of input is one command: a card to know as a peer, or a number of records to publish.
    tokio::task::spawn_blocking(move || -> Result<()> {
        let runtime = tokio::runtime::Handle::current();
        let mut first = 20_000_000;
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            if let Ok(count) = line.parse::<usize>() {
                let drafts = (first..first + count).map(draft).collect();
                first += count;
                let publishing = node.publishing();
                runtime.block_on(publishing.publish(Batch::default(), drafts))?;
            } else {
                let card = NodeCard::verify(&hex::decode(line.trim())?)?;
                node.federation().peering().add(Peer {
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

/// The publisher's process as this one sees it.
pub(crate) struct Publisher {
    process: Child,
    /// Its card.
    pub(crate) card: NodeCard,
    answers: BufReader<std::process::ChildStdout>,
}

impl Publisher {
    /// Starts a process that serves the store in `dir`.
    pub(crate) fn start(dir: &Path) -> Result<Self> {
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

    /// Gives it one line and waits until it did that.
    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        let input = self.process.stdin.as_mut().context("its input")?;
        writeln!(input, "{line}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(())
    }

    /// The log of its only publisher.
    pub(crate) fn origin(&self) -> Result<Origin> {
        let publisher = self.card.publishers().first().context("a publisher")?;
        Ok(publisher.origin(Audience::Public))
    }

    /// The largest resident size it had, in MB.
    pub(crate) fn peak_mb(&self) -> Result<f64> {
        peak_mb(self.process.id())
    }

    /// The address it listens at.
    pub(crate) fn endpoint(&self) -> Result<Endpoint> {
        Ok(self
            .card
            .endpoints()
            .first()
            .context("an endpoint")?
            .parse()?)
    }

    /// Lets it stop in order.
    pub(crate) fn stop(mut self) -> Result<()> {
        drop(self.process.stdin.take());
        self.process.wait()?;
        Ok(())
    }
}
