//! A follower misses nothing, goes on after a restart, and catches a server that went
//! back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use wpsx_client::{
    ClientError, Cursor, Follow, Followed, Retry,
    testing::{Lie, TestNode, TestTransport, record_id},
};
use wpsx_proto::index::{LeafIndex, TreeSize};

use super::reader::{reader, some_records};

/// Follows until a head; the indexes told on the way.
async fn until_head(
    follow: &mut Follow<TestTransport>,
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
        log.publish(record_id(3), 1, b"changed");
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
        // Each try watches heads and reads packages: it heals when two have failed.
        while healed.sent().calls < 5 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        healed.tell(None);
    });
    let (told, size) = until_head(&mut follow).await.expect("proven");
    assert_eq!(told, (0..300).collect::<Vec<_>>());
    assert_eq!(size, TreeSize::new(300));

    node.tell(Lie::Cut);
    node.with_log(log.origin(), |log| {
        log.publish(record_id(3), 1, b"changed");
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
