//! Random logs, told as a model tells them.

use super::*;

/// Posts what the views have not taken, in random portions, as a store does at start.
pub(super) fn catch_up(views: &Views, model: &Model, random: &mut Random) {
    for (log, entries) in &model.logs {
        loop {
            let from = views.position(*log);
            let rest = &entries[from as usize..];
            if rest.is_empty() {
                break;
            }
            let count = (1 + random.below(200) as usize).min(rest.len());
            // Sometimes with entries that were taken before.
            let overlap = from.min(random.below(4)) as usize;
            let portion = &entries[from as usize - overlap..from as usize + count];
            views
                .post(*log, from - overlap as u64, portion.to_vec())
                .expect("post");
        }
    }
    for (log, index) in views.unsettled() {
        let entry = model.logs[&log][index as usize].clone();
        views.refill(log, vec![entry]).expect("refill");
    }
}

/// Fills or empties some slots, in the model and in the views.
fn refill(views: &Views, model: &mut Model, random: &mut Random) {
    let log = random.below(3) as u32;
    let Some(entries) = model.logs.get_mut(&log) else {
        return;
    };
    let end = views.position(log);
    let mut changed = Vec::new();
    for _ in 0..random.below(5) {
        let place = random.below(end.max(1)) as usize;
        let Some(entry) = entries.get_mut(place) else {
            continue;
        };
        match entry.state {
            SlotState::NotHeld => {
                entry.state = SlotState::Full;
                // What others say in their payload is not known here.
                if entry.operation.publishes() {
                    entry.content = invent_content(random);
                }
            }
            SlotState::Full => {
                // Only of entries without an external id: the model does not follow the
                // way back to an older one.
                if entry.external_id.is_some() {
                    continue;
                }
                entry.state = SlotState::NotHeld;
                entry.content = Content::default();
            }
            _ => continue,
        }
        changed.push(entry.clone());
    }
    views.refill(log, changed).expect("refill");
}

#[test]
fn random_logs_are_told_as_a_model_tells_them_through_crashes_and_torn_steps() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that failed is run again with its seed"
    )]
    let seeds = std::env::var("WPSX_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    for seed in seeds.map_or(1..6, |seed: u64| seed..seed + 1) {
        println!("seed {seed}");
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut model = Model::default();
        let table = Lasting {
            leaves_everything: seed % 2 == 0,
            ..Lasting::default()
        };
        let mut views = Views::over(Box::new(table.clone())).expect("start");
        for _ in 0..12 {
            for _ in 0..random.below(300) {
                let log = random.below(3) as u32;
                let entry = model.invent(log, &mut random);
                model.push(log, entry);
            }
            catch_up(&views, &model, &mut random);
            model.check(&views, &mut random);
            match random.below(4) {
                0 => views.flush().expect("flush"),
                1 => {
                    // A crash: what only memory knew is posted again.
                    views = Views::over(Box::new(table.clone())).expect("start");
                }
                2 => {
                    // A step that is cut at some batch.
                    table
                        .fuse
                        .store(1 + random.below(8) as u32, Ordering::Relaxed);
                    let cut = views.flush().is_err();
                    if cut {
                        assert!(views.failure().is_some());
                    }
                    drop(views);
                    table.fuse.store(0, Ordering::Relaxed);
                    views = Views::over(Box::new(table.clone())).expect("start");
                }
                _ => {
                    views.flush().expect("flush");
                    refill(&views, &mut model, &mut random);
                    model.check(&views, &mut random);
                    views.flush().expect("flush");
                }
            }
            if random.one_in(12) {
                views.forget(1).expect("forget");
                assert_eq!(views.position(1), 0);
                assert_eq!(views.counts(1).expect("counts"), Counts::default());
            }
            catch_up(&views, &model, &mut random);
            model.check(&views, &mut random);
        }
        views.flush().expect("flush");
        let copy = Lasting::default();
        let stored = |table: &Lasting| Stored::open(Box::new(table.clone())).expect("stored");
        rewrite::copy(&stored(&table), &stored(&copy)).expect("copy");
        let again = Lasting::default();
        rewrite::copy(&stored(&copy), &stored(&again)).expect("copy");
        assert_eq!(rows(&copy), rows(&again));
        model.check(&Views::over(Box::new(copy)).expect("start"), &mut random);
    }
}

fn rows(table: &Lasting) -> Vec<Pair> {
    let mut rows = Vec::new();
    table
        .scan(&[0], &[255], &mut |key, value| {
            rows.push((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })
        .expect("scan");
    rows
}
