//! Erasure wins for ever.

use super::*;

const RECORD: u64 = 5;

fn revision(n: u64) -> NewEntry {
    publish(RecordTarget::Existing(id(RECORD)), n)
}

/// No file of the store holds the bytes.
fn nowhere(place: &Place, needle: &[u8]) {
    assert_eq!(holding(&place.path(), needle), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn an_erased_payload_is_in_no_file_and_all_revisions_go() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let append = |batch| store.append(&publisher.origin, batch, None);
    append((0..300).map(new).collect()).await.unwrap();
    append(vec![revision(1001)]).await.unwrap();
    store.settle().await.unwrap();
    append(vec![revision(1002)]).await.unwrap();
    append((400..420).map(new).collect()).await.unwrap();
    append(vec![without_payload(RECORD, Operation::Erase)])
        .await
        .unwrap();
    for index in [RECORD, 300, 301] {
        assert_eq!(
            log.slot(LeafIndex::new(index)).unwrap(),
            (SlotState::Erased, None)
        );
        assert!(log.is_erased(LeafIndex::new(index)));
    }
    assert_eq!(
        log.holes(),
        Holes {
            erased: 3,
            ..Holes::default()
        }
    );
    assert_eq!(
        log.slot(LeafIndex::new(RECORD + 1)).unwrap().0,
        SlotState::Full
    );
    store.settle().await.unwrap();
    for n in [1002, 1001, RECORD] {
        // The salt is random: what is searched for is nowhere by chance.
        let salt = *wpsx_proto::hash::Hash::of(&n.to_be_bytes()).as_bytes();
        nowhere(&place, &salt);
    }
    check(&store, &log);
    // A revision after the erasure stays, and is erased by the next one alone.
    append(vec![revision(1003)]).await.unwrap();
    check(&store, &log);
    assert_eq!(log.slot(LeafIndex::new(323)).unwrap().0, SlotState::Full);
    append(vec![
        revision(1004),
        without_payload(RECORD, Operation::Erase),
    ])
    .await
    .unwrap();
    assert_eq!(log.holes().erased, 5);
    check(&store, &log);
    store.close().unwrap();
    let store = place.open();
    let log = store.log(&publisher.origin).unwrap();
    assert_eq!(log.holes().erased, 5);
    check(&store, &log);
}

#[tokio::test]
async fn a_withdrawn_payload_stays() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let batch = vec![new(RECORD), without_payload(RECORD, Operation::Withdraw)];
    store.append(&publisher.origin, batch, None).await.unwrap();
    assert_eq!(log.slot(LeafIndex::new(0)).unwrap().0, SlotState::Full);
    assert_eq!(
        log.slot(LeafIndex::new(1)).unwrap(),
        (SlotState::None, None)
    );
    check(&store, &log);
}

#[tokio::test]
async fn a_replica_drops_what_was_erased_and_never_takes_it_back() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let (from, to) = (a.open(), b.open());
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    from.append(&publisher.origin, (0..300).map(new).collect(), None)
        .await
        .unwrap();
    pull(&log, &to, &copy).await;
    // What someone kept from before.
    let head = carried(&log);
    let kept = packages(&log, 0, &head, |_| false);
    let erase = || vec![without_payload(RECORD, Operation::Erase)];
    from.append(&publisher.origin, erase(), None).await.unwrap();
    pull(&log, &to, &copy).await;
    assert_eq!(
        copy.slot(LeafIndex::new(RECORD)).unwrap(),
        (SlotState::Erased, None)
    );
    let fill_all = || async {
        for (_, frames) in &kept {
            for frame in frames {
                to.fill(copy.origin(), frame.clone()).await.unwrap();
            }
        }
    };
    fill_all().await;
    assert_eq!(
        copy.slot(LeafIndex::new(RECORD)).unwrap(),
        (SlotState::Erased, None)
    );
    assert_eq!(
        copy.holes(),
        Holes {
            erased: 1,
            ..Holes::default()
        }
    );
    to.settle().await.unwrap();
    let salt = *wpsx_proto::hash::Hash::of(&RECORD.to_be_bytes()).as_bytes();
    nowhere(&b, &salt);
    check(&to, &copy);
    let killed = b.copy();
    let store = killed.open();
    check(&store, &store.log(&publisher.origin).unwrap());
}

#[tokio::test]
async fn the_erase_entry_may_come_before_the_payload_or_with_it() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let (from, to) = (a.open(), b.open());
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    from.append(&publisher.origin, (0..300).map(new).collect(), None)
        .await
        .unwrap();
    let head = carried(&log);
    let kept = packages(&log, 0, &head, |_| false);
    let same_package = publish(RecordTarget::Existing(id(290)), 2000);
    from.append(&publisher.origin, vec![same_package], None)
        .await
        .unwrap();
    let middle = carried(&log);
    let with_payload = packages(&log, 256, &middle, |_| false);
    let erases = vec![
        without_payload(RECORD, Operation::Erase),
        without_payload(290, Operation::Erase),
    ];
    from.append(&publisher.origin, erases, None).await.unwrap();
    let head = carried(&log);
    // Entries without payloads, then payloads from someone who kept them.
    let mut all = packages(&log, 0, &head, |_| false);
    let (last, _) = all.pop().unwrap();
    for (package, _) in all {
        to.extend(package, Vec::new(), SlotState::NotHeld)
            .await
            .unwrap();
    }
    // The package brings the erase entry together with the payload that it erases.
    let frames = with_payload
        .into_iter()
        .flat_map(|(_, frames)| frames)
        .collect();
    to.extend(last, frames, SlotState::NotHeld).await.unwrap();
    to.commit_head(copy.origin(), head).await.unwrap();
    for (_, frames) in kept {
        for frame in frames {
            to.fill(copy.origin(), frame).await.unwrap();
        }
    }
    for index in [RECORD, 290, 300] {
        assert_eq!(
            copy.slot(LeafIndex::new(index)).unwrap(),
            (SlotState::Erased, None),
            "{index}"
        );
    }
    assert_eq!(
        copy.holes(),
        Holes {
            erased: 3,
            ..Holes::default()
        }
    );
    to.settle().await.unwrap();
    for n in [RECORD, 290, 2000] {
        nowhere(&b, wpsx_proto::hash::Hash::of(&n.to_be_bytes()).as_bytes());
    }
    check(&to, &copy);
    same(&log, &copy);
}

/// A relay may say of any payload that it was erased.
#[tokio::test]
async fn a_claim_of_erasure_without_an_erase_entry_is_a_hole_that_can_be_filled() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let (from, to) = (a.open(), b.open());
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    let batch = (0..200).map(new).collect();
    from.append(&publisher.origin, batch, None).await.unwrap();
    let head = carried(&log);
    // One who says of a payload that it is erased, and nothing of an entry.
    let lie = |index: LeafIndex| index.value() == RECORD;
    to.set_pending(copy.origin(), head.clone()).await.unwrap();
    for (package, frames) in packages(&log, 0, &head, lie) {
        assert!(
            frames
                .iter()
                .any(|frame| frame.states().contains(&SlotState::Erased))
        );
        to.extend(package, frames, SlotState::NotHeld)
            .await
            .unwrap();
    }
    to.commit_head(copy.origin(), head.clone()).await.unwrap();
    let at = LeafIndex::new(RECORD);
    assert_eq!(copy.slot(at).unwrap(), (SlotState::NotHeld, None));
    assert_eq!((copy.holes().erased, copy.holes().not_held), (0, 1));
    check(&to, &copy);
    for (_, frames) in packages(&log, 0, &head, |_| false) {
        for frame in frames {
            to.fill(copy.origin(), frame).await.unwrap();
        }
    }
    same(&log, &copy);
    check(&to, &copy);
}

/// A publisher that does not chain its entries: each says that it is the record's first.
fn unchained(n: u64) -> NewEntry {
    publish(RecordTarget::New(id(RECORD)), n)
}

/// The places of the record's payloads in a log made by [`unchained`] entries.
const PLACES: [u64; 4] = [RECORD, 300, 301, 322];

async fn append_unchained(store: &Opened, publisher: &Publisher) {
    for batch in [
        (0..300).map(new).collect(),
        vec![unchained(1001), unchained(1002)],
        (400..420).map(new).collect(),
        vec![unchained(1003), without_payload(RECORD, Operation::Erase)],
    ] {
        store.append(&publisher.origin, batch, None).await.unwrap();
    }
}

#[tokio::test]
async fn an_erase_entry_destroys_all_revisions_whatever_links_say_on_the_publisher() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    append_unchained(&store, &publisher).await;
    for index in PLACES {
        assert!(log.is_erased(LeafIndex::new(index)), "{index}");
    }
    assert_eq!(log.holes().erased, PLACES.len() as u64);
    let of_it = log.entries_of(&[id(RECORD)]).unwrap();
    let of_it: Vec<u64> = of_it.iter().map(|index| index.value()).collect();
    assert_eq!(of_it, [&PLACES[..], &[323]].concat());
    store.settle().await.unwrap();
    for n in [RECORD, 1001, 1002, 1003] {
        nowhere(
            &place,
            wpsx_proto::hash::Hash::of(&n.to_be_bytes()).as_bytes(),
        );
    }
    check(&store, &log);
}

#[tokio::test]
async fn an_erase_entry_destroys_all_revisions_whatever_links_say_on_a_replica() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let (from, to) = (a.open(), b.open());
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    from.append(&publisher.origin, (0..300).map(new).collect(), None)
        .await
        .unwrap();
    let early = carried(&log);
    let kept = packages(&log, 0, &early, |_| false);
    from.append(
        &publisher.origin,
        vec![unchained(1001), unchained(1002)],
        None,
    )
    .await
    .unwrap();
    pull(&log, &to, &copy).await;
    let erase = vec![unchained(1003), without_payload(RECORD, Operation::Erase)];
    from.append(&publisher.origin, erase, None).await.unwrap();
    pull(&log, &to, &copy).await;
    for index in [RECORD, 300, 301, 302] {
        assert!(copy.is_erased(LeafIndex::new(index)), "{index}");
    }
    // Nor does it come back from who kept it.
    for (_, frames) in kept {
        for frame in frames {
            to.fill(copy.origin(), frame).await.unwrap();
        }
    }
    assert_eq!(copy.holes().erased, 4);
    to.settle().await.unwrap();
    for n in [RECORD, 1001, 1002, 1003] {
        nowhere(&b, wpsx_proto::hash::Hash::of(&n.to_be_bytes()).as_bytes());
    }
    check(&to, &copy);
    same(&log, &copy);
}

/// Its erase entries are not stored when it is looked what the head's destroy.
#[tokio::test]
async fn an_erase_entry_destroys_all_revisions_on_a_replica_that_takes_all_at_once() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let (from, to) = (a.open(), b.open());
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    from.append(&publisher.origin, (0..300).map(new).collect(), None)
        .await
        .unwrap();
    // Who kept a payload from before sends it along.
    let (_, kept) = packages(&log, 0, &carried(&log), |_| false).swap_remove(0);
    let erase = vec![unchained(1001), without_payload(RECORD, Operation::Erase)];
    from.append(&publisher.origin, erase, None).await.unwrap();
    let head = carried(&log);
    let mut all = packages(&log, 0, &head, |at| log.is_erased(at));
    all[0].1 = kept;
    take(&to, head, all).await;
    for index in [RECORD, 300] {
        assert!(copy.is_erased(LeafIndex::new(index)), "{index}");
    }
    to.settle().await.unwrap();
    nowhere(
        &b,
        wpsx_proto::hash::Hash::of(&RECORD.to_be_bytes()).as_bytes(),
    );
    check(&to, &copy);
    same(&log, &copy);
}

#[tokio::test]
async fn what_an_entry_of_another_tree_erases_is_destroyed_and_never_taken_back() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let (from, to) = (a.open(), b.open());
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    from.append(&publisher.origin, (0..300).map(new).collect(), None)
        .await
        .unwrap();
    let kept = packages(&log, 0, &carried(&log), |_| false);
    pull(&log, &to, &copy).await;
    let named = vec![
        (id(RECORD), LeafIndex::new(300)),
        // Not before its own place.
        (id(7), LeafIndex::new(7)),
        (id(9_999), LeafIndex::new(301)),
    ];
    let gone = to.erase_elsewhere(copy.origin(), named.clone()).await;
    assert_eq!(gone.unwrap(), 1);
    assert_eq!(to.erase_elsewhere(copy.origin(), named).await.unwrap(), 0);
    for (_, frames) in kept {
        for frame in frames {
            to.fill(copy.origin(), frame).await.unwrap();
        }
    }
    assert_eq!(copy.holes().erased, 1);
    to.settle().await.unwrap();
    nowhere(
        &b,
        wpsx_proto::hash::Hash::of(&RECORD.to_be_bytes()).as_bytes(),
    );
    check(&to, &copy);
    to.close().unwrap();
    let to = b.open();
    let copy = to.log(&publisher.origin).unwrap();
    assert!(copy.is_erased(LeafIndex::new(RECORD)));
    check(&to, &copy);
}
