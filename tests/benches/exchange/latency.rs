//! How long news takes from node to node.

use std::time::{Duration, Instant};

use anyhow::Result;
use wpsx_tests::federation::{TestNode, join, practices};

use crate::measure::{median, ms, reaches, views_current};

/// From the call to publish to the record being readable: at a neighbour, and over two relays.
pub(crate) async fn latency() -> Result<()> {
    let nodes = [
        TestNode::start("a").await?,
        TestNode::start("b").await?,
        TestNode::start("c").await?,
        TestNode::start("d").await?,
    ];
    for pair in nodes.windows(2) {
        join(&pair[0], &pair[1], true)?;
    }
    let origin = nodes[0].origin();
    nodes[0].publish(practices("warm", 1, 300)).await?;
    nodes[3].reaches(&origin, 1).await?;
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for n in 0..100u64 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let since = Instant::now();
        nodes[0]
            .publish(practices(&format!("n{n}"), 1, 300))
            .await?;
        let size = n + 2;
        let readable = |node: &TestNode| {
            let (node, origin) = (node.node().clone(), origin.clone());
            async move {
                let log = reaches(&node, &origin, size).await?;
                views_current(&log, &node).await?;
                Ok::<_, anyhow::Error>(since.elapsed())
            }
        };
        let (one, three) = tokio::join!(readable(&nodes[1]), readable(&nodes[3]));
        near.push(one?);
        far.push(three?);
    }
    println!(
        "latency: publish to readable: {:.1} ms median at a neighbour, {:.1} ms over two relays",
        ms(median(&mut near)),
        ms(median(&mut far))
    );
    Ok(())
}
