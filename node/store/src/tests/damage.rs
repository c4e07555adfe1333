//! Files that are not what was written: `verify` finds any flipped bit, any missing
//! file and any stranger; opening says what is wrong or goes on, never panics, and
//! throws nothing away that is good.

use super::*;

/// Writes `bytes` with one bit flipped; gives the bit and what was written.
fn flip(path: &Path, bytes: &[u8], dice: &mut Dice) -> (usize, Vec<u8>) {
    let bit = dice.below(bytes.len() as u64 * 8) as usize;
    let mut bad = bytes.to_vec();
    bad[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(path, &bad).unwrap();
    (bit, bad)
}

/// A log with a full bundle, an open one, an erased payload and a withdrawn record.
async fn fill(store: &Opened, publisher: &Publisher) -> LogHandle {
    let log = own(store, publisher);
    let origin = &publisher.origin;
    let batch = (0..600).map(new).collect();
    store.append(origin, batch, None).await.unwrap();
    let more = vec![
        without_payload(5, Operation::Erase),
        without_payload(6, Operation::Withdraw),
    ];
    store.append(origin, more, None).await.unwrap();
    log
}

fn problems(store: &Store, log: &LogHandle) -> Vec<String> {
    store.verify(log, |_| {}).unwrap().problems
}

#[tokio::test]
async fn any_flipped_bit_missing_or_strange_file_is_found() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let (from, to) = (a.open(), b.open());
    let (log, copy) = (fill(&from, &publisher).await, replica(&to, &publisher));
    pull(&log, &to, &copy).await;
    let seed = Dice::seed();
    let mut dice = Dice(seed);
    for (store, log) in [(&from, &log), (&to, &copy)] {
        check(store, log);
        for path in files(&log.inner.path()) {
            let shown = path.display();
            let good = std::fs::read(&path).unwrap();
            for _ in 0..12 {
                let (bit, _) = flip(&path, &good, &mut dice);
                assert!(
                    !problems(store, log).is_empty(),
                    "seed {seed}: bit {bit} of {shown}"
                );
            }
            std::fs::remove_file(&path).unwrap();
            assert!(!problems(store, log).is_empty(), "{shown} is missing");
            std::fs::write(&path, &good).unwrap();
        }
        for stranger in ["tile/0/001.p/3", "tile/2/000", "payload/009", "payload/x"] {
            let path = log.inner.path().join(stranger);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, b"x").unwrap();
            assert!(!problems(store, log).is_empty(), "{stranger} is strange");
            std::fs::remove_file(&path).unwrap();
        }
        check(store, log);
    }
}

#[tokio::test]
async fn a_store_with_any_bit_flipped_opens_or_says_why_and_loses_nothing_good() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    fill(&store, &publisher).await;
    store.settle().await.unwrap();
    store
        .append(&publisher.origin, vec![new(600)], None)
        .await
        .unwrap();
    let killed = place.copy();
    store.close().unwrap();
    let seed = Dice::seed();
    let mut dice = Dice(seed);
    for place in [&place, &killed] {
        for path in files(&place.path()) {
            let inside = path.strip_prefix(place.path()).unwrap();
            let good = std::fs::read(&path).unwrap();
            if good.is_empty() {
                continue;
            }
            let hurt = place.copy();
            let path = hurt.path().join(inside);
            let (bit, bad) = flip(&path, &good, &mut dice);
            let case = format!("seed {seed}: bit {bit} of {}", inside.display());
            match hurt.try_open() {
                Err(error) => assert!(!error.to_string().is_empty(), "{case}"),
                Ok(store) => {
                    for log in store.logs() {
                        let _found = store.verify(&log, |_| {});
                    }
                    // It may notice on the way what is wrong.
                    let _closed = store.close();
                }
            }
            // What cannot be read of it is in doubt from then on, and moved aside.
            if inside.starts_with("journal") {
                continue;
            }
            // What was written anew meanwhile is good.
            if std::fs::read(&path).is_ok_and(|now| now == bad) {
                std::fs::write(&path, &good).unwrap();
            }
            let store = hurt.try_open().expect(&case);
            let log = store.log(&publisher.origin).expect(&case);
            assert_eq!(log.stored().value(), 603, "{case}");
            // Payloads whose only copy was damaged are holes, and nothing else is wrong.
            let mut found = problems(&store, &log);
            if inside
                .components()
                .any(|part| part.as_os_str() == "payload")
            {
                found.retain(|problem| !problem.ends_with("of our own log is missing"));
            }
            assert_eq!(found, Vec::<String>::new(), "{case}");
        }
    }
}

/// What an operator does who restores half a backup.
#[tokio::test]
async fn a_payload_file_from_before_an_erasure_brings_nothing_back() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let batch = (0..300).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    store.settle().await.unwrap();
    let file = log.inner.path().join("payload/000");
    let before = std::fs::read(&file).unwrap();
    let (_, secret) = log.slot(LeafIndex::new(5)).unwrap();
    let secret = secret.unwrap();
    let erase = vec![without_payload(5, Operation::Erase)];
    store.append(&publisher.origin, erase, None).await.unwrap();
    store.close().unwrap();
    drop((store, log));
    std::fs::write(&file, before).unwrap();
    let store = place.open();
    let log = store.log(&publisher.origin).unwrap();
    let (start, end) = (LeafIndex::new(0), LeafIndex::new(256));
    assert_eq!(
        log.slot(LeafIndex::new(5)).unwrap(),
        (SlotState::Erased, None)
    );
    assert_eq!(log.slots(start, end).unwrap()[5], (SlotState::Erased, None));
    for zstd in [true, false] {
        let frames = log.frames(start, end, zstd).unwrap();
        let states: Vec<u8> = frames.iter().flat_map(|it| it.states.to_vec()).collect();
        assert_eq!(states[5], SlotState::Erased.number());
        assert_eq!(states.len(), 256);
        let is_sent = |sent: &[u8]| sent.windows(secret.len()).any(|part| part == secret);
        assert!(!frames.iter().any(|frame| is_sent(&frame.data)), "{zstd}");
    }
    assert!(!problems(&store, &log).is_empty());
}

#[tokio::test]
async fn a_damaged_entry_is_never_given_out_and_its_neighbours_are() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = fill(&store, &publisher).await;
    store.settle().await.unwrap();
    let good: Vec<_> = (0..256)
        .map(|at| log.entry(LeafIndex::new(at)).unwrap())
        .collect();
    store.close().unwrap();
    drop((store, log));

    let store = place.open();
    let log = store.log(&publisher.origin).unwrap();
    let path = log.inner.path().join("tile/entries/000");
    let written = std::fs::read(&path).unwrap();
    let mut bad = written.clone();
    *bad.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &bad).unwrap();
    // Twice: as it is read, and as it is kept in memory.
    for _ in 0..2 {
        assert_eq!(log.entry(LeafIndex::new(0)).unwrap(), good[0]);
        assert!(log.entry(LeafIndex::new(255)).is_err());
        assert_eq!(log.entry(LeafIndex::new(254)).unwrap(), good[254]);
        assert!(log.entries(LeafIndex::new(0), LeafIndex::new(256)).is_err());
    }
    assert_eq!(store.damage().len(), 1);
    // What was kept meanwhile is not taken for what is there now.
    std::fs::write(&path, &written).unwrap();
    assert_eq!(log.entry(LeafIndex::new(255)).unwrap(), good[255]);
    assert_eq!(
        log.entries(LeafIndex::new(0), LeafIndex::new(256))
            .unwrap()
            .len(),
        256
    );
}

/// Every file of one log, and every file that the state has of it, damaged in three ways.
#[tokio::test]
async fn damage_of_one_log_stops_that_log_and_no_other() {
    let (elsewhere, place) = (Place::new(), Place::on_disk());
    let (hurt, well, far) = (
        publisher("a.example"),
        publisher("b.example"),
        publisher("c.example"),
    );
    let store = place.open();
    let number = fill(&store, &hurt).await.number();
    fill(&store, &well).await;
    let remote = elsewhere.open();
    pull(&fill(&remote, &far).await, &store, &replica(&store, &far)).await;
    store.settle().await.unwrap();
    // Acknowledged, and still in the journal alone.
    for publisher in [&hurt, &well] {
        store
            .append(&publisher.origin, vec![new(600)], None)
            .await
            .unwrap();
    }
    let killed = place.copy();
    store.close().unwrap();
    drop(store);
    let mut stopped = 0;
    let state = format!("state/logs/{number}");
    let log = format!("logs/{}", hurt.origin.hash_hex());
    for part in [state, log] {
        for path in files(&killed.path().join(part)) {
            let inside = path.strip_prefix(killed.path()).unwrap();
            let good = std::fs::read(&path).unwrap();
            let half = good[..good.len() / 2].to_vec();
            let mut flipped = good.clone();
            flipped[good.len() / 2] ^= 1;
            for bad in [Some(flipped), Some(half), None] {
                let case = format!("{} {:?}", inside.display(), bad.as_ref().map(Vec::len));
                let place = killed.copy();
                let path = place.path().join(inside);
                match &bad {
                    Some(bad) => std::fs::write(&path, bad).unwrap(),
                    None => std::fs::remove_file(&path).unwrap(),
                }
                let store = place.try_open().expect(&case);
                for publisher in [&well, &far] {
                    check(&store, &store.log(&publisher.origin).expect(&case));
                }
                let published = store.append(&well.origin, vec![new(601)], None).await;
                published.expect(&case);
                let stands_still = store.log(&hurt.origin).is_none();
                if stands_still {
                    stopped += 1;
                    assert_eq!(store.damage()[0].log, number, "{case}");
                    let refused = store.append(&hurt.origin, vec![new(601)], None).await;
                    assert!(refused.is_err(), "{case}");
                    let again = LogRole::Own(hurt.signer.clone());
                    let again = store.add_log(&hurt.origin, hurt.identity.clone(), again);
                    assert!(again.is_err(), "{case}");
                }
                let _closed = store.close();
                drop(store);
                if !stands_still {
                    continue;
                }
                // Nothing of it was lost while it stood still: neither its files nor what
                // the journal said of it.
                std::fs::write(&path, &good).unwrap();
                let store = place.try_open().expect(&case);
                let log = store.log(&hurt.origin).expect(&case);
                assert_eq!(log.stored().value(), 603, "{case}");
                assert_eq!(log.head().unwrap().size().value(), 603, "{case}");
                check(&store, &log);
                store
                    .append(&hurt.origin, vec![new(601)], None)
                    .await
                    .expect(&case);
                store.close().unwrap();
            }
        }
    }
    assert!(stopped > 3, "{stopped} cases were bad enough");
}
