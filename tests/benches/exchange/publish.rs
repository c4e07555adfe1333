//! Publishing in process, in bulk and singly, and opening the store again.

use std::{
    env,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use wpsx_node::{config::Config, node::Node, store::NewEntry};

use crate::{
    measure::{ms, peak_mb, views_current},
    publisher::name_of,
    records::entry,
};

/// Records in one batch.
pub(crate) const BATCH: usize = 1_000;

/// [`publish`] in a process of its own.
pub(crate) fn apart(dir: &Path, records: usize) -> Result<()> {
    let done = Command::new(env::current_exe()?)
        .arg("--publish")
        .arg(dir)
        .arg(records.to_string())
        .status()?;
    ensure!(done.success(), "publishing ended with {done}");
    Ok(())
}

/// Publishes in process, each batch awaited, then waits for the views.
pub(crate) async fn publish(dir: &Path, records: usize) -> Result<()> {
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
    let rate = records as f64 / spent.as_secs_f64();
    println!(
        "publish: {rate:.0} records/s durable ({:.1} s in the node, {:.1} s with making the records), \
         views current after {:.1} s, peak {:.0} MB",
        spent.as_secs_f64(),
        made.as_secs_f64(),
        current.as_secs_f64(),
        peak_mb(std::process::id())?
    );
    node.close().await?;
    Ok(())
}

/// One record at a time, each awaited.
pub(crate) async fn single(dir: &Path) -> Result<()> {
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

/// Opens a store that was closed in order.
pub(crate) async fn reopen(dir: &Path) -> Result<()> {
    let since = Instant::now();
    let node = Node::open(dir, Config::default())?;
    let took = since.elapsed();
    let size = node.own_log("")?.stored();
    println!("reopen: {:.3} s for {size} records", took.as_secs_f64());
    node.close().await?;
    Ok(())
}
