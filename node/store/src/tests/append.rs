//! Appending to own logs.

use super::*;

#[tokio::test]
async fn what_was_appended_is_read_back_and_survives_a_new_start() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let mut n = 0;
    for size in [1, 2, 250, 3, 256, 1, 700, 511] {
        let batch: Vec<_> = (n..n + size).map(new).collect();
        let appended = store.append(&publisher.origin, batch, None).await.unwrap();
        assert_eq!(appended.entries.len() as u64, size);
        assert_eq!(appended.entries[0].0.value(), n);
        n += size;
        assert_eq!(appended.head.size().value(), n);
        assert_eq!(log.head().unwrap().note_bytes(), appended.head.note_bytes());
    }
    let read = |log: &LogHandle| {
        assert_eq!(log.stored().value(), n);
        for index in 0..n {
            let at = LeafIndex::new(index);
            let Leaf::Known(envelope) = Leaf::read(&log.entry(at).unwrap()) else {
                panic!()
            };
            assert_eq!(envelope.record_id, id(index));
            let (state, slot) = log.slot(at).unwrap();
            assert_eq!(state, SlotState::Full);
            assert_eq!(slot.unwrap()[32..], payload(index));
        }
        assert_eq!(log.frontier().root(), log.head().unwrap().root());
    };
    read(&log);
    check(&store, &log);
    read(&log);
    store.close().unwrap();
    assert!(place.names("journal/").is_empty());
    let store = place.open();
    let log = store.log(&publisher.origin).unwrap();
    read(&log);
    check(&store, &log);
    let appended = store
        .append(&publisher.origin, vec![new(n)], None)
        .await
        .unwrap();
    assert_eq!(appended.head.size().value(), n + 1);
    check(&store, &log);
}

#[tokio::test]
async fn revisions_link_to_the_newest_entry_wherever_it_is() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    let existing = |n| publish(RecordTarget::Existing(id(1)), n);
    // In the same batch, in memory, and in the index after a new start.
    let first = store
        .append(&publisher.origin, vec![new(1), existing(2)], None)
        .await
        .unwrap();
    assert_eq!(first.entries[1].1.previous, Some(LeafIndex::new(0)));
    let second = store
        .append(&publisher.origin, vec![existing(3)], None)
        .await
        .unwrap();
    assert_eq!(second.entries[0].1.previous, Some(LeafIndex::new(1)));
    assert_eq!(second.entries[0].1.revision, 3);
    store.close().unwrap();
    let store = place.open();
    let third = store
        .append(&publisher.origin, vec![existing(4)], None)
        .await
        .unwrap();
    assert_eq!(third.entries[0].1.previous, Some(LeafIndex::new(2)));
    store.close().unwrap();
    // And when the index was lost.
    let place = place.without_index();
    let store = place.open();
    let fourth = store
        .append(&publisher.origin, vec![existing(5)], None)
        .await
        .unwrap();
    assert_eq!(fourth.entries[0].1.previous, Some(LeafIndex::new(3)));
    let unknown = publish(RecordTarget::Existing(id(9)), 9);
    let error = store
        .append(&publisher.origin, vec![new(7), unknown], None)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::UnknownRecord(record) if record == id(9)));
    assert_eq!(store.log(&publisher.origin).unwrap().stored().value(), 5);
}

#[tokio::test]
async fn many_writers_at_once_share_groups_and_lose_nothing() {
    let place = Place::new();
    let store = place.open();
    let publishers: Vec<_> = (0..3)
        .map(|n| publisher(&format!("p{n}.example")))
        .collect();
    for publisher in &publishers {
        own(&store, publisher);
    }
    let mut tasks = Vec::new();
    for n in 0..150u64 {
        let store = store.clone();
        let origin = publishers[n as usize % 3].origin.clone();
        tasks.push(tokio::spawn(async move {
            let batch = (0..7).map(|k| new(n * 100 + k)).collect();
            let done = store.append(&origin, batch, None).await.unwrap();
            let first = done.entries[0].0.value();
            assert!(
                done.entries
                    .iter()
                    .zip(first..)
                    .all(|((at, _), n)| at.value() == n)
            );
            assert_eq!(done.head.size().value(), first + 7);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for log in store.logs() {
        assert_eq!(log.stored().value(), 350);
        check(&store, &log);
    }
}

#[tokio::test]
async fn a_batch_is_remembered_exactly_if_its_entries_are_there() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let origin = &publisher.origin;
    let words = || Some(bytes::Bytes::from_static(b"plans.csv"));
    let request = || RequestId::parse("import 1").ok();
    let batch = || vec![new(1), new(2)];
    // Without a request nobody could tell it from another, and a bad batch is none.
    let refused = store.append_remembered(origin, batch(), None, words());
    assert!(refused.await.is_err());
    let refused = store.append_remembered(origin, Vec::new(), request(), words());
    assert!(refused.await.is_err());
    assert!(log.remembered().is_empty());
    for _ in 0..2 {
        let done = store.append_remembered(origin, batch(), request(), words());
        done.await.unwrap();
    }
    let is_told = |log: &LogHandle| {
        let all = log.remembered();
        let [batch] = all.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!((batch.start, batch.count), (0, 2));
        assert_eq!(batch.words, "plans.csv");
        assert_eq!(log.stored().value(), 2);
    };
    is_told(&log);
    // After a kill it comes from the journal, after a close from the state.
    let copy = place.copy();
    store.close().unwrap();
    for place in [&place, &copy] {
        is_told(&place.open().log(origin).unwrap());
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_not_carried_out_again() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    let request = RequestId::parse("import 1").unwrap();
    let batch = || vec![new(1), new(2)];
    assert!(store.seen_request(&publisher.origin, &request).is_none());
    let once = store
        .append(&publisher.origin, batch(), Some(request.clone()))
        .await
        .unwrap();
    let again = store
        .append(&publisher.origin, batch(), Some(request.clone()))
        .await
        .unwrap();
    assert_eq!(once.entries, again.entries);
    let copy = place.copy();
    store.close().unwrap();
    for place in [&place, &copy] {
        let store = place.open();
        let seen = store.seen_request(&publisher.origin, &request).unwrap();
        assert_eq!(seen.entries, once.entries);
        let again = store
            .append(&publisher.origin, batch(), Some(request.clone()))
            .await
            .unwrap();
        assert_eq!(once.entries, again.entries);
        assert_eq!(store.log(&publisher.origin).unwrap().stored().value(), 2);
    }
}

#[tokio::test]
async fn a_bad_entry_leaves_no_trace_of_its_batch() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let large = NewEntry {
        payload: Some(vec![0; 262_145].into()),
        ..new(1)
    };
    let empty = NewEntry {
        payload: None,
        ..new(1)
    };
    let paid = NewEntry {
        operation: Operation::Erase,
        ..new(1)
    };
    for bad in [large, empty, paid] {
        let error = store
            .append(&publisher.origin, vec![new(0), bad], None)
            .await
            .unwrap_err();
        assert!(
            matches!(error, StoreError::BadEntry { position: 1, .. }),
            "{error}"
        );
    }
    assert!(store.append(&publisher.origin, vec![], None).await.is_err());
    assert_eq!(log.stored().value(), 0);
    assert!(log.head().is_none());
    let largest = NewEntry {
        payload: Some(vec![7; 262_144].into()),
        ..new(1)
    };
    let batch: Vec<_> = (0..20)
        .map(|n| NewEntry {
            target: RecordTarget::New(id(n)),
            ..largest.clone()
        })
        .collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    check(&store, &log);
}

#[tokio::test]
async fn a_head_is_cosigned_at_most_once_a_second_and_what_is_owed_follows() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let key = Cosigner::from_seed("node.example", &[7; 32])
        .unwrap()
        .verifier_key();
    let times = |log: &LogHandle| {
        let head = log.head().unwrap();
        let lines = head.cosignatures(std::slice::from_ref(&key));
        lines.iter().map(|line| line.time).collect::<Vec<_>>()
    };
    store
        .append(&publisher.origin, vec![new(1)], None)
        .await
        .unwrap();
    assert_eq!(times(&log), [START / 1000]);
    store
        .append(&publisher.origin, vec![new(2)], None)
        .await
        .unwrap();
    assert_eq!(times(&log), Vec::<u64>::new());
    place.time.fetch_add(1500, Ordering::SeqCst);
    let mut waited = 0;
    while times(&log).is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        waited += 1;
        assert!(waited < 250, "no cosignature came");
    }
    assert_eq!(times(&log), [(START + 1500) / 1000]);
    place.time.fetch_add(60_000, Ordering::SeqCst);
    store.renew(&publisher.origin).await.unwrap();
    assert_eq!(times(&log), [(START + 61_500) / 1000]);
    check(&store, &log);
}

#[tokio::test]
async fn a_directory_that_cannot_be_opened_gets_a_sentence_with_the_remedy() {
    let place = Place::on_disk();
    let told = |error: StoreError, remedy: &str| {
        let told = error.to_string();
        assert!(told.contains(remedy), "{remedy:?} is not in {told:?}");
        assert_eq!(told.lines().count(), 1);
    };
    let opening = |path: &Path, remedy: &str| told(place.try_open_at(path).unwrap_err(), remedy);
    let store = place.open();
    opening(
        &place.path(),
        "stop it, or use the commands that talk to it",
    );
    store.close().unwrap();
    told(
        Store::create(&place.path()).unwrap_err(),
        "choose an empty or new directory",
    );
    opening(&place.path().join("nowhere"), "make one with `wpsx init`");
    for part in ["journal", "logs", "state"] {
        let hurt = place.copy();
        std::fs::remove_dir_all(hurt.path().join(part)).unwrap();
        opening(&hurt.path(), "restore the directory from a backup");
    }
    let version = place.path().join("wpsx-store");
    for (line, remedy) in [
        ("wpsx store format 99\n", "use the newer wpsx"),
        ("wpsx store format 1\n", "with the older wpsx"),
        (
            "wpsx store format 0\n",
            "restore the directory from a backup",
        ),
        ("something else\n", "restore the directory from a backup"),
        ("", "restore the directory from a backup"),
    ] {
        std::fs::write(&version, line).unwrap();
        opening(&place.path(), remedy);
    }
    // Nothing was changed by looking.
    std::fs::write(&version, "wpsx store format 5\n").unwrap();
    place.open().close().unwrap();
}

/// As root the system allows everything, and nothing is left to see.
#[cfg(unix)]
#[tokio::test]
async fn a_directory_of_another_user_gets_a_sentence_with_the_remedy() {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};
    let place = Place::on_disk();
    let mode = |mode| std::fs::set_permissions(place.path(), Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    let allowed = std::fs::write(place.path().join("probe"), b"").is_ok();
    let opened = place.try_open();
    mode(0o700);
    match opened {
        Ok(_) => assert!(allowed),
        Err(error) => {
            let told = error.to_string();
            assert!(told.contains("to the user that runs wpsx"), "{told}");
        }
    }
}

#[tokio::test]
async fn a_read_only_store_appends_nothing_and_a_closed_one_answers_nothing() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    store.set_read_only("a peer has seen further");
    let error = store
        .append(&publisher.origin, vec![new(1)], None)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store is read-only: a peer has seen further"
    );
    store.close().unwrap();
    let error = store
        .append(&publisher.origin, vec![new(1)], None)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        StoreError::Closed | StoreError::ReadOnly(_)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_while_it_is_verified_is_found_whole() {
    let place = Place::new();
    let store = place.open();
    let log = own(&store, &publisher("eu.example"));
    let (verifier, verified) = (store.clone(), log.clone());
    let verifying = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        while verified.stored().value() < 3_000 {
            found.extend(verifier.verify(&verified, |_| {}).unwrap().problems);
        }
        found
    });
    for start in (0..3_000).step_by(30) {
        let batch = (start..start + 30).map(new).collect();
        store.append(log.origin(), batch, None).await.unwrap();
        store.settle().await.unwrap();
    }
    assert_eq!(verifying.await.unwrap(), Vec::<String>::new());
}
