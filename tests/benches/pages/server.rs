//! The node: a process of its own, which serves a folder until its input ends.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use wpsx_doors::{
    config::Config,
    serve::{self, Listeners},
};

pub(crate) async fn child(dir: &Path) -> Result<()> {
    let node = wpsx_node::app::open(dir, Config::default())?;
    let http = TcpListener::bind("127.0.0.1:0").await?;
    let address = http.local_addr()?;
    let listeners = Listeners {
        http: Some(http),
        ..Listeners::default()
    };
    let running = serve::start(node.clone(), listeners).await?;
    node.records()
        .index()
        .settled_in(&node.access().public())
        .await?;
    println!("{address}");
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| {
        for line in std::io::stdin().lock().lines() {
            drop(line);
        }
    })
    .await?;
    running.stop().await?;
    Ok(())
}

/// The node's process as this one sees it.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(dir: &Path) -> Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .arg("--serve")
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().context("its output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse().context("the node did not start")?;
        Ok(Self { process, address })
    }

    /// What it holds in memory now, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        Ok(kilobytes.context("VmRSS")?.parse::<u64>()? << 10)
    }

    pub(crate) fn stop(mut self) -> Result<()> {
        drop(self.process.stdin.take());
        self.process.wait()?;
        Ok(())
    }
}
