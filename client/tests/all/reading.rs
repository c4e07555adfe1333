//! A reader gets what is proven and refuses the rest.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use futures::{StreamExt as _, TryStreamExt as _, pin_mut};
use wpsx_client::{
    Client, ClientError, Entry, FileHeads, Filter, Included, Retry, Watched,
    testing::{Lie, TestLog, TestNode, record_id},
};
use wpsx_proto::{
    index::{LeafIndex, TreeSize},
    record::{Kind, Reading},
};

use super::reader::{NAME, reader, some_records};

#[tokio::test]
async fn a_record_is_read_with_its_proof() {
    let mut log = some_records();
    log.publish(record_id(7), 1, b"second edition");
    log.sign();
    let node = TestNode::new(log.clone());
    let client = reader(&node);
    let entry = client
        .get(&record_id(7))
        .await
        .expect("proven")
        .expect("known");
    assert_eq!(entry.index(), LeafIndex::new(300));
    assert_eq!(
        entry.payload().map(|p| &p[..]),
        Some(&b"second edition"[..])
    );
    assert_eq!(entry.checkpoint().size(), TreeSize::new(301));
    assert_eq!(entry.origin(), log.origin());
    assert!(
        client
            .get(&record_id(9_999))
            .await
            .expect("answered")
            .is_none()
    );
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
        let refused = reader(&node).get(&record_id(7)).await.expect_err("refused");
        assert_eq!(refused.code(), code, "{lie:?}: {refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_answer_a_reader_is_left() {
    let node = TestNode::new(some_records());
    node.tell(Lie::Stall);
    let stalled = reader(&node).get(&record_id(7)).await.expect_err("stalled");
    assert_eq!(stalled.code(), "stalled");
}

#[tokio::test]
async fn a_list_comes_page_by_page_and_each_record_is_proven() {
    let mut log = some_records();
    log.withdraw(record_id(5));
    log.publish(record_id(1000), 2, b"of another kind");
    log.sign();
    let node = TestNode::new(log);
    let list = reader(&node).list(Filter::new()).page_size(7).stream();
    let all: Vec<Included<Entry>> = list.try_collect().await.expect("proven");
    assert_eq!(all.len(), 300);
    let list = reader(&node).list(Filter::new().kind(2_u32)).stream();
    let some: Vec<Included<Entry>> = list.try_collect().await.expect("proven");
    assert_eq!(some.len(), 1);
    assert_eq!(some[0].record_id(), Some(record_id(1000)));
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
        log.publish(record_id(1000), 2, b"of another kind");
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
async fn an_entry_of_a_publisher_that_was_not_asked_for_is_refused() {
    // It answers whatever publisher is asked for.
    let node = TestNode::new(some_records());
    let of = |name: &str| reader(&node).list(Filter::new().publisher(name)).stream();
    let asked: Vec<_> = of(NAME).try_collect().await.expect("proven");
    assert_eq!(asked.len(), 300);
    let refused = of("other.example").try_collect::<Vec<_>>().await;
    assert_eq!(refused.expect_err("refused").code(), "wrong-answer");
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
    log.publish(record_id(7), 1, b"second edition");
    log.sign();
    let node = TestNode::new(log.clone());
    node.tell(Lie::OldRevision);
    let client = reader(&node);
    let shown = client
        .get(&record_id(7))
        .await
        .expect("proven")
        .expect("known");
    assert_eq!(shown.index(), LeafIndex::new(7));

    let folder = tempfile::tempdir().expect("a folder");
    let mut mirror = client
        .mirror(log.origin(), folder.path())
        .await
        .expect("opened");
    mirror.update().await.expect("proven");
    let newest = mirror
        .log()
        .get(&record_id(7))
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
    client.get(&record_id(7)).await.expect("proven");

    for (lie, code) in [
        (Lie::ForkEqual, "fork"),
        (Lie::ForkLarger, "fork"),
        (Lie::RolledBack, "rolled-back"),
    ] {
        node.tell(lie);
        let client = reader(&node).with_heads(heads());
        let refused = client.get(&record_id(7)).await.expect_err("refused");
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
    let refused = client.get(&record_id(1)).await.expect_err("refused");
    assert!(matches!(refused, ClientError::NotTrusted { .. }));
    let logs = client.logs().await.expect("answered");
    assert!(logs.iter().all(|log| log.head.is_none()));

    let client = client.trusting(&other.card()).expect("another name");
    assert!(client.get(&record_id(1)).await.expect("proven").is_some());

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
    assert!(matches!(first, Watched::Watching(_)));
    node.with_log(log.origin(), |log| {
        log.publish(record_id(3), 1, b"changed");
        log.sign();
    });
    let next = watch.next().await.expect("open").expect("proven");
    let Watched::Changed(entry) = next else {
        panic!("not told of a change");
    };
    assert_eq!(entry.record_id(), Some(record_id(3)));
}

#[tokio::test]
async fn a_list_and_a_watch_from_its_position_leave_no_gap() {
    let log = some_records();
    let node = TestNode::new(log.clone());
    let client = reader(&node);
    let list = client.list(Filter::new());
    let position = list.position().await.expect("answered");
    // What comes between the list and the watch is told by the watch.
    for number in [3, 4] {
        node.with_log(log.origin(), |log| {
            log.publish(record_id(number), 1, b"changed");
            log.sign();
        });
    }
    let watch = client.watch_from(Filter::new(), position);
    pin_mut!(watch);
    let mut at = None;
    for number in [3, 4] {
        loop {
            match watch.next().await.expect("open").expect("proven") {
                Watched::Watching(position) => at = Some(position),
                Watched::Changed(entry) => {
                    assert_eq!(entry.record_id(), Some(record_id(number)));
                    break;
                }
            }
        }
    }
    assert!(at.is_some(), "a watch says where it begins");
}

#[tokio::test]
async fn a_history_is_every_revision_the_newest_first_and_each_is_proven() {
    let mut log = some_records();
    for text in [&b"second"[..], b"third", b"fourth"] {
        log.publish(record_id(7), 1, text);
        log.sign();
    }
    let node = TestNode::new(log);
    let history = reader(&node).history(&record_id(7), None).await;
    let history = history.expect("proven");
    let texts: Vec<&[u8]> = history
        .iter()
        .filter_map(|e| e.payload())
        .map(|p| &p[..])
        .collect();
    assert_eq!(texts.len(), 4);
    assert_eq!(texts[..3], [&b"fourth"[..], b"third", b"second"]);
    let unknown = reader(&node).history(&record_id(9_999), None).await;
    assert!(unknown.expect("answered").is_empty());
    for lie in [
        Lie::ChangedRecord,
        Lie::OtherInclusion,
        Lie::OtherRecord,
        Lie::EndlessList,
    ] {
        node.tell(lie);
        let refused = reader(&node).history(&record_id(7), None).await;
        assert!(refused.is_err() || lie == Lie::EndlessList, "{lie:?}");
    }
}

#[tokio::test]
async fn every_kind_is_read_as_a_type_of_its_own() {
    let mut log = some_records();
    let mut published = Vec::new();
    for (number, kind) in (100..).zip(Kind::known()) {
        // A title, and the empty part of the kind (SPEC.md, 12.1 and 12.4).
        let part = (100 + kind.number()) << 3 | 2;
        let key = [part as u8 | 0x80, (part >> 7) as u8];
        let record = [&b"\x12\x07\x0a\x02en\x12\x01T"[..], &key, &[0]].concat();
        log.publish(record_id(number), kind.number(), &record);
        published.push((number, kind));
    }
    log.sign();
    let client = reader(&TestNode::new(log));
    for (number, kind) in published {
        let entry = client.get(&record_id(number)).await.expect("answered");
        let read = entry.expect("there").record().expect("it publishes");
        let Reading::Readable(record) = read else {
            panic!("{kind} is not read");
        };
        assert!(record.message().body.is_some(), "{kind}");
        assert_eq!(record.kind(), kind);
    }
}

#[test]
fn every_example_is_shorter_than_fifty_lines() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let lines = std::fs::read_to_string(&path)
            .expect("text")
            .lines()
            .count();
        assert!(lines < 50, "{} has {lines} lines", path.display());
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        names.push(name);
    }
    for name in ["typed", "watch", "history", "counts", "claimed"] {
        assert!(names.iter().any(|known| known == name), "no example {name}");
    }
}
