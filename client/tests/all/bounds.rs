//! A source that sends faster than its reader stores cannot fill the reader's memory:
//! what is in flight is counted at the source, where it leaves, and at the caller,
//! where it arrives.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use wpsx_client::{
    pull::{Held, PayloadFilter, Pull, PullOptions, Puller, Run, Speed, Step, nothing_erased},
    testing::{Sent, TestLog, TestNode, TestTransport, record_id},
};
use wpsx_proto::{
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    payload::MAX_PAYLOAD,
};

const NAME: &str = "ministry.example";

/// How long to wait for what has to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Packages that can be planned at a time: 24 MiB of budget, each at least 64 KiB.
const PLANNED: u64 = 384;
/// Packages that can have come and not been planned: two windows.
const FETCHED: u64 = 128;

/// A source that is never short of what it is asked for, and its reader.
struct Source {
    node: TestNode,
    log: TestLog,
}

impl Source {
    fn new(log: TestLog) -> Self {
        let node = TestNode::new(log.clone());
        Self { node, log }
    }

    fn puller(&self, payloads: PayloadFilter) -> Puller<TestTransport> {
        let (origin, key) = (self.log.origin().clone(), self.log.key());
        let options = PullOptions {
            payloads,
            zstd: false,
            speed: Arc::new(Speed::known(1 << 30)),
            ..PullOptions::default()
        };
        Puller::new(self.node.transport(), origin, key).with_options(options)
    }

    async fn pull(&self, payloads: PayloadFilter) -> Pull {
        let puller = self.puller(payloads);
        let head = puller.head(&Held::nothing()).await.expect("a head");
        puller.pull(Held::nothing(), head.expect("newer"), nothing_erased())
    }

    /// Waits until this was sent, and gives whoever would send more the time to do it.
    async fn sends(&self, what: impl Fn(Sent) -> u64, count: u64) {
        let reached = async {
            while what(self.node.sent()) < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, reached)
            .await
            .expect("it is asked for as much as there is room for");
        for _ in 0..10_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(what(self.node.sent()), count, "it went on sending");
    }

    fn packages(&self) -> u64 {
        self.log.size().value() / BUNDLE
    }
}

/// A log whose records have this payload.
fn records(count: u64, payload: &[u8]) -> TestLog {
    let mut log = TestLog::new(NAME);
    for number in 0..count {
        log.publish(record_id(number), 1, payload);
    }
    log.sign();
    log
}

/// The entries of the next package, or nothing at the end.
async fn take(pull: &mut Pull) -> Option<u64> {
    loop {
        match pull.next().await?.expect("the source is honest") {
            Step::Package { package, .. } => return Some(package.leaves().len() as u64),
            Step::Target(_) | Step::Head(_) => {}
        }
    }
}

#[tokio::test]
async fn entries_that_nobody_takes_are_not_fetched_without_end() {
    let mut log = TestLog::new(NAME);
    for number in 0..700 * BUNDLE {
        log.append_raw(Bytes::copy_from_slice(&number.to_be_bytes()));
    }
    log.sign();
    let source = Source::new(log);
    let mut pull = source.pull(PayloadFilter::nothing()).await;
    // One more than can be planned has left the windows, and waits for its part.
    source
        .sends(|sent| sent.entries, (PLANNED + FETCHED) * BUNDLE)
        .await;
    let mut taken = 0;
    while let Some(entries) = take(&mut pull).await {
        let in_flight = source.node.sent().entries - taken;
        assert!(in_flight <= (PLANNED + FETCHED + 1) * BUNDLE, "{in_flight}");
        taken += entries;
    }
    assert_eq!(taken, source.packages() * BUNDLE);
}

#[tokio::test]
async fn payloads_that_nobody_takes_are_not_asked_for_without_end() {
    // Its entries and payloads make a package of 1,057 KiB.
    const WITHIN_BUDGET: u64 = 24 * 1024 / 1057;
    let source = Source::new(records(64 * BUNDLE, &[7; 4096]));
    let mut pull = source.pull(PayloadFilter::everything()).await;
    source
        .sends(|sent| sent.slots, WITHIN_BUDGET * BUNDLE)
        .await;
    let mut taken = 0;
    while let Some(entries) = take(&mut pull).await {
        let in_flight = source.node.sent().slots - taken;
        assert!(in_flight <= WITHIN_BUDGET * BUNDLE, "{in_flight}");
        taken += entries;
    }
    assert_eq!(taken, source.packages() * BUNDLE);
    assert_eq!(source.node.sent().slots, taken);
}

#[tokio::test]
async fn a_fill_that_nobody_takes_makes_one_call_at_a_time() {
    // A call is full at 4 MiB, which four bundles bring.
    const CALL: u64 = 4 * BUNDLE;
    let source = Source::new(records(32 * BUNDLE, &[7; 4096]));
    let run = |number: u64| Run {
        start: LeafIndex::new(number * BUNDLE),
        leaves: (number * BUNDLE..(number + 1) * BUNDLE)
            .map(|index| Leaf::read(&source.log.entry(LeafIndex::new(index))))
            .collect(),
    };
    let runs = (0..source.packages()).map(run).collect();
    let puller = source.puller(PayloadFilter::everything());
    let mut fill = puller.fill(runs, nothing_erased());
    let mut filled = 0;
    while let Some(frame) = fill.next().await {
        // What one call brought may be on its way to us when the next is made.
        let in_flight = source.node.sent().slots - filled;
        assert!(in_flight <= 2 * CALL, "{in_flight}");
        filled += frame.expect("the source is honest").states().len() as u64;
    }
    assert_eq!(filled, source.packages() * BUNDLE);
}

#[tokio::test]
async fn the_largest_packages_pass_one_after_the_other() {
    // Each is three times the budget, and needs more calls than are made at a time.
    let source = Source::new(records(2 * BUNDLE, &vec![7; MAX_PAYLOAD]));
    let mut pull = source.pull(PayloadFilter::everything()).await;
    let mut taken = 0;
    while let Some(entries) = take(&mut pull).await {
        taken += entries;
        assert_eq!(source.node.sent().slots, taken);
    }
    assert_eq!(taken, 2 * BUNDLE);
}
