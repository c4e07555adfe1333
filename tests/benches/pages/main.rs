//! How fast pages are, and what they cost: the rows on pages of `tests/benches/README.md`.
//!
//! `cargo bench -p wpsx-tests --bench pages` runs everything with 1,000,000 records and a
//! minute of load; `WPSX_BENCH_RECORDS`, `WPSX_BENCH_SECONDS` and `WPSX_BENCH_RATE` set other
//! numbers, and `WPSX_BENCH_ONLY` a comma-separated choice of the parts named in [`PARTS`].
//!
//! The node is a process of its own, so that its memory is told and not that of the readers.
//! Requests of the load come when they are due, whether those before are answered or not,
//! and are timed from then: who has to wait counts the waiting.

mod http;
mod kinds;
mod large;
mod load;
mod server;

use std::{env, path::Path, str::FromStr, time::Duration};

use anyhow::{Context as _, Result, bail};
use wpsx_doors::demo::{Demo, Shown};

use crate::server::Server;

const PARTS: [&str; 4] = ["demo", "load", "large", "csv"];

fn main() -> Result<()> {
    let args: Vec<String> = env::args().collect();
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(at) = args.iter().position(|a| a == "--serve") {
        let dir = args.get(at + 1).context("--serve DIR")?;
        return runtime.block_on(server::child(Path::new(dir)));
    }
    if args.iter().any(|a| a == "--test") {
        return Ok(());
    }
    runtime.block_on(run())
}

fn set<T: FromStr>(name: &str, usual: T) -> Result<T> {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .ok()
            .with_context(|| format!("{name} is no number: {text}")),
        Err(_) => Ok(usual),
    }
}

async fn run() -> Result<()> {
    let only = env::var("WPSX_BENCH_ONLY").unwrap_or_default();
    let wanted = |part: &str| only.is_empty() || only.split(',').any(|o| o == part);
    let mut chosen = only.split(',').filter(|o| !o.is_empty());
    if let Some(unknown) = chosen.find(|o| !PARTS.contains(o)) {
        bail!("no part {unknown}; the parts are {}", PARTS.join(", "));
    }
    let folder = tempfile::TempDir::with_prefix("wpsx-bench-")?;
    if wanted("demo") || wanted("load") {
        let dir = folder.path().join("demo");
        let demo = Demo::start(wpsx_node::app::ROOT, Some(&dir), 0).await?;
        demo.converge(Shown { progress: false }).await?;
        demo.stop().await?;
        let server = Server::start(&dir.join("secretariat"))?;
        let site = kinds::Site::read(server.address).await?;
        if wanted("demo") {
            kinds::each(&site, set("WPSX_BENCH_ROUNDS", 300)?).await?;
        }
        if wanted("load") {
            let time = Duration::from_secs(set("WPSX_BENCH_SECONDS", 60)?);
            load::load(&server, &site, set("WPSX_BENCH_RATE", 500)?, time).await?;
        }
        server.stop()?;
    }
    if wanted("large") || wanted("csv") {
        let records = set("WPSX_BENCH_RECORDS", 1_000_000)?;
        large::large(folder.path(), records, wanted("large"), wanted("csv")).await?;
    }
    Ok(())
}
