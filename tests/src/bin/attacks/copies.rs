//! What `wpsx backup` and `wpsx restore` cost of memory: no more for a large store than for
//! a small one.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, anyhow, ensure};
use tempfile::TempDir;
use wpsx_doors::cli;

use crate::nodes::own_part;

/// The most memory that either may have.
const MOST: u64 = 128 << 20;
/// By how much it may be more for the larger store.
const MORE: u64 = 24 << 20;

/// Copies a store of so many records, and one of four times as many.
pub(crate) fn hold(records: usize) -> Result<()> {
    let folder = TempDir::new()?;
    let mut had = Vec::new();
    for times in [1, 4] {
        let dir = folder.path().join(format!("store-{times}"));
        let dir = dir.to_str().context("a path")?;
        let count = (records * times).to_string();
        let filled = own_part(&["fill", dir, "copied", &count])?.status()?;
        ensure!(filled.success(), "cannot fill {dir}");
        let (file, to) = (format!("{dir}.backup"), format!("{dir}.restored"));
        let backup = measured(&["--data-dir", dir, "backup", &file, "--with-keys"])?;
        let restore = measured(&["--data-dir", &to, "restore", &file])?;
        let size = fs::metadata(&file)?.len();
        let mb = |bytes: u64| bytes >> 20;
        println!(
            "{count} records, {} MB copied: backup {} MB   restore {} MB",
            mb(size),
            mb(backup),
            mb(restore)
        );
        had.push([backup, restore]);
        // The disk is everybody's.
        for path in [dir, &to] {
            fs::remove_dir_all(path)?;
        }
        fs::remove_file(file)?;
    }
    for (what, at) in [("backup", 0), ("restore", 1)] {
        let (small, large) = (had[0][at], had[1][at]);
        ensure!(
            small.max(large) <= MOST && large <= small + MORE,
            "{what}: {small} and {large} bytes of memory for a store and one four times as large"
        );
    }
    Ok(())
}

/// The most memory that a command had, in a process of its own.
fn measured(words: &[&str]) -> Result<u64> {
    let mut part = own_part(&["typed", "--"])?;
    let output = part.args(words).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{words:?}: {said}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = said.lines().last().context("it says how much")?;
    Ok(last.parse()?)
}

/// Runs a command, and prints the most memory that this process had.
pub(crate) async fn typed(words: &[String]) -> Result<()> {
    let typed = std::iter::once("wpsx".to_owned()).chain(words.iter().cloned());
    cli::run_typed(wpsx_node::app::ROOT, typed.map(Into::into))
        .await
        .map_err(|failure| anyhow!("{failure}"))?;
    let status = fs::read_to_string(Path::new("/proc/self/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    println!("{}", kilobytes.context("no VmHWM")?.parse::<u64>()? << 10);
    Ok(())
}
