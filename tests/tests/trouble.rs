//! What nodes tell each other of trouble: refusals, and software that can more or less.

use anyhow::Result;
use wpsx_client::{
    testing::TestLog,
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_proto::api::replication::v1::{
    ReportRefusalRequest, replication_service_client::ReplicationServiceClient,
};
use wpsx_tests::{federation::TestNode, liar::Liar};

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
    let shown = a.peer_status("b.example")?.refused_by;
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0].origin, &shown[0].code, &shown[0].reason),
        (&report.origin, &report.code, &report.reason)
    );
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
