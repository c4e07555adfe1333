//! Dice work on an own log and its replica, compared with a model in memory.

use std::collections::BTreeSet;

use super::*;

/// What the log should say of one index.
#[derive(Clone, Debug)]
struct Expected {
    record: u64,
    payload: Option<u64>,
    erases: bool,
    erased: bool,
}

#[derive(Default)]
struct Model {
    entries: Vec<Expected>,
}

impl Model {
    fn records(&self) -> Vec<u64> {
        let ids: BTreeSet<u64> = self.entries.iter().map(|entry| entry.record).collect();
        ids.into_iter().collect()
    }

    fn push(&mut self, entry: Expected) {
        if entry.erases {
            let record = entry.record;
            for before in self
                .entries
                .iter_mut()
                .filter(|before| before.record == record)
            {
                before.erased |= before.payload.is_some();
            }
        }
        self.entries.push(entry);
    }

    fn compare(&self, log: &LogHandle, missing: &BTreeSet<u64>) {
        assert_eq!(log.stored().value(), self.entries.len() as u64);
        let mut holes = Holes::default();
        for (index, expected) in self.entries.iter().enumerate() {
            let at = LeafIndex::new(index as u64);
            let Leaf::Known(envelope) = Leaf::read(&log.entry(at).unwrap()) else {
                panic!()
            };
            assert_eq!(envelope.record_id, id(expected.record), "entry {index}");
            let (state, slot) = log.slot(at).unwrap();
            match expected.payload {
                None => assert_eq!(state, SlotState::None),
                Some(_) if expected.erased => {
                    holes.erased += 1;
                    assert_eq!(state, SlotState::Erased, "slot {index}");
                }
                Some(_) if missing.contains(&(index as u64)) => {
                    holes.not_held += 1;
                    assert_eq!(state, SlotState::NotHeld, "slot {index}");
                }
                Some(n) => assert_eq!(slot.unwrap()[32..], payload(n), "slot {index}"),
            }
        }
        assert_eq!(log.holes(), holes);
    }
}

/// Appends a random batch, and keeps the model in step.
async fn append(
    store: &Opened,
    origin: &Origin,
    model: &mut Model,
    dice: &mut Dice,
    next: &mut u64,
) {
    let sizes = [1, 1, 2, 7, 60, 256, 300];
    let count = sizes[dice.below(sizes.len() as u64) as usize];
    let mut batch = Vec::new();
    for _ in 0..count {
        *next += 1;
        let n = *next;
        let records = model.records();
        let known = !records.is_empty() && dice.below(4) == 0;
        let (record, operation) = if known {
            let record = records[dice.below(records.len() as u64) as usize];
            let operations = [Operation::Publish, Operation::Withdraw, Operation::Erase];
            (record, operations[dice.below(3) as usize])
        } else {
            (n, Operation::Publish)
        };
        let publishes = operation == Operation::Publish;
        batch.push(match (known, publishes) {
            (false, _) => new(n),
            (true, true) => publish(RecordTarget::Existing(id(record)), n),
            (true, false) => without_payload(record, operation),
        });
        model.push(Expected {
            record,
            payload: publishes.then_some(n),
            erases: operation == Operation::Erase,
            erased: false,
        });
    }
    store.append(origin, batch, None).await.unwrap();
}

async fn run(seed: u64) {
    let mut dice = Dice(seed);
    let (mut a, mut b) = (Place::new(), Place::new());
    let publisher = publisher("eu.example");
    let origin = publisher.origin.clone();
    let (mut from, mut to) = (a.open(), b.open());
    own(&from, &publisher);
    replica(&to, &publisher);
    let mut model = Model::default();
    let mut missing: BTreeSet<u64> = BTreeSet::new();
    let mut next = 0;
    for _ in 0..24 {
        let log = from.log(&origin).unwrap();
        let copy = to.log(&origin).unwrap();
        match dice.below(9) {
            0..=3 => append(&from, &origin, &mut model, &mut dice, &mut next).await,
            4 if log.head().is_some() => {
                // Some payloads do not come.
                let head = carried(&log);
                to.set_pending(&origin, head.clone()).await.unwrap();
                let start = copy.stored().value();
                for (package, mut frames) in packages(&log, start, &head, |i| copy.is_erased(i)) {
                    frames.retain(|_| dice.below(3) > 0);
                    let covered: BTreeSet<u64> = frames
                        .iter()
                        .flat_map(|frame| frame.start().value()..frame.end().value())
                        .collect();
                    let run = package.start().value()..package.end().value();
                    missing.extend(run.filter(|index| !covered.contains(index)));
                    to.extend(package, frames, SlotState::NotHeld)
                        .await
                        .unwrap();
                }
                to.commit_head(&origin, head).await.unwrap();
            }
            5 => {
                let runs: BTreeSet<u64> = missing.iter().map(|index| index / 256).collect();
                for bundle in runs {
                    let start = bundle * 256;
                    let end = copy
                        .stored()
                        .value()
                        .min(start + 256)
                        .min(log.stored().value());
                    let leaves: Vec<Leaf> = (start..end)
                        .map(|i| Leaf::read(&log.entry(LeafIndex::new(i)).unwrap()))
                        .collect();
                    for frame in verified_frames(&log, &leaves, start, end, |_| false) {
                        to.fill(&origin, frame).await.unwrap();
                    }
                }
                // What the origin erased meanwhile stays a hole until its entry comes.
                missing.retain(|index| model.entries[*index as usize].erased);
            }
            6 => {
                from.settle().await.unwrap();
                to.settle().await.unwrap();
            }
            7 => {
                from.close().unwrap();
                to.close().unwrap();
                (from, to) = (a.open(), b.open());
            }
            _ => {
                // A kill: what is on the disk now goes on in another place.
                let (c, d) = (a.copy(), b.copy());
                drop((from, to, log, copy));
                (a, b) = (c, d);
                (from, to) = (a.open(), b.open());
            }
        }
        let log = from.log(&origin).unwrap();
        let copy = to.log(&origin).unwrap();
        model.compare(&log, &BTreeSet::new());
        assert_eq!(to.log(&origin).unwrap().holes().not_held, not_held(&copy));
    }
    let (log, copy) = (from.log(&origin).unwrap(), to.log(&origin).unwrap());
    if log.head().is_some() {
        pull(&log, &to, &copy).await;
        // A payload that was not held when it was erased is erased here too.
        model.compare(&copy, &missing);
    }
    check(&from, &log);
    check(&to, &copy);
}

fn not_held(log: &LogHandle) -> u64 {
    let indexes = (0..log.stored().value()).map(LeafIndex::new);
    indexes
        .filter(|i| log.slot(*i).unwrap().0 == SlotState::NotHeld)
        .count() as u64
}

#[tokio::test]
async fn random_work_agrees_with_a_model() {
    let seeds: Vec<u64> = match Dice::asked() {
        Some(seed) => vec![seed],
        None => (1..=6).collect(),
    };
    for seed in seeds {
        println!("seed {seed}");
        run(seed).await;
    }
}
