//! Lines that break: with a word, without one, and in the middle of a pull.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use wpsx_federation::{links::LinkState, refusals::Side};
use wpsx_tests::{
    federation::{TestNode, join, practices, wait_until},
    line::Line,
};

/// Two peers, each reached over a line of its own.
struct Pair {
    lines: [Arc<Line>; 2],
    nodes: [TestNode; 2],
}

impl Pair {
    async fn start() -> Result<Self> {
        let lines = [
            Arc::new(Line::start().await?),
            Arc::new(Line::start().await?),
        ];
        let nodes = [
            TestNode::start_behind("a", &lines[0]).await?,
            TestNode::start_behind("b", &lines[1]).await?,
        ];
        join(&nodes[0], &nodes[1], false)?;
        let pair = Self { lines, nodes };
        pair.publish_and_converge("before", 10, 10).await?;
        Ok(pair)
    }

    async fn publish(&self, what: &str, count: usize) -> Result<()> {
        for node in &self.nodes {
            let drafts = practices(&format!("{}-{what}", node.name), count, 300);
            node.publish(drafts).await?;
        }
        Ok(())
    }

    async fn converge(&self, size: u64) -> Result<()> {
        let [a, b] = &self.nodes;
        b.reaches(&a.origin(), size).await?;
        a.reaches(&b.origin(), size).await
    }

    async fn publish_and_converge(&self, what: &str, count: usize, size: u64) -> Result<()> {
        self.publish(what, count).await?;
        self.converge(size).await
    }

    fn states(&self) -> [LinkState; 2] {
        let [a, b] = &self.nodes;
        [
            a.node().federation().links().of("b.example").state(),
            b.node().federation().links().of("a.example").state(),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_publish_while_the_line_swallows_everything_and_converge_after() -> Result<()> {
    let pair = Pair::start().await?;
    for line in &pair.lines {
        line.swallow();
    }
    pair.publish("apart", 300).await?;
    // Nobody says that the line is dead; both find out by themselves.
    let lost = |state: &LinkState| *state != LinkState::Connected;
    wait_until(|| pair.states().iter().all(lost)).await?;
    let [a, b] = &pair.nodes;
    for (node, peer) in [(a, "b.example"), (b, "a.example")] {
        let shown = node.typed(&["status"]).await?;
        assert!(
            shown.contains(&format!("{peer}: ")),
            "the reason is shown: {shown}"
        );
        assert_eq!(node.node().federation().refusals().of(peer, Side::Ours), []);
    }
    assert_eq!(
        (a.head_size(&b.origin()), b.head_size(&a.origin())),
        (10, 10)
    );
    // Who waits for a handshake that never comes gives up too, and tries again.
    for line in &pair.lines {
        line.open();
    }
    pair.converge(310).await?;
    a.verify()?;
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_line_heals_and_both_sides_catch_up() -> Result<()> {
    let line = Arc::new(Line::start().await?);
    let hub = TestNode::start_behind("hub", &line).await?;
    // The line is the only way between them: nobody can dial the hidden one.
    let hidden = TestNode::start_hidden("hidden").await?;
    let far = TestNode::start("far").await?;
    join(&hidden, &hub, true)?;
    join(&far, &hub, true)?;
    hidden.publish(practices("before", 5, 300)).await?;
    far.reaches(&hidden.origin(), 5).await?;

    line.cut();
    hidden.publish(practices("cut", 300, 300)).await?;
    far.publish(practices("far", 700, 300)).await?;
    hub.reaches(&far.origin(), 700).await?;
    assert_eq!(hidden.head_size(&far.origin()), 0);
    assert_eq!(hub.head_size(&hidden.origin()), 5);

    line.open();
    hidden.reaches(&far.origin(), 700).await?;
    far.reaches(&hidden.origin(), 305).await?;
    for node in [&hidden, &hub, &far] {
        node.verify()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_again_and_again_costs_time_alone() -> Result<()> {
    let pair = Pair::start().await?;
    for round in 1..=3 {
        for line in &pair.lines {
            line.cut();
        }
        pair.publish(&format!("round-{round}"), 20).await?;
        wait_until(|| !pair.states().contains(&LinkState::Connected)).await?;
        for line in &pair.lines {
            line.open();
        }
        pair.converge(10 + 20 * round).await?;
    }
    let [a, b] = &pair.nodes;
    a.verify()?;
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_cut_nothing_that_was_stored_is_fetched_again() -> Result<()> {
    const RECORDS: u64 = 30_000;
    let line = Arc::new(Line::start().await?);
    let a = TestNode::start_behind("a", &line).await?;
    for batch in 0..RECORDS / 5_000 {
        a.publish(practices(&format!("batch-{batch}"), 5_000, 600))
            .await?;
    }
    // What a pull costs that nobody disturbs.
    let mut calm = TestNode::start("calm").await?;
    calm.add(&a, false)?;
    calm.reaches(&a.origin(), RECORDS).await?;
    // What lay unread in a socket when the line broke was not fetched: bytes count
    // where they are read.
    let undisturbed = calm.node().federation().links().of("a.example").bytes();
    calm.stop().await?;
    let before = line.carried();

    let b = TestNode::start("b").await?;
    b.add(&a, false)?;
    let cuts = 3;
    for cut in 1..=cuts {
        wait_until(|| line.carried() - before > cut * undisturbed / (cuts + 2)).await?;
        line.cut();
        let link = b.node().federation().links().of("a.example");
        wait_until(|| link.state() != LinkState::Connected).await?;
        line.open();
    }
    b.reaches(&a.origin(), RECORDS).await?;
    let log = b.replica(&a.origin()).context("followed")?;
    wait_until(|| log.holes().not_held == 0).await?;
    let read = b.node().federation().links().of("a.example").bytes();
    let again = read.saturating_sub(undisturbed);
    let package = undisturbed * 256 / RECORDS;
    assert!(
        again <= cuts * package,
        "{again} bytes were fetched again, a package has {package}"
    );
    b.verify().context("b")
}
