//! Damage that is mended: from files that are not damaged, and from another copy.

use super::*;

/// A log of two full bundles and an open one, and a copy of it in another store.
struct Copies {
    place: Place,
    publisher: Publisher,
    store: Opened,
    log: LogHandle,
    _elsewhere: Place,
    _other: Opened,
    copy: LogHandle,
}

impl Copies {
    async fn new() -> Self {
        let (place, elsewhere) = (Place::on_disk(), Place::new());
        let publisher = publisher("eu.example");
        let (store, other) = (place.open(), elsewhere.open());
        let log = own(&store, &publisher);
        let append = |batch| store.append(&publisher.origin, batch, None);
        append((0..600).map(new).collect()).await.unwrap();
        append(vec![without_payload(5, Operation::Erase)])
            .await
            .unwrap();
        let copy = replica(&other, &publisher);
        pull(&log, &other, &copy).await;
        store.settle().await.unwrap();
        Self {
            place,
            publisher,
            store,
            log,
            _elsewhere: elsewhere,
            _other: other,
            copy,
        }
    }

    /// Does what a node does about damage, with the other copy as its peer.
    async fn heal(&self) {
        for damage in self.store.damage() {
            if let Mending::Entries { bundle, end } = self.store.mend(&damage).await.unwrap() {
                let (start, end) = (LeafIndex::new(bundle * 256), LeafIndex::new(end));
                let entries = self.copy.entries(start, end).unwrap();
                let mended = self.store.mend_entries(&damage, bundle, &entries).await;
                mended.unwrap();
            }
        }
        let log = self.store.log(&self.publisher.origin).unwrap();
        let size = self.copy.stored().value();
        for start in (0..size).step_by(256) {
            let end = size.min(start + 256);
            let entries = self
                .copy
                .entries(LeafIndex::new(start), LeafIndex::new(end));
            let leaves: Vec<Leaf> = entries.unwrap().iter().map(Leaf::read).collect();
            let erased = |index| self.copy.is_erased(index);
            for frame in verified_frames(&self.copy, &leaves, start, end, erased) {
                self.store.fill(log.origin(), frame).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn whatever_file_of_a_log_is_damaged_is_mended_and_the_log_is_what_it_was() {
    let it = Copies::new().await;
    let seed = Dice::seed();
    let mut dice = Dice(seed);
    let state = it
        .place
        .path()
        .join(format!("state/logs/{}", it.log.number()));
    let mut paths = files(&it.log.inner.path());
    paths.extend(
        files(&state)
            .into_iter()
            .filter(|path| !path.ends_with("log")),
    );
    assert!(paths.len() > 12, "{paths:?}");
    for path in paths {
        let good = std::fs::read(&path).unwrap();
        let at = dice.below(good.len() as u64) as usize;
        let mut flipped = good.clone();
        flipped[at] ^= 1 << dice.below(8);
        for bad in [Some(flipped), Some(good[..at].to_vec()), None] {
            let case = format!(
                "seed {seed}: {} {:?}",
                path.display(),
                bad.as_ref().map(Vec::len)
            );
            match &bad {
                Some(bad) => std::fs::write(&path, bad).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            let found = it.store.verify(&it.log, |_| {}).unwrap().problems;
            assert!(!found.is_empty(), "{case}");
            assert!(!it.store.damage().is_empty(), "{case}: {found:?}");
            it.heal().await;
            assert!(
                it.store.damage().is_empty(),
                "{case}: {:?}",
                it.store.damage()
            );
            let left = it.store.verify(&it.log, |_| {}).unwrap().problems;
            assert_eq!(left, Vec::<String>::new(), "{case}");
            assert_eq!(
                it.log.holes(),
                Holes {
                    erased: 1,
                    ..Holes::default()
                },
                "{case}"
            );
        }
    }
    same(&it.log, &it.copy);
    let copied = it.place.copy();
    let reopened = copied.open();
    check(&reopened, &reopened.log(&it.publisher.origin).unwrap());
}

#[tokio::test]
async fn what_is_read_is_sound_or_not_held_or_unavailable_and_never_wrong() {
    let it = Copies::new().await;
    it.store.close().unwrap();
    for file in ["tile/0/000", "tile/entries/000", "payload/000"] {
        let place = it.place.copy();
        let inside = it.log.inner.dir.clone();
        let path = place.path().join(inside).join(file);
        let good = std::fs::read(&path).unwrap();
        for at in [20, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 4;
            std::fs::write(&path, &bad).unwrap();
            let store = place.open();
            let log = store.log(&it.publisher.origin).unwrap();
            let (start, end) = (LeafIndex::new(0), LeafIndex::new(256));
            // From what is below, always.
            assert_eq!(
                log.tile(0, 0, 256).unwrap(),
                it.copy.tile(0, 0, 256).unwrap()
            );
            match log.entries(start, end) {
                Ok(entries) => assert_eq!(entries, it.copy.entries(start, end).unwrap()),
                Err(error) => {
                    assert_eq!(file, "tile/entries/000");
                    assert!(error.to_string().contains("wpsx repair"), "{error}");
                }
            }
            let slots = log.slots(start, end).unwrap_or_default();
            let theirs = it.copy.slots(start, end).unwrap();
            for (index, (ours, theirs)) in slots.into_iter().zip(theirs).enumerate() {
                assert!(
                    ours == theirs || ours == (SlotState::NotHeld, None),
                    "{file} {index}"
                );
            }
            assert_eq!(
                store.damage().len(),
                1,
                "{file} at {at}: {:?}",
                store.damage()
            );
            store.close().unwrap();
            std::fs::write(&path, &good).unwrap();
        }
    }
}

#[tokio::test]
async fn a_log_that_stands_still_for_its_last_entries_goes_on_with_those_of_a_peer() {
    let mut it = Copies::new().await;
    let more = vec![new(600)];
    it.store
        .append(&it.publisher.origin, more, None)
        .await
        .unwrap();
    // One entry is in the journal alone, which is set aside meanwhile.
    let killed = it.place.copy();
    it.store.close().unwrap();
    it.place = killed;
    let path = it.place.path().join(&it.log.inner.dir);
    let path = path.join("tile/entries/002.p/89");
    let mut bad = std::fs::read(&path).unwrap();
    bad[30] ^= 1;
    std::fs::write(&path, &bad).unwrap();
    it.store = it.place.open();
    assert!(it.store.stands_still(&it.publisher.origin));
    it.store
        .keep_signer(&it.publisher.origin, it.publisher.signer.clone());
    let damage = it.store.damage().remove(0);
    let wrong = it
        .copy
        .entries(LeafIndex::new(0), LeafIndex::new(89))
        .unwrap();
    assert!(it.store.mend_entries(&damage, 2, &wrong).await.is_err());
    it.heal().await;
    assert!(it.store.damage().is_empty(), "{:?}", it.store.damage());
    let log = it.store.log(&it.publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 602);
    check(&it.store, &log);
    let more = vec![new(601)];
    it.store
        .append(&it.publisher.origin, more, None)
        .await
        .unwrap();
    it.store.close().unwrap();
    let again = it.place.open();
    check(&again, &again.log(&it.publisher.origin).unwrap());
}

/// A log of 300 entries on the disk and one in the journal alone, whose files were damaged
/// for a while: what the journal had of it is set aside, and damaged in its turn.
async fn damaged_while_set_aside(publisher: &Publisher, replica_of: Option<&LogHandle>) -> Place {
    let place = Place::on_disk();
    let store = place.open();
    let log = match replica_of {
        Some(_) => replica(&store, publisher),
        None => own(&store, publisher),
    };
    let second = super::publisher("second.example");
    own(&store, &second);
    match replica_of {
        Some(from) => pull(from, &store, &log).await,
        None => {
            let batch = (0..300).map(new).collect();
            store.append(&publisher.origin, batch, None).await.unwrap();
        }
    }
    store.close().unwrap();
    drop(store);
    let store = place.open();
    let log = store.log(&publisher.origin).unwrap();
    match replica_of {
        Some(_) => {
            let note = log.head().unwrap();
            store
                .set_pending(&publisher.origin, (*note).clone())
                .await
                .unwrap();
        }
        None => {
            let more = vec![new(300)];
            store.append(&publisher.origin, more, None).await.unwrap();
        }
    }
    let killed = place.copy();
    store.close().unwrap();
    let path = killed
        .path()
        .join(&log.inner.dir)
        .join("tile/entries/001.p/44");
    let good = std::fs::read(&path).unwrap();
    std::fs::write(&path, b"bad").unwrap();
    let store = killed.open();
    assert!(store.stands_still(&publisher.origin));
    store.close().unwrap();
    drop(store);
    for path in set_aside(&killed) {
        std::fs::write(path, b"bad").unwrap();
    }
    // It stands still, and nothing else does.
    let store = killed.open();
    assert!(store.stands_still(&publisher.origin));
    store
        .append(&second.origin, vec![new(1)], None)
        .await
        .unwrap();
    store.close().unwrap();
    std::fs::write(&path, good).unwrap();
    killed
}

fn set_aside(place: &Place) -> Vec<PathBuf> {
    let all = files(&place.path().join("state/logs/0")).into_iter();
    let found: Vec<_> = all
        .filter(|path| path.display().to_string().contains("set-aside"))
        .collect();
    assert!(!found.is_empty());
    found
}

#[tokio::test]
async fn what_was_set_aside_of_an_own_log_and_is_damaged_stops_its_signing_and_nothing_else() {
    let publisher = publisher("eu.example");
    let place = damaged_while_set_aside(&publisher, None).await;
    for _ in 0..2 {
        let store = place.open();
        let log = store.log(&publisher.origin).unwrap();
        assert_eq!(log.stored().value(), 300);
        assert!(!problems_of(&store, &log).is_empty());
        let damage = store.damage();
        assert!(
            damage[0].path.display().to_string().contains("set-aside"),
            "{damage:?}"
        );
        let refused = store.append(&publisher.origin, vec![new(400)], None).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("wpsx recover"), "{refused}");
        let second = super::publisher("second.example").origin;
        store.append(&second, vec![new(2)], None).await.unwrap();
        store.close().unwrap();
    }
    // Peers were asked what they hold.
    let store = place.open();
    store.dispel_doubt().unwrap();
    store
        .append(&publisher.origin, vec![new(400)], None)
        .await
        .unwrap();
    store.close().unwrap();
    drop(store);
    let store = place.open();
    assert!(store.damage().is_empty(), "{:?}", store.damage());
    check(&store, &store.log(&publisher.origin).unwrap());
}

#[tokio::test]
async fn what_was_set_aside_of_a_replica_and_is_damaged_is_pulled_again() {
    let publisher = publisher("eu.example");
    let elsewhere = Place::new();
    let from = elsewhere.open();
    let log = own(&from, &publisher);
    let append = |batch| from.append(&publisher.origin, batch, None);
    append((0..300).map(new).collect()).await.unwrap();
    let place = damaged_while_set_aside(&publisher, Some(&log)).await;
    append(vec![new(300)]).await.unwrap();
    let store = place.open();
    let copy = store.log(&publisher.origin).unwrap();
    pull(&log, &store, &copy).await;
    same(&log, &copy);
    store.close().unwrap();
    drop((store, copy));
    let store = place.open();
    assert!(store.damage().is_empty(), "{:?}", store.damage());
    check(&store, &store.log(&publisher.origin).unwrap());
}

fn problems_of(store: &Store, log: &LogHandle) -> Vec<String> {
    store.verify(log, |_| {}).unwrap().problems
}
