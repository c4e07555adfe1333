//! Clocks, memory and waiting.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use wpsx_doors::app::App;
use wpsx_proto::origin::Origin;
use wpsx_store::LogHandle;

/// The largest resident size of a process since its start or [`forget_peak`], in MB.
pub(crate) fn peak_mb(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find(|l| l.starts_with("VmHWM:"))
        .context("no VmHWM")?;
    let kb: f64 = line
        .split_whitespace()
        .nth(1)
        .context("no figure")?
        .parse()?;
    Ok(kb / 1024.0)
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Waits until the views know all entries of a log that are stored now.
pub(crate) async fn views_current(log: &LogHandle, node: &App) -> Result<()> {
    Ok(node.records().index().settled(log).await?)
}

/// Lets [`peak_mb`] of this process begin anew.
pub(crate) fn forget_peak() -> Result<()> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

/// Waits until a replica's head of a log stands at `size` or beyond.
pub(crate) async fn reaches(node: &App, origin: &Origin, size: u64) -> Result<LogHandle> {
    let since = Instant::now();
    loop {
        if let Some(log) = node.store().log(origin)
            && log.head().is_some_and(|head| head.size().value() >= size)
        {
            return Ok(log);
        }
        if since.elapsed() > Duration::from_secs(300) {
            bail!("the replica did not come to {size}");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The value in the middle.
pub(crate) fn median<T: Ord + Copy>(values: &mut [T]) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}
