//! Whole federations: catch up, relay, restart, turned roles, withdrawal and erasure,
//! filters, unknown kinds, many writers.

use anyhow::Result;
use wpsx_client::{
    tls::{Pins, TlsDialer},
    transport::{Connection, Settings},
};
use wpsx_domain::publishing::{Batch, Draft};
use wpsx_federation::{peers::PayloadFilter, refusals::Side};
use wpsx_proto::{
    api::replication::v1::{
        KnownHead, ListHeadsRequest, ListHeadsResponse,
        replication_service_client::ReplicationServiceClient,
    },
    envelope::{Operation, Reason},
    index::LeafIndex,
    payload::SlotState,
};
use wpsx_tests::federation::{TestNode, around_a_hub, join, pair, practice, practices, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn two_peers_hold_what_either_published() -> Result<()> {
    let (a, b) = pair().await?;
    a.publish(practices("a", 300, 400)).await?;
    b.publish(practices("b", 7, 400)).await?;
    b.reaches(&a.origin(), 300).await?;
    a.reaches(&b.origin(), 7).await?;
    a.verify()?;
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_was_away_catches_up() -> Result<()> {
    let (a, mut b) = pair().await?;
    a.publish(practices("first", 10, 300)).await?;
    b.reaches(&a.origin(), 10).await?;
    b.stop().await?;
    a.publish(practices("second", 1_000, 300)).await?;
    b.open().await?;
    b.reaches(&a.origin(), 1_010).await?;
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_without_a_line_converge_through_a_third() -> Result<()> {
    let (a, _hub, c) = around_a_hub().await?;
    a.publish(practices("a", 5, 300)).await?;
    c.publish(practices("c", 600, 300)).await?;
    a.reaches(&c.origin(), 600).await?;
    c.reaches(&a.origin(), 5).await?;
    assert!(a.node().federation().peers().named("c.example").is_none());
    a.verify()?;
    c.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_listens_on_nothing_is_pulled_over_the_line_it_opened() -> Result<()> {
    let hidden = TestNode::start_hidden("hidden").await?;
    let open = TestNode::start("open").await?;
    join(&hidden, &open, false)?;
    assert!(hidden.card()?.endpoints().is_empty());
    hidden.publish(practices("h", 40, 300)).await?;
    open.publish(practices("o", 3, 300)).await?;
    open.reaches(&hidden.origin(), 40).await?;
    hidden.reaches(&open.origin(), 3).await?;
    hidden.publish(practices("later", 2, 300)).await?;
    open.reaches(&hidden.origin(), 42).await?;
    open.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_peer_gets_and_gives_nothing_more() -> Result<()> {
    let (a, b) = pair().await?;
    let c = TestNode::start("c").await?;
    join(&a, &c, false)?;
    a.publish(practices("a", 3, 300)).await?;
    b.reaches(&a.origin(), 3).await?;
    b.node().federation().peering().remove("a.example")?;
    // b has hung up before more is published; c is told of that, and b would be too.
    let key = b.card()?.tls_key();
    wait_until(|| a.node().connections().count_of(&key) == 0).await?;
    a.publish(practices("more", 3, 300)).await?;
    c.reaches(&a.origin(), 6).await?;
    assert_eq!(b.head_size(&a.origin()), 3);
    b.add(&a, false)?;
    b.reaches(&a.origin(), 6).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_record_stops_being_shown_and_an_erased_one_is_destroyed() -> Result<()> {
    let (a, b) = pair().await?;
    let done = a.publish(practices("r", 3, 300)).await?;
    let (kept, gone) = (done.records[0].record_id, done.records[1].record_id);
    a.retire(Operation::Withdraw, kept, Reason::from(2)).await?;
    a.retire(Operation::Erase, gone, Reason::from(4)).await?;
    b.holds(&a.origin(), 5).await?;
    for node in [&a, &b] {
        let log = node.replica(&a.origin()).expect("followed");
        wait_until(|| log.holes().erased == 1).await?;
        assert_eq!(
            log.slot(LeafIndex::new(0))?.0,
            SlotState::Full,
            "withdrawn, kept"
        );
        assert_eq!(log.slot(LeafIndex::new(1))?.0, SlotState::Erased);
        assert_eq!(node.counted(&a.origin()).await?.0, 1);
        node.verify()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_does_not_bring_back_what_was_erased() -> Result<()> {
    let mut a = TestNode::start("a").await?;
    let drafts = practices("row", 3, 300);
    let done = a.publish(drafts.clone()).await?;
    let gone = done.records[1].record_id;
    a.retire(Operation::Erase, gone, Reason::from(4)).await?;
    a.stop().await?;
    a.open().await?;

    let refused = a.publish(drafts.clone()).await.expect_err("it was erased");
    assert!(
        refused
            .to_string()
            .contains("record 2: external_id: row-1 is"),
        "{refused}"
    );
    assert_eq!(
        a.head_size(&a.origin()),
        4,
        "and nothing of the file went in"
    );
    let kept = std::fs::read(a.data_dir().join("state/erased-names"))?;
    assert!(!String::from_utf8_lossy(&kept).contains("row-1"));

    // Whoever means it names the record.
    let meant = Draft {
        record_id: gone,
        ..drafts[1].clone()
    };
    let again = a.publish(vec![meant]).await?;
    assert_eq!((again.records[0].record_id, again.tree_size), (gone, 5));
    let same = a.publish(drafts).await?;
    assert!(same.records.iter().all(|record| record.unchanged));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_replica_never_sees_what_was_erased_before_it_came() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    let done = a.publish(practices("r", 300, 300)).await?;
    for n in [0, 17, 299] {
        let gone = done.records[n].record_id;
        a.retire(Operation::Erase, gone, Reason::from(4)).await?;
    }
    join(&a, &b, false)?;
    b.reaches(&a.origin(), 303).await?;
    let log = b.replica(&a.origin()).expect("followed");
    wait_until(|| log.holes().erased == 3).await?;
    assert_eq!(log.slot(LeafIndex::new(17))?, (SlotState::Erased, None));
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_leaves_holes_with_their_reason() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    let drafts = vec![
        practice("one", &["FRA"], 300),
        practice("two", &["KEN"], 300),
        practice("three", &["FRA", "KEN"], 300),
    ];
    a.publish(drafts).await?;
    let filter = PayloadFilter {
        kinds: vec![],
        countries: vec!["KEN".to_owned()],
    };
    b.add_with(&a, false, filter)?;
    a.add(&b, false)?;
    b.holds(&a.origin(), 3).await?;
    let log = b.replica(&a.origin()).expect("followed");
    assert_eq!(log.slot(LeafIndex::new(0))?.0, SlotState::Filtered);
    assert_eq!(log.slot(LeafIndex::new(1))?.0, SlotState::Full);
    assert_eq!(log.slot(LeafIndex::new(2))?.0, SlotState::Full);
    assert_eq!(log.holes().filtered, 1);
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_leaves_out_comes_from_who_holds_it() -> Result<()> {
    let (a, b, c) = (
        TestNode::start("a").await?,
        TestNode::start("b").await?,
        TestNode::start("c").await?,
    );
    a.publish(vec![
        practice("one", &["FRA"], 300),
        practice("two", &["KEN"], 300),
    ])
    .await?;
    let filter = PayloadFilter {
        kinds: vec![],
        countries: vec!["KEN".to_owned()],
    };
    b.add_with(&a, false, filter)?;
    a.add(&b, false)?;
    join(&b, &c, true)?;
    c.reaches(&a.origin(), 2).await?;
    let log = c.replica(&a.origin()).expect("introduced");
    // Becoming a peer breaks the line: the payload may come with the next one.
    wait_until(|| log.holes().total() == 1).await?;
    assert_eq!(log.slot(LeafIndex::new(0))?.0, SlotState::NotHeld);
    assert_eq!(log.slot(LeafIndex::new(1))?.0, SlotState::Full);
    join(&a, &c, false)?;
    wait_until(|| log.holes().total() == 0).await?;
    assert_eq!(log.slot(LeafIndex::new(0))?.0, SlotState::Full);
    let refused = c
        .node()
        .federation()
        .refusals()
        .of(b.node().name().as_str(), Side::Ours);
    assert!(refused.is_empty(), "{refused:?}");
    c.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wider_choice_of_kinds_brings_what_was_left_out() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    a.publish(practices("p", 3, 300)).await?;
    let plans = PayloadFilter {
        kinds: vec![1],
        countries: vec![],
    };
    a.add(&b, false)?;
    b.add_with(&a, false, plans)?;
    b.reaches(&a.origin(), 3).await?;
    let log = b.replica(&a.origin()).expect("followed");
    assert_eq!(log.holes().filtered, 3);
    b.add_with(&a, false, PayloadFilter::default())?;
    wait_until(|| log.holes().total() == 0).await?;
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_are_left_out_by_the_puller() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    a.publish(practices("r", 3, 300)).await?;
    let filter = PayloadFilter {
        kinds: vec![1],
        countries: vec![],
    };
    b.add_with(&a, false, filter)?;
    a.add(&b, false)?;
    b.reaches(&a.origin(), 3).await?;
    assert_eq!(
        b.replica(&a.origin()).expect("followed").holes().filtered,
        3
    );
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_of_an_unknown_kind_are_relayed_byte_for_byte() -> Result<()> {
    let (a, hub, c) = around_a_hub().await?;
    let payload = bytes::Bytes::from_static(b"\xff\x00 a kind of the year 2040");
    let draft = Draft {
        kind: 9_999,
        payload: payload.clone(),
        ..Draft::default()
    };
    a.publish(vec![draft]).await?;
    for node in [&hub, &c] {
        node.holds(&a.origin(), 1).await?;
        let log = node.replica(&a.origin()).expect("followed");
        let (state, slot) = log.slot(LeafIndex::new(0))?;
        assert_eq!(state, SlotState::Full);
        assert_eq!(&slot.expect("full")[32..], &payload[..]);
        assert_eq!(node.counted(&a.origin()).await?.1, 1);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_cosigns_what_it_stored_and_passes_cosignatures_on() -> Result<()> {
    let (a, hub, c) = around_a_hub().await?;
    a.publish(practices("a", 5, 300)).await?;
    c.reaches(&a.origin(), 5).await?;
    let hub_key = hub.card()?.cosigner().clone();
    let a_key = a.card()?.cosigner().clone();
    let log = c.replica(&a.origin()).expect("followed");
    wait_until(|| {
        let names: Vec<String> = log
            .head()
            .map(|head| head.cosignatures(&[hub_key.clone(), a_key.clone()]))
            .unwrap_or_default()
            .into_iter()
            .map(|c| c.name.to_string())
            .collect();
        names.len() == 2
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_are_told_of_the_logs_that_were_asked_for_page_by_page() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    a.publish(practices("a", 2, 300)).await?;
    b.publish(practices("b", 3, 300)).await?;
    join(&a, &b, false)?;
    b.reaches(&a.origin(), 2).await?;
    let card = b.card()?;
    let dialer = TlsDialer::new(None, Pins::only(card.tls_key()))?;
    let endpoint = card.endpoints()[0].parse()?;
    let line = Connection::dial(&endpoint, &dialer, &Settings::default()).await?;
    let heads = async |request: ListHeadsRequest| {
        let mut service = ReplicationServiceClient::new(line.clone());
        let answer = service.list_heads(request).await?;
        let ListHeadsResponse {
            heads,
            next_page_token,
        } = answer.into_inner();
        let origins: Vec<_> = heads.into_iter().map(|head| head.origin).collect();
        anyhow::Ok((origins, next_page_token))
    };
    let (first, second) = (a.origin().to_string(), b.origin().to_string());
    let one = |token: &str| ListHeadsRequest {
        page_size: 1,
        page_token: token.to_owned(),
        ..Default::default()
    };
    assert_eq!(heads(one("")).await?, (vec![first.clone()], first.clone()));
    assert_eq!(
        heads(one(&first)).await?,
        (vec![second.clone()], String::new())
    );
    let only = ListHeadsRequest {
        origins: vec![second.clone()],
        ..Default::default()
    };
    assert_eq!(heads(only).await?, (vec![second.clone()], String::new()));
    let known = ListHeadsRequest {
        known: vec![KnownHead {
            origin: second,
            tree_size: 3,
            ..Default::default()
        }],
        ..Default::default()
    };
    assert_eq!(heads(known).await?, (vec![first], String::new()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn several_publishers_write_at_once_on_one_node() -> Result<()> {
    let a = TestNode::start("a").await?;
    let b = TestNode::start("b").await?;
    for name in ["one.example", "two.example", "three.example"] {
        a.add_publisher(name, name)?;
    }
    join(&a, &b, true)?;
    let mut writers = tokio::task::JoinSet::new();
    for name in ["a.example", "one.example", "two.example", "three.example"] {
        for batch in 0..10 {
            let node = a.node().clone();
            writers.spawn(async move {
                let of = Batch {
                    publisher: name.to_owned(),
                    ..Batch::default()
                };
                let drafts = practices(&format!("{name}-{batch}"), 20, 300);
                node.publishing().publish(of, drafts).await
            });
        }
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    for log in a
        .node()
        .store()
        .logs()
        .into_iter()
        .filter(|log| log.is_own())
    {
        assert_eq!(log.stored().value(), 200, "{}", log.origin());
        b.reaches(log.origin(), 200).await?;
    }
    a.verify()?;
    b.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_records_arrive_whole() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    for batch in 0..5 {
        a.publish(practices(&format!("batch-{batch}"), 2_000, 600))
            .await?;
    }
    join(&a, &b, false)?;
    b.holds(&a.origin(), 10_000).await?;
    assert_eq!(b.counted(&a.origin()).await?.0, 10_000);
    b.verify()
}
