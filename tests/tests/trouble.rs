//! What goes wrong between nodes: cut lines, refusals, peers of other software.

use std::sync::Arc;

use anyhow::Result;
use wpsx_client::{
    testing::TestLog,
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_proto::api::{
    admin::v1::PeerStatus,
    replication::v1::{ReportRefusalRequest, replication_service_client::ReplicationServiceClient},
};
use wpsx_tests::{
    federation::{TestNode, join, practices},
    liar::Liar,
    line::Line,
};

fn first_peer(node: &TestNode) -> Result<PeerStatus> {
    let status = node.status()?;
    Ok(status.peers.into_iter().next().unwrap_or_default())
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
    };
    ReplicationServiceClient::new(connection)
        .report_refusal(report.clone())
        .await?;
    let shown = first_peer(&a)?.refused_by;
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0].origin, &shown[0].code, &shown[0].reason),
        (&report.origin, &report.code, &report.reason)
    );
    Ok(())
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
        assert_eq!(first_peer(&node)?.capabilities, listed);
        assert_eq!(peer.node.sent().compressed > 0, compressed, "{listed:?}");
        assert_eq!(peer.node.sent().entries, 600);
        node.verify()?;
    }
    Ok(())
}
