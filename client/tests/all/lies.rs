//! A node that lies in every way that a pull claims to catch is refused with the
//! precise reason, and what was verified before it lied stays.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use wpsx_client::{
    pull::{
        Fault, Held, Judgement, Known, PayloadFilter, PullError, PullOptions, Puller, Run, Source,
        Speed, Step, judge, nothing_erased,
    },
    testing::{Lie, TestLog, TestNode, TestTransport, record_id},
};
use wpsx_proto::{
    api::replication::v1::Head,
    checkpoint::VerifiedCheckpoint,
    envelope::Leaf,
    hash::Hash,
    index::{LeafIndex, TreeSize},
    payload::{SALT, SlotState},
    tree::{MemoryTree, root_at},
};

const NAME: &str = "ministry.example";
/// Three full bundles and a part of one.
const RECORDS: u64 = 1000;

/// A node with a log, and a reader that holds the first `held` entries of it.
struct Case {
    node: TestNode,
    log: TestLog,
    held: Held,
}

impl Case {
    fn new(held: u64) -> Self {
        let log = TestLog::with_records(NAME, RECORDS, 300);
        let size = TreeSize::new(held);
        let verified = (held > 0).then(|| log.checkpoint_at(size));
        Self {
            node: TestNode::new(log.clone()),
            held: Held::of(log.tree(), size, verified).expect("the tree holds them"),
            log,
        }
    }

    fn puller(&self, options: PullOptions) -> Puller<TestTransport> {
        let (origin, key) = (self.log.origin().clone(), self.log.key());
        Puller::new(self.node.transport(), origin, key).with_options(options)
    }

    /// Pulls until the end or an error, keeping what is yielded.
    async fn pull(&mut self, options: PullOptions) -> Result<Pulled, PullError> {
        let puller = self.puller(options);
        let mut pulled = Pulled::default();
        let Some(head) = puller.head(&self.held).await? else {
            return Ok(pulled);
        };
        let mut pull = puller.pull(self.held.clone(), head, nothing_erased());
        while let Some(step) = pull.next().await {
            match step? {
                Step::Target(target) => self.held.verified = Some(target),
                Step::Package {
                    package,
                    frames,
                    uncovered,
                } => {
                    self.held.extend(&package)?;
                    pulled.uncovered = Some(uncovered);
                    for frame in frames {
                        for at in 0..frame.states().len() {
                            pulled.states.push(frame.states()[at]);
                            pulled.payload_bytes +=
                                frame.slot(at).map_or(0, |slot| slot.len() - SALT);
                        }
                    }
                }
                Step::Head(head) => pulled.head = Some(head.size()),
            }
        }
        Ok(pulled)
    }

    /// Whatever is held is a prefix of the true log.
    fn holds_only_truth(&self) {
        let stored = self.held.stored();
        let root = root_at(self.log.tree(), stored).expect("the tree holds them");
        assert_eq!(self.held.frontier.root(), root);
    }
}

#[derive(Debug, Default)]
struct Pulled {
    head: Option<TreeSize>,
    states: Vec<SlotState>,
    payload_bytes: usize,
    uncovered: Option<SlotState>,
}

fn quick() -> PullOptions {
    PullOptions {
        patience: Duration::from_secs(5),
        // All is asked for at once.
        speed: Arc::new(Speed::known(1 << 30)),
        ..PullOptions::default()
    }
}

/// The lie is refused with this code; afterwards the truth completes the log.
async fn refused(lie: Lie, code: &str, held: u64) {
    let mut case = Case::new(held);
    case.node.tell(lie);
    let refused = match case.pull(quick()).await {
        Ok(_) => panic!("{lie:?} was believed"),
        Err(refused) => refused,
    };
    assert_eq!(refused.code(), code, "{lie:?}: {refused}");
    case.holds_only_truth();
    let before = case.held.stored().value();

    case.node.tell(None);
    let sent = case.node.sent().entries;
    let pulled = case.pull(quick()).await.expect("the truth is believed");
    assert_eq!(pulled.head, Some(TreeSize::new(RECORDS)));
    case.holds_only_truth();
    assert_eq!(
        case.node.sent().entries - sent,
        RECORDS - before,
        "what was verified before {lie:?} is not fetched again"
    );
}

#[tokio::test]
async fn the_truth_is_believed_and_complete() {
    for zstd in [true, false] {
        let mut case = Case::new(0);
        let options = PullOptions { zstd, ..quick() };
        let pulled = case.pull(options).await.expect("the truth is believed");
        assert_eq!(pulled.head, Some(TreeSize::new(RECORDS)));
        assert_eq!(pulled.states, vec![SlotState::Full; RECORDS as usize]);
        assert_eq!(pulled.payload_bytes, RECORDS as usize * 300);
        case.holds_only_truth();
        let again = case.pull(quick()).await.expect("nothing new");
        assert_eq!(again.head, None);
    }
}

#[tokio::test]
async fn a_pull_goes_on_in_the_middle_of_a_bundle() {
    for held in [1, 255, 256, 257, 300, 999] {
        let mut case = Case::new(held);
        let pulled = case.pull(quick()).await.expect("the truth is believed");
        assert_eq!(pulled.head, Some(TreeSize::new(RECORDS)), "from {held}");
        assert_eq!(pulled.states.len() as u64, RECORDS - held);
        assert_eq!(case.node.sent().entries, RECORDS - held);
        case.holds_only_truth();
    }
}

#[tokio::test]
async fn lies_about_the_head_are_refused() {
    refused(Lie::GarbledCheckpoint, "malformed", 300).await;
    refused(Lie::ForgedCheckpoint, "bad-signature", 300).await;
    refused(Lie::OtherLog, "wrong-origin", 300).await;
    refused(Lie::BadConsistency, "bad-proof", 300).await;
}

#[tokio::test]
async fn lies_about_entries_are_refused() {
    for held in [0, 300] {
        refused(Lie::ChangedEntry, "bad-proof", held).await;
        refused(Lie::BadSubtreeProof, "bad-proof", held).await;
        refused(Lie::ReorderedPackages, "out-of-order", held).await;
        refused(Lie::TruncatedPackages, "truncated", held).await;
        refused(Lie::ShortPackages, "truncated", held).await;
        refused(Lie::OversizedPackage, "oversized", held).await;
    }
}

#[tokio::test]
async fn lies_about_payloads_are_refused() {
    for held in [0, 300] {
        refused(Lie::ChangedPayload, "bad-payload", held).await;
        refused(Lie::ChangedSalt, "bad-payload", held).await;
        refused(Lie::TruncatedPayloads, "truncated", held).await;
        refused(Lie::ExtraSlots, "oversized", held).await;
        refused(Lie::TooMuchData, "bad-payload", held).await;
        refused(Lie::OversizedFrame, "oversized", held).await;
        refused(Lie::FilteredUnasked, "bad-payload", held).await;
        refused(Lie::NoneClaimed, "bad-payload", held).await;
        refused(Lie::ZstdBomb, "bad-payload", held).await;
    }
}

#[tokio::test]
async fn answers_that_do_not_end_are_refused_but_what_was_asked_is_taken() {
    for lie in [Lie::ExtraPackages, Lie::ExtraFrames] {
        let mut case = Case::new(0);
        case.node.tell(lie);
        let refused = case.pull(quick()).await.expect_err("refused");
        assert_eq!(refused.code(), "oversized", "{lie:?}: {refused}");
        case.holds_only_truth();
        assert!(!case.held.stored().is_empty());
    }
}

#[tokio::test]
async fn frames_in_another_order_are_refused() {
    let mut case = Case::new(0);
    case.node.tell(Lie::ReorderedFrames);
    let runs = (0..3)
        .map(|bundle| Run {
            start: LeafIndex::new(bundle * 256),
            leaves: (0..256)
                .map(|at| Leaf::read(&case.log.entry(LeafIndex::new(bundle * 256 + at))))
                .collect(),
        })
        .collect();
    let mut fill = case.puller(quick()).fill(runs, nothing_erased());
    let refused = fill.next().await.expect("an answer").expect_err("refused");
    assert_eq!(refused.code(), "out-of-order");
    case.held = Held::nothing();
}

#[tokio::test]
async fn holes_are_filled_in_order_without_what_was_erased() {
    let case = Case::new(0);
    let runs = [(10, 20), (250, 256), (256, 300)]
        .map(|(start, end)| Run {
            start: LeafIndex::new(start),
            leaves: (start..end)
                .map(|at| Leaf::read(&case.log.entry(LeafIndex::new(at))))
                .collect(),
        })
        .to_vec();
    let erased = Arc::new(|index: LeafIndex| index == LeafIndex::new(12));
    let mut fill = case.puller(quick()).fill(runs, erased);
    let mut filled = Vec::new();
    while let Some(frame) = fill.next().await {
        let frame = frame.expect("the truth is believed");
        let start = frame.start().value();
        filled.extend(start..start + frame.states().len() as u64);
    }
    let wanted: Vec<u64> = (10..12).chain(13..20).chain(250..300).collect();
    assert_eq!(filled, wanted);
}

#[tokio::test]
async fn a_claim_of_erasure_without_an_entry_that_erases_is_only_a_hole() {
    let mut case = Case::new(0);
    case.node.tell(Lie::ErasedClaimed);
    let pulled = case.pull(quick()).await.expect("not refused");
    assert_eq!(pulled.head, Some(TreeSize::new(RECORDS)));
    assert!(!pulled.states.contains(&SlotState::Erased));
    assert!(pulled.states.contains(&SlotState::NotHeld));
}

#[tokio::test]
async fn a_smaller_head_is_behind_at_a_relay_and_rolled_back_at_the_publisher() {
    let mut case = Case::new(RECORDS);
    case.node.tell(Lie::RolledBack);
    let behind = case.pull(quick()).await.expect_err("behind");
    assert_eq!((behind.code(), behind.fault()), ("behind", Fault::Behind));
    let options = PullOptions {
        source: Source::Publisher,
        ..quick()
    };
    let rolled_back = case.pull(options).await.expect_err("rolled back");
    assert_eq!(
        (rolled_back.code(), rolled_back.fault()),
        ("rolled-back", Fault::Peer)
    );
}

#[tokio::test]
async fn who_gives_no_proof_cannot_help_and_is_not_only_behind() {
    for (lie, held) in [
        (Lie::RolledBackWithoutProof, RECORDS),
        (Lie::NoConsistency, 300),
    ] {
        let mut case = Case::new(held);
        case.node.tell(lie);
        let refused = case.pull(quick()).await.expect_err("no proof");
        assert_eq!(
            (refused.code(), refused.fault()),
            ("no-proof", Fault::Unable),
            "{lie:?}"
        );
        let said = refused.to_string();
        assert!(said.contains("its entries are damaged"), "{said}");
        // It is no lie, and its operator mends it.
        case.node.tell(None);
        case.pull(quick()).await.expect("proven now");
    }
}

#[tokio::test]
async fn two_signed_histories_are_proven_to_be_a_fork() {
    // 512 is a power of two, where a consistency proof does not carry the old root.
    for (lie, held) in [
        (Lie::ForkEqual, RECORDS),
        (Lie::ForkLarger, RECORDS),
        (Lie::ForkLarger, 700),
        (Lie::ForkLarger, 512),
        (Lie::ForkEqual, 600),
    ] {
        let mut case = Case::new(held);
        if held == 512 {
            // The fork must lie before the power of two.
            case.log = TestLog::with_records(NAME, 900, 300);
            case.node = TestNode::new(case.log.clone());
        }
        case.node.tell(lie);
        let refused = case.pull(quick()).await.expect_err("a fork");
        assert_eq!(refused.code(), "fork", "{lie:?} from {held}: {refused}");
        assert!(refused.fork().is_some());
    }
}

#[tokio::test]
async fn a_smaller_head_of_another_history_is_a_fork_and_not_behind() {
    // Three quarters of 683 are 512, where a consistency proof does not carry the old root.
    for records in [RECORDS, 683] {
        let mut case = Case::new(0);
        case.log = TestLog::with_records(NAME, records, 300);
        case.node = TestNode::new(case.log.clone());
        let size = TreeSize::new(records);
        case.held = Held::of(case.log.tree(), size, Some(case.log.head())).expect("whole");
        case.node.tell(Lie::ForkSmaller);
        let refused = case.pull(quick()).await.expect_err("a fork");
        assert_eq!(refused.code(), "fork", "of {records}: {refused}");
    }
}

#[tokio::test]
async fn a_head_between_what_is_stored_and_what_is_known_is_not_behind_without_proof() {
    let case = Case::new(RECORDS);
    let (log, origin, key) = (&case.log, case.log.origin(), case.log.key());
    let (stored, pending) = (TreeSize::new(300), log.head());
    let head = log.checkpoint_at(stored);
    let known = Known {
        head: Some(&head),
        pending: Some(&pending),
        stored,
    };
    // A tree that knows no more than what is stored.
    let tree: MemoryTree = log.tree().leaves()[..300].iter().copied().collect();
    let other = log.fork(0);
    let shown = |checkpoint: VerifiedCheckpoint| {
        let head = Head {
            origin: origin.to_string(),
            checkpoint: checkpoint.note_bytes(),
            ..Head::default()
        };
        judge(&head, origin, &key, &tree, known).expect("the tree is readable")
    };
    for log in [log, &other] {
        let between = shown(log.checkpoint_at(TreeSize::new(600)));
        assert!(matches!(between, Judgement::Smaller(_)), "{between:?}");
    }
    // Once the tree is whole the one is behind and the other evidence.
    let known = Known {
        head: Some(&pending),
        pending: Some(&pending),
        stored: pending.size(),
    };
    for (shows, is_fork) in [(log, false), (&other, true)] {
        let head = Head {
            origin: origin.to_string(),
            checkpoint: shows.checkpoint_at(TreeSize::new(600)).note_bytes(),
            ..Head::default()
        };
        let judged = judge(&head, origin, &key, log.tree(), known).expect("readable");
        match judged {
            Judgement::Behind(_) => assert!(!is_fork),
            Judgement::Fork(_) => assert!(is_fork),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_head_is_judged_against_the_tree() {
    let case = Case::new(RECORDS);
    let (log, origin, key) = (&case.log, case.log.origin(), case.log.key());
    let ours = log.head();
    let known = Known {
        head: Some(&ours),
        pending: Some(&ours),
        stored: ours.size(),
    };
    let judged = async |lie: Option<Lie>| {
        case.node.tell(lie);
        let head = case.puller(quick()).head(&Held::nothing()).await;
        let head = head.expect("an answer").expect("a head");
        judge(&head, origin, &key, log.tree(), known).expect("the tree is readable")
    };
    assert!(matches!(judged(None).await, Judgement::Same(_)));
    assert!(matches!(
        judged(Some(Lie::RolledBack)).await,
        Judgement::Behind(_)
    ));
    assert!(matches!(
        judged(Some(Lie::ForkEqual)).await,
        Judgement::Fork(_)
    ));
    assert!(matches!(
        judged(Some(Lie::ForkLarger)).await,
        Judgement::Unproven(_)
    ));
    assert!(matches!(
        judged(Some(Lie::ForgedCheckpoint)).await,
        Judgement::Refused(PullError::BadSignature { .. })
    ));
    case.node.tell(None);
    case.node.with_log(origin, |log| {
        *log = log.fork(0);
        log.truncate(TreeSize::new(800));
    });
    let head = case.puller(quick()).head(&Held::nothing()).await;
    let head = head.expect("an answer").expect("a head");
    let judged = judge(&head, origin, &key, log.tree(), known).expect("the tree is readable");
    assert!(
        matches!(judged, Judgement::Fork(_)),
        "a smaller head of another history: {judged:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_answer_is_left() {
    let mut case = Case::new(300);
    case.node.tell(Lie::Stall);
    let stalled = case.pull(quick()).await.expect_err("stalled");
    assert_eq!(
        (stalled.code(), stalled.fault()),
        ("stalled", Fault::Connection)
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_that_drips_is_left() {
    let mut case = Case::new(0);
    case.node.tell(Lie::Drip);
    case.node.drip(Duration::from_millis(4_900));
    let options = PullOptions {
        min_rate: 1_000_000,
        ..quick()
    };
    let stalled = case.pull(options).await.expect_err("stalled");
    assert_eq!(stalled.code(), "stalled");
    case.holds_only_truth();
}

#[tokio::test]
async fn a_cut_connection_costs_at_most_what_was_in_flight() {
    let mut case = Case::new(0);
    case.node.tell(Lie::Cut);
    let cut = case.pull(quick()).await.expect_err("cut");
    assert_eq!((cut.code(), cut.fault()), ("connection", Fault::Connection));
    case.holds_only_truth();
    case.node.tell(None);
    case.pull(quick()).await.expect("the truth is believed");
    assert_eq!(case.held.stored(), TreeSize::new(RECORDS));
    case.holds_only_truth();
}

#[tokio::test]
async fn entries_whose_payloads_were_cut_off_are_kept_by_who_can_fill_them() {
    let mut case = Case::new(0);
    case.node.tell(Lie::Cut);
    let options = PullOptions {
        keep_entries: true,
        ..quick()
    };
    let cut = case.pull(options).await.expect_err("cut");
    assert_eq!(cut.code(), "connection");
    let came = case.held.stored();
    assert_eq!(came, TreeSize::new(512), "half of the packages came");
    case.holds_only_truth();
    case.node.tell(None);
    let sent = case.node.sent().entries;
    case.pull(quick()).await.expect("the truth is believed");
    assert_eq!(case.node.sent().entries - sent, RECORDS - came.value());
    case.holds_only_truth();
}

#[tokio::test]
async fn only_wanted_payloads_are_fetched() {
    let mut log = TestLog::new(NAME);
    for number in 0..600 {
        let kind = 1 + u32::from(number % 3 == 0);
        log.publish(record_id(number), kind, &vec![b'a'; number as usize]);
    }
    log.withdraw(record_id(3));
    log.sign();
    let mut case = Case::new(0);
    case.node = TestNode::new(log.clone());
    case.log = log;
    let payloads = PayloadFilter {
        kinds: Some(BTreeSet::from([2])),
        max_length: Some(299),
        countries: Vec::new(),
    };
    let options = PullOptions {
        payloads,
        ..quick()
    };
    let pulled = case.pull(options).await.expect("the truth is believed");
    assert_eq!(pulled.uncovered, Some(SlotState::Filtered));
    let full = pulled
        .states
        .iter()
        .filter(|state| **state == SlotState::Full);
    assert_eq!(full.count(), 100);
    assert_eq!(case.node.sent().slots, 100);

    case.held = Held::nothing();
    let options = PullOptions {
        payloads: PayloadFilter::nothing(),
        ..quick()
    };
    let pulled = case.pull(options).await.expect("the truth is believed");
    assert_eq!(pulled.head, Some(TreeSize::new(601)));
    assert!(pulled.states.is_empty());

    case.held = Held::nothing();
    let payloads = PayloadFilter {
        countries: vec!["ALB".to_owned()],
        ..PayloadFilter::everything()
    };
    let options = PullOptions {
        payloads,
        ..quick()
    };
    let pulled = case.pull(options).await.expect("the truth is believed");
    assert!(pulled.states.contains(&SlotState::Filtered));
    assert!(pulled.states.contains(&SlotState::Full));
}

#[tokio::test]
async fn payloads_of_every_size_and_entries_of_newer_software_pass() {
    let mut log = TestLog::new(NAME);
    log.publish(record_id(0), 1, b"");
    log.append_raw(bytes::Bytes::from_static(&[8, 99, 1, 2, 3]));
    for number in 1..60 {
        log.publish(record_id(number), 7, &vec![number as u8; 262_144]);
    }
    log.sign();
    let mut case = Case::new(0);
    case.node = TestNode::new(log.clone());
    case.log = log;
    for zstd in [true, false] {
        case.held = Held::nothing();
        let options = PullOptions { zstd, ..quick() };
        let pulled = case.pull(options).await.expect("the truth is believed");
        assert_eq!(pulled.payload_bytes, 59 * 262_144);
        assert_eq!(pulled.states[1], SlotState::None);
        case.holds_only_truth();
    }
}

#[tokio::test]
async fn a_log_in_many_windows_arrives_in_order() {
    let log = TestLog::with_records(NAME, 64 * 256 * 3 + 17, 20);
    let mut case = Case::new(0);
    case.node = TestNode::new(log.clone());
    case.log = log;
    case.pull(quick()).await.expect("the truth is believed");
    assert_eq!(case.held.stored(), case.log.size());
    case.holds_only_truth();
}

#[tokio::test]
async fn a_wrong_open_bundle_is_our_own_fault() {
    let mut case = Case::new(300);
    case.held.open.pop();
    let error = case.pull(quick()).await.expect_err("ours");
    assert_eq!((error.code(), error.fault()), ("held", Fault::Ours));
    let mut case = Case::new(300);
    case.held.open[0] = Hash::of(b"damaged");
    assert!(case.pull(quick()).await.is_err());
}
