//! Who has taken the newest head of an own log, and that nobody has.

use anyhow::Result;
use wpsx_client::clock::Clock;
use wpsx_tests::federation::{TestNode, join, practices, wait_until};

/// Longer than a head may be on its way.
const LONG: u64 = 3 * 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn that_nobody_has_pulled_or_cosigned_the_newest_head_is_told_until_somebody_has()
-> Result<()> {
    let (clock, hand) = Clock::manual(Clock::system().unix_ms());
    let a = TestNode::start_at("a", clock).await?;
    let (mut b, mut c) = (TestNode::start("b").await?, TestNode::start("c").await?);
    for peer in [&b, &c] {
        join(&a, peer, false)?;
    }
    a.publish(practices("first", 3, 300)).await?;
    let told = format!(
        "nobody has pulled or cosigned the newest head of {}",
        a.origin()
    );
    let is_told = async || anyhow::Ok(a.typed(&["status"]).await?.contains(&told));
    let taken_by = |peers: &[&str]| {
        let status = a.status();
        status.is_ok_and(|status| status.origins[0].taken_by == peers)
    };
    let moved = || Some(a.status().ok()?.origins.first()?.moved_time);
    wait_until(|| taken_by(&["b.example", "c.example"])).await?;
    hand.advance(LONG);
    assert!(!is_told().await?, "both have it");

    let ports = [b.port(), c.port()];
    b.stop().await?;
    c.stop().await?;
    let before = moved().unwrap_or_default();
    a.publish(practices("second", 1, 300)).await?;
    wait_until(|| moved() > Some(before)).await?;
    assert!(!is_told().await?, "it is on its way");
    hand.advance(LONG);
    assert!(is_told().await?, "nobody came for it");
    let checked = a.typed(&["status", "--check"]).await;
    assert!(checked.is_err(), "it is a finding: {checked:?}");

    // One of the two is enough.
    b.open_on(ports[0]).await?;
    wait_until(|| taken_by(&["b.example"])).await?;
    assert!(!is_told().await?);
    c.open_on(ports[1]).await?;
    wait_until(|| taken_by(&["b.example", "c.example"])).await
}
