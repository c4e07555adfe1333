//! Files that are not what was written, and how a node gets them back from its peers.

mod matrix;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use tokio_util::sync::CancellationToken;
use wpsx_store::testing::Harm;
use wpsx_tests::federation::{TestNode, around_a_hub, join, pair, practices, wait_until};

use super::full::status;

/// The state file that says which log it is, of a node's only replica.
fn kept(node: &TestNode) -> PathBuf {
    node.data_dir().join("state/logs/1/log")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_foreign_log_and_a_damaged_peer_stop_nothing_else() -> Result<()> {
    let (mut a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    let c = TestNode::start("c").await?;
    for other in [&b, &c] {
        join(&a, other, false)?;
        other.publish(practices(&other.name, 10, 300)).await?;
    }
    for other in [&b, &c] {
        a.holds(&other.origin(), 10).await?;
    }
    a.stop().await?;
    Harm::Flipped.apply(&kept(&a));
    Harm::Flipped.apply(&a.data_dir().join("state/peers/b.example.json"));
    a.open().await?;
    // Publishing first of all, and what is exchanged with the others.
    a.publish(practices("a", 10, 300)).await?;
    c.publish(practices("c-more", 10, 300)).await?;
    c.reaches(&a.origin(), 10).await?;
    a.reaches(&c.origin(), 20).await?;
    let shown = a.typed(&["status"]).await?;
    for part in [
        "b.example/wpsx/public stands still: damaged: ",
        "run wpsx repair",
        "b.example: state/peers/b.example.json",
        "add its card again with wpsx peer add",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let failure = a.typed(&["verify"]).await.unwrap_err().to_string();
    assert!(failure.contains("does not verify"), "{failure}");
    // The card is the remedy for the one peer.
    a.add(&b, false)?;
    a.reaches(&c.origin(), 20).await?;
    assert!(a.node().federation().peers().damaged().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_peer_alone_is_a_finding_until_its_card_is_added_again() -> Result<()> {
    let (mut a, b) = pair().await?;
    a.publish(practices("a", 10, 300)).await?;
    b.holds(&a.origin(), 10).await?;
    a.stop().await?;
    Harm::Flipped.apply(&a.data_dir().join("state/peers/b.example.json"));
    a.open().await?;
    let told = "state/peers/b.example.json";
    let shown = a.typed(&["status"]).await?;
    assert!(shown.contains("needs attention"), "{shown}");
    for line in [&["status", "--check"][..], &["verify"], &["repair"]] {
        assert!(a.typed(line).await.is_err(), "{line:?}");
    }
    let [damaged] = &a.node().store().damaged_files()[..] else {
        panic!("one file is listed");
    };
    assert!(damaged.path.ends_with(told) && !damaged.is_mended());
    a.add(&b, false)?;
    let shown = a.typed(&["repair"]).await?;
    assert!(
        shown.contains("mended: ") && shown.contains(told),
        "{shown}"
    );
    let shown = a.typed(&["verify"]).await?;
    assert!(shown.contains("correct"), "{shown}");
    Ok(())
}

/// The folder of a node's files of a log.
fn files_of(node: &TestNode, of: &TestNode) -> PathBuf {
    let logs = node.data_dir().join("logs");
    logs.join(of.origin().hash_hex())
}

/// Whether nothing of the node is listed as damaged, and no payload is missing.
fn is_whole(node: &TestNode) -> bool {
    let store = node.node().store();
    let logs = store.logs();
    store.damage().is_empty() && logs.iter().all(|log| log.holes().not_held == 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_at_the_only_relay_is_healed_and_what_lies_behind_it_comes() -> Result<()> {
    for file in ["tile/0/000", "tile/entries/000", "payload/000"] {
        let (a, mut relay, c) = around_a_hub().await?;
        a.publish(practices("a", 300, 300)).await?;
        relay.holds(&a.origin(), 300).await?;
        relay.node().store().settle().await?;
        let hurt = files_of(&relay, &a).join(file);
        // Who lies behind has to fetch it from the relay, which is opened with nothing
        // of it in memory.
        relay.stop().await?;
        Harm::Flipped.apply(&hurt);
        let behind = TestNode::start("behind").await?;
        relay.open().await?;
        join(&behind, &relay, true)?;
        behind.holds(&a.origin(), 300).await?;
        // What nobody has read is found by whoever looks.
        let _found = relay.typed(&["verify"]).await;
        wait_until(|| is_whole(&relay)).await.context(file)?;
        relay.verify()?;
        behind.verify()?;
        c.holds(&a.origin(), 300).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_gets_its_own_entries_and_payloads_back_from_a_peer() -> Result<()> {
    let (mut a, b) = pair().await?;
    a.publish(practices("a", 300, 300)).await?;
    b.holds(&a.origin(), 300).await?;
    a.stop().await?;
    let files = files_of(&a, &a);
    for file in [
        "tile/entries/000",
        "payload/000",
        "tile/entries/001.p/44",
        "payload/001.p/44",
    ] {
        Harm::Flipped.apply(&files.join(file));
    }
    a.open().await?;
    wait_until(|| a.node().store().log(&a.origin()).is_some()).await?;
    // What is damaged is found by whoever looks.
    let _found = a.typed(&["verify"]).await;
    wait_until(|| is_whole(&a)).await?;
    a.verify()?;
    a.publish(practices("more", 10, 300)).await?;
    b.holds(&a.origin(), 310).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_identity_is_lost_learns_it_again_from_a_peer() -> Result<()> {
    let (mut a, b) = pair().await?;
    b.publish(practices("b", 10, 300)).await?;
    a.holds(&b.origin(), 10).await?;
    a.stop().await?;
    Harm::Flipped.apply(&kept(&a));
    a.open().await?;
    b.publish(practices("more", 10, 300)).await?;
    a.holds(&b.origin(), 20).await?;
    assert!(is_whole(&a));
    a.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn repair_says_what_was_mended_and_fails_while_nobody_has_the_rest() -> Result<()> {
    let (a, mut b) = pair().await?;
    a.publish(practices("a", 300, 300)).await?;
    b.holds(&a.origin(), 300).await?;
    let shown = a.typed(&["repair"]).await?;
    assert!(
        shown.contains("every stored byte is what was written"),
        "{shown}"
    );
    b.stop().await?;
    a.node().store().settle().await?;
    let files = files_of(&a, &a);
    for file in ["tile/0/000", "payload/000", "tile/entries/000"] {
        Harm::Flipped.apply(&files.join(file));
    }
    let failure = a.typed(&["repair"]).await.unwrap_err().to_string();
    assert!(failure.contains("could not be mended"), "{failure}");
    let status = a.typed(&["status"]).await?;
    assert!(
        status.contains("DAMAGED: ") && status.contains("wpsx repair mends what it can"),
        "{status}"
    );
    // What is damaged keeps nobody from publishing.
    a.publish(practices("more", 10, 300)).await?;
    b.open().await?;
    wait_until(|| is_whole(&a)).await?;
    // What was mended since is told, once.
    let status = a.typed(&["status"]).await?;
    assert!(status.contains("DAMAGED and mended: "), "{status}");
    let shown = a.typed(&["repair"]).await?;
    assert!(shown.contains("fetched from a peer"), "{shown}");
    let shown = a.typed(&["repair"]).await?;
    assert!(
        shown.contains("every stored byte is what was written"),
        "{shown}"
    );
    a.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_nobody_mends_says_so_and_the_other_logs_behind_it_go_on() -> Result<()> {
    let (mut a, other) = (TestNode::start("a").await?, TestNode::start("other").await?);
    let mut relay = TestNode::start("relay").await?;
    for (publisher, entries) in [(&a, 600), (&other, 300)] {
        // Neither learns of the other's log: nobody can mend the relay but who is away.
        join(publisher, &relay, false)?;
        publisher
            .publish(practices(&publisher.name, entries, 300))
            .await?;
        relay.holds(&publisher.origin(), entries as u64).await?;
    }
    let port = a.port();
    a.stop().await?;
    relay.node().store().settle().await?;
    relay.stop().await?;
    let hurt = files_of(&relay, &a).join("tile/entries/001");
    Harm::Flipped.apply(&hurt);
    relay.open().await?;
    let behind = TestNode::start("behind").await?;
    join(&behind, &relay, true)?;
    behind.holds(&other.origin(), 300).await?;
    // Its neighbour is told again and again, and what it has of the log is kept.
    let origin = a.origin();
    wait_until(|| {
        let peer = behind.peer_status("relay.example");
        peer.is_ok_and(|peer| {
            let mut failures = peer.failures.iter();
            failures.any(|failure| failure.origin == origin.as_str() && failure.count >= 3)
        })
    })
    .await
    .with_context(|| format!("{:#?}", behind.peer_status("relay.example")))?;
    let shown = behind.typed(&["status"]).await?;
    let told = format!("{origin} cannot be had from relay.example");
    assert!(shown.contains(&told), "{shown}");
    assert!(shown.contains("its operator sees why"), "{shown}");
    // So does the relay itself.
    for checked in ["status", "repair"] {
        let shown = match checked {
            "repair" => relay.typed(&["repair"]).await.unwrap_err().to_string(),
            _ => relay.typed(&["status"]).await?,
        };
        let told = match checked {
            "repair" => "1 damaged part could not be mended",
            _ => "DAMAGED: 1 file, as ",
        };
        assert!(shown.contains(told), "{shown}");
    }
    assert!(relay.typed(&["status", "--check"]).await.is_err());
    // The others' logs go on all the while.
    other.publish(practices("more", 10, 300)).await?;
    relay.publish(practices("relay", 10, 300)).await?;
    behind.holds(&other.origin(), 310).await?;
    behind.holds(&relay.origin(), 10).await?;
    assert!(behind.head_size(&origin) < 600);
    // Until somebody who has it is back.
    a.open_on(port).await?;
    behind.holds(&origin, 600).await?;
    wait_until(|| is_whole(&relay)).await?;
    behind.verify()?;
    relay.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_round_over_all_files_found_is_told_in_status_and_in_the_metrics() -> Result<()> {
    let a = TestNode::start("a").await?;
    a.publish(practices("a", 600, 300)).await?;
    a.node().store().settle().await?;
    let measured = async |name: &str| -> Result<u64> {
        let text = wpsx_doors::metrics::render(&status(a.node()).await?);
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.with_context(|| format!("{name} in {text}"))?.parse()?)
    };
    assert_eq!(measured("wpsx_damaged_files").await?, 0);
    assert_eq!(measured("wpsx_scrub_timestamp_seconds").await?, 0);
    Harm::Flipped.apply(&files_of(&a, &a).join("tile/entries/001"));
    a.node().scrub().round(&CancellationToken::new()).await?;
    let shown = a.typed(&["status"]).await?;
    assert!(shown.contains("DAMAGED: 1 file, as "), "{shown}");
    assert!(shown.contains("tile/entries/001"), "{shown}");
    let ended = a.node().scrub().ended();
    assert_eq!(measured("wpsx_damaged_files").await?, 1);
    assert_eq!(
        measured("wpsx_scrub_timestamp_seconds").await?,
        ended / 1000
    );
    assert_eq!(status(a.node()).await?.scrub_time, ended);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_over_all_files_finds_damage_and_goes_on_where_it_was_left() -> Result<()> {
    let (mut a, b) = pair().await?;
    a.publish(practices("a", 600, 300)).await?;
    b.holds(&a.origin(), 600).await?;
    a.node().store().settle().await?;
    Harm::Flipped.apply(&files_of(&a, &a).join("tile/entries/001"));
    let stopped = CancellationToken::new();
    stopped.cancel();
    // A round that is stopped at once is no round.
    a.node().scrub().round(&stopped).await?;
    assert_eq!(a.node().scrub().ended(), 0);
    a.node().scrub().round(&CancellationToken::new()).await?;
    let ended = a.node().scrub().ended();
    assert!(ended > 0);
    wait_until(|| is_whole(&a)).await?;
    a.verify()?;
    a.stop().await?;
    a.open().await?;
    assert_eq!(a.node().scrub().ended(), ended);
    Ok(())
}
