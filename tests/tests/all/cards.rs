//! Cards that peers show of themselves when they meet: a node that moved is found
//! again, and a card that is old, forged or another's changes nothing.

use std::time::Duration;

use anyhow::{Context as _, Result};
use prost::Message as _;
use wpsx_client::{
    clock::Clock,
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_federation::peers::{PayloadFilter, Peer};
use wpsx_listen::tls::NewTlsIdentity;
use wpsx_proto::{
    api::replication::v1::{
        HelloRequest, Standing, replication_service_client::ReplicationServiceClient,
    },
    card::{CardParts, NodeCard},
    origin::TlsKeyHash,
};
use wpsx_tests::federation::{TestNode, join, practices, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_moved_to_another_port_is_found_again() -> Result<()> {
    let mut a = TestNode::start("a").await?;
    let mut b = TestNode::start("b").await?;
    join(&a, &b, false)?;
    a.publish(practices("a", 3, 300)).await?;
    b.reaches(&a.origin(), 3).await?;
    let before = a.port();
    a.stop().await?;
    a.open().await?;
    assert_ne!(a.port(), before);
    // a dials b and shows its new card, which b keeps and dials from then on.
    a.publish(practices("moved", 3, 300)).await?;
    b.reaches(&a.origin(), 6).await?;
    let endpoint = format!("https://127.0.0.1:{}", a.port().context("it listens")?);
    let held = |b: &TestNode| {
        b.node()
            .federation()
            .peers()
            .named("a.example")
            .map(|a| a.card.clone())
    };
    assert_eq!(
        held(&b).context("a peer")?.endpoints(),
        std::slice::from_ref(&endpoint)
    );
    let port = b.port();
    b.stop().await?;
    b.open_on(port).await?;
    assert_eq!(
        held(&b).context("a peer")?.endpoints(),
        std::slice::from_ref(&endpoint)
    );
    a.publish(practices("again", 1, 300)).await?;
    b.reaches(&a.origin(), 7).await
}

/// A clock that goes ten years ahead of the system's.
fn years_ahead() -> Clock {
    let (clock, hand) = Clock::manual(Clock::system().unix_ms() + TEN_YEARS);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            hand.advance(50);
        }
    });
    clock
}

const TEN_YEARS: u64 = 10 * 365 * 86_400_000;

fn held(node: &TestNode, peer: &str) -> Result<NodeCard> {
    let peer = node.node().federation().peers().named(peer);
    Ok(peer.context("a peer")?.card.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_signed_with_a_clock_years_ahead_does_not_hide_the_next_address() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    b.add(&a, false)?;
    let own = a.card()?;
    let shown = |endpoint: &str, sequence: u64, time: u64| -> Result<()> {
        let parts = CardParts {
            name: own.name().clone(),
            tls_key: own.tls_key(),
            cosigner: own.cosigner().clone(),
            endpoints: vec![endpoint.to_owned()],
            mirrors: Vec::new(),
            publishers: own.publishers().to_vec(),
            time,
            sequence,
        };
        let card = NodeCard::sign(parts, a.node().keys().node_key())?;
        let peering = b.node().federation().peering();
        Ok(peering.renew("a.example", &card.note_bytes())?)
    };
    let (now, next) = (own.time(), own.sequence() + 1);
    shown("https://ahead.example:1", next, now + TEN_YEARS)?;
    assert_eq!(
        held(&b, "a.example")?.endpoints(),
        ["https://ahead.example:1"]
    );
    let status = b.peer_status("a.example")?;
    assert!(status.clock_ahead > TEN_YEARS / 2, "{status:#?}");
    let told = b.typed(&["status"]).await?;
    assert!(
        told.contains("the clock of a.example is 9 y ahead"),
        "{told}"
    );
    shown("https://right.example:2", next + 1, now)?;
    assert_eq!(
        held(&b, "a.example")?.endpoints(),
        ["https://right.example:2"]
    );
    assert_eq!(b.peer_status("a.example")?.clock_ahead, 0);
    // An older number does not come back, whatever its time is.
    shown("https://old.example:3", next, now + 1_000)?;
    assert_eq!(
        held(&b, "a.example")?.endpoints(),
        ["https://right.example:2"]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_built_again_from_its_keys_is_found_again_whatever_number_its_card_had() -> Result<()>
{
    let (mut a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    join(&a, &b, false)?;
    a.publish(practices("a", 3, 300)).await?;
    b.reaches(&a.origin(), 3).await?;
    // Its last card had a number that no count and no clock of today comes to.
    let own = a.card()?;
    let far = CardParts {
        name: own.name().clone(),
        tls_key: own.tls_key(),
        cosigner: own.cosigner().clone(),
        endpoints: own.endpoints().to_vec(),
        mirrors: own.mirrors().to_vec(),
        publishers: own.publishers().to_vec(),
        time: own.time() + TEN_YEARS,
        sequence: own.sequence() + TEN_YEARS,
    };
    let far = NodeCard::sign(far, a.node().keys().node_key())?;
    let peering = b.node().federation().peering();
    peering.renew("a.example", &far.note_bytes())?;
    assert_eq!(held(&b, "a.example")?.sequence(), far.sequence());
    a.node().store().state().remove("card")?;
    a.stop().await?;
    a.open().await?;
    let endpoint = format!("https://127.0.0.1:{}", a.port().context("it listens")?);
    wait_until(|| held(&b, "a.example").is_ok_and(|card| card.endpoints() == [endpoint.clone()]))
        .await?;
    assert!(held(&b, "a.example")?.sequence() > far.sequence());
    a.publish(practices("again", 1, 300)).await?;
    b.reaches(&a.origin(), 4).await
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_cards_grow_over_restarts_and_the_same_card_is_not_signed_twice() -> Result<()> {
    let mut a = TestNode::start("a").await?;
    let (first, port) = (a.card()?, a.port());
    a.stop().await?;
    a.open_on(port).await?;
    // The HTTP port is another one: the card says so, and has the next number.
    let second = a.card()?;
    assert!(second.sequence() > first.sequence());
    a.add_publisher("other.example", "Another")?;
    let third = a.card()?;
    assert_eq!(third.sequence(), second.sequence() + 1);
    assert_eq!(a.card()?.note_bytes(), third.note_bytes());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_peer_add_wins_over_what_is_held_and_keeps_options_not_given() -> Result<()> {
    let (mut a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    let file = |name: &str, card: &NodeCard| -> Result<String> {
        let path = b.folder().join(name);
        std::fs::write(&path, card.note_bytes())?;
        Ok(path.to_string_lossy().into_owned())
    };
    let newest = file("newest.card", &a.card()?)?;
    let old = card_of(&a, a.card()?.tls_key(), -1_000)?;
    let older = file("older.card", &old)?;
    let with = [
        "peer",
        "add",
        &newest,
        "--turn",
        "--introduces",
        "--country",
        "KEN",
    ];
    b.typed(&with).await?;
    // A node that runs would tell its newer card at once.
    a.stop().await?;
    let said = b.typed(&["peer", "add", &older]).await?;
    assert!(
        said.contains("fetch: KEN; options: introduces turn"),
        "{said}"
    );
    assert_eq!(held(&b, "a.example")?.note_bytes(), old.note_bytes());
    let peers = || b.typed(&["peer", "list"]);
    let shown = peers().await?;
    assert!(
        shown.contains("KEN") && shown.contains("introduces turn"),
        "{shown}"
    );
    let again = ["peer", "add", &newest, "--reset-options", "--turn"];
    b.typed(&again).await?;
    let shown = peers().await?;
    assert!(
        !shown.contains("KEN") && !shown.contains("introduces"),
        "{shown}"
    );
    assert!(shown.contains("turn"), "{shown}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_from_the_future_is_shown_as_skew_and_its_age_is_not_known() -> Result<()> {
    let a = TestNode::start_at("a", years_ahead()).await?;
    let b = TestNode::start("b").await?;
    join(&a, &b, false)?;
    a.publish(practices("a", 3, 300)).await?;
    b.reaches(&a.origin(), 3).await?;
    let log = || -> Result<_> {
        let origins = b.status()?.origins.into_iter();
        let mut of_a = origins.filter(|log| log.origin == a.origin().as_str());
        of_a.next().context("followed")
    };
    wait_until(|| log().is_ok_and(|log| log.ahead_time > 0)).await?;
    assert_eq!(log()?.seen_time, 0, "a dead publisher would look fresh");
    let shown = b.typed(&["origin", "list"]).await?;
    assert!(
        shown.contains("unknown") && !shown.contains("in 9 y"),
        "{shown}"
    );
    let failed = b.typed(&["status", "--check"]).await.expect_err("a skew");
    assert!(
        failed.to_string().contains("the clock of a.example"),
        "{failed:#}"
    );
    Ok(())
}

/// The messages of nodes of before, which know no numbers of cards.
mod before {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Hello {
        #[prost(string, repeated, tag = "1")]
        pub(super) capabilities: Vec<String>,
        #[prost(string, tag = "2")]
        pub(super) software: String,
        #[prost(bytes = "vec", tag = "3")]
        pub(super) card: Vec<u8>,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_of_before_are_understood_and_understand_this_one() -> Result<()> {
    let stored = |name: &str| -> Result<before::Hello> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("stored");
        let bytes = std::fs::read(path.join(name)).with_context(|| name.to_owned())?;
        // Theirs reads as ours does.
        let ours = HelloRequest::decode(bytes.as_slice())?;
        let theirs = before::Hello::decode(bytes.as_slice())?;
        assert_eq!(ours.card, theirs.card);
        Ok(theirs)
    };
    let (first, moved) = (stored("hello-1.bin")?, stored("hello-2.bin")?);
    let b = TestNode::start("b").await?;
    let card = NodeCard::verify(&first.card)?;
    assert_eq!(card.sequence(), 0);
    b.node().federation().peering().add(Peer {
        card: card.clone(),
        introduces: false,
        filter: PayloadFilter::default(),
        turn: false,
    })?;
    // Between cards without numbers the time decides.
    let peering = b.node().federation().peering();
    peering.renew(card.name().as_str(), &moved.card)?;
    let now = held(&b, card.name().as_str())?;
    assert_eq!(now.note_bytes(), moved.card);
    peering.renew(card.name().as_str(), &first.card)?;
    assert_eq!(held(&b, card.name().as_str())?.note_bytes(), moved.card);

    // What this node says: they pass over what they do not know, on the wire and on the
    // card, and find a card that is signed and newer.
    let endpoint: Endpoint = b.card()?.endpoints()[0].parse()?;
    let dialler = TlsDialer::new(None, Pins::only(b.card()?.tls_key()))?;
    let connection = Connection::dial(&endpoint, &dialler, &Settings::default()).await?;
    let request = HelloRequest::decode(first.encode_to_vec().as_slice())?;
    let mut client = ReplicationServiceClient::new(connection);
    let answer = client.hello(request).await?.into_inner();
    assert_eq!(answer.standing(), Standing::Stranger);
    let theirs = before::Hello::decode(answer.encode_to_vec().as_slice())?;
    assert_eq!(theirs.card, b.card()?.note_bytes());
    let text = String::from_utf8(theirs.card)?;
    let known = [
        "node",
        "key",
        "tls",
        "cosigner",
        "endpoint",
        "mirror",
        "time",
        "publisher",
    ];
    let (lines, _) = text.split_once("\n\n").context("a note")?;
    let others: Vec<&str> = lines
        .lines()
        .skip(1)
        .filter(|line| !known.contains(&line.split(' ').next().unwrap_or_default()))
        .collect();
    assert!(
        matches!(&others[..], [one] if one.starts_with("sequence ")),
        "{others:?}"
    );
    Ok(())
}

/// A card of `node` with another TLS key and endpoint, `later` milliseconds after its own.
fn card_of(node: &TestNode, tls_key: TlsKeyHash, later: i64) -> Result<NodeCard> {
    let own = node.card()?;
    let parts = CardParts {
        name: own.name().clone(),
        tls_key,
        cosigner: own.cosigner().clone(),
        endpoints: vec!["https://moved.example:7443".to_owned()],
        mirrors: own.mirrors().to_vec(),
        publishers: own.publishers().to_vec(),
        time: own.time().saturating_add_signed(later),
        sequence: own.sequence(),
    };
    Ok(NodeCard::sign(parts, node.node().keys().node_key())?)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_newer_card_of_the_same_node_counts() -> Result<()> {
    let (a, b) = (TestNode::start("a").await?, TestNode::start("b").await?);
    let c = TestNode::start("c").await?;
    b.add(&a, false)?;
    b.add(&c, false)?;
    let peer = |name: &str| b.node().federation().peers().named(name).context("a peer");
    let before = peer("a.example")?.card.note_bytes();
    let renew = |card: NodeCard| {
        b.node()
            .federation()
            .peering()
            .renew("a.example", &card.note_bytes())
    };
    let key = a.card()?.tls_key();

    // A card from before, such as an old copy of the node would show, is passed over.
    renew(card_of(&a, key, -1)?)?;
    renew(card_of(&a, key, 0)?)?;
    let mut torn = card_of(&a, key, 1)?.note_bytes().to_vec();
    let last = torn.len() - 10;
    torn[last] ^= 1;
    for (note, why) in [
        (torn, "card"),
        (
            c.card()?.note_bytes().to_vec(),
            "the card of another node than a.example",
        ),
        (
            card_of(&a, c.card()?.tls_key(), 1)?.note_bytes().to_vec(),
            "the TLS key of the peer c.example",
        ),
        (
            card_of(&a, b.card()?.tls_key(), 1)?.note_bytes().to_vec(),
            "this node's own TLS key",
        ),
        (Vec::new(), "card"),
    ] {
        let refused = b
            .node()
            .federation()
            .peering()
            .renew("a.example", &note)
            .expect_err(why);
        assert!(refused.to_string().contains(why), "{refused}");
    }
    assert_eq!(peer("a.example")?.card.note_bytes(), before);

    // Its node key may name another TLS key; the connections of the one before end.
    a.add(&b, false)?;
    wait_until(|| b.node().connections().count_of(&key) > 0).await?;
    let new = NewTlsIdentity::generate("a.example")?
        .identity()?
        .key_hash();
    renew(card_of(&a, new, 1)?)?;
    assert_eq!(peer("a.example")?.card.tls_key(), new);
    assert_eq!(
        peer("a.example")?.card.endpoints(),
        ["https://moved.example:7443"]
    );
    wait_until(|| b.node().connections().count_of(&key) == 0).await?;
    assert!(b.node().federation().peers().by_key(&key).is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_takes_no_more_publishers_than_its_card_holds() -> Result<()> {
    let node = TestNode::start("node").await?;
    for number in 1..64 {
        node.add_publisher(&format!("p{number}.example"), "One of many")?;
    }
    let refused = node
        .add_publisher("one-too-many.example", "One too many")
        .expect_err("the card is full");
    assert!(refused.to_string().contains("64 publishers"), "{refused}");
    assert_eq!(node.card()?.publishers().len(), 64);
    Ok(())
}
