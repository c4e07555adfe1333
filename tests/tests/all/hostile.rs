//! Whole nodes among peers that lie: each lie is refused with its reason, shown on
//! both sides, costs nothing that was stored, and delays nobody else.

use std::time::Duration;

use anyhow::{Context as _, Result};
use wpsx_client::{
    pull::MAX_MESSAGE,
    testing::{Lie, TestLog, record_id},
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_proto::{
    api::{
        admin::v1::Refusal,
        replication::v1::{ListHeadsRequest, replication_service_client::ReplicationServiceClient},
    },
    origin::Origin,
};
use wpsx_tests::federation::{TestNode, join, practices, wait_until};

use super::liar::Liar;

/// What the node holds of a liar's log before the lie, and how far the log then grows.
const HELD: u64 = 300;
const GROWN: u64 = 900;

/// Every lie that can be told to a node that replicates, and what it is refused as.
const REFUSED: [(Lie, &str); 22] = [
    (Lie::GarbledCheckpoint, "malformed"),
    (Lie::ForgedCheckpoint, "bad-signature"),
    (Lie::OtherLog, "wrong-origin"),
    (Lie::RolledBack, "rolled-back"),
    (Lie::BadConsistency, "bad-proof"),
    (Lie::ChangedEntry, "bad-proof"),
    (Lie::BadSubtreeProof, "bad-proof"),
    (Lie::ReorderedPackages, "out-of-order"),
    (Lie::TruncatedPackages, "truncated"),
    (Lie::ShortPackages, "truncated"),
    (Lie::ExtraPackages, "oversized"),
    (Lie::OversizedPackage, "oversized"),
    (Lie::ChangedPayload, "bad-payload"),
    (Lie::ChangedSalt, "bad-payload"),
    (Lie::ReorderedFrames, "out-of-order"),
    (Lie::TruncatedPayloads, "truncated"),
    (Lie::ExtraSlots, "oversized"),
    (Lie::ExtraFrames, "oversized"),
    (Lie::TooMuchData, "bad-payload"),
    (Lie::ZstdBomb, "bad-payload"),
    (Lie::OversizedFrame, "oversized"),
    (Lie::FilteredUnasked, "bad-payload"),
];

/// A liar, the origin of its one log, and that log as it truly goes on.
struct Case {
    lie: Lie,
    liar: Liar,
    origin: Origin,
    truth: TestLog,
}

impl Case {
    async fn start(lie: Lie) -> Result<Self> {
        let name = format!("{lie:?}").to_lowercase();
        let log = TestLog::with_records(&format!("log.{name}.example"), HELD, 300);
        let mut truth = log.clone();
        grow(&mut truth);
        Ok(Self {
            lie,
            origin: log.origin().clone(),
            liar: Liar::start(&name, vec![log]).await?,
            truth,
        })
    }

    /// Begins to lie, about a log that has grown where the lie is not about its head.
    fn lie(&self) {
        self.liar.node.tell(self.lie);
        if !matches!(self.lie, Lie::RolledBack | Lie::ForkEqual | Lie::ForkLarger) {
            self.liar.node.with_log(&self.origin, grow);
        }
    }
}

fn grow(log: &mut TestLog) {
    for number in HELD..GROWN {
        log.publish(
            record_id(number),
            1,
            format!("practice {number}").as_bytes(),
        );
    }
    log.sign();
}

async fn cases(lies: impl IntoIterator<Item = Lie>) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for lie in lies {
        cases.push(Case::start(lie).await?);
    }
    Ok(cases)
}

/// Lets `node` follow every liar, and hold what they have while they are honest.
async fn follow(node: &TestNode, cases: &[Case]) -> Result<()> {
    for case in cases {
        node.node().federation().peering().add(case.liar.peer())?;
    }
    for case in cases {
        node.reaches(&case.origin, HELD).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lie_is_refused_with_its_reason_and_delays_nobody() -> Result<()> {
    let mut node = TestNode::start("node").await?;
    let honest = TestNode::start("honest").await?;
    join(&node, &honest, false)?;
    let cases = cases(REFUSED.map(|(lie, _)| lie)).await?;
    follow(&node, &cases).await?;

    for case in &cases {
        case.lie();
    }
    honest.publish(practices("honest", 600, 300)).await?;
    node.reaches(&honest.origin(), 600).await?;

    for (case, (lie, code)) in cases.iter().zip(REFUSED) {
        let refused = || -> Option<Refusal> {
            let peer = node.peer_status(&case.liar.name).ok()?;
            peer.refused.into_iter().next()
        };
        wait_until(|| refused().is_some()).await.with_context(|| {
            format!(
                "{lie:?} was not refused: {:#?}",
                node.peer_status(&case.liar.name)
            )
        })?;
        let refused = refused().context("it was there")?;
        assert_eq!(refused.code, code, "{lie:?}: {}", refused.reason);
        assert_eq!(refused.origin, case.origin.as_str(), "{lie:?}");
        // The liar's operator reads the same sentence.
        wait_until(|| !case.liar.node.refusals().is_empty())
            .await
            .with_context(|| format!("{lie:?} was not reported"))?;
        assert_eq!(
            case.liar.node.refusals()[0],
            (refused.code, refused.reason),
            "{lie:?}"
        );
        let held = node.head_size(&case.origin);
        assert!(held >= HELD, "{lie:?}: {held} entries are left");
    }
    node.verify()?;

    // The reasons outlive a restart, and the operator reads them.
    node.stop().await?;
    node.open().await?;
    let shown = node.typed(&["status"]).await?;
    for case in &cases {
        let line = format!("refused from {}: {}", case.liar.name, case.origin);
        assert!(shown.contains(&line), "{line} is not in:\n{shown}");
    }

    // Someone who tells the truth brings what the liars, who lie on, held back.
    let truth = cases.iter().map(|case| case.truth.clone()).collect();
    let relay = Liar::start("relay", truth).await?;
    node.node().federation().peering().add(relay.peer())?;
    for case in &cases {
        node.reaches(&case.origin, GROWN).await?;
    }
    assert!(node.peer_status(&relay.name)?.refused.is_empty());
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_gives_no_proof_cannot_help_another_does_and_status_says_what_to_do()
-> Result<()> {
    let node = TestNode::start("node").await?;
    let cases = cases([Lie::NoConsistency]).await?;
    follow(&node, &cases).await?;
    let case = &cases[0];
    case.lie();
    let failed = || {
        let peer = node.peer_status(&case.liar.name).ok()?;
        peer.failures.into_iter().next()
    };
    wait_until(|| failed().is_some()).await?;
    let reason = failed().context("it was there")?.reason;
    for said in ["gives no proof", "any other peer", "wpsx repair"] {
        assert!(reason.contains(said), "{reason}");
    }
    let shown = node.typed(&["status"]).await?;
    assert!(shown.contains("gives no proof"), "{shown}");
    // Nothing was refused of it: it does not lie.
    assert!(node.peer_status(&case.liar.name)?.refused.is_empty());
    let relay = Liar::start("relay", vec![case.truth.clone()]).await?;
    node.node().federation().peering().add(relay.peer())?;
    node.reaches(&case.origin, GROWN).await?;
    wait_until(|| failed().is_none()).await?;
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_stalls_drips_or_breaks_off_holds_nobody_up() -> Result<()> {
    let node = TestNode::start("node").await?;
    let cases = cases([Lie::Stall, Lie::Drip, Lie::Cut]).await?;
    let [stall, drip, cut] = &cases[..] else {
        unreachable!("there are three");
    };
    follow(&node, &cases).await?;
    for case in &cases {
        // No message of a call comes before anyone's patience ends.
        case.liar.node.drip(Duration::from_secs(3_600));
        case.lie();
    }
    let error = |case: &Case| {
        node.peer_status(&case.liar.name)
            .map(|peer| peer.last_error)
    };
    wait_until(|| error(cut).is_ok_and(|error| error.contains("the connection broke"))).await?;
    let asked = |case: &Case| case.liar.node.sent().entries > GROWN - HELD;
    wait_until(|| asked(drip)).await?;

    // Each has its log's lease; the honest peer does not wait until they are given up.
    let truth = cases.iter().map(|case| case.truth.clone()).collect();
    let relay = Liar::start("relay", truth).await?;
    node.node().federation().peering().add(relay.peer())?;
    for case in &cases {
        node.reaches(&case.origin, GROWN).await?;
    }
    for case in [stall, drip] {
        let peer = node.peer_status(&case.liar.name)?;
        assert_eq!(
            (peer.state.as_str(), peer.last_error),
            ("connected", String::new())
        );
    }
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_stalls_is_given_up_with_the_reason() -> Result<()> {
    let node = TestNode::start("node").await?;
    let cases = cases([Lie::Stall]).await?;
    follow(&node, &cases).await?;
    cases[0].lie();
    wait_until(|| {
        node.peer_status(&cases[0].liar.name)
            .is_ok_and(|peer| peer.last_error.contains("no progress for 20 s"))
    })
    .await?;
    assert_eq!(node.head_size(&cases[0].origin), HELD);
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_broke_off_goes_on_though_nothing_new_was_signed() -> Result<()> {
    let node = TestNode::start("node").await?;
    let case = Case::start(Lie::Cut).await?;
    // Without payloads, so that some packages are whole before the line breaks.
    let mut peer = case.liar.peer();
    peer.filter.kinds = vec![2];
    node.node().federation().peering().add(peer)?;
    node.reaches(&case.origin, HELD).await?;
    case.lie();
    let stored = || {
        node.replica(&case.origin)
            .map_or(0, |log| log.stored().value())
    };
    wait_until(|| stored() > HELD).await?;
    assert_eq!(node.head_size(&case.origin), HELD);
    let sent = case.liar.node.sent().entries;
    case.liar.node.tell(None);
    node.reaches(&case.origin, GROWN).await?;
    let again = case.liar.node.sent().entries - sent;
    assert!(again < GROWN - HELD, "{again} entries were sent again");
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_signed_histories_are_kept_as_evidence_and_stop_their_log_alone() -> Result<()> {
    let node = TestNode::start("node").await?;
    let honest = TestNode::start("honest").await?;
    join(&node, &honest, false)?;
    let cases = cases([Lie::ForkEqual, Lie::ForkLarger]).await?;
    follow(&node, &cases).await?;
    for case in &cases {
        case.lie();
        wait_until(|| node.node().federation().forks().stopped(&case.origin)).await?;
        assert_eq!(node.head_size(&case.origin), HELD);
    }
    honest.publish(practices("honest", 10, 300)).await?;
    node.reaches(&honest.origin(), 10).await?;
    // The other node, which does not follow these logs, is told nothing it could not check.
    assert!(honest.node().federation().forks().all().is_empty());
    let shown = node.typed(&["status"]).await?;
    assert!(shown.contains("FORKS: 2 logs"), "{shown}");
    node.verify()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_followed_late_is_pulled_at_once() -> Result<()> {
    let node = TestNode::start("node").await?;
    let relay = TestNode::start("relay").await?;
    let log = TestLog::with_records("log.late.example", HELD, 300);
    let (origin, identity) = (log.origin().clone(), log.identity().clone());
    let host = Liar::start("host", vec![log]).await?;
    relay.node().federation().peering().add(host.peer())?;
    relay.reaches(&origin, HELD).await?;
    relay.publish(practices("relay", 1, 300)).await?;
    join(&node, &relay, false)?;
    node.reaches(&relay.origin(), 1).await?;
    // The head was told long ago and passed over; nothing new comes.
    node.node().federation().follows().follow(&identity)?;
    node.reaches(&origin, HELD).await
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_of_many_logs_with_the_longest_notes_fit_their_messages() -> Result<()> {
    const LOGS: usize = 120;
    let node = TestNode::start("node").await?;
    let relay = TestNode::start("relay").await?;
    let logs: Vec<TestLog> = (0..LOGS)
        .map(|number| {
            let mut log = TestLog::with_records(&format!("log{number}.example"), 1, 10);
            log.crowd();
            log
        })
        .collect();
    let origins: Vec<Origin> = logs.iter().map(|log| log.origin().clone()).collect();
    relay.publish(practices("relay", 1, 300)).await?;
    // A card names at most 64 publishers.
    let (some, others) = logs.split_at(LOGS / 2);
    let hosts = [
        Liar::start("host", some.to_vec()).await?,
        Liar::start("other-host", others.to_vec()).await?,
    ];
    for host in &hosts {
        relay.node().federation().peering().add(host.peer())?;
    }
    for origin in &origins {
        relay.reaches(origin, 1).await?;
    }

    // A list: pages that a reader with the protocol's limit can take, without gap or repeat.
    let card = relay.card()?;
    let endpoint: Endpoint = card.endpoints()[0].parse()?;
    let dialer = TlsDialer::new(None, Pins::only(card.tls_key()))?;
    let connection = Connection::dial(&endpoint, &dialer, &Settings::default()).await?;
    let mut client =
        ReplicationServiceClient::new(connection).max_decoding_message_size(MAX_MESSAGE);
    let (mut told, mut pages, mut page_token) = (Vec::new(), 0, String::new());
    loop {
        let request = ListHeadsRequest {
            page_token,
            ..ListHeadsRequest::default()
        };
        let page = client.list_heads(request).await?.into_inner();
        told.extend(page.heads.into_iter().map(|head| head.origin));
        pages += 1;
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let mut wanted: Vec<String> = origins.iter().map(Origin::to_string).collect();
    wanted.push(relay.origin().to_string());
    wanted.sort();
    assert_eq!(told, wanted);
    assert!(pages > 1, "{pages} pages");
    let request = ListHeadsRequest {
        origins: wanted[3..5].to_vec(),
        ..ListHeadsRequest::default()
    };
    let some = client.list_heads(request).await?.into_inner();
    let some: Vec<_> = some.heads.into_iter().map(|head| head.origin).collect();
    assert_eq!(some, wanted[3..5]);

    // A watch: a node that holds nothing yet.
    join(&node, &relay, true)?;
    for origin in &origins {
        node.reaches(origin, 1).await?;
    }
    assert!(node.peer_status("relay.example")?.refused.is_empty());
    Ok(())
}
