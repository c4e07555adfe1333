//! A reader gets what is proven and refuses the rest; a follower and a mirror miss
//! nothing, go on after a restart, and catch a server that went back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, pin_mut};
use wpsx_client::{
    Client, ClientError, Cursor, Entry, FileHeads, Filter, Followed, Included, LocalLog, Retry,
    Watched,
    pull::PullOptions,
    testing::{Lie, TestLog, TestNode, TestTransport, record_id},
};
use wpsx_proto::{
    envelope::Operation,
    index::{LeafIndex, TreeSize},
    origin::RecordId,
    payload::SlotState,
};

const NAME: &str = "ministry.example";

fn reader(node: &TestNode) -> Client<TestTransport> {
    Client::over(node.transport(), &node.card())
        .expect("the card is sound")
        .with_retry(Retry::never())
        .with_options(PullOptions {
            patience: Duration::from_secs(5),
            ..PullOptions::default()
        })
}

fn some_records() -> TestLog {
    TestLog::with_records(NAME, 300, 100)
}

fn id_of(number: u64) -> RecordId {
    record_id(number)
}

#[tokio::test]
async fn a_record_is_read_with_its_proof() {
    let mut log = some_records();
    log.publish(id_of(7), 1, b"second edition");
    log.sign();
    let node = TestNode::new(log.clone());
    let client = reader(&node);
    let entry = client.get(&id_of(7)).await.expect("proven").expect("known");
    assert_eq!(entry.index(), LeafIndex::new(300));
    assert_eq!(
        entry.payload().map(|p| &p[..]),
        Some(&b"second edition"[..])
    );
    assert_eq!(entry.checkpoint().size(), TreeSize::new(301));
    assert_eq!(entry.origin(), log.origin());
    assert!(client.get(&id_of(9_999)).await.expect("answered").is_none());
}

#[tokio::test]
async fn lies_about_a_record_are_refused() {
    for (lie, code) in [
        (Lie::OtherRecord, "wrong-answer"),
        (Lie::ChangedRecord, "bad-proof"),
        (Lie::OtherInclusion, "bad-proof"),
        (Lie::ChangedRecordPayload, "bad-payload"),
        (Lie::ForgedCheckpoint, "bad-signature"),
        (Lie::OtherLog, "wrong-origin"),
        (Lie::GarbledCheckpoint, "malformed"),
    ] {
        let node = TestNode::new(some_records());
        node.tell(lie);
        let refused = reader(&node).get(&id_of(7)).await.expect_err("refused");
        assert_eq!(refused.code(), code, "{lie:?}: {refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_answer_a_reader_is_left() {
    let node = TestNode::new(some_records());
    node.tell(Lie::Stall);
    let stalled = reader(&node).get(&id_of(7)).await.expect_err("stalled");
    assert_eq!(stalled.code(), "stalled");
}

#[tokio::test]
async fn a_list_comes_page_by_page_and_each_record_is_proven() {
    let mut log = some_records();
    log.withdraw(id_of(5));
    log.publish(id_of(1000), 2, b"of another kind");
    log.sign();
    let node = TestNode::new(log);
    let list = reader(&node).list(Filter::new()).page_size(7).stream();
    let all: Vec<Included<Entry>> = list.try_collect().await.expect("proven");
    assert_eq!(all.len(), 300);
    let list = reader(&node).list(Filter::new().kind(2_u32)).stream();
    let some: Vec<Included<Entry>> = list.try_collect().await.expect("proven");
    assert_eq!(some.len(), 1);
    assert_eq!(some[0].record_id(), Some(id_of(1000)));
}

#[tokio::test]
async fn lies_in_a_list_are_refused() {
    for (lie, code) in [
        (Lie::OtherKind, "wrong-answer"),
        (Lie::EndlessList, "wrong-answer"),
        (Lie::ChangedRecord, "bad-proof"),
        (Lie::ChangedRecordPayload, "bad-payload"),
        (Lie::ForgedCheckpoint, "bad-signature"),
    ] {
        let mut log = some_records();
        log.publish(id_of(1000), 2, b"of another kind");
        log.sign();
        let node = TestNode::new(log);
        node.tell(lie);
        let kind = if lie == Lie::OtherKind { 2_u32 } else { 1 };
        let list = reader(&node).list(Filter::new().kind(kind)).stream();
        let refused = list.try_collect::<Vec<_>>().await.expect_err("refused");
        assert_eq!(refused.code(), code, "{lie:?}: {refused}");
    }
}

#[tokio::test]
async fn a_list_of_logs_that_never_ends_is_refused() {
    let node = TestNode::new(some_records());
    assert_eq!(reader(&node).logs().await.expect("proven").len(), 1);
    node.tell(Lie::EndlessList);
    let refused = reader(&node).logs().await.expect_err("refused");
    assert_eq!(refused.code(), "wrong-answer", "{refused}");
}

#[tokio::test]
async fn an_older_revision_passes_as_included_but_not_as_complete() {
    let mut log = some_records();
    log.publish(id_of(7), 1, b"second edition");
    log.sign();
    let node = TestNode::new(log.clone());
    node.tell(Lie::OldRevision);
    let client = reader(&node);
    let shown = client.get(&id_of(7)).await.expect("proven").expect("known");
    assert_eq!(shown.index(), LeafIndex::new(7));

    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = client
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    mirror.update().await.expect("proven");
    let newest = mirror
        .log()
        .get(&id_of(7))
        .expect("readable")
        .expect("known");
    assert_eq!(newest.index(), LeafIndex::new(300));
}

#[tokio::test]
async fn another_history_is_caught_by_the_head_kept() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let kept = tempfile::tempdir().expect("a folder");
    let heads = || FileHeads::open(kept.path()).expect("a folder");
    let client = reader(&node).with_heads(heads());
    client.get(&id_of(7)).await.expect("proven");

    for (lie, code) in [
        (Lie::ForkEqual, "fork"),
        (Lie::ForkLarger, "fork"),
        (Lie::RolledBack, "rolled-back"),
    ] {
        node.tell(lie);
        let client = reader(&node).with_heads(heads());
        let refused = client.get(&id_of(7)).await.expect_err("refused");
        assert_eq!(refused.code(), code, "{lie:?}: {refused}");
    }
}

#[tokio::test]
async fn a_log_whose_publisher_is_not_known_is_not_believed() {
    let ours = TestNode::new(TestLog::with_records("ours.example", 3, 10));
    let other = TestNode::new(some_records());
    let client = Client::over(other.transport(), &ours.card())
        .expect("the card is sound")
        .with_retry(Retry::never());
    let refused = client.get(&id_of(1)).await.expect_err("refused");
    assert!(matches!(refused, ClientError::NotTrusted { .. }));
    let logs = client.logs().await.expect("answered");
    assert!(logs.iter().all(|log| log.head.is_none()));

    let client = client.trusting(&other.card()).expect("another name");
    assert!(client.get(&id_of(1)).await.expect("proven").is_some());

    let impostor = TestNode::new(TestLog::with_seed(NAME, "impostor"));
    let refused = client.trusting(&impostor.card()).err().expect("refused");
    assert!(matches!(refused, ClientError::NameTaken { .. }));
}

#[tokio::test]
async fn a_watch_tells_of_changes() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let watch = reader(&node).watch(Filter::new());
    pin_mut!(watch);
    let first = watch.next().await.expect("open").expect("proven");
    assert!(matches!(first, Watched::Watching));
    node.with_log(log.origin(), |log| {
        log.publish(id_of(3), 1, b"changed");
        log.sign();
    });
    let next = watch.next().await.expect("open").expect("proven");
    let Watched::Changed(entry) = next else {
        panic!("not told of a change");
    };
    assert_eq!(entry.record_id(), Some(id_of(3)));
}

/// Follows until a head; the indexes told on the way.
async fn until_head(
    follow: &mut wpsx_client::Follow<TestTransport>,
) -> Result<(Vec<u64>, TreeSize), ClientError> {
    let mut told = Vec::new();
    loop {
        match follow.next().await? {
            Followed::Entry(entry) => told.push(entry.index().value()),
            Followed::Head(head) => return Ok((told, head.size())),
        }
    }
}

#[tokio::test]
async fn a_follower_misses_nothing_and_goes_on_after_a_restart() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let mut follow = reader(&node)
        .follow(Cursor::start(log.origin().clone()))
        .expect("known");
    let mut told = Vec::new();
    for _ in 0..100 {
        match follow.next().await.expect("proven") {
            Followed::Entry(entry) => told.push(entry.index().value()),
            Followed::Head(_) => panic!("a head before the last entry"),
        }
    }
    let kept = serde_json::to_string(&follow.cursor()).expect("serialisable");
    drop(follow);

    let cursor: Cursor = serde_json::from_str(&kept).expect("our own form");
    assert_eq!(cursor.next(), LeafIndex::new(100));
    let mut follow = reader(&node).follow(cursor).expect("known");
    let (more, size) = until_head(&mut follow).await.expect("proven");
    told.extend(more);
    assert_eq!(told, (0..300).collect::<Vec<_>>());
    assert_eq!(size, TreeSize::new(300));

    node.with_log(log.origin(), |log| {
        log.publish(id_of(3), 1, b"changed");
        log.sign();
    });
    let (more, size) = until_head(&mut follow).await.expect("proven");
    assert_eq!((more, size), (vec![300], TreeSize::new(301)));
}

#[tokio::test(start_paused = true)]
async fn a_follower_tries_again_when_the_connection_breaks() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    node.tell(Lie::Cut);
    let client = reader(&node).with_retry(Retry::default());
    let mut follow = client
        .follow(Cursor::start(log.origin().clone()))
        .expect("known");
    let healed = node.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        healed.tell(None);
    });
    let (told, size) = until_head(&mut follow).await.expect("proven");
    assert_eq!(told, (0..300).collect::<Vec<_>>());
    assert_eq!(size, TreeSize::new(300));

    node.tell(Lie::Cut);
    node.with_log(log.origin(), |log| {
        log.publish(id_of(3), 1, b"changed");
        log.sign();
    });
    let failed = until_head(&mut follow).await.expect_err("tries end");
    assert_eq!(failed.code(), "connection");
}

#[tokio::test]
async fn a_follower_catches_a_server_that_went_back_while_it_was_away() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let mut follow = reader(&node)
        .follow(Cursor::start(log.origin().clone()))
        .expect("known");
    until_head(&mut follow).await.expect("proven");
    let kept = serde_json::to_string(&follow.cursor()).expect("serialisable");
    for (lie, code) in [
        (Lie::RolledBack, "rolled-back"),
        (Lie::ForkEqual, "fork"),
        (Lie::ForkLarger, "fork"),
        (Lie::ForgedCheckpoint, "bad-signature"),
    ] {
        node.tell(lie);
        let cursor: Cursor = serde_json::from_str(&kept).expect("our own form");
        let mut follow = reader(&node).follow(cursor).expect("known");
        let refused = until_head(&mut follow).await.expect_err("refused");
        assert_eq!(refused.code(), code, "{lie:?}: {refused}");
    }
}

#[tokio::test]
async fn a_damaged_cursor_is_refused() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let mut follow = reader(&node)
        .follow(Cursor::start(log.origin().clone()))
        .expect("known");
    until_head(&mut follow).await.expect("proven");
    let kept = serde_json::to_value(follow.cursor()).expect("serialisable");
    for (field, value) in [
        ("size", serde_json::json!(299)),
        ("version", serde_json::json!(2)),
        ("origin", serde_json::json!("")),
        ("edge", serde_json::json!([])),
        ("open", serde_json::json!([])),
    ] {
        let mut changed = kept.clone();
        changed[field] = value;
        assert!(
            serde_json::from_value::<Cursor>(changed).is_err(),
            "{field}"
        );
    }
    let mut changed = kept;
    changed["checkpoint"] = serde_json::json!("not a note");
    let cursor: Cursor = serde_json::from_value(changed).expect("looked at when used");
    assert!(matches!(
        reader(&node).follow(cursor).err(),
        Some(ClientError::Damaged { .. })
    ));
}

#[tokio::test]
async fn a_mirror_holds_the_whole_log_and_reads_without_a_node() {
    let mut log = some_records();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let client = reader(&node);
    let mut mirror = client
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    mirror.update().await.expect("proven");
    assert_eq!(mirror.log().size(), TreeSize::new(300));

    // A record is erased, one withdrawn, one changed; the mirror follows.
    node.with_log(log.origin(), |log| {
        log.erase(id_of(3));
        log.withdraw(id_of(4));
        log.publish(id_of(5), 1, b"second edition");
        log.sign();
    });
    mirror.update().await.expect("proven");
    drop(mirror);
    log = node.with_log(log.origin(), |log| log.clone());

    let local = LocalLog::open(folder.path(), log.origin().clone(), log.key()).expect("sound");
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
    let gone = local.get(&id_of(4)).expect("readable").expect("known");
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
    log.withdraw(id_of(3));
    log.erase(id_of(3));
    log.sign();
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = reader(&node)
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    mirror.update().await.expect("proven");
    drop(mirror);

    let local = LocalLog::open(folder.path(), log.origin().clone(), log.key()).expect("sound");
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
    let mirror = || {
        let client = reader(&node);
        let (origin, folder) = (log.origin().clone(), folder.path().to_owned());
        async move { client.mirror(&origin, folder).await.expect("opened") }
    };
    // The node claims that it lost its payloads, and then has them again.
    node.tell(Lie::ErasedClaimed);
    let mut first = mirror().await;
    first.update().await.expect("proven");
    let full = first.log().verify().expect("sound");
    assert!(full < 600, "{full}");
    node.tell(None);
    first.update().await.expect("proven");
    assert_eq!(first.log().verify().expect("sound"), 600);
    drop(first);

    let sent = node.sent();
    let mut second = mirror().await;
    second.update().await.expect("proven");
    second.update().await.expect("proven");
    assert_eq!(
        (node.sent().entries, node.sent().slots),
        (sent.entries, sent.slots)
    );
    drop(second);

    // Payloads that were lost here are holes like any other.
    std::fs::remove_file(folder.path().join("payload/001")).expect("there");
    let mut third = mirror().await;
    assert_eq!(third.log().verify().expect("sound"), 600 - 256);
    third.update().await.expect("proven");
    assert_eq!(third.log().verify().expect("sound"), 600);
    assert_eq!(node.sent().entries, sent.entries);
    assert_eq!(node.sent().slots, sent.slots + 256);
}

#[tokio::test]
async fn an_interrupted_mirror_destroys_what_was_erased_meanwhile() {
    let mut log = TestLog::with_records(NAME, 1000, 100);
    let node = TestNode::new(log.clone());
    let folder = tempfile::tempdir().expect("a folder");
    node.tell(Lie::ChangedEntry);
    let mut mirror = reader(&node)
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    mirror.update().await.expect_err("refused");
    drop(mirror);
    node.tell(None);
    node.with_log(log.origin(), |log| {
        log.erase(id_of(3));
        log.sign();
    });
    log = node.with_log(log.origin(), |log| log.clone());

    let mut mirror = reader(&node)
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    mirror.update().await.expect("proven");
    drop(mirror);
    let local = LocalLog::open(folder.path(), log.origin().clone(), log.key()).expect("sound");
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
    let mut mirror = reader(&node)
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    mirror.update().await.expect_err("refused");
    assert_eq!(mirror.log().size(), TreeSize::ZERO);
    drop(mirror);

    node.tell(None);
    let sent = node.sent().entries;
    let mut mirror = reader(&node)
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
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
        let mut mirror = reader(&node)
            .mirror(log.origin(), folder.path())
            .await
            .expect("opened");
        mirror.update().await.expect("proven");
        drop(mirror);
        let path = folder.path().join(file);
        let mut bytes = std::fs::read(&path).expect("written");
        bytes[20] ^= 1;
        std::fs::write(&path, bytes).expect("writable");
        assert!(
            LocalLog::open(folder.path(), log.origin().clone(), log.key()).is_err(),
            "{file}"
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = reader(&node)
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    mirror.update().await.expect("proven");
    let path = folder.path().join("payload/000");
    let mut bytes = std::fs::read(&path).expect("written");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).expect("writable");
    assert!(mirror.log().verify().is_err());
    drop(mirror);
    // The next update looks at every payload, and says which file it is.
    let mut mirror = reader(&node)
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    let found = mirror.update().await.expect_err("changed");
    assert!(matches!(found, ClientError::Damaged { .. }), "{found}");
    assert!(found.to_string().contains("payload/000"), "{found}");
    drop(mirror);
    std::fs::remove_file(folder.path().join("tile/entries/000")).expect("there");
    let found = LocalLog::open(folder.path(), log.origin().clone(), log.key());
    let found = found.err().expect("missing").to_string();
    assert!(found.contains("entries/000 is missing"), "{found}");
}
