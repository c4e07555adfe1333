//! Two histories under one key, and stores that were set back or tampered with: found
//! out, kept, shown on both sides, passed on, and left by the operator's decision.

use std::fs;

use anyhow::{Context as _, Result};
use wpsx_federation::forks::Decision;
use wpsx_proto::api::admin::v1::Refusal;
use wpsx_store::testing::Harm;
use wpsx_tests::federation::{TestNode, join, pair, practices, wait_until};

/// A publisher's node and a copy of it that ran on apart; both hold ten entries in
/// common, the first three and the second five of its own.
async fn two_copies() -> Result<(TestNode, TestNode)> {
    let mut first = TestNode::start("a").await?;
    first.publish(practices("shared", 10, 300)).await?;
    first.stop().await?;
    let mut second = first.copy()?;
    first.open().await?;
    second.open().await?;
    first.publish(practices("left", 3, 300)).await?;
    second.publish(practices("right", 5, 300)).await?;
    Ok((first, second))
}

/// A publisher's node that was set back to ten entries after its peer had seen fifteen:
/// the backup, which does not run yet, the port it had, and the peer.
async fn set_back() -> Result<(TestNode, Option<u16>, TestNode)> {
    let (mut a, b) = pair().await?;
    a.publish(practices("first", 10, 300)).await?;
    b.reaches(&a.origin(), 10).await?;
    let port = a.port();
    a.stop().await?;
    let old = a.copy()?;
    a.open_on(port).await?;
    a.publish(practices("second", 5, 300)).await?;
    b.reaches(&a.origin(), 15).await?;
    a.stop().await?;
    Ok((old, port, b))
}

/// What `node` refused from `peer`; waits for it.
async fn refused_from(node: &TestNode, peer: &str) -> Result<Refusal> {
    let newest = || node.peer_status(peer).ok()?.refused.pop();
    wait_until(|| newest().is_some())
        .await
        .with_context(|| format!("{:#?}", node.peer_status(peer)))?;
    newest().context("it was there")
}

/// What `peer` told `node` that it refused; waits for it.
async fn refused_by(node: &TestNode, peer: &str) -> Result<Refusal> {
    let newest = || node.peer_status(peer).ok()?.refused_by.pop();
    wait_until(|| newest().is_some())
        .await
        .with_context(|| format!("{:#?}", node.peer_status(peer)))?;
    newest().context("it was there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_stops_that_log_alone_and_the_operator_decides() -> Result<()> {
    let (mut a, mut clone) = two_copies().await?;
    let (b, c) = (TestNode::start("b").await?, TestNode::start("c").await?);
    // b follows the first copy, c the second.
    join(&a, &b, false)?;
    b.reaches(&a.origin(), 13).await?;
    join(&clone, &c, false)?;
    c.reaches(&a.origin(), 15).await?;
    clone.stop().await?;
    a.stop().await?;
    // When b and c meet, both see the two trees and keep the evidence.
    b.publish(practices("b", 2, 300)).await?;
    join(&b, &c, true)?;
    wait_until(|| b.node().federation().forks().stopped(&a.origin())).await?;
    wait_until(|| c.node().federation().forks().stopped(&a.origin())).await?;
    assert_eq!(b.head_size(&a.origin()), 13, "each keeps what it holds");
    assert_eq!(c.head_size(&a.origin()), 15);
    c.reaches(&b.origin(), 2).await?;
    let decisions = b.node().federation().decisions();
    decisions.accept(&a.origin(), Decision::Switch).await?;
    b.reaches(&a.origin(), 15).await?;
    b.verify()
}

/// A node that holds the tree of the first copy and has evidence of the second, and a
/// peer of it that holds the second.
async fn undecided() -> Result<(TestNode, TestNode, wpsx_proto::origin::Origin)> {
    let (mut left, mut right) = two_copies().await?;
    let (b, c) = (TestNode::start("b").await?, TestNode::start("c").await?);
    let origin = left.origin();
    join(&left, &b, false)?;
    b.reaches(&origin, 13).await?;
    join(&right, &c, false)?;
    c.reaches(&origin, 15).await?;
    left.stop().await?;
    right.stop().await?;
    join(&b, &c, true)?;
    wait_until(|| b.node().federation().forks().stopped(&origin)).await?;
    Ok((b, c, origin))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_carried_out_though_who_decided_did_not_wait_for_it() -> Result<()> {
    let (b, _c, origin) = undecided().await?;
    let node = b.node().clone();
    let asked = origin.clone();
    let deciding = tokio::spawn(async move {
        let decisions = node.federation().decisions();
        decisions.accept(&asked, Decision::Switch).await
    });
    let forks = b.node().federation().forks();
    wait_until(|| forks.decision(&origin).is_some()).await?;
    deciding.abort();
    b.reaches(&origin, 15).await?;
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_the_end_of_the_process_cut_short_is_carried_out_at_the_next_start()
-> Result<()> {
    let (mut b, c, origin) = undecided().await?;
    // What is on the disk when the process ends right after the decision was kept.
    let tree = |node: &TestNode| -> Result<serde_json::Value> {
        let log = node.node().store().log(&origin).context("it is held")?;
        let head = log.head().context("it has a head")?;
        let (size, root) = (head.size().value(), head.root().to_string());
        Ok(serde_json::json!({ "size": size, "root": root }))
    };
    let decided = serde_json::json!({
        "decision": "switch", "take": tree(&c)?, "leave": tree(&b)?,
    });
    let state = b.node().store().state();
    let names = state.list("forks/")?;
    let stems: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_suffix(".evidence"))
        .collect();
    assert!(!stems.is_empty());
    for stem in stems {
        state.put(&format!("{stem}.decision"), decided.to_string().as_bytes())?;
    }
    b.stop().await?;
    b.open().await?;
    b.reaches(&origin, 15).await?;
    assert_eq!(tree(&b)?, tree(&c)?);
    b.verify()
}

/// A log of which two trees were signed does not go on because the proof of it was lost.
#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_cannot_be_read_stops_its_log_and_nothing_else() -> Result<()> {
    let (mut a, mut clone) = two_copies().await?;
    let (mut b, mut c) = (TestNode::start("b").await?, TestNode::start("c").await?);
    join(&a, &b, false)?;
    b.reaches(&a.origin(), 13).await?;
    join(&clone, &c, false)?;
    c.reaches(&a.origin(), 15).await?;
    b.publish(practices("b", 2, 300)).await?;
    join(&b, &c, true)?;
    let origin = a.origin();
    wait_until(|| b.node().federation().forks().stopped(&origin)).await?;
    for node in [&mut a, &mut clone, &mut c, &mut b] {
        node.stop().await?;
    }
    let kept = b.data_dir().join("state/forks");
    let mut files = Vec::new();
    for file in fs::read_dir(&kept)? {
        files.push(file?.path());
    }
    assert_eq!(files.len(), 2, "it is kept twice: {files:?}");
    // One of the two may be lost; then both are.
    for lost in [&files[..1], &files[..]] {
        for file in lost {
            fs::write(file, "wpsx state 2 and what is no evidence")?;
        }
        b.open().await?;
        assert!(b.node().federation().forks().stopped(&origin));
        b.publish(practices(&format!("after {}", lost.len()), 1, 300))
            .await?;
        b.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_fork_travels_and_each_operator_decides() -> Result<()> {
    let (mut left, mut right) = two_copies().await?;
    let (b, c) = (TestNode::start("b").await?, TestNode::start("c").await?);
    let d = TestNode::start("d").await?;
    join(&left, &b, false)?;
    join(&right, &c, false)?;
    join(&b, &d, true)?;
    let origin = left.origin();
    b.reaches(&origin, 13).await?;
    c.reaches(&origin, 15).await?;
    d.reaches(&origin, 13).await?;
    left.stop().await?;
    right.stop().await?;

    // d has a line to b alone, and learns from it what b and c find out.
    join(&b, &c, true)?;
    for node in [&b, &c, &d] {
        wait_until(|| node.node().federation().forks().stopped(&origin))
            .await
            .with_context(|| format!("{}: {:#?}", node.name, node.status()))?;
    }
    b.publish(practices("b", 2, 300)).await?;
    for node in [&c, &d] {
        node.reaches(&b.origin(), 2).await?;
    }
    assert_eq!(d.head_size(&origin), 13, "each keeps what it holds");

    let origin = origin.as_str();
    let listed = d.typed(&["fork", "list"]).await?;
    assert!(
        listed.contains(origin) && listed.contains("none: the log is stopped"),
        "{listed}"
    );
    let shown = d.typed(&["fork", "show", origin]).await?;
    let sizes: Vec<&str> = shown
        .lines()
        .filter(|line| ["13", "15"].contains(line))
        .collect();
    assert_eq!(sizes, ["13", "15"], "{shown}");
    let status = d.typed(&["status"]).await?;
    assert!(status.contains("FORKS: 1 log with evidence"), "{status}");
    assert!(status.contains("stands still: fork"), "{status}");

    // The evidence outlives a restart; the decision is each operator's own.
    let mut d = d;
    d.stop().await?;
    d.open().await?;
    assert!(d.node().federation().forks().stopped(&parsed(origin)));
    b.typed(&["fork", "accept", origin, "switch"]).await?;
    b.reaches(&parsed(origin), 15).await?;
    assert!(d.node().federation().forks().stopped(&parsed(origin)));
    d.typed(&["fork", "accept", origin, "keep"]).await?;
    assert!(!d.node().federation().forks().stopped(&parsed(origin)));
    let listed = d.typed(&["fork", "list"]).await?;
    assert!(listed.contains("keep"), "{listed}");
    b.verify()?;
    c.verify()?;
    d.verify()
}

fn parsed(origin: &str) -> wpsx_proto::origin::Origin {
    wpsx_proto::origin::Origin::parse(origin).expect("a test's name")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_of_an_own_log_stops_its_publisher_alone_until_it_decides() -> Result<()> {
    let (mut left, mut right) = two_copies().await?;
    let (b, c) = (TestNode::start("b").await?, TestNode::start("c").await?);
    let origin = left.origin();
    join(&right, &c, false)?;
    c.reaches(&origin, 15).await?;
    right.stop().await?;
    left.add_publisher("other.example", "Another publisher")?;

    left.add(&c, false)?;
    wait_until(|| left.node().federation().forks().stopped(&origin)).await?;
    for again in [false, true] {
        if again {
            left.stop().await?;
            left.open().await?;
        }
        let refused = left.typed(&["publisher", "list"]).await?;
        assert!(refused.contains("other.example"), "{refused}");
        let refused = publish(&left, "a.example", "more")
            .await
            .expect_err("stopped");
        assert!(
            refused.to_string().contains("wpsx fork accept"),
            "{refused:#}"
        );
        publish(&left, "other.example", &format!("other {again}")).await?;
    }

    // The operator stops the other copy and goes on with this one; c holds the other tree.
    left.typed(&["fork", "accept", origin.as_str(), "keep"])
        .await?;
    publish(&left, "a.example", "more").await?;
    left.stop().await?;
    left.open().await?;
    publish(&left, "a.example", "after a restart").await?;
    // A new peer is told of the fork too, and decides for itself.
    join(&left, &b, false)?;
    wait_until(|| b.node().federation().forks().stopped(&origin)).await?;
    b.typed(&["fork", "accept", origin.as_str(), "keep"])
        .await?;
    b.reaches(&origin, 15).await?;
    left.verify()?;
    b.verify()
}

async fn publish(node: &TestNode, publisher: &str, id: &str) -> Result<()> {
    node.publish_as(publisher, practices(id, 1, 300)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_old_copy_turns_read_only_and_says_why() -> Result<()> {
    let (mut old, _, _b) = set_back().await?;
    old.open().await?;
    let refused = old
        .publish(practices("third", 1, 300))
        .await
        .expect_err("read-only");
    let reason = format!("{refused:#}");
    assert!(
        reason.contains("b.example") && reason.contains("15"),
        "{reason}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_set_back_is_read_only_and_refused_and_both_sides_say_why() -> Result<()> {
    let (mut old, port, b) = set_back().await?;
    // The backup is put back where the node was; it knows at start, without publishing.
    old.open_on(port).await?;
    let shown = old.typed(&["status"]).await?;
    let why = "READ-ONLY: peer b.example has seen 15 entries of a.example/wpsx/public, this store holds 10";
    assert!(shown.contains(why), "{shown}");
    let refused = refused_from(&b, "a.example").await?;
    assert_eq!(refused.code, "rolled-back", "{}", refused.reason);
    assert_eq!(refused_by(&old, "b.example").await?.reason, refused.reason);
    let shown = old.typed(&["status"]).await?;
    let line = format!(
        "b.example refused from this node: {}: {}",
        old.origin(),
        refused.reason
    );
    assert!(shown.contains(&line), "{shown}");
    assert_eq!(b.head_size(&old.origin()), 15, "nothing is lost");
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_changed_on_disk_is_never_sent_and_both_sides_say_why() -> Result<()> {
    let mut a = TestNode::start("a").await?;
    a.publish(practices("a", 600, 300)).await?;
    let origin = a.origin();
    a.stop().await?;
    let log = a.data_dir().join("logs").join(origin.hash_hex());
    Harm::Flipped.apply(&log.join("tile/entries/001"));
    a.open().await?;
    let b = TestNode::start("b").await?;
    join(&a, &b, false)?;

    // What comes before the changed entry is had, and proven; nobody is accused.
    let stored = || b.replica(&origin).map(|log| log.stored().value());
    wait_until(|| stored() == Some(256)).await?;
    let failed = || b.peer_status("a.example").ok()?.failures.pop();
    wait_until(|| failed().is_some()).await?;
    let reason = failed().context("it was there")?.reason;
    assert!(reason.contains("its operator sees why"), "{reason}");
    let folder = a.data_dir().display().to_string();
    assert!(!reason.contains(&folder), "where files lie: {reason}");
    assert!(b.peer_status("a.example")?.refused.is_empty());
    let shown = a.typed(&["status"]).await?;
    assert!(shown.contains("tile/entries/001"), "{shown}");
    assert_eq!(stored(), Some(256));
    b.verify()?;
    assert!(a.verify().is_err(), "the node itself finds it too");
    Ok(())
}
