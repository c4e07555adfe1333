//! A disk without room: nothing that was acknowledged is lost, what needs room is refused
//! with a sentence, and all goes on by itself when there is room again.

use super::*;

/// Appends until it is taken.
async fn goes_on(store: &Opened, origin: &Origin, n: u64) {
    let taken = async {
        while let Err(error) = store.append(origin, vec![new(n)], None).await {
            assert!(matches!(error, StoreError::NoRoom(_)), "{error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), taken)
        .await
        .unwrap();
}

#[tokio::test]
async fn publishing_goes_on_by_itself_when_there_is_room_again() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let batch = (0..300).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    let head = log.head().unwrap();
    for (room, n) in [(0, 300), (10, 301), (90, 302)] {
        place.memory().leave_room(Some(room));
        let refused = store.append(&publisher.origin, vec![new(n)], None).await;
        let told = refused.unwrap_err().to_string();
        for part in ["make room on its disk", "goes on by itself"] {
            assert!(told.contains(part), "{part:?} is not in {told:?}");
        }
        assert!(store.read_only().is_none());
        assert_eq!(log.slot(LeafIndex::new(7)).unwrap().0, SlotState::Full);
        if n == 300 {
            assert_eq!(log.head().unwrap().note_bytes(), head.note_bytes());
        }
        place.memory().leave_room(None);
        goes_on(&store, &publisher.origin, n).await;
        assert_eq!(store.disk().full, None);
        assert_eq!(log.stored().value(), n + 1);
    }
    check(&store, &log);
    store.close().unwrap();
    let again = place.open();
    let log = again.log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 303);
    check(&again, &log);
}

/// Whatever the write left is cut off before anybody may write behind it.
#[tokio::test]
async fn what_found_no_room_is_not_there_after_a_power_cut_and_what_follows_is() {
    for left in [Left::Nothing, Left::Half, Left::Everything] {
        let place = Place::new();
        let publisher = publisher("eu.example");
        let store = place.open();
        own(&store, &publisher);
        let append = |n| store.append(&publisher.origin, vec![new(n)], None);
        append(0).await.unwrap();
        place.memory().fail(left, std::io::ErrorKind::StorageFull);
        assert!(append(1).await.is_err());
        goes_on(&store, &publisher.origin, 2).await;
        let cut = place.memory().without_power();
        let copy = Place::over(cut).open();
        let log = copy.log(&publisher.origin).unwrap();
        assert_eq!(log.stored().value(), 2, "{left:?}");
        let slot = log.slot(LeafIndex::new(1)).unwrap().1.unwrap();
        assert_eq!(slot[32..], payload(2), "{left:?}");
        check(&copy, &log);
    }
}

#[tokio::test]
async fn what_was_acknowledged_waits_for_room_and_becomes_files_then() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let batch = (0..200).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    place.memory().leave_room(Some(0));
    let settling = tokio::spawn({
        let store = store.clone();
        async move { store.settle().await }
    });
    while store.disk().full.is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!settling.is_finished());
    place.memory().leave_room(None);
    settling.await.unwrap().unwrap();
    check(&store, &log);
}

#[tokio::test]
async fn a_reserve_lets_erase_while_the_disk_is_full_and_is_made_anew() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let batch = (0..3).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    store.settle().await.unwrap();
    store.keep_reserve(1 << 20).unwrap();
    place.memory().leave_room(Some(0));
    let refused = store.append(&publisher.origin, vec![new(3)], None).await;
    assert!(matches!(refused, Err(StoreError::NoRoom(_))));
    store.make_room_for_erasing();
    assert_eq!(store.disk().reserve, 0);
    let target = log.entry(LeafIndex::new(1)).unwrap();
    let Leaf::Known(envelope) = Leaf::read(&target) else {
        panic!("it is ours");
    };
    let erase = NewEntry {
        target: RecordTarget::Existing(envelope.record_id),
        ..without_payload(1, Operation::Erase)
    };
    store
        .append(&publisher.origin, vec![erase], None)
        .await
        .unwrap();
    assert_eq!(log.slot(LeafIndex::new(1)).unwrap().0, SlotState::Erased);
    store.leave_no_trace().await.unwrap();
    place.memory().leave_room(Some(64 << 20));
    goes_on(&store, &publisher.origin, 3).await;
    assert_eq!(store.disk().reserve, 1 << 20);
    check(&store, &log);
}

/// Nothing of the log that erases is taken for want of room, and its erasure is carried out.
#[tokio::test]
async fn a_replica_erases_while_the_disk_is_full_and_takes_the_entries_when_there_is_room() {
    let (elsewhere, place) = (Place::new(), Place::new());
    let publisher = publisher("eu.example");
    let (from, to) = (elsewhere.open(), place.open());
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    let append = |batch| from.append(&publisher.origin, batch, None);
    append((0..3).map(new).collect()).await.unwrap();
    pull(&log, &to, &copy).await;
    to.settle().await.unwrap();
    let Leaf::Known(envelope) = Leaf::read(&log.entry(LeafIndex::new(1)).unwrap()) else {
        panic!("it is ours");
    };
    let erase = NewEntry {
        target: RecordTarget::Existing(envelope.record_id),
        ..without_payload(1, Operation::Erase)
    };
    append(vec![erase]).await.unwrap();
    to.keep_reserve(1 << 20).unwrap();
    // What is left is too little for anything, and nobody has noticed yet.
    place.memory().leave_room(Some(0));
    let gone = to.erase_elsewhere(
        &publisher.origin,
        vec![(envelope.record_id, LeafIndex::new(3))],
    );
    assert_eq!(gone.await.unwrap(), 1);
    assert_eq!(copy.slot(LeafIndex::new(1)).unwrap().0, SlotState::Erased);
    to.leave_no_trace().await.unwrap();
    let head = carried(&log);
    for (package, frames) in packages(&log, 3, &head, |i| copy.is_erased(i)) {
        let refused = to.extend(package, frames, SlotState::NotHeld).await;
        assert!(matches!(refused, Err(StoreError::NoRoom(_))), "{refused:?}");
    }
    place.memory().leave_room(Some(64 << 20));
    let room = async {
        while to.disk().full.is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), room)
        .await
        .unwrap();
    pull(&log, &to, &copy).await;
    same(&log, &copy);
    check(&to, &copy);
    drop((to, copy));
    let again = place.open();
    check(&again, &again.log(&publisher.origin).unwrap());
}

#[tokio::test]
async fn a_store_on_a_full_disk_closes_and_opens_with_all_that_was_acknowledged() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    let batch = (0..300).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    place.memory().leave_room(Some(0));
    assert!(
        store.close().is_err(),
        "the journal keeps what its files lack"
    );
    drop(store);
    place.memory().leave_room(None);
    let again = place.open();
    let log = again.log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 300);
    check(&again, &log);
}
