//! What nodes tell each other of trouble, and what one trouble costs: refusals, peers
//! that hang or hang up, and software that can more or less.

use std::time::Instant;

use anyhow::{Context as _, Result};
use wpsx_client::{
    testing::{Lie, TestLog, record_id},
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_federation::{links::LinkState, peers::Peer};
use wpsx_proto::{
    api::{
        admin::v1::PeerStatus,
        replication::v1::{
            HelloRequest, ReportRefusalRequest,
            replication_service_client::ReplicationServiceClient,
        },
    },
    card::{CardParts, NodeCard},
    origin::Origin,
};
use wpsx_tests::federation::{TestNode, join, practices, wait_until};

use super::liar::Liar;

const HELD: u64 = 300;

fn log(name: &str) -> TestLog {
    TestLog::with_records(name, HELD, 300)
}

fn grow(log: &mut TestLog) {
    let size = log.size().value();
    for number in size..size + HELD {
        log.publish(
            record_id(number),
            1,
            format!("practice {number}").as_bytes(),
        );
    }
    log.sign();
}

/// A node that holds these logs of one liar, which was honest until now.
async fn following(logs: Vec<TestLog>) -> Result<(TestNode, Liar)> {
    let origins: Vec<Origin> = logs.iter().map(|log| log.origin().clone()).collect();
    let liar = Liar::start("liar", logs).await?;
    liar.node.list_capabilities(&["zstd", "resolved"]);
    let node = TestNode::start("a").await?;
    node.node().federation().peering().add(liar.peer())?;
    for origin in &origins {
        node.reaches(origin, HELD).await?;
    }
    Ok((node, liar))
}

/// Waits until the node's view of a peer is as `state` says.
async fn shows(node: &TestNode, peer: &str, state: impl Fn(&PeerStatus) -> bool) -> Result<()> {
    wait_until(|| node.peer_status(peer).is_ok_and(|peer| state(&peer)))
        .await
        .with_context(|| format!("{:#?}", node.peer_status(peer)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_with_bad_proofs_does_not_starve_the_good_logs_of_its_peer() -> Result<()> {
    let (bad, good) = (log("bad.example"), log("good.example"));
    let (origin, other) = (bad.origin().clone(), good.origin().clone());
    let (node, liar) = following(vec![bad, good]).await?;
    let sessions = liar.node.sent().hellos;
    liar.node.tell_about(&origin, Lie::ChangedEntry);
    liar.node.with_log(&origin, grow);
    shows(&node, &liar.name, |peer| !peer.refused.is_empty()).await?;
    for round in 1..=5 {
        liar.node.with_log(&other, grow);
        node.reaches(&other, HELD + round * HELD).await?;
    }
    // One session served it all, and the bad log waits by itself.
    assert_eq!(liar.node.sent().hellos, sessions);
    let peer = node.peer_status(&liar.name)?;
    assert_eq!((peer.state.as_str(), peer.refused.len()), ("connected", 1));
    assert_eq!(peer.refused[0].origin, origin.as_str());
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_peers_copy_of_a_refused_log_is_tried_at_once() -> Result<()> {
    let log = log("log.example");
    let (origin, mut truth) = (log.origin().clone(), log.clone());
    let (node, liar) = following(vec![log]).await?;
    grow(&mut truth);
    let relay = Liar::start("relay", vec![truth]).await?;
    node.node().federation().peering().add(relay.peer())?;
    shows(&node, &relay.name, |peer| peer.state == "connected").await?;
    liar.node.tell_about(&origin, Lie::ChangedEntry);
    liar.node.with_log(&origin, grow);
    node.reaches(&origin, 2 * HELD).await?;
    // The liar, if it came first, was not asked again before.
    let refused = node.peer_status(&liar.name)?.refused;
    assert!(
        refused.iter().all(|refusal| refusal.count == 1),
        "{refused:?}"
    );
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_is_resolved_is_cleared_on_both_sides() -> Result<()> {
    let log = log("log.example");
    let origin = log.origin().clone();
    let (node, liar) = following(vec![log]).await?;
    liar.node.tell_about(&origin, Lie::ChangedEntry);
    liar.node.with_log(&origin, grow);
    shows(&node, &liar.name, |peer| !peer.refused.is_empty()).await?;
    wait_until(|| !liar.node.refusals().is_empty()).await?;
    liar.node.tell_about(&origin, None);
    node.reaches(&origin, 2 * HELD).await?;
    shows(&node, &liar.name, |peer| peer.refused.is_empty()).await?;
    wait_until(|| liar.node.refusals().is_empty()).await?;
    let shown = node.typed(&["status"]).await?;
    assert!(!shown.contains("refused"), "{shown}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_hangs_up_at_once_is_dialled_less_and_less_and_said_to_fail() -> Result<()> {
    let liar = Liar::start("liar", Vec::new()).await?;
    liar.node.tell(Lie::HangUp);
    let node = TestNode::start("a").await?;
    let since = Instant::now();
    node.node().federation().peering().add(liar.peer())?;
    wait_until(|| liar.node.sent().hellos >= 6).await?;
    // Waits of at least half of 0.25, 0.5, 1, 2 and 4 s: none of these sessions has worked.
    assert!(since.elapsed().as_millis() > 3_800, "{:?}", since.elapsed());
    shows(&node, &liar.name, |peer| {
        peer.last_error_count >= 5 && peer.last_error.contains("ended the stream")
    })
    .await?;
    let shown = node.typed(&["status"]).await?;
    assert!(shown.contains("fails again and again"), "{shown}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_fork_is_sent_once_to_a_peer_however_many_sessions_it_ends() -> Result<()> {
    let log = log("log.example");
    let origin = log.origin().clone();
    let (node, liar) = following(vec![log]).await?;
    liar.node.tell_about(&origin, Lie::ForkLarger);
    wait_until(|| node.node().federation().forks().stopped(&origin)).await?;
    let other = Liar::start("other", Vec::new()).await?;
    other.node.tell(Lie::HangUp);
    node.node().federation().peering().add(other.peer())?;
    wait_until(|| other.node.sent().hellos >= 4).await?;
    assert_eq!(other.node.sent().fork_reports, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_has_not_added_our_card_is_named_with_what_its_operator_must_do() -> Result<()>
{
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    a.publish(practices("a", 3, 300)).await?;
    a.add(&b, false)?;
    shows(&a, "b.example", |peer| peer.one_sided == "not-added").await?;
    let shown = a.typed(&["status"]).await?;
    assert!(shown.starts_with("1 thing needs attention:\n"), "{shown}");
    assert!(
        shown.contains("the peer b.example has not added this node's card"),
        "{shown}"
    );
    assert!(shown.contains("wpsx peer add CARD"), "{shown}");
    let failed = a
        .typed(&["status", "--check"])
        .await
        .expect_err("one-sided");
    assert!(failed.to_string().contains("has not added"), "{failed:#}");

    b.add(&a, false)?;
    shows(&a, "b.example", |peer| {
        peer.one_sided.is_empty() && peer.state == "connected"
    })
    .await?;
    b.reaches(&a.origin(), 3).await?;
    let shown = a.typed(&["status", "--check"]).await?;
    assert!(shown.starts_with("all is well"), "{shown}");
    // It is known who has the newest head.
    wait_until(|| {
        a.status()
            .is_ok_and(|status| status.origins[0].taken_by == ["b.example"])
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_takes_connections_and_hangs_does_not_read_connected() -> Result<()> {
    let liar = Liar::start("liar", vec![log("log.example")]).await?;
    liar.node.tell(Lie::Stall);
    let node = TestNode::start("a").await?;
    node.node().federation().peering().add(liar.peer())?;
    let link = node.node().federation().links().of(&liar.name);
    wait_until(|| {
        assert_ne!(link.state(), LinkState::Connected);
        node.peer_status(&liar.name)
            .is_ok_and(|peer| peer.one_sided == "silent")
    })
    .await?;
    let failed = node
        .typed(&["status", "--check"])
        .await
        .expect_err("it hangs");
    assert!(failed.to_string().contains("does not answer"), "{failed:#}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_with_a_log_is_shown_with_its_count_until_the_log_has_moved() -> Result<()> {
    let (cut, good) = (log("cut.example"), log("good.example"));
    let (origin, other) = (cut.origin().clone(), good.origin().clone());
    let (node, liar) = following(vec![cut, good]).await?;
    liar.node.tell_about(&origin, Lie::Cut);
    liar.node.with_log(&origin, grow);
    shows(&node, &liar.name, |peer| {
        peer.failures.iter().any(|failure| failure.count >= 3)
    })
    .await?;
    // The line is open all the while, and other logs come over it: that hides nothing.
    liar.node.with_log(&other, grow);
    node.reaches(&other, 2 * HELD).await?;
    let peer = node.peer_status(&liar.name)?;
    assert_eq!(peer.state, "connected");
    assert!(
        peer.last_error.contains("the connection broke"),
        "{peer:#?}"
    );
    assert!(peer.last_error_time > 0 && peer.failures[0].origin == origin.as_str());
    let shown = node.typed(&["status"]).await?;
    assert!(
        shown.contains("cut.example/wpsx/public cannot be had from"),
        "{shown}"
    );

    liar.node.tell_about(&origin, None);
    node.reaches(&origin, 2 * HELD).await?;
    shows(&node, &liar.name, |peer| {
        peer.failures.is_empty() && peer.last_error.is_empty()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_head_of_ones_own_log_is_shown_and_stops_nothing() -> Result<()> {
    let good = log("good.example");
    let origin = good.origin().clone();
    let (node, liar) = following(vec![good]).await?;
    node.publish(practices("a", 3, 300)).await?;
    liar.node
        .serve_also(TestLog::with_seed("a.example", "another key"));
    liar.node.with_log(&node.origin(), grow);
    shows(&node, &liar.name, |peer| {
        let mut refused = peer.refused.iter();
        refused.any(|r| r.origin == "a.example/wpsx/public" && r.code == "bad-signature")
    })
    .await?;
    let shown = node.typed(&["status"]).await?;
    assert!(shown.contains("not signed by us"), "{shown}");
    // It proves nothing of our log, and nothing of the peer's other logs.
    node.publish(practices("b", 3, 300)).await?;
    liar.node.with_log(&origin, grow);
    node.reaches(&origin, 2 * HELD).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_larger_than_what_its_peer_serves_is_shown_and_not_passed_over() -> Result<()>
{
    let log = log("log.example");
    let (origin, mut truth) = (log.origin().clone(), log.clone());
    let (node, liar) = following(vec![log]).await?;
    liar.node.tell_about(&origin, Lie::LargerThanServed);
    liar.node.with_log(&origin, grow);
    shows(&node, &liar.name, |peer| {
        let mut failures = peer.failures.iter();
        failures.any(|failure| failure.origin == origin.as_str() && failure.count >= 3)
    })
    .await?;
    let shown = node.typed(&["status"]).await?;
    let told = format!("{origin} cannot be had from {}", liar.name);
    assert!(shown.contains(&told), "{shown}");
    let known = node.status()?.origins.into_iter();
    let known = known.filter(|log| log.origin == origin.as_str());
    let sizes: Vec<_> = known.map(|log| (log.tree_size, log.known_size)).collect();
    assert_eq!(sizes, [(HELD, 2 * HELD)], "what is missing is known");
    // Somebody else brings it, and then there is nothing to show.
    grow(&mut truth);
    let relay = Liar::start("relay", vec![truth]).await?;
    node.node().federation().peering().add(relay.peer())?;
    node.reaches(&origin, 2 * HELD).await?;
    shows(&node, &liar.name, |peer| peer.failures.is_empty()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_smaller_than_its_publisher_showed_before_is_shown_and_not_passed_over()
-> Result<()> {
    let log = log("log.example");
    let origin = log.origin().clone();
    let (node, liar) = following(vec![log]).await?;
    liar.node.tell_about(&origin, Lie::RolledBack);
    shows(&node, &liar.name, |peer| {
        let mut refused = peer.refused.iter();
        refused.any(|it| it.origin == origin.as_str() && it.code == "rolled-back")
    })
    .await?;
    let shown = node.typed(&["status"]).await?;
    let told = format!("refused from {}: {origin}", liar.name);
    assert!(shown.contains(&told), "{shown}");
    let checked = node.typed(&["status", "--check"]).await;
    assert!(checked.is_err(), "it is a finding: {checked:?}");
    assert_eq!(node.head_size(&origin), HELD);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_without_end_that_nobody_follows_are_shown_and_delay_nobody() -> Result<()> {
    let good = log("good.example");
    let origin = good.origin().clone();
    let (node, liar) = following(vec![good]).await?;
    for number in 0..200 {
        let unknown = TestLog::with_records(&format!("unknown{number}.example"), 1, 10);
        liar.node.serve_also(unknown);
    }
    liar.node.with_log(&origin, grow);
    node.reaches(&origin, 2 * HELD).await?;
    shows(&node, &liar.name, |peer| peer.unknown_logs == 200).await?;
    let shown = node.typed(&["status"]).await?;
    let line = "liar.example tells of 200 logs that this node does not follow";
    assert!(shown.contains(line), "{shown}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_peer_is_never_shown_as_connected_again() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    for _ in 0..20 {
        join(&a, &b, false)?;
        let link = a.node().federation().links().of("b.example");
        wait_until(|| link.state() == LinkState::Connected).await?;
        a.node().federation().peering().remove("b.example")?;
        assert_eq!(link.state(), LinkState::Waiting);
        b.node().federation().peering().remove("a.example")?;
        let ended = || a.node().federation().links().of("b.example").state();
        assert_ne!(ended(), LinkState::Connected);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_way_a_log_is_introduced_the_bound_on_them_holds() -> Result<()> {
    let node = TestNode::start("a").await?;
    let (one, other) = (log("one.example"), log("other.example"));
    let follows = node.node().federation().follows();
    assert!(follows.introduced(one.identity(), 2)?.is_some());
    assert!(follows.introduced(other.identity(), 2)?.is_none());
    assert!(node.replica(other.origin()).is_none());
    // What is known stays known, and the operator is not bound.
    assert!(follows.introduced(one.identity(), 2)?.is_some());
    follows.follow(other.identity())?;
    assert!(node.replica(other.origin()).is_some());
    Ok(())
}

/// Logs of which a node that follows what others introduce holds at most so many.
const MOST_INTRODUCED: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn cards_that_peers_show_in_a_hello_do_not_go_round_the_bound_on_introductions() -> Result<()>
{
    let (node, caller) = (TestNode::start("a").await?, TestNode::start("b").await?);
    node.add(&caller, true)?;
    let logs = || node.node().store().logs().len();
    for number in 0.. {
        if logs() == MOST_INTRODUCED - 3 {
            break;
        }
        let known = TestLog::new(&format!("known{number}.example"));
        let follows = node.node().federation().follows();
        follows.follow(known.identity())?;
    }
    // One that the node says hello to answers with a card of many publishers.
    let liar = Liar::start("liar", Vec::new()).await?;
    let peer = Peer {
        introduces: true,
        ..liar.peer()
    };
    for number in 0..20 {
        let name = format!("shown{number}.example");
        liar.node.serve_also(TestLog::with_records(&name, 1, 10));
    }
    let card = peer.card.clone();
    liar.node
        .stand_at(card.name(), card.tls_key(), &card.endpoints()[0]);
    assert_eq!(liar.node.card().publishers().len(), 20);
    node.node().federation().peering().add(peer)?;
    shows(&node, &liar.name, |peer| peer.unknown_logs == 17).await?;
    assert_eq!(logs(), MOST_INTRODUCED);

    // And one that says hello to the node shows such a card with it.
    let own = caller.card()?;
    let others = (0..20).map(|number| TestLog::new(&format!("said{number}.example")));
    let parts = CardParts {
        name: own.name().clone(),
        tls_key: own.tls_key(),
        cosigner: own.cosigner().clone(),
        endpoints: own.endpoints().to_vec(),
        mirrors: Vec::new(),
        publishers: others.map(|log| log.identity().clone()).collect(),
        time: own.time(),
        sequence: own.sequence() + 1,
    };
    let card = NodeCard::sign(parts, caller.node().keys().node_key())?;
    let card = card.note_bytes();
    let theirs = node.card()?;
    let identity = caller.node().keys().tls_identity();
    let dialler = TlsDialer::new(Some(identity), Pins::only(theirs.tls_key()))?;
    let endpoint: Endpoint = theirs.endpoints()[0].parse()?;
    let connection = Connection::dial(&endpoint, &dialler, &Settings::default()).await?;
    let hello = HelloRequest {
        card: card.clone(),
        ..HelloRequest::default()
    };
    ReplicationServiceClient::new(connection)
        .hello(hello)
        .await?;
    let held = node.node().federation().peers().named("b.example");
    assert_eq!(held.context("a peer")?.card.note_bytes(), card);
    assert_eq!(
        logs(),
        MOST_INTRODUCED,
        "it is taken, and introduces nobody"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_log_that_is_not_known_is_listed_and_stops_it_once_it_is() -> Result<()> {
    let log = log("log.example");
    let (origin, identity) = (log.origin().clone(), log.identity().clone());
    let (node, liar) = following(vec![log]).await?;
    liar.node.tell_about(&origin, Lie::ForkLarger);
    wait_until(|| node.node().federation().forks().stopped(&origin)).await?;
    let kept = node.node().store().state();
    let mut names = kept.list("forks/")?.into_iter();
    let name = names.find(|name| name.ends_with(".evidence"));
    let name = name.context("evidence")?;
    let evidence = kept.get(&name)?.context("evidence")?;

    // A node that has the evidence and not the log, as after its replica was dropped.
    let mut other = TestNode::start("b").await?;
    other.node().store().state().put(&name, &evidence)?;
    other.stop().await?;
    other.open().await?;
    let listed = other.typed(&["fork", "list"]).await?;
    assert!(
        listed.contains(origin.as_str()) && listed.contains("the log is not known here"),
        "{listed}"
    );
    assert!(!other.node().federation().forks().stopped(&origin));
    other.node().federation().follows().follow(&identity)?;
    assert!(other.node().federation().forks().stopped(&origin));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_shows_what_its_peer_refused() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    a.add(&b, false)?;
    let card = a.card()?;
    let identity = b.node().keys().tls_identity();
    let dialler = TlsDialer::new(Some(identity), Pins::only(card.tls_key()))?;
    let endpoint: Endpoint = card.endpoints()[0].parse()?;
    let connection = Connection::dial(&endpoint, &dialler, &Settings::default()).await?;
    let report = ReportRefusalRequest {
        origin: a.origin().to_string(),
        code: "bad-proof".to_owned(),
        reason: "the package at 256 does not hash to the checkpoint".to_owned(),
        resolved: false,
    };
    let mut client = ReplicationServiceClient::new(connection);
    client.report_refusal(report.clone()).await?;
    let shown = a.peer_status("b.example")?.refused_by;
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0].origin, &shown[0].code, &shown[0].reason),
        (&report.origin, &report.code, &report.reason)
    );
    // The peer reports it once more, and then that it has come right.
    client.report_refusal(report.clone()).await?;
    let shown = a.peer_status("b.example")?.refused_by;
    assert_eq!((shown.len(), shown[0].count), (1, 2));
    let resolved = ReportRefusalRequest {
        origin: report.origin,
        resolved: true,
        ..ReportRefusalRequest::default()
    };
    client.report_refusal(resolved).await?;
    assert!(a.peer_status("b.example")?.refused_by.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_can_do_is_used_and_what_nobody_knows_is_shown() -> Result<()> {
    for (listed, compressed) in [
        (&["of-the-year-2040"][..], false),
        (&["zstd", "of-the-year-2040"], true),
    ] {
        let log = TestLog::with_records("made-up.example", 600, 300);
        let origin = log.origin().clone();
        let peer = Liar::start("made-up", vec![log]).await?;
        peer.node.list_capabilities(listed);
        let node = TestNode::start("a").await?;
        node.node().federation().peering().add(peer.peer())?;
        node.reaches(&origin, 600).await?;
        assert_eq!(node.peer_status("made-up.example")?.capabilities, listed);
        assert_eq!(peer.node.sent().compressed > 0, compressed, "{listed:?}");
        assert_eq!(peer.node.sent().entries, 600);
        node.verify()?;
    }
    Ok(())
}
