//! Each write fails in each way: it left nothing, a part or everything, or the disk
//! did not say that it has it. Then nothing more is acknowledged, what was answered
//! before is still there to read, and a new start finds a whole log.

use std::io::ErrorKind;

use super::*;

const WAYS: [Left; 4] = [Left::Nothing, Left::Half, Left::Everything, Left::Unsynced];

#[tokio::test]
async fn a_failed_append_is_not_acknowledged_and_leaves_a_whole_log() {
    for left in WAYS {
        let place = Place::new();
        let publisher = publisher("eu.example");
        let store = place.open();
        let log = own(&store, &publisher);
        let append = |store: &Opened, from: u64, to: u64| {
            let (store, origin) = (store.clone(), publisher.origin.clone());
            async move {
                store
                    .append(&origin, (from..to).map(new).collect(), None)
                    .await
            }
        };
        append(&store, 0, 300).await.unwrap();
        let head = log.head().unwrap();
        place.memory().fail(left, ErrorKind::Other);
        let error = append(&store, 300, 400).await.unwrap_err();
        assert!(
            matches!(error, StoreError::ReadOnly(_)),
            "{left:?}: {error}"
        );
        assert_eq!(log.stored().value(), 300, "{left:?}");
        assert_eq!(log.head().unwrap().note_bytes(), head.note_bytes());
        // Not a second try on the same file: nothing is taken until a new start.
        assert!(append(&store, 300, 301).await.is_err());
        let doing = match left {
            Left::Unsynced => "cannot sync",
            _ => "cannot write",
        };
        assert!(store.read_only().unwrap().contains(doing), "{left:?}");
        assert!(store.close().is_err());
        drop(store);
        let store = place.open();
        let log = store.log(&publisher.origin).unwrap();
        // Not acknowledged is not the same as undone.
        let expected = match left {
            Left::Nothing | Left::Half => 300,
            Left::Everything | Left::Unsynced => 400,
        };
        assert_eq!(log.stored().value(), expected, "{left:?}");
        check(&store, &log);
        append(&store, 500, 510).await.unwrap();
        check(&store, &log);
    }
}

#[tokio::test]
async fn a_failed_write_of_a_replica_leaves_a_whole_prefix() {
    for left in WAYS {
        for step in 0..4 {
            let (a, b) = (Place::new(), Place::new());
            let publisher = publisher("eu.example");
            let (from, to) = (a.open(), b.open());
            let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
            let batch = (0..300).map(new).collect();
            from.append(&publisher.origin, batch, None).await.unwrap();
            pull(&log, &to, &copy).await;
            let more = vec![new(300), without_payload(5, Operation::Erase), new(301)];
            from.append(&publisher.origin, more, None).await.unwrap();
            let head = carried(&log);
            let result: Result<(), StoreError> = async {
                for now in 0..4 {
                    if now == step {
                        b.memory().fail(left, ErrorKind::Other);
                    }
                    match now {
                        0 => to.set_pending(copy.origin(), head.clone()).await?,
                        1 => {
                            for (package, frames) in
                                packages(&log, copy.stored().value(), &head, |_| false)
                            {
                                to.extend(package, frames, SlotState::NotHeld).await?;
                            }
                        }
                        2 => drop(to.commit_head(copy.origin(), head.clone()).await?),
                        _ => {
                            let kept = packages(&log, 0, &head, |_| false).remove(0);
                            for frame in kept.1 {
                                to.fill(copy.origin(), frame).await?;
                            }
                        }
                    }
                }
                Ok(())
            }
            .await;
            // Filling what is full writes nothing, so nothing fails.
            assert_eq!(result.is_err(), step < 3, "{left:?} at {step}");
            // After a failure the close says so.
            assert_eq!(to.close().is_err(), step < 3);
            b.memory().take_back();
            let to = b.open();
            let copy = to.log(&publisher.origin).unwrap();
            check(&to, &copy);
            pull(&log, &to, &copy).await;
            same(&log, &copy);
            check(&to, &copy);
        }
    }
}

/// What a person reads when the disk is full, and when the files are someone else's.
#[tokio::test]
async fn a_full_disk_and_a_missing_permission_are_told_with_the_remedy() {
    let user = ("to the user that runs wpsx", "started again");
    let room = ("make room on its disk", "goes on by itself");
    for (kind, (remedy, after)) in [
        (ErrorKind::StorageFull, room),
        (ErrorKind::QuotaExceeded, room),
        (ErrorKind::PermissionDenied, user),
        (ErrorKind::ReadOnlyFilesystem, user),
    ] {
        let place = Place::new();
        let publisher = publisher("eu.example");
        let store = place.open();
        let log = own(&store, &publisher);
        let append = |n| store.append(&publisher.origin, vec![new(n)], None);
        append(0).await.unwrap();
        place.memory().fail(Left::Half, kind);
        let told = append(1).await.unwrap_err().to_string();
        for part in ["cannot write", ".journal", remedy, after] {
            assert!(told.contains(part), "{part:?} is not in {told:?}");
        }
        assert_eq!(told.lines().count(), 1);
        // The node stays up, and reads go on.
        assert_eq!(log.slot(LeafIndex::new(0)).unwrap().0, SlotState::Full);
    }
}

/// The kernel's own word that there is no room: a segment's file is a link to a
/// device that is always full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_is_really_full_refuses_loses_nothing_and_goes_on() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let first = (0..300).map(new).collect();
    store.append(&publisher.origin, first, None).await.unwrap();
    // The next group opens a segment of its own.
    store.settle().await.unwrap();
    let next = place.path().join("journal/0000000000000002.journal.tmp");
    std::os::unix::fs::symlink("/dev/full", &next).unwrap();
    let error = store.append(&publisher.origin, vec![new(300)], None).await;
    let told = error.unwrap_err().to_string();
    assert!(told.contains("No space left on device"), "{told}");
    assert!(told.contains("make room on its disk"), "{told}");
    assert_eq!(log.stored().value(), 300);
    check_read(&log);
    // There is room again.
    std::fs::remove_file(&next).unwrap();
    let again = || store.append(&publisher.origin, vec![new(300)], None);
    while let Err(error) = again().await {
        assert!(matches!(error, StoreError::NoRoom(_)), "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    check(&store, &log);
    store.close().unwrap();
    drop(store);
    let store = place.open();
    assert_eq!(store.log(&publisher.origin).unwrap().stored().value(), 301);
}

/// All entries and payloads are there to read, though nothing can be written.
fn check_read(log: &LogHandle) {
    for index in 0..log.stored().value() {
        let slot = log.slot(LeafIndex::new(index)).unwrap().1.unwrap();
        assert_eq!(slot[32..], payload(index));
    }
}

#[tokio::test]
async fn files_that_cannot_be_written_stop_the_store_and_lose_nothing() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    // A file where a directory must be.
    let blocked = log_dir(&place).join("payload");
    std::fs::write(&blocked, b"in the way").unwrap();
    store
        .append(&publisher.origin, (0..600).map(new).collect(), None)
        .await
        .unwrap();
    let mut waited = 0;
    while store.read_only().is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
        waited += 1;
        assert!(waited < 500);
    }
    // What was acknowledged is still answered, from memory.
    assert_eq!(
        log.slot(LeafIndex::new(10)).unwrap().1.unwrap()[32..],
        payload(10)
    );
    assert!(
        store
            .append(&publisher.origin, vec![new(601)], None)
            .await
            .is_err()
    );
    assert!(store.close().is_err());
    drop(store);
    std::fs::remove_file(&blocked).unwrap();
    let store = place.open();
    let log = store.log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 600);
    check(&store, &log);
}

fn log_dir(place: &Place) -> PathBuf {
    let logs = place.path().join("logs");
    std::fs::read_dir(logs)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
}
