//! A mirror holds the whole log, goes on where it stopped, and finds what was changed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use wpsx_client::{
    ClientError, LocalLog, Mirror,
    testing::{Lie, TestLog, TestNode, TestTransport, record_id},
};
use wpsx_proto::{
    envelope::{Envelope, Operation, Reason},
    index::{LeafIndex, TreeSize},
    payload::SlotState,
};

use super::reader::{NAME, reader, some_records};

/// The mirror of a log in a folder, opened to be kept current.
async fn mirrored(node: &TestNode, log: &TestLog, folder: &Path) -> Mirror<TestTransport> {
    let opened = reader(node).mirror(log.origin(), folder).await;
    opened.expect("opened")
}

/// The same, opened without a node.
fn local(log: &TestLog, folder: &Path) -> Result<LocalLog, ClientError> {
    LocalLog::open(folder, log.origin().clone(), log.key())
}

#[tokio::test]
async fn a_mirror_holds_the_whole_log_and_reads_without_a_node() {
    let mut log = some_records();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    assert_eq!(mirror.log().size(), TreeSize::new(300));

    // A record is erased, one withdrawn, one changed; the mirror follows.
    node.with_log(log.origin(), |log| {
        log.erase(record_id(3));
        log.withdraw(record_id(4));
        log.publish(record_id(5), 1, b"second edition");
        log.sign();
    });
    mirror.update().await.expect("proven");
    drop(mirror);
    log = node.with_log(log.origin(), |log| log.clone());

    let local = local(&log, folder.path()).expect("sound");
    assert_eq!(local.size(), TreeSize::new(303));
    assert_eq!(local.verify().expect("sound"), 300);
    let records: Vec<_> = local.records().collect::<Result<_, _>>().expect("readable");
    assert_eq!(records.len(), 298);
    let erased = local
        .entry(LeafIndex::new(3))
        .expect("readable")
        .expect("there");
    assert_eq!(
        (erased.state(), erased.payload()),
        (SlotState::Erased, None)
    );
    let gone = local.get(&record_id(4)).expect("readable").expect("known");
    assert_eq!(
        gone.envelope().map(|envelope| envelope.operation),
        Some(Operation::Withdraw)
    );
    for file in [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/47",
        "tile/1/000.p/1",
    ] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
    assert!(!folder.path().join("tile/entries/001.p/44").exists());
}

#[tokio::test]
async fn a_mirror_takes_a_record_that_was_withdrawn_before_it_was_erased() {
    let mut log = some_records();
    log.withdraw(record_id(3));
    log.erase(record_id(3));
    log.sign();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    drop(mirror);

    let local = local(&log, folder.path()).expect("sound");
    assert_eq!(local.verify().expect("sound"), 299);
    let states = [3, 300, 301].map(|index| {
        let entry = local.entry(LeafIndex::new(index)).expect("readable");
        entry.expect("there").state()
    });
    assert_eq!(
        states,
        [SlotState::Erased, SlotState::None, SlotState::None]
    );
}

#[tokio::test]
async fn a_mirror_fills_its_holes_and_fetches_nothing_twice() {
    let log = TestLog::with_records(NAME, 600, 100);
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    // The node claims that it lost its payloads, and then has them again.
    node.tell(Lie::ErasedClaimed);
    let mut first = mirrored(&node, &log, folder.path()).await;
    first.update().await.expect("proven");
    let full = first.log().verify().expect("sound");
    assert!(full < 600, "{full}");
    node.tell(None);
    first.update().await.expect("proven");
    assert_eq!(first.log().verify().expect("sound"), 600);
    drop(first);

    let sent = node.sent();
    let mut second = mirrored(&node, &log, folder.path()).await;
    second.update().await.expect("proven");
    second.update().await.expect("proven");
    assert_eq!(
        (node.sent().entries, node.sent().slots),
        (sent.entries, sent.slots)
    );
    drop(second);

    // Payloads that were lost here are holes like any other.
    std::fs::remove_file(folder.path().join("payload/001")).expect("there");
    let mut third = mirrored(&node, &log, folder.path()).await;
    assert_eq!(third.log().verify().expect("sound"), 600 - 256);
    third.update().await.expect("proven");
    assert_eq!(third.log().verify().expect("sound"), 600);
    assert_eq!(node.sent().entries, sent.entries);
    assert_eq!(node.sent().slots, sent.slots + 256);
}

#[tokio::test]
async fn a_mirror_destroys_all_revisions_of_an_erased_record_whatever_links_say() {
    let mut log = TestLog::with_records(NAME, 600, 100);
    let unchained = log.publish(record_id(3), 1, b"another first revision");
    log.unchain(record_id(3));
    log.publish(record_id(3), 1, b"a third one");
    log.sign();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    node.with_log(log.origin(), |log| {
        log.unchain(record_id(3));
        log.erase(record_id(3));
        log.sign();
    });
    mirror.update().await.expect("proven");
    drop(mirror);
    let local = local(&log, folder.path()).expect("sound");
    for index in [LeafIndex::new(3), unchained, unchained.plus(1)] {
        let erased = local.entry(index).expect("readable");
        assert_eq!(erased.expect("there").state(), SlotState::Erased, "{index}");
    }
    assert_eq!(local.verify().expect("sound"), 599);
}

#[tokio::test]
async fn an_interrupted_mirror_destroys_what_was_erased_meanwhile() {
    let mut log = TestLog::with_records(NAME, 1000, 100);
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    node.tell(Lie::ChangedEntry);
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect_err("refused");
    drop(mirror);
    node.tell(None);
    node.with_log(log.origin(), |log| {
        log.erase(record_id(3));
        log.sign();
    });
    log = node.with_log(log.origin(), |log| log.clone());

    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    drop(mirror);
    let local = local(&log, folder.path()).expect("sound");
    assert_eq!(local.verify().expect("sound"), 999);
    let erased = local.entry(LeafIndex::new(3)).expect("readable");
    assert_eq!(erased.expect("there").state(), SlotState::Erased);
}

#[tokio::test]
async fn an_interrupted_mirror_goes_on_where_it_stopped() {
    let log = TestLog::with_records(NAME, 1000, 100);
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    node.tell(Lie::ChangedEntry);
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect_err("refused");
    assert_eq!(mirror.log().size(), TreeSize::ZERO);
    drop(mirror);

    node.tell(None);
    let sent = node.sent().entries;
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    assert_eq!(mirror.log().size(), TreeSize::new(1000));
    assert_eq!(node.sent().entries - sent, 1000 - 768);
    assert_eq!(mirror.log().verify().expect("sound"), 1000);
}

#[tokio::test]
async fn a_changed_file_of_a_mirror_is_found() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    for file in ["tile/entries/000", "tile/entries/001.p/44", "checkpoint"] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut mirror = mirrored(&node, &log, folder.path()).await;
        mirror.update().await.expect("proven");
        drop(mirror);
        let path = folder.path().join(file);
        let mut bytes = std::fs::read(&path).expect("written");
        bytes[20] ^= 1;
        std::fs::write(&path, bytes).expect("writable");
        assert!(local(&log, folder.path()).is_err(), "{file}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    let path = folder.path().join("payload/000");
    let mut bytes = std::fs::read(&path).expect("written");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).expect("writable");
    assert!(mirror.log().verify().is_err());
    drop(mirror);
    // The next update looks at every payload, and says which file it is.
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    let found = mirror.update().await.expect_err("changed");
    assert!(matches!(found, ClientError::Damaged { .. }), "{found}");
    assert!(found.to_string().contains("payload/000"), "{found}");
    drop(mirror);
    std::fs::remove_file(folder.path().join("tile/entries/000")).expect("there");
    let found = local(&log, folder.path());
    let found = found.err().expect("missing").to_string();
    assert!(found.contains("entries/000 is missing"), "{found}");
}

#[tokio::test]
async fn a_mirror_that_was_killed_before_its_last_step_is_finished_by_the_next_one() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    drop(mirror);
    // Everything is there but the mark that it is.
    std::fs::remove_file(folder.path().join("checkpoint")).expect("there");

    let sent = node.sent().entries;
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    assert_eq!(mirror.log().size(), TreeSize::ZERO);
    assert_eq!(mirror.log().awaited(), Some(TreeSize::new(300)));
    mirror.update().await.expect("proven");
    assert_eq!(mirror.log().size(), TreeSize::new(300));
    assert_eq!(mirror.log().awaited(), None);
    assert_eq!(mirror.missing().await.expect("sound"), 0);
    assert_eq!(node.sent().entries, sent, "nothing is fetched twice");
    drop(mirror);
    assert_eq!(
        local(&log, folder.path())
            .expect("sound")
            .verify()
            .expect("sound"),
        300
    );
}

#[tokio::test]
async fn what_an_interrupted_mirror_left_and_a_disk_changed_is_fetched_again() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    drop(mirror);
    std::fs::remove_file(folder.path().join("checkpoint")).expect("there");
    let entries = folder.path().join("tile/entries/000");
    let mut bytes = std::fs::read(&entries).expect("written");
    bytes[20] ^= 1;
    std::fs::write(&entries, bytes).expect("writable");

    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    assert_eq!(mirror.log().size(), TreeSize::new(300));
    drop(mirror);
    assert_eq!(
        local(&log, folder.path())
            .expect("sound")
            .verify()
            .expect("sound"),
        300
    );
}

#[tokio::test]
async fn a_mirror_of_a_node_that_shows_less_than_was_seen_is_not_complete() {
    let log = TestLog::with_records(NAME, 1000, 100);
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    node.tell(Lie::ChangedEntry);
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect_err("refused");
    node.tell(Lie::RolledBack);
    mirror
        .update()
        .await
        .expect_err("it shows less than was seen");
    assert_eq!(mirror.log().size(), TreeSize::ZERO);
    assert_eq!(mirror.log().awaited(), Some(TreeSize::new(1000)));
}

#[tokio::test]
async fn two_mirrors_do_not_write_to_one_folder() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let first = mirrored(&node, &log, folder.path()).await;
    let second = reader(&node).mirror(log.origin(), folder.path()).await;
    let refused = second.err().expect("the first one writes");
    assert!(matches!(refused, ClientError::InUse { .. }), "{refused}");
    // Reading needs no right to write.
    local(&log, folder.path()).expect("readable");
    drop(first);
    mirrored(&node, &log, folder.path()).await;
}

#[tokio::test]
async fn a_record_is_not_current_after_an_entry_that_newer_software_wrote() {
    let mut log = some_records();
    let before = log.size().value();
    let operations = [5, 6, 7, 8, 99];
    for (number, operation) in (1..).zip(operations) {
        let envelope = Envelope {
            operation: Operation::from(operation),
            record_id: record_id(number),
            revision: 2,
            previous: Some(LeafIndex::new(number)),
            kind: 1,
            payload: None,
            publish_time: 0,
            reason: Reason::Unspecified,
        };
        log.append_raw(envelope.encode());
    }
    log.sign();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = mirrored(&node, &log, folder.path()).await;
    mirror.update().await.expect("proven");
    let records: Vec<_> = mirror
        .log()
        .records()
        .collect::<Result<_, _>>()
        .expect("readable");
    assert_eq!(records.len(), before as usize - operations.len());
    let newest = mirror
        .log()
        .get(&record_id(1))
        .expect("readable")
        .expect("there");
    assert_eq!(newest.index(), LeafIndex::new(before));
    assert!(newest.record().is_none());
}
