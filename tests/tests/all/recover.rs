//! Own logs that were lost or set back come back from peers, under the same name and
//! without a second history.

use std::{fs, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use wpsx_client::{
    tls::{Pins, TlsDialer},
    transport::{Connection, Settings},
};
use wpsx_doors::cli;
use wpsx_proto::{
    api::replication::v1::{
        IndexRange, ReadPayloadsRequest, replication_service_client::ReplicationServiceClient,
    },
    card::NodeCard,
    envelope::{Operation, Reason},
    index::LeafIndex,
    origin::{Origin, RecordId},
    payload::SlotState,
};
use wpsx_tests::{
    federation::{TestNode, join, pair, practice, practices, wait_until},
    line::Line,
};

/// A publisher's node that was set back to ten entries after its peer had seen fifteen and
/// the erasure of the fifth: the backup, which does not run yet, its port, the peer, and
/// the record.
async fn set_back() -> Result<(TestNode, Option<u16>, TestNode, RecordId)> {
    let (mut a, b) = pair().await?;
    let first = a.publish(practices("first", 10, 300)).await?;
    let erased = first.records[4].record_id.context("published")?;
    b.reaches(&a.origin(), 10).await?;
    let port = a.port();
    a.stop().await?;
    let old = a.copy()?;
    a.open_on(port).await?;
    a.publish(practices("second", 4, 300)).await?;
    let protection = Reason::Protection;
    a.retire(Operation::Erase, Some(erased), protection).await?;
    b.reaches(&a.origin(), 15).await?;
    a.stop().await?;
    Ok((old, port, b, erased))
}

/// Waits until the node has found out that it was set back.
async fn is_read_only(node: &TestNode) -> Result<()> {
    wait_until(|| node.node().store().read_only().is_some()).await
}

/// Why nothing can be published.
async fn refusal(node: &TestNode) -> Result<String> {
    match node.publish(practices("refused", 1, 300)).await {
        Ok(_) => bail!("{} published", node.name),
        Err(error) => Ok(format!("{error:#}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_from_an_old_backup_recovers_and_signs_on_in_the_same_log() -> Result<()> {
    let (mut a, port, b, _) = set_back().await?;
    let origin = a.origin();
    a.open_on(port).await?;
    is_read_only(&a).await?;
    for told in [refusal(&a).await?, a.typed(&["status"]).await?] {
        assert!(told.contains("wpsx recover"), "{told}");
    }
    let asked = a.typed(&["recover"]).await.err().context("it asks first")?;
    assert!(asked.to_string().contains("--yes"), "{asked}");
    assert_eq!(a.head_size(&origin), 10, "nothing came back unasked");

    let told = a.typed(&["recover", "--yes"]).await?;
    assert!(told.contains("5 entries came back"), "{told}");
    assert_eq!(a.head_size(&origin), 15);
    assert_eq!(a.node().store().read_only(), None);
    let log = a.own()?;
    assert_eq!((log.holes().not_held, log.holes().erased), (0, 1));
    a.publish(practices("third", 2, 300)).await?;
    b.holds(&origin, 17).await?;
    assert!(!b.node().federation().forks().stopped(&origin));
    assert!(!a.node().federation().forks().stopped(&origin));
    a.verify()?;
    b.verify()?;
    let told = a.typed(&["recover", "--yes"]).await?;
    assert!(told.contains("nothing is missing"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_has_seen_is_remembered_over_restarts_without_any_peer() -> Result<()> {
    let (mut a, port, mut b, _) = set_back().await?;
    a.open_on(port).await?;
    is_read_only(&a).await?;
    a.stop().await?;
    let at = b.port();
    b.stop().await?;
    for _ in 0..2 {
        a.open_on(port).await?;
        let told = refusal(&a).await?;
        assert!(told.contains("has seen 15 entries"), "{told}");
        assert!(told.contains("wpsx recover"), "{told}");
        let alone = a.typed(&["recover", "--yes"]).await.err();
        let alone = alone.context("nobody can be asked")?.to_string();
        assert!(alone.contains("no peer can be asked"), "{alone}");
        refusal(&a).await?;
        a.stop().await?;
    }
    b.open_on(at).await?;
    a.open_on(port).await?;
    a.typed(&["recover", "--yes"]).await?;
    a.publish(practices("third", 1, 300)).await?;
    b.holds(&a.origin(), 16).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_has_seen_and_cannot_be_read_stops_signing_and_not_the_node() -> Result<()> {
    let (mut a, port, b, _) = set_back().await?;
    a.open_on(port).await?;
    is_read_only(&a).await?;
    a.stop().await?;
    let kept = a.data_dir().join("state/ahead");
    let files: Vec<_> = fs::read_dir(kept)?.collect::<Result<_, _>>()?;
    assert_eq!(files.len(), 2, "it lies there twice");
    // One of the two is enough; without both it is not known how far the peer has seen.
    for hurt in [&files[..1], &files[1..], &files[..]] {
        for file in hurt {
            fs::write(file.path(), "damaged")?;
        }
        a.open_on(port).await?;
        let told = refusal(&a).await?;
        assert!(told.contains("wpsx recover"), "{told}");
        assert_eq!(told.contains("cannot be read"), hurt.len() == 2, "{told}");
        a.stop().await?;
    }
    a.open_on(port).await?;
    a.typed(&["recover", "--yes"]).await?;
    a.publish(practices("third", 1, 300)).await?;
    b.holds(&a.origin(), 16).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_peers_prove_to_be_erased_is_not_served_by_a_store_that_was_set_back() -> Result<()> {
    let (mut a, port, mut b, erased) = set_back().await?;
    a.open_on(port).await?;
    let log = a.own()?;
    // Before anybody said yes to anything.
    wait_until(|| log.is_erased(LeafIndex::new(4))).await?;
    assert_eq!(log.stored().value(), 10);
    let id = hex::encode(erased.as_bytes());
    let shown = a.typed(&["get", &id]).await;
    let shown = shown.unwrap_or_else(|error| error.to_string());
    assert!(!shown.contains("first-4"), "{shown}");
    a.stop().await?;
    b.stop().await?;
    a.open_on(port).await?;
    assert!(a.own()?.is_erased(LeafIndex::new(4)), "it stays so");
    a.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn erasures_in_the_missing_part_are_carried_out_before_anything_comes_back() -> Result<()> {
    let (mut a, port, b, _) = set_back().await?;
    let origin = a.origin();
    // Nothing but the command speaks with the peer.
    b.node().federation().peering().remove("a.example")?;
    a.open_on(port).await?;
    a.typed(&["recover", "--yes"]).await?;
    let log = a.own()?;
    assert_eq!((log.stored().value(), log.holes().erased), (15, 1));
    assert!(log.is_erased(LeafIndex::new(4)));
    // Its source's own id does not bring it back either.
    let back = a.publish(vec![practice(" first-4", &["FRA"], 300)]).await;
    let back = back.err().context("refused")?.to_string();
    assert!(back.contains("was erased"), "{back}");
    assert_eq!(a.head_size(&origin), 15);
    a.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_keys_and_a_peers_card_alone_a_whole_node_is_rebuilt() -> Result<()> {
    let (mut a, b) = pair().await?;
    a.add_publisher("second.example", "Second")?;
    let second = vec![practice("s-1", &["KEN"], 300)];
    a.publish_as("second.example", second).await?;
    a.publish_as("a.example", practices("first", 300, 300))
        .await?;
    // The peer learns of the second publisher from the card.
    b.add(&a, false)?;
    let origin = a.origin();
    let other = wpsx_proto::origin::Origin::parse("second.example/wpsx/public")?;
    b.node()
        .federation()
        .follows()
        .follow(a.replica(&other).context("it hosts it")?.identity())?;
    b.holds(&origin, 300).await?;
    b.holds(&other, 1).await?;
    let identity = a.replica(&origin).context("its own")?.identity().id();
    a.stop().await?;

    let folder = tempfile::tempdir()?;
    let kept = folder.path().join("kept-keys");
    wpsx_tests::federation::copy_folder(&a.data_dir().join("keys"), &kept)?;
    fs::remove_dir_all(a.data_dir())?;
    let card = folder.path().join("b.card");
    fs::write(&card, b.card()?.note_bytes())?;
    let typed = [
        "wpsx".as_ref(),
        "--data-dir".as_ref(),
        a.data_dir().as_os_str(),
        "recover".as_ref(),
        "--keys".as_ref(),
        kept.as_os_str(),
        "--card".as_ref(),
        card.as_os_str(),
        "--yes".as_ref(),
    ]
    .map(ToOwned::to_owned);
    cli::run_typed(wpsx_node::app::ROOT, typed)
        .await
        .map_err(|failure| anyhow::anyhow!("{failure}"))?;

    a.open().await?;
    assert_eq!((a.head_size(&origin), a.head_size(&other)), (300, 1));
    let log = a.replica(&origin).context("it is back")?;
    assert!(log.is_own());
    assert_eq!(log.identity().id(), identity);
    assert_eq!(log.holes().not_held, 0);
    a.verify()?;
    b.add(&a, false)?;
    a.publish_as("a.example", practices("more", 1, 300)).await?;
    b.holds(&origin, 301).await?;
    assert!(!b.node().federation().forks().stopped(&origin));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_that_show_two_histories_stop_it_and_the_evidence_is_kept() -> Result<()> {
    let (b, c) = (TestNode::start("b").await?, TestNode::start("c").await?);
    let mut a = TestNode::start("a").await?;
    a.publish(practices("shared", 10, 300)).await?;
    let port = a.port();
    a.stop().await?;
    let (mut old, mut clone) = (a.copy()?, a.copy()?);
    let origin = a.origin();
    a.open_on(port).await?;
    join(&a, &b, false)?;
    a.publish(practices("left", 3, 300)).await?;
    b.holds(&origin, 13).await?;
    a.stop().await?;
    clone.open_on(port).await?;
    join(&clone, &c, false)?;
    clone.publish(practices("right", 5, 300)).await?;
    c.holds(&origin, 15).await?;
    clone.stop().await?;

    // The backup meets both.
    old.open_on(port).await?;
    old.add(&b, false)?;
    old.add(&c, false)?;
    is_read_only(&old).await?;
    let told = old.typed(&["recover", "--yes"]).await.err();
    let told = told.context("it stops")?.to_string();
    assert!(told.contains("stopped by a fork"), "{told}");
    assert!(old.node().federation().forks().stopped(&origin));
    let shown = old.typed(&["fork", "show", origin.as_str()]).await?;
    assert!(
        shown.contains("\n13\n") && shown.contains("\n15\n"),
        "{shown}"
    );
    assert_eq!(old.head_size(&origin), 10, "nothing came back");
    refusal(&old).await?;
    old.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_signs_on_from_the_largest_size_that_a_peer_shows() -> Result<()> {
    for [more, less] in [["b", "c"], ["c", "b"]] {
        let mut a = TestNode::start("a").await?;
        let (more, mut less) = (TestNode::start(more).await?, TestNode::start(less).await?);
        for peer in [&more, &less] {
            join(&a, peer, false)?;
        }
        let origin = a.origin();
        let published = a.publish(practices("first", 10, 300)).await?;
        more.holds(&origin, 10).await?;
        let port = a.port();
        a.stop().await?;
        let mut old = a.copy()?;
        a.open_on(port).await?;
        a.publish(practices("second", 3, 300)).await?;
        for peer in [&more, &less] {
            peer.holds(&origin, 13).await?;
        }
        // The other is away when the last come, one of them an erasure.
        let at = less.port();
        less.stop().await?;
        a.publish(practices("third", 1, 300)).await?;
        let erased = published.records[4].record_id;
        a.retire(Operation::Erase, erased, Reason::Protection)
            .await?;
        more.holds(&origin, 15).await?;
        a.stop().await?;
        less.open_on(at).await?;

        old.open_on(port).await?;
        is_read_only(&old).await?;
        let told = old.typed(&["recover", "--yes"]).await?;
        for (peer, there) in [(&more, "15"), (&less, "13")] {
            let name = format!("{}.example", peer.name);
            let shown = told.lines().any(|line| {
                let line: Vec<&str> = line.split_whitespace().take(4).collect();
                line == [name.as_str(), origin.as_str(), "10", there]
            });
            assert!(shown, "{name} shows {there}: {told}");
        }
        assert!(told.contains("5 entries came back"), "{told}");
        let log = old.own()?;
        assert_eq!((old.head_size(&origin), log.holes().erased), (15, 1));
        old.publish(practices("fourth", 1, 300)).await?;
        for peer in [&more, &less] {
            peer.holds(&origin, 16).await?;
            assert!(!peer.node().federation().forks().stopped(&origin));
            peer.verify()?;
        }
        old.verify()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_nobody_can_dial_is_asked_over_the_connection_that_it_opens() -> Result<()> {
    let mut a = TestNode::start("a").await?;
    let b = TestNode::start_hidden("b").await?;
    join(&a, &b, false)?;
    let origin = a.origin();
    a.publish(practices("first", 10, 300)).await?;
    b.holds(&origin, 10).await?;
    let port = a.port();
    a.stop().await?;
    let mut old = a.copy()?;
    a.open_on(port).await?;
    a.publish(practices("second", 5, 300)).await?;
    b.holds(&origin, 15).await?;
    a.stop().await?;
    old.open_on(port).await?;
    is_read_only(&old).await?;
    old.typed(&["recover", "--yes"]).await?;
    old.publish(practices("third", 1, 300)).await?;
    b.holds(&origin, 16).await?;
    old.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn less_than_was_seen_before_is_not_signed_on() -> Result<()> {
    let (mut a, port, mut b, _) = set_back().await?;
    a.open_on(port).await?;
    is_read_only(&a).await?;
    b.stop().await?;
    // Another peer shows the ten entries that are here, and not what b has seen.
    let c = TestNode::start("c").await?;
    join(&a, &c, false)?;
    c.reaches(&a.origin(), 10).await?;
    let told = a.typed(&["recover", "--yes"]).await.err();
    let told = told.context("b has seen more")?.to_string();
    assert!(told.contains("b.example has seen 15 entries"), "{told}");
    refusal(&a).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn recovering_goes_on_with_another_peer_where_one_breaks_off_midway() -> Result<()> {
    let line = Arc::new(Line::start().await?);
    let (mut a, b) = (
        TestNode::start("a").await?,
        TestNode::start_behind("b", &line).await?,
    );
    let c = TestNode::start("c").await?;
    join(&a, &b, false)?;
    join(&a, &c, false)?;
    let origin = a.origin();
    a.publish(practices("first", 10, 300)).await?;
    let port = a.port();
    a.stop().await?;
    let mut old = a.copy()?;
    a.open_on(port).await?;
    for batch in 0..4 {
        a.publish(practices(&format!("second-{batch}"), 1_000, 300))
            .await?;
    }
    for node in [&b, &c] {
        node.holds(&origin, 4_010).await?;
    }
    a.stop().await?;
    old.open_on(port).await?;
    is_read_only(&old).await?;
    // b is asked first; its line carries a part, and then it is gone.
    line.slow_down(400_000, Duration::ZERO);
    let log = old.own()?;
    let breaks_off = async {
        wait_until(|| log.stored().value() > 300).await?;
        line.cut();
        anyhow::Ok(log.stored().value())
    };
    let (told, came) = tokio::join!(old.typed(&["recover", "--yes"]), breaks_off);
    assert!(came? < 4_010, "it broke off");
    let told = told?;
    assert!(told.contains("4,000 entries came back"), "{told}");
    assert_eq!(old.head_size(&origin), 4_010);
    old.publish(practices("third", 1, 300)).await?;
    c.holds(&origin, 4_011).await?;
    old.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_served_what_was_erased_since_the_backup_not_even_at_once() -> Result<()> {
    let line = Arc::new(Line::start().await?);
    let (mut a, b) = (
        TestNode::start("a").await?,
        TestNode::start_behind("b", &line).await?,
    );
    join(&a, &b, false)?;
    let first = a.publish(practices("first", 10, 300)).await?;
    let erased = first.records[4].record_id.context("published")?;
    // A copy of another's log was erased from, too.
    let theirs = b.publish(practices("theirs", 10, 300)).await?;
    a.holds(&b.origin(), 10).await?;
    b.holds(&a.origin(), 10).await?;
    let backup = a.folder().join("a.backup");
    let file = backup.to_str().context("a path")?;
    a.typed(&["backup", file, "--with-keys"]).await?;
    let protection = Reason::Protection;
    a.retire(Operation::Erase, Some(erased), protection).await?;
    b.retire(Operation::Erase, theirs.records[4].record_id, protection)
        .await?;
    a.reaches(&b.origin(), 11).await?;
    b.reaches(&a.origin(), 11).await?;
    let port = a.port();
    a.stop().await?;
    fs::remove_dir_all(a.data_dir())?;
    wpsx_store::restore(&backup, &a.data_dir())?;
    // The peer is far away, and whoever asks is here.
    line.slow_down(0, Duration::from_millis(150));
    a.open_on(port).await?;
    let card = a.card()?;
    for origin in [a.origin(), b.origin()] {
        let slots = read_payloads(&card, &origin).await?;
        assert_eq!(slots.len(), 10, "{origin}");
        assert_eq!(slots[4], SlotState::Erased, "{origin}");
        assert_eq!(slots[5], SlotState::Full, "{origin}");
    }
    // Asked once; another start waits for nobody.
    a.stop().await?;
    line.swallow();
    a.open_on(port).await?;
    assert_eq!(read_payloads(&card, &a.origin()).await?.len(), 10);
    a.verify()
}

/// The states of the first ten payloads, as a stranger is told them who connects at once.
async fn read_payloads(card: &NodeCard, origin: &Origin) -> Result<Vec<SlotState>> {
    let endpoint = card.endpoints()[0].parse()?;
    let dialer = TlsDialer::new(None, Pins::only(card.tls_key()))?;
    let connection = Connection::dial(&endpoint, &dialer, &Settings::default()).await?;
    let request = ReadPayloadsRequest {
        origin: origin.to_string(),
        ranges: vec![IndexRange { start: 0, end: 10 }],
        ..ReadPayloadsRequest::default()
    };
    let mut client = ReplicationServiceClient::new(connection);
    let mut frames = client.read_payloads(request).await?.into_inner();
    let mut states = Vec::new();
    while let Some(message) = frames.message().await? {
        for state in message.frame.context("a frame")?.states {
            states.push(SlotState::try_from(state)?);
        }
    }
    Ok(states)
}
