//! Cards that peers show of themselves when they meet: a node that moved is found
//! again, and a card that is old, forged or another's changes nothing.

use anyhow::{Context as _, Result};
use wpsx_listen::tls::NewTlsIdentity;
use wpsx_proto::{
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
