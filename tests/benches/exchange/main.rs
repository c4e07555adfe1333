//! What the exchange reaches, each figure with its method and, where the machine
//! sets a ceiling, the share of it.
//!
//! `cargo bench -p wpsx-tests --bench exchange` runs everything with 1,000,000
//! records; `WPSX_BENCH_RECORDS` sets another number and `WPSX_BENCH_ONLY` a
//! comma-separated choice of the parts named in [`PARTS`].
//!
//! Publishing in bulk, and the publisher of a bootstrap, are processes of their own,
//! so that memory is told for each.

mod bootstrap;
mod changes;
mod latency;
mod measure;
mod open_store;
mod publish;
mod publisher;
mod reads;
mod records;

use std::{env, path::Path};

use anyhow::{Context as _, Result, bail};
use wpsx_tests::ceiling;

use publish::BATCH;
use records::RECORD;

const PARTS: [&str; 8] = [
    "publish",
    "single",
    "bootstrap",
    "changes",
    "nothing",
    "latency",
    "reads",
    "reopen",
];
/// Bytes of a message of the bare stream, about those of a package's payloads.
const MESSAGE: u64 = 256_000;

fn main() -> Result<()> {
    let args: Vec<String> = env::args().collect();
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(at) = args.iter().position(|a| a == "--serve") {
        let dir = args.get(at + 1).context("--serve DIR")?;
        return runtime.block_on(publisher::child(Path::new(dir)));
    }
    if let Some(at) = args.iter().position(|a| a == "--publish") {
        let [dir, records] = args.get(at + 1..at + 3).context("--publish DIR RECORDS")? else {
            bail!("--publish DIR RECORDS");
        };
        return runtime.block_on(publish::publish(Path::new(dir), records.parse()?));
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
    publish::apart(&store, records)?;
    if wanted("reopen") {
        publish::reopen(&store).await?;
    }
    if wanted("single") {
        publish::single(&store).await?;
    }
    if wanted("bootstrap") {
        let ceiling = ceiling::stream((records * RECORD) as u64, MESSAGE).await?;
        println!(
            "ceiling: {:.0} records/s of {RECORD} bytes: the bare mutual-TLS stream in messages of \
             {MESSAGE} bytes, nothing verified or stored",
            ceiling.records_per_second(RECORD as u64)
        );
        bootstrap::bootstrap(folder.path(), &store, records, &ceiling).await?;
        bootstrap::uncompressed(&store, records, &ceiling).await?;
    }
    if wanted("changes") || wanted("nothing") {
        let small = folder.path().join("small");
        publish::apart(&small, 10_000)?;
        changes::changes(folder.path(), &small, 10_000).await?;
        changes::changes(folder.path(), &store, records).await?;
    }
    if wanted("latency") {
        latency::latency().await?;
    }
    if wanted("reads") {
        reads::reads().await?;
    }
    Ok(())
}
