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

#[tokio::test]
async fn a_torn_group_is_cut_and_a_damaged_one_before_others_is_an_error() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    for n in 0..3 {
        store
            .append(&publisher.origin, vec![new(n)], None)
            .await
            .unwrap();
    }
    let journal = |place: &Place| {
        let dir = std::fs::read_dir(place.path().join("journal")).unwrap();
        let paths: Vec<_> = dir.map(|file| file.unwrap().path()).collect();
        assert_eq!(paths.len(), 1);
        paths.into_iter().next().unwrap()
    };
    let torn = place.copy();
    let path = journal(&torn);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let again = torn.open();
    let log = again.log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 2);
    check(&again, &log);
    let damaged = place.copy();
    let path = journal(&damaged);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = damaged.try_open().unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("backup"), "{error}");
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
async fn a_missing_or_damaged_edge_is_an_error_with_advice() {
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
        let error = copy.try_open().unwrap_err();
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "{file}: {error}"
        );
        std::fs::remove_file(&path).unwrap();
        let error = copy.try_open().unwrap_err();
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "{file}: {error}"
        );
        std::fs::write(&path, good).unwrap();
        copy.open().close().unwrap();
    }
}
