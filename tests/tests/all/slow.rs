//! Lines over which a record takes its time: what has come is stored, nothing comes
//! twice, and the line carries little else.

use std::{fs, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use wpsx_federation::links::LinkState;
use wpsx_tests::{
    federation::{TestNode, practices, wait_until},
    line::Line,
};

/// 50 kbit/s.
const POOR: u64 = 6_250;
const FAR: Duration = Duration::from_millis(100);
/// Bytes by which the first package is stored; with all asked for at once it takes half as
/// many again.
const SOON: u64 = 160_000;
const WHILE: Duration = Duration::from_secs(180);

/// Two nodes; the second reads the first over the line, and nothing else uses it.
async fn over(line: &Arc<Line>, count: usize, size: usize) -> Result<[TestNode; 2]> {
    let far = TestNode::start_behind("far", line).await?;
    for batch in 0..count.div_ceil(1_000) {
        let many = (count - batch * 1_000).min(1_000);
        far.publish(practices(&format!("batch-{batch}"), many, size))
            .await?;
    }
    let near = TestNode::start("near").await?;
    Ok([far, near])
}

/// Bytes of entries and payloads that a node keeps of all logs.
pub(crate) fn stored(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for found in fs::read_dir(folder)? {
        let found = found?;
        let name = found.file_name().to_string_lossy().into_owned();
        if found.file_type()?.is_dir() {
            bytes += stored(&found.path())?;
        } else if folder
            .iter()
            .any(|part| part == "entries" || part == "payload")
            || name.contains("entries")
        {
            bytes += found.metadata()?.len();
        }
    }
    Ok(bytes)
}

/// Waits until all is there, and sees that most of what the line carried is stored.
async fn mostly_stored(line: &Line, far: &TestNode, near: &mut TestNode, count: u64) -> Result<()> {
    let origin = far.origin();
    let arrived = near.reaches(&origin, count);
    tokio::time::timeout(WHILE, arrived).await??;
    let log = near.replica(&origin).context("followed")?;
    wait_until(|| log.holes().not_held == 0).await?;
    let carried = line.carried();
    near.stop().await?;
    let kept = stored(&near.data_dir().join("logs"))?;
    assert!(
        kept * 10 >= carried * 8,
        "the line carried {carried} bytes, {kept} of them are stored"
    );
    near.open().await?;
    near.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_records_arrive_at_50_kbit_and_most_of_what_the_line_carries_is_theirs()
-> Result<()> {
    let line = Arc::new(Line::start().await?);
    let [far, mut near] = over(&line, 100, 1_500).await?;
    line.slow_down(POOR, FAR);
    near.add(&far, false)?;
    mostly_stored(&line, &far, &mut near, 100).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_line_that_stalls_and_breaks_brings_nothing_twice() -> Result<()> {
    let line = Arc::new(Line::start().await?);
    let [far, mut near] = over(&line, 3_000, 300).await?;
    let origin = far.origin();
    line.slow_down(POOR, FAR);
    near.add(&far, false)?;
    // The first packages are stored long before the last one is on its way.
    let has = |size: u64| {
        let log = near.replica(&origin);
        log.is_some_and(|log| log.stored().value() >= size)
    };
    wait_until(|| has(256)).await?;
    let carried = line.carried();
    assert!(carried < SOON, "{carried} bytes before anything was stored");
    wait_until(|| has(512)).await?;
    line.swallow();
    tokio::time::sleep(Duration::from_secs(3)).await;
    line.open();
    wait_until(|| has(768)).await?;
    line.cut();
    let link = near.node().federation().links().of("far.example");
    wait_until(|| link.state() != LinkState::Connected).await?;
    line.slow_down(100 * POOR, FAR);
    line.open();
    mostly_stored(&line, &far, &mut near, 3_000).await
}
