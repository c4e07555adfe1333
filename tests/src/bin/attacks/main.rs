//! Attacks a node as strangers can, and measures what it costs the others.
//!
//! Two nodes that are peers and the attackers are processes of their own, the attackers on
//! one processor where `taskset` is there. While an attack goes on, `status` is asked for
//! over the operator's socket and records are published until the peer has them. Told are
//! the 99th percentiles of both, quiet and attacked, and the most memory that the attacked
//! node had. More memory than 300 MB fails; so does a latency far above the quiet one.
//!
//! ```text
//! cargo run --release -p wpsx-tests --bin attacks            # 100,000 records, 20 s each
//! cargo run --release -p wpsx-tests --bin attacks -- --short # what CI runs
//! ```

mod attackers;
mod browsing;
mod copies;
mod measured;
mod nodes;
mod tried;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};

use self::{
    attackers::{Attack, Attackers},
    measured::Measured,
    nodes::Pair,
};

/// The most memory that a node may have with default limits, whoever attacks it.
const MOST_MEMORY: u64 = 300 << 20;

#[derive(Parser)]
struct Options {
    /// Fewer records, less time, and generous bounds on latencies.
    #[arg(long)]
    short: bool,
    /// Only this attack.
    #[arg(long)]
    only: Option<Attack>,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What the other processes do.
#[derive(Subcommand)]
enum Part {
    /// Makes a node with so many records.
    Fill {
        dir: PathBuf,
        name: String,
        records: usize,
    },
    /// Runs it until standard input ends.
    Serve { dir: PathBuf },
    /// Attacks until standard input ends.
    Attack { attack: Attack, card: PathBuf },
    /// Runs a command of `wpsx` and says how much memory it had at most.
    Typed { words: Vec<String> },
}

/// What a measurement is held to.
struct Bounds {
    records: usize,
    time: Duration,
    /// A latency may be so many times the quiet one…
    times: u32,
    /// …or so long, whichever is more.
    or: Duration,
}

impl Bounds {
    fn of(short: bool) -> Self {
        match short {
            true => Self {
                records: 5_000,
                time: Duration::from_secs(4),
                times: 20,
                or: Duration::from_millis(1_500),
            },
            false => Self {
                records: 100_000,
                time: Duration::from_secs(20),
                times: 3,
                or: Duration::from_millis(50),
            },
        }
    }

    fn hold(&self, what: &str, quiet: Duration, attacked: Duration) -> Result<()> {
        let most = (quiet * self.times).max(self.or);
        ensure!(
            attacked <= most,
            "{what}: p99 {attacked:?}, where {most:?} is the bound"
        );
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    match options.part {
        Some(Part::Fill { dir, name, records }) => nodes::fill(&dir, &name, records).await,
        Some(Part::Serve { dir }) => nodes::serve(&dir).await,
        Some(Part::Attack { attack, card }) => attackers::attack(attack, &card).await,
        Some(Part::Typed { words }) => copies::typed(&words).await,
        None => measure(&Bounds::of(options.short), options.only).await,
    }
}

async fn measure(bounds: &Bounds, only: Option<Attack>) -> Result<()> {
    if only.is_none() {
        copies::hold(bounds.records)?;
    }
    let pair = Pair::start(bounds.records).await?;
    let quiet = Measured::over(&pair, bounds.time).await?;
    println!("{:<22} {quiet}", "quiet");
    let mut failures = Vec::new();
    for attack in Attack::ALL {
        if only.is_some_and(|only| only != attack) {
            continue;
        }
        pair.forget_memory()?;
        let attackers = Attackers::start(attack, &pair)?;
        let measured = Measured::over(&pair, bounds.time).await?;
        let tried = attackers.end();
        let told = tried.as_ref().map_or(0, |tried| *tried);
        println!("{:<22} {measured}, {told} calls", format!("{attack:?}"));
        let held = [
            bounds.hold("status", quiet.status, measured.status),
            bounds.hold("publish to peer", quiet.publish, measured.publish),
            held_memory(measured.memory),
            tried.map(|_| ()),
        ];
        let failed = held.into_iter().filter_map(Result::err);
        failures.extend(failed.map(|error| format!("{attack:?}: {error}")));
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

fn held_memory(bytes: u64) -> Result<()> {
    let (had, most) = (bytes >> 20, MOST_MEMORY >> 20);
    ensure!(
        bytes <= MOST_MEMORY,
        "memory: {had} MB, where {most} MB is the bound"
    );
    Ok(())
}
