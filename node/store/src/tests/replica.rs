//! Replicas: verified packages in, the same log out.

use wpsx_proto::{checkpoint::VerifiedCheckpoint, index::TreeSize};

use super::*;
use crate::write::{
    plan::{Not, Plan},
    request::{CommitHead, Extend},
};

async fn two() -> (Place, Opened, LogHandle, Place, Opened, LogHandle) {
    let (a, b) = (Place::new(), Place::new());
    let publisher = publisher("eu.example");
    let (from, to) = (a.open(), b.open());
    let (own, copy) = (own(&from, &publisher), replica(&to, &publisher));
    (a, from, own, b, to, copy)
}

async fn grow(store: &Opened, log: &LogHandle, count: u64) {
    let first = log.stored().value();
    let batch = (first..first + count).map(new).collect();
    store.append(log.origin(), batch, None).await.unwrap();
}

#[tokio::test]
async fn a_replica_becomes_the_same_log_and_survives_a_new_start() {
    let (_a, from, own, b, to, copy) = two().await;
    for count in [3, 300, 1, 700] {
        grow(&from, &own, count).await;
        pull(&own, &to, &copy).await;
        same(&own, &copy);
    }
    check(&to, &copy);
    // Posted bundles are sent as they are kept: as large Zstandard frames.
    from.settle().await.unwrap();
    grow(&from, &own, 600).await;
    from.settle().await.unwrap();
    let frames = own
        .frames(LeafIndex::new(0), LeafIndex::new(1024), true)
        .unwrap();
    assert_eq!(frames.len(), 4);
    assert!(
        frames
            .iter()
            .all(|frame| frame.encoding == 2 && frame.states.len() == 256)
    );
    pull(&own, &to, &copy).await;
    let again = place_again(&b, to);
    let copy = again.log(own.origin()).unwrap();
    same(&own, &copy);
    check(&again, &copy);
    assert_eq!(copy.head().unwrap().size(), own.stored());
    assert_eq!(copy.pending().unwrap().size(), own.stored());
}

fn place_again(place: &Place, store: Opened) -> Opened {
    store.close().unwrap();
    place.open()
}

#[tokio::test]
async fn a_raw_reader_gets_the_same_payloads() {
    let (_a, from, own, ..) = two().await;
    grow(&from, &own, 700).await;
    from.settle().await.unwrap();
    for (start, end) in [(0, 256), (0, 700), (3, 5), (200, 300), (600, 699)] {
        for zstd in [false, true] {
            let frames = own
                .frames(LeafIndex::new(start), LeafIndex::new(end), zstd)
                .unwrap();
            let mut next = start;
            for frame in frames {
                assert_eq!(frame.start, next);
                assert!(zstd || frame.encoding == 1);
                let last = next + frame.states.len() as u64;
                let leaves: Vec<Leaf> = (next..last)
                    .map(|i| Leaf::read(&own.entry(LeafIndex::new(i)).unwrap()))
                    .collect();
                let verified = Frame::from_api(frame)
                    .unwrap()
                    .verify(&leaves, |_| false)
                    .unwrap();
                for at in next..last {
                    let slot = verified.slot((at - next) as usize).unwrap();
                    assert_eq!(slot[32..], payload(at));
                }
                next = last;
            }
            assert_eq!(next, end);
        }
    }
}

#[tokio::test]
async fn what_was_just_stored_is_sent_compressed_to_who_can_read_it() {
    let (_a, from, own, ..) = two().await;
    grow(&from, &own, 100).await;
    let sent = |zstd| {
        let frames = own
            .frames(LeafIndex::new(0), LeafIndex::new(100), zstd)
            .unwrap();
        assert_eq!(frames.len(), 1);
        (frames[0].encoding, frames[0].data.len())
    };
    let ((raw, long), (zstd, short)) = (sent(false), sent(true));
    assert_eq!((raw, zstd), (1, 2));
    assert!(short < long, "{short} of {long}");
}

#[tokio::test]
async fn a_repeated_package_is_skipped_a_gap_refused_and_another_entry_found_out() {
    let (_a, from, own, _b, to, copy) = two().await;
    grow(&from, &own, 500).await;
    let head = carried(&own);
    let mut all = packages(&own, 0, &head, |_| false);
    let (second, frames) = all.pop().unwrap();
    let error = to
        .extend(second.clone(), frames.clone(), SlotState::NotHeld)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Gap { .. }), "{error}");
    let (first, first_frames) = all.pop().unwrap();
    for _ in 0..2 {
        to.extend(first.clone(), first_frames.clone(), SlotState::NotHeld)
            .await
            .unwrap();
        assert_eq!(copy.stored().value(), 256);
    }
    // From the middle of a bundle, then the whole bundle again.
    let part = packages(&own, 256, &head, |_| false).remove(0);
    to.extend(part.0, part.1, SlotState::NotHeld).await.unwrap();
    to.extend(second, frames, SlotState::NotHeld).await.unwrap();
    same(&own, &copy);
    // Another log of the same name.
    let other_place = Place::new();
    let other = other_place.open();
    let forged = super::own(&other, &publisher("eu.example"));
    let batch = (1000..1500).map(new).collect();
    other.append(forged.origin(), batch, None).await.unwrap();
    let (package, frames) = packages(&forged, 0, &carried(&forged), |_| false).remove(0);
    let error = to
        .extend(package, frames, SlotState::NotHeld)
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Differs(at) if at.value() == 0),
        "{error}"
    );
    let error = to
        .commit_head(copy.origin(), carried(&forged))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::WrongRoot { .. }), "{error}");
    to.commit_head(copy.origin(), head).await.unwrap();
    check(&to, &copy);
}

/// So little news is synced to the disk once, and not once more for its head.
#[tokio::test]
async fn packages_and_their_head_are_one_group() {
    let (_a, from, own, _b, to, copy) = two().await;
    grow(&from, &own, 300).await;
    let head = carried(&own);
    let head_of = |checkpoint| CommitHead {
        origin: copy.origin().clone(),
        checkpoint,
        losing: Vec::new(),
        looked: TreeSize::new(0),
        into_own: false,
    };
    // A group that adds all entries up to a head.
    let plan_of = |head: &VerifiedCheckpoint| {
        let mut plan = Plan::new(&to.shared, 0);
        for (package, frames) in packages(&own, 0, head, |_| false) {
            let ask = Extend {
                package,
                frames,
                other: SlotState::NotHeld,
                into_own: false,
            };
            assert!(plan.extend(&ask).is_ok());
        }
        plan
    };
    let other_place = Place::new();
    let other = other_place.open();
    let forged = super::own(&other, &publisher("eu.example"));
    grow(&other, &forged, 1).await;
    let another = (1000..1299).map(new).collect();
    other.append(forged.origin(), another, None).await.unwrap();

    let mut plan = plan_of(&head);
    let refused = plan.commit_head(&head_of(carried(&forged)));
    assert!(matches!(
        refused,
        Err(Not::Ever(StoreError::WrongRoot { .. }))
    ));
    let committed = plan.commit_head(&head_of(head.clone()));
    let committed = committed.ok().flatten().unwrap();
    assert_eq!(committed.root(), head.root());
    // A second one has to see the first applied.
    let again = plan.commit_head(&head_of(head.clone()));
    assert!(matches!(again, Err(Not::Now)));

    // More than a group may hash twice waits for a group of its own.
    grow(&from, &own, 5_000).await;
    let head = carried(&own);
    let mut plan = plan_of(&head);
    let later = plan.commit_head(&head_of(head));
    assert!(matches!(later, Err(Not::Now)));
}

#[tokio::test]
async fn a_head_needs_all_its_entries() {
    let (_a, from, own, _b, to, copy) = two().await;
    grow(&from, &own, 300).await;
    let head = carried(&own);
    to.set_pending(copy.origin(), head.clone()).await.unwrap();
    assert_eq!(copy.pending().unwrap().size().value(), 300);
    let error = to
        .commit_head(copy.origin(), head.clone())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::WrongSize { .. }), "{error}");
    let (package, frames) = packages(&own, 0, &head, |_| false).remove(0);
    to.extend(package, frames, SlotState::NotHeld)
        .await
        .unwrap();
    assert!(copy.head().is_none());
    check(&to, &copy);
    pull(&own, &to, &copy).await;
    assert_eq!(copy.head().unwrap().root(), head.root());
    let key = Cosigner::from_seed("node.example", &[7; 32])
        .unwrap()
        .verifier_key();
    assert_eq!(copy.head().unwrap().cosignatures(&[key]).len(), 1);
    // A pending checkpoint never goes back.
    let older = head;
    grow(&from, &own, 1).await;
    to.set_pending(copy.origin(), carried(&own)).await.unwrap();
    let error = to.set_pending(copy.origin(), older).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongSize { .. }), "{error}");
}

#[tokio::test]
async fn holes_are_counted_and_can_be_filled() {
    let (_a, from, own, b, to, copy) = two().await;
    grow(&from, &own, 600).await;
    let head = carried(&own);
    let all = packages(&own, 0, &head, |_| false);
    for (package, frames) in &all {
        let some: Vec<_> = frames
            .iter()
            .filter(|f| f.start().value() == 256)
            .cloned()
            .collect();
        to.extend(package.clone(), some, SlotState::Filtered)
            .await
            .unwrap();
    }
    to.commit_head(copy.origin(), head).await.unwrap();
    assert_eq!(
        copy.holes(),
        Holes {
            filtered: 600 - 256,
            erased: 0,
            not_held: 0
        }
    );
    assert_eq!(
        copy.slot(LeafIndex::new(0)).unwrap(),
        (SlotState::Filtered, None)
    );
    assert_eq!(copy.slot(LeafIndex::new(300)).unwrap().0, SlotState::Full);
    check(&to, &copy);
    for (_, frames) in &all {
        for frame in frames {
            to.fill(copy.origin(), frame.clone()).await.unwrap();
        }
    }
    assert_eq!(copy.holes(), Holes::default());
    same(&own, &copy);
    let after_a_kill = b.copy();
    check(&to, &copy);
    drop((to, copy));
    for place in [&b, &after_a_kill] {
        let store = place.open();
        let copy = store.log(own.origin()).unwrap();
        assert_eq!(copy.holes(), Holes::default());
        same(&own, &copy);
        check(&store, &copy);
    }
}

/// As after a line that broke before the payloads came: whoever is asked for them then
/// leaves out what our own filter does not want, and that is not missing any more.
#[tokio::test]
async fn what_a_sender_leaves_out_of_what_is_missing_is_filtered_from_then_on() {
    let (_a, from, own, b, to, copy) = two().await;
    grow(&from, &own, 300).await;
    let head = carried(&own);
    to.set_pending(copy.origin(), head.clone()).await.unwrap();
    let all = packages(&own, 0, &head, |_| false);
    for (package, _) in &all {
        let missing = to.extend(package.clone(), Vec::new(), SlotState::NotHeld);
        missing.await.unwrap();
    }
    to.commit_head(copy.origin(), head).await.unwrap();
    assert_eq!(copy.holes().not_held, 300);
    for (package, _) in &all {
        let start = package.start();
        let slots: Vec<_> = (start.value()..package.end().value())
            .map(|index| match index % 3 {
                0 => (SlotState::Filtered, None),
                _ => own.slot(LeafIndex::new(index)).unwrap(),
            })
            .collect();
        let frames = wpsx_proto::payload::encode_frames(start, &slots, 0);
        for frame in frames {
            let first = (frame.start - start.value()) as usize;
            let leaves = &package.leaves()[first..first + frame.states.len()];
            let frame = Frame::from_api(frame).unwrap().verify(leaves, |_| false);
            to.fill(copy.origin(), frame.unwrap()).await.unwrap();
        }
    }
    let filtered = Holes {
        filtered: 100,
        ..Holes::default()
    };
    assert_eq!(copy.holes(), filtered);
    let killed = b.copy();
    check(&to, &copy);
    for store in [killed.open(), place_again(&b, to)] {
        let copy = store.log(own.origin()).unwrap();
        assert_eq!(copy.holes(), filtered);
        check(&store, &copy);
    }
}

#[tokio::test]
async fn cosignatures_of_others_are_kept_with_the_head() {
    let (_a, from, own, b, to, copy) = two().await;
    grow(&from, &own, 10).await;
    pull(&own, &to, &copy).await;
    let other = Cosigner::from_seed("other.example", &[9; 32]).unwrap();
    let mut cosigned = carried(&own);
    cosigned.cosign(&other, START / 1000);
    let keys = [other.verifier_key()];
    assert!(to.merge_cosignatures(copy.origin(), &cosigned, &keys));
    assert!(!to.merge_cosignatures(copy.origin(), &cosigned, &keys));
    assert_eq!(copy.head().unwrap().cosignatures(&keys).len(), 1);
    let to = place_again(&b, to);
    let copy = to.log(own.origin()).unwrap();
    assert_eq!(copy.head().unwrap().cosignatures(&keys).len(), 1);
    check(&to, &copy);
}

#[tokio::test]
async fn a_dropped_replica_leaves_nothing_and_can_be_followed_anew() {
    let (_a, from, own, b, to, copy) = two().await;
    grow(&from, &own, 400).await;
    pull(&own, &to, &copy).await;
    let publisher = publisher("eu.example");
    to.drop_replica(&publisher.origin).unwrap();
    assert!(to.log(&publisher.origin).is_none());
    assert!(b.names("logs/").is_empty());
    let killed = b.copy();
    let anew = replica(&to, &publisher);
    assert_ne!(anew.number(), copy.number());
    assert_eq!(anew.stored().value(), 0);
    pull(&own, &to, &anew).await;
    same(&own, &anew);
    let to = place_again(&b, to);
    check(&to, &to.log(&publisher.origin).unwrap());
    let store = killed.open();
    assert!(store.logs().is_empty());
}
