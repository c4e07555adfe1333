//! Copies of others' logs that are dropped by hand.

use anyhow::{Context as _, Result};
use wpsx_tests::federation::{TestNode, join, pair, practices};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_dropped_is_pulled_again_unless_its_peer_is_gone() -> Result<()> {
    let (a, b) = pair().await?;
    a.publish(practices("first", 300, 300)).await?;
    b.reaches(&a.origin(), 300).await?;
    let number = |node: &TestNode| -> Result<u32> {
        let log = node.node().store().log(&a.origin());
        Ok(log.context("it is held")?.number())
    };
    let before = number(&b)?;
    let origin = a.origin().to_string();
    let said = b.typed(&["origin", "drop", &origin]).await?;
    assert!(said.contains("pulled again"), "{said}");
    b.reaches(&a.origin(), 300).await?;
    assert_ne!(number(&b)?, before, "it is another copy");
    b.verify()?;

    b.typed(&["peer", "remove", "a.example"]).await?;
    let said = b.typed(&["origin", "drop", &origin]).await?;
    assert!(said.contains("origin add"), "{said}");
    assert!(b.node().store().log(&a.origin()).is_none());
    let listed = b.typed(&["origin", "list"]).await?;
    assert!(!listed.contains(&origin), "{listed}");
    let again = b.typed(&["origin", "drop", &origin]).await;
    let refused = again.expect_err("it is gone").to_string();
    assert!(refused.contains("not known here"), "{refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_a_peer_introduced_is_pulled_again_from_it() -> Result<()> {
    let (a, b) = pair().await?;
    let c = TestNode::start("c").await?;
    a.publish(practices("first", 20, 300)).await?;
    b.reaches(&a.origin(), 20).await?;
    join(&b, &c, true)?;
    c.reaches(&a.origin(), 20).await?;
    c.typed(&["origin", "drop", a.origin().as_str()]).await?;
    c.reaches(&a.origin(), 20).await?;
    c.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_stands_still_is_dropped_and_pulled_anew() -> Result<()> {
    let (a, mut b) = pair().await?;
    a.publish(practices("first", 300, 300)).await?;
    b.holds(&a.origin(), 300).await?;
    b.stop().await?;
    // All that says where it ends.
    let log = b.data_dir().join("logs").join(a.origin().hash_hex());
    std::fs::remove_file(b.data_dir().join("state/logs/1/head"))?;
    std::fs::remove_file(log.join("checkpoint"))?;
    b.open().await?;
    assert!(b.node().store().log(&a.origin()).is_none());
    let repaired = b.typed(&["repair"]).await;
    let left = repaired.expect_err("nobody has its head but as a new one");
    assert!(left.to_string().contains("wpsx origin drop"), "{left}");
    let said = b.typed(&["origin", "drop", a.origin().as_str()]).await?;
    assert!(said.contains("pulled again"), "{said}");
    b.holds(&a.origin(), 300).await?;
    assert!(b.node().store().damage().is_empty());
    b.verify()?;
    // And it stays so.
    b.stop().await?;
    b.open().await?;
    b.holds(&a.origin(), 300).await?;
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_log_that_stands_still_is_not_dropped() -> Result<()> {
    let mut a = TestNode::start("a").await?;
    a.publish(practices("first", 3, 300)).await?;
    a.stop().await?;
    let kept = a.data_dir().join("state/logs/0/log");
    let mut bytes = std::fs::read(&kept)?;
    bytes[9] ^= 1;
    std::fs::write(&kept, bytes)?;
    a.open().await?;
    let origin = a.origin().to_string();
    let dropped = a.typed(&["origin", "drop", &origin]).await;
    let refused = dropped.expect_err("it is its own").to_string();
    assert!(refused.contains("nobody could bring it back"), "{refused}");
    assert!(kept.exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_log_is_never_dropped() -> Result<()> {
    let a = TestNode::start("a").await?;
    a.publish(practices("first", 3, 300)).await?;
    let origin = a.origin().to_string();
    let dropped = a.typed(&["origin", "drop", &origin]).await;
    let refused = dropped.expect_err("it is its own").to_string();
    assert!(refused.contains("nobody could bring it back"), "{refused}");
    assert_eq!(a.head_size(&a.origin()), 3);
    a.verify()
}
