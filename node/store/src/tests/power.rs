//! Each change of the disk fails once, having left nothing or everything, and then the
//! process is killed or the power fails. What was acknowledged is there after it, whole,
//! and what was erased is not.

use super::*;

/// What was acknowledged.
#[derive(Debug, Default)]
struct Acked {
    own: u64,
    replica: u64,
    erased: bool,
}

/// Appends, replicates, erases, settles; stops at the first error.
async fn work(place: [&Place; 2], acked: &mut Acked) -> Result<(), StoreError> {
    let publisher = publisher("eu.example");
    let origin = &publisher.origin;
    let [from, to] = place.map(Place::try_open);
    let (from, to) = (from?, to?);
    let role = LogRole::Own(publisher.signer.clone());
    let log = from.add_log(origin, publisher.identity.clone(), role)?;
    let copy = to.add_log(origin, publisher.identity.clone(), LogRole::Replica)?;
    for round in 0..3 {
        let first = log.stored().value();
        let batch = (first..first + 130).map(new).collect();
        let appended = from.append(origin, batch, None).await?;
        acked.own = appended.head.size().value();
        if round == 1 {
            let erase = vec![without_payload(5, Operation::Erase)];
            from.append(origin, erase, None).await?;
            (acked.own, acked.erased) = (acked.own + 1, true);
        }
        let head = carried(&log);
        to.set_pending(origin, head.clone()).await?;
        for (package, frames) in packages(&log, acked.replica, &head, |i| copy.is_erased(i)) {
            let end = package.end().value();
            to.extend(package, frames, SlotState::NotHeld).await?;
            acked.replica = end;
        }
        to.commit_head(origin, head).await?;
        from.settle().await?;
        to.settle().await?;
    }
    from.close()?;
    to.close()
}

async fn look(places: [Place; 2], acked: &Acked, case: &str) {
    let publisher = publisher("eu.example");
    for (place, size) in places.iter().zip([acked.own, acked.replica]) {
        let store = place.try_open().expect(case);
        let Some(log) = store.log(&publisher.origin) else {
            assert_eq!(size, 0, "{case}");
            continue;
        };
        assert!(log.stored().value() >= size, "{case}: {acked:?}");
        let report = store.verify(&log, |_| {}).expect(case);
        assert_eq!(report.problems, Vec::<String>::new(), "{case}");
        let bundles = (0..size).step_by(256).map(|start| {
            let (start, end) = (LeafIndex::new(start), LeafIndex::new(size.min(start + 256)));
            log.slots(start, end).expect(case)
        });
        for ((state, slot), index) in bundles.flatten().zip(0..) {
            match state {
                SlotState::Full => {
                    assert_eq!(slot.unwrap()[32..], payload(index), "{case}: {index}");
                    assert!(index != 5 || !(log.is_own() && acked.erased), "{case}");
                }
                SlotState::Erased => assert_eq!(index, 5, "{case}"),
                SlotState::None => assert_eq!(index, 260, "{case}"),
                state => assert!(index == 5 && !log.is_own(), "{case}: {index} is {state:?}"),
            }
        }
        if log.is_own() {
            let signer = publisher.signer.clone();
            store.set_signer(&publisher.origin, signer).expect(case);
            let more = store.append(&publisher.origin, vec![new(1 << 40)], None);
            more.await.expect(case);
        }
        store.close().expect(case);
    }
}

#[tokio::test]
async fn a_change_that_fails_and_a_power_cut_after_it_lose_nothing_that_was_acknowledged() {
    let (a, b) = (Place::new(), Place::new());
    work([&a, &b], &mut Acked::default()).await.unwrap();
    let changes = [a.memory().changes(), b.memory().changes()];
    for (which, changes) in changes.into_iter().enumerate() {
        assert!(changes > 40, "else this shows little: {changes}");
        for change in 0..changes {
            for left in [Left::Nothing, Left::Half, Left::Everything] {
                let (a, b) = (Place::new(), Place::new());
                let mut acked = Acked::default();
                [&a, &b][which].memory().fail_at(change, left);
                // It may be one that nobody waits for.
                let _done = work([&a, &b], &mut acked).await;
                let case = format!("change {change} of {which} left {left:?}");
                look([a.copy(), b.copy()], &acked, &case).await;
                let case = format!("{case}, and the power failed");
                look([a.without_power(), b.without_power()], &acked, &case).await;
            }
        }
    }
}
