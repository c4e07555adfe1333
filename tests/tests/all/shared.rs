//! Two peers that have the same logs: the work is shared, and nothing comes twice.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use wpsx_proto::origin::Origin;
use wpsx_tests::{
    federation::{TestNode, join, practices, wait_until},
    line::Line,
};

use super::slow::stored;

const LOGS: usize = 12;
const ENTRIES: usize = 500;
/// Bytes a second of each line: so slow that neither brings much while the other one dials, also
/// where much else goes on.
const RATE: u64 = 250_000;

#[tokio::test(flavor = "multi_thread")]
async fn two_peers_with_the_same_logs_share_the_work_and_nothing_is_fetched_twice() -> Result<()> {
    let source = TestNode::start("source").await?;
    let mut origins: Vec<Origin> = Vec::new();
    for n in 0..LOGS {
        let name = format!("publisher{n}.example");
        source.add_publisher(&name, "another")?;
        let drafts = practices(&name, ENTRIES, 600);
        origins.push(source.publish_as(&name, drafts).await?.origin);
    }
    let lines = [
        Arc::new(Line::start().await?),
        Arc::new(Line::start().await?),
    ];
    let one = TestNode::start_behind("one", &lines[0]).await?;
    let other = TestNode::start_behind("other", &lines[1]).await?;
    for relay in [&one, &other] {
        join(&source, relay, true)?;
        for origin in &origins {
            relay.holds(origin, ENTRIES as u64).await?;
        }
    }
    // The lines carry nothing any more but what the next node asks for.
    for relay in [&one, &other] {
        let name = format!("{}.example", relay.name);
        source.node().federation().peering().remove(&name)?;
        relay
            .node()
            .federation()
            .peering()
            .remove("source.example")?;
    }
    for line in &lines {
        line.slow_down(RATE, Duration::ZERO);
    }
    let before = lines.each_ref().map(|line| line.carried());
    let mut near = TestNode::start("near").await?;
    near.add(&one, true)?;
    // The other one comes while all logs wait for the first.
    let begun = || {
        let logs = origins.iter().map(|origin| near.replica(origin));
        let mut logs = logs.collect::<Option<Vec<_>>>().into_iter().flatten();
        logs.any(|log| !log.stored().is_empty())
    };
    wait_until(begun).await?;
    near.add(&other, true)?;
    for origin in &origins {
        near.holds(origin, ENTRIES as u64).await?;
    }
    let carried: Vec<u64> = (0..2).map(|n| lines[n].carried() - before[n]).collect();
    near.stop().await?;
    let kept = stored(&near.data_dir().join("logs"))?;
    for bytes in &carried {
        assert!(
            bytes * 5 >= kept,
            "{carried:?} for {kept} bytes: one did most of it"
        );
    }
    let all: u64 = carried.iter().sum();
    assert!(
        kept * 10 >= all * 8,
        "{carried:?} for {kept} bytes: some came twice"
    );
    near.open().await?;
    near.verify()
}
