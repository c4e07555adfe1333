//! What a kill leaves is opened again, whatever step it was in.

use super::*;

#[tokio::test]
async fn a_copy_made_at_any_time_opens_and_holds_what_was_acknowledged() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let mut next = 0;
    for round in 0..12u64 {
        let count = [1, 255, 1, 300, 2, 600, 40][round as usize % 7];
        let batch = (next..next + count).map(new).collect();
        store.append(&publisher.origin, batch, None).await.unwrap();
        next += count;
        if round % 3 == 1 {
            store.settle().await.unwrap();
        }
        if round % 4 == 3 {
            let erase = vec![without_payload(next - 1, Operation::Erase)];
            store.append(&publisher.origin, erase, None).await.unwrap();
            next += 1;
        }
        let copy = place.copy();
        let again = copy.open();
        let found = again.log(&publisher.origin).unwrap();
        assert_eq!(found.stored(), log.stored(), "round {round}");
        assert_eq!(
            found.head().unwrap().note_bytes(),
            log.head().unwrap().note_bytes()
        );
        assert_eq!(found.holes(), log.holes());
        same(&log, &found);
        check(&again, &found);
        again
            .append(&publisher.origin, vec![new(1 << 40)], None)
            .await
            .unwrap();
        check(&again, &found);
    }
}

/// The one segment of a journal.
fn journal(place: &Place) -> PathBuf {
    let dir = std::fs::read_dir(place.path().join("journal")).unwrap();
    let paths: Vec<_> = dir.map(|file| file.unwrap().path()).collect();
    assert_eq!(paths.len(), 1);
    paths.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_group_that_was_not_acknowledged_is_cut() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    let append = |n| store.append(&publisher.origin, vec![new(n)], None);
    append(0).await.unwrap();
    append(1).await.unwrap();
    let path = journal(&place);
    let before = std::fs::read(&path).unwrap();
    append(2).await.unwrap();
    let after = std::fs::read(&path).unwrap();
    let torn = place.copy();
    // The mark is written after the sync, with which the group is acknowledged.
    let unacknowledged = [&before, &after[before.len()..after.len() - 1]].concat();
    std::fs::write(journal(&torn), unacknowledged).unwrap();
    let again = torn.open();
    assert_eq!(again.doubt(), None);
    let log = again.log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 2);
    check(&again, &log);
}

/// Where what was acknowledged is gone, a log that goes on would sign a second history.
#[tokio::test]
async fn what_was_acknowledged_and_cannot_be_read_stops_signing_until_it_is_seen_to() {
    let place = Place::on_disk();
    let ours = publisher("eu.example");
    let store = place.open();
    own(&store, &ours);
    for n in 0..3 {
        store
            .append(&ours.origin, vec![new(n)], None)
            .await
            .unwrap();
    }
    let good = std::fs::read(journal(&place)).unwrap();
    let mut flipped = good.clone();
    flipped[100] ^= 1;
    let mut last = good.clone();
    let end = last.len() - 1;
    last[end] ^= 1;
    let cases = [Some(flipped), Some(last), Some(good[..end].to_vec()), None];
    for (case, bytes) in cases.into_iter().enumerate() {
        let hurt = place.copy();
        let path = journal(&hurt);
        match &bytes {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let other = publisher("mirror.example");
        for round in 0..3 {
            let again = hurt.open();
            let doubt = again.doubt().unwrap();
            assert!(doubt.contains("wpsx recover"), "{case}, {round}: {doubt}");
            let refused = again.append(&ours.origin, vec![new(9)], None).await;
            assert!(matches!(refused, Err(StoreError::ReadOnly(_))), "{case}");
            let log = again.log(&ours.origin).unwrap();
            assert!(log.stored().value() < 3);
            let found = again.verify(&log, |_| {}).unwrap().problems;
            assert!(found.contains(&doubt), "{case}: {found:?}");
            // Replicas go on.
            replica(&again, &other);
            again.close().unwrap();
        }
        if let Some(bytes) = bytes {
            let aside = path.with_extension("journal.damaged");
            assert_eq!(std::fs::read(aside).unwrap(), bytes, "{case}");
        }
        let again = hurt.open();
        again.dispel_doubt().unwrap();
        again
            .append(&ours.origin, vec![new(9)], None)
            .await
            .unwrap();
        again.close().unwrap();
        assert_eq!(hurt.open().doubt(), None);
    }
}

/// A kill between the write and its sync leaves a group that no disk has yet. Whoever
/// shows it after the next start must have made it durable.
#[tokio::test]
async fn what_is_found_in_the_journal_is_durable_before_it_is_shown() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    let append = |n| store.append(&publisher.origin, vec![new(n)], None);
    append(0).await.unwrap();
    place
        .memory()
        .fail(Left::Unsynced, std::io::ErrorKind::Other);
    append(1).await.unwrap_err();
    let killed = place.copy();
    let lost = killed.without_power();
    let log = lost.open().log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 1, "it was not durable");
    let again = killed.open();
    let log = again.log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 2);
    let lost = killed.without_power();
    let log = lost.open().log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 2, "what was shown is durable");
}

/// A kill while partial files were written of a moment that the journal has gone
/// beyond: no state file names them, and recovery writes others.
#[tokio::test]
async fn what_a_kill_left_half_written_is_removed() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let append = |batch| store.append(&publisher.origin, batch, None);
    append((0..300).map(new).collect()).await.unwrap();
    store.settle().await.unwrap();
    append((300..400).map(new).collect()).await.unwrap();
    let killed = place.copy();
    let dir = &log.inner.dir;
    let left = [
        "checkpoint.tmp",
        "tile/0/001.p/77",
        "tile/entries/001.p/77",
        "tile/entries/001.tmp",
        "payload/001.p/77",
        "payload/001.p/144.tmp",
    ];
    for file in left {
        let path = killed.path().join(dir).join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"half").unwrap();
    }
    let store = killed.open();
    let found = store.log(&publisher.origin).unwrap();
    assert_eq!(found.stored().value(), 400);
    check(&store, &found);
    for file in left {
        assert!(!killed.path().join(dir).join(file).exists(), "{file}");
    }
}

#[tokio::test]
async fn a_missing_or_damaged_edge_is_made_anew_or_the_log_stands_still_with_advice() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    store
        .append(&publisher.origin, (0..300).map(new).collect(), None)
        .await
        .unwrap();
    store.close().unwrap();
    let log = std::fs::read_dir(place.path().join("logs"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let inside = Path::new("logs").join(log.file_name());
    for file in [
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/001.p/44",
        "payload/001.p/44",
    ] {
        let copy = place.copy();
        let path = copy.path().join(&inside).join(file);
        let good = std::fs::read(&path).unwrap();
        let mut bad = good.clone();
        let at = bad.len() / 2;
        bad[at] ^= 4;
        std::fs::write(&path, bad).unwrap();
        // What is below a tile says what it was; payloads that are lost become holes.
        if !file.starts_with("tile/entries") {
            for missing in [false, true] {
                if missing {
                    std::fs::remove_file(&path).unwrap();
                }
                let hurt = copy.copy();
                let store = hurt.open();
                let log = store.log(&publisher.origin).unwrap();
                assert_eq!(log.stored().value(), 300, "{file}");
                store.settle().await.unwrap();
                assert!(store.damage().is_empty(), "{file}: {:?}", store.damage());
                let found = store.verify(&log, |_| {}).unwrap().problems;
                let lost = |problem: &String| problem.ends_with("of our own log is missing");
                let expected = if file.starts_with("payload") { 44 } else { 0 };
                assert!(found.iter().all(lost), "{file}: {found:?}");
                assert!(found.len() <= expected, "{file}: {found:?}");
                assert_eq!(log.holes().not_held, found.len() as u64, "{file}");
            }
            continue;
        }
        let refused = || {
            let store = copy.open();
            let role = LogRole::Own(publisher.signer.clone());
            let again = store.add_log(&publisher.origin, publisher.identity.clone(), role);
            let error = again.unwrap_err();
            assert!(store.stands_still(&publisher.origin), "{file}");
            store.close().unwrap();
            error.to_string()
        };
        assert!(refused().contains("wpsx repair"), "{file}");
        std::fs::remove_file(&path).unwrap();
        assert!(refused().contains("wpsx repair"), "{file}");
        std::fs::write(&path, good).unwrap();
        copy.open().close().unwrap();
    }
}
