//! Publishing in process, in bulk and singly, and opening the store again.

use std::{
    env,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use wpsx_doors::{app::App, config::Config};
use wpsx_store::NewEntry;

use crate::{
    measure::{ms, peak_mb},
    open_store::OpenStore,
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
    App::create(dir, &name)?;
    let node = wpsx_node::app::open(dir, Config::default())?;
    let publishers = node.publishing().publishers();
    publishers.create(name.as_str(), "bench", &[])?;
    node.close().await?;
    drop(node);
    let open = OpenStore::open(dir)?;
    let since = Instant::now();
    let mut spent = Duration::ZERO;
    for first in (0..records).step_by(BATCH) {
        let batch: Vec<NewEntry> = (first..records.min(first + BATCH)).map(entry).collect();
        let asked = Instant::now();
        open.appender.append(open.log.origin(), batch, None).await?;
        spent += asked.elapsed();
    }
    let made = since.elapsed();
    open.store.followed(&open.log).await?;
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
    open.store.close()?;
    Ok(())
}

/// One record at a time, each awaited.
pub(crate) async fn single(dir: &Path) -> Result<()> {
    let open = OpenStore::open(dir)?;
    let mut times = Vec::new();
    for n in 0..200 {
        let since = Instant::now();
        let entry = vec![entry(10_000_000 + n)];
        open.appender.append(open.log.origin(), entry, None).await?;
        times.push(since.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    times.sort_unstable();
    println!(
        "single: {:.2} ms median, {:.2} ms at 99 %",
        ms(times[times.len() / 2]),
        ms(times[times.len() * 99 / 100])
    );
    open.store.close()?;
    Ok(())
}

/// Opens a store that was closed in order.
pub(crate) async fn reopen(dir: &Path) -> Result<()> {
    let since = Instant::now();
    let node = wpsx_node::app::open(dir, Config::default())?;
    let took = since.elapsed();
    let size = node.publishing().publishers().named("")?.tree_size;
    println!("reopen: {:.3} s for {size} records", took.as_secs_f64());
    node.close().await?;
    Ok(())
}
