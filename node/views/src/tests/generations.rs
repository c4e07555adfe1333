//! Rows in generations against a map of them, whatever a crash leaves.

use super::*;
use crate::table::{batches::Batches, blocks::RowChange, generations::Generations};

const TAG: u8 = b'i';

fn open(table: &dyn Table) -> Generations {
    Generations::open(table, TAG, |key| key.get(..4)).expect("open")
}

/// Key of a row: four bytes that some share, and four of its own.
fn key(number: u64) -> Vec<u8> {
    let spread = (number % 50).wrapping_mul(0x9e37_79b9) as u32;
    let own = (number / 50) as u32;
    [spread.to_be_bytes(), own.to_be_bytes()].concat()
}

type Rows = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A step that puts some rows and removes some.
fn step(random: &mut Random, most: u64) -> Rows {
    let rows = 1 + random.below(most);
    let row = |random: &mut Random| {
        let number = random.below(2_000);
        let value = (!random.one_in(4)).then(|| random.next().to_be_bytes().to_vec());
        (key(number), value)
    };
    (0..rows).map(|_| row(random)).collect()
}

fn write(all: &Generations, table: &dyn Table, rows: &Rows) -> Result<(), TableError> {
    let mut batches = Batches::new(table);
    all.merge(table, &mut batches, rows, |_, value, _| {
        Ok(value.clone().map_or(RowChange::Remove, RowChange::Put))
    })?;
    batches.send()
}

fn check(all: &Generations, table: &dyn Table, model: &BTreeMap<Vec<u8>, Vec<u8>>) {
    let mut found = Vec::new();
    let take = |found: &mut Vec<Pair>, key: &[u8], value: &[u8]| {
        found.push((key.to_vec(), value.to_vec()));
        Ok(())
    };
    all.scan(table, &[], |key, value| take(&mut found, key, value))
        .expect("scan");
    let known: Vec<Pair> = model
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    assert_eq!(found, known);
    for number in (0..2_000).step_by(7) {
        let found = all.lookup(table, &key(number)).expect("lookup");
        assert_eq!(found.as_ref(), model.get(&key(number)));
    }
    let prefix = &key(3)[..4];
    let mut some = Vec::new();
    all.scan(table, prefix, |key, value| take(&mut some, key, value))
        .expect("scan");
    let known = known.into_iter().filter(|(key, _)| key.starts_with(prefix));
    assert_eq!(some, known.collect::<Vec<_>>());
}

#[test]
fn they_say_what_a_map_of_all_steps_says_also_after_a_crash() {
    for seed in 1..12 {
        let mut random = Random(seed * 0x9e37_79b9);
        let table = Lasting {
            leaves_everything: seed % 2 == 0,
            ..Lasting::default()
        };
        let mut all = open(&table);
        let mut model = BTreeMap::new();
        for _ in 0..80 {
            let most = [3, 40, 400][random.below(3) as usize];
            let rows = step(&mut random, most);
            // Cut somewhere; the step is made again, as it is after a crash.
            if random.one_in(6) {
                table
                    .fuse
                    .store(1 + random.below(5) as u32, Ordering::Relaxed);
                let _ = write(&all, &table, &rows).and_then(|()| all.tidy(&table, &|| true));
                table.fuse.store(0, Ordering::Relaxed);
                if random.one_in(2) {
                    all = open(&table);
                }
            }
            write(&all, &table, &rows).expect("write");
            for (key, value) in rows {
                match value {
                    Some(value) => model.insert(key, value),
                    None => model.remove(&key),
                };
            }
            if random.one_in(2) {
                all.tidy(&table, &|| true).expect("tidy");
            }
            check(&all, &table, &model);
        }
        check(&open(&table), &table, &model);
    }
}

/// How many pairs the table has.
fn pairs(table: &dyn Table) -> usize {
    let mut pairs = 0;
    table
        .scan(&[0], &[255], &mut |_, _| {
            pairs += 1;
            ControlFlow::Continue(())
        })
        .expect("scan");
    pairs
}

#[test]
fn of_many_steps_few_generations_are_left_and_no_row_twice() {
    let table = MemoryTable::default();
    let all = open(&table);
    for number in 0..1_000 {
        let rows = [(key(number), Some(vec![1, 2])), (key(0), None)].into();
        write(&all, &table, &rows).expect("write");
        all.tidy(&table, &|| true).expect("tidy");
    }
    // A list, and a block and a part of a filter for each generation and some rows.
    assert!(pairs(&table) < 60, "{} pairs", pairs(&table));
    all.retain(&table, |key| key[4..] != [0; 4])
        .expect("retain");
    let mut left = 0;
    all.scan(&table, &[], |_, _| {
        left += 1;
        Ok(())
    })
    .expect("scan");
    assert_eq!(left, 950);
    all.retain(&table, |_| false).expect("retain");
    assert_eq!(pairs(&table), 1, "only the empty list");
}

#[test]
fn a_merge_that_may_not_go_on_changes_nothing_and_leaves_nothing() {
    let table = MemoryTable::default();
    let all = open(&table);
    let mut model = BTreeMap::new();
    for first in 0..7 {
        let rows: Rows = (first * 2_000..first * 2_000 + 2_000)
            .map(|number| (key(number), Some(vec![1, 2])))
            .collect();
        write(&all, &table, &rows).expect("write");
    }
    all.tidy(&table, &|| true).expect("tidy");
    let before = pairs(&table);
    write(&all, &table, &[(key(1), Some(vec![3, 4]))].into()).expect("write");
    let with_one = pairs(&table);
    assert_eq!(with_one, before + 2, "a block and a filter");
    all.scan(&table, &[], |key, value| {
        model.insert(key.to_vec(), value.to_vec());
        Ok(())
    })
    .expect("scan");
    all.tidy(&table, &|| false).expect("tidy");
    check(&all, &table, &model);
    let again = open(&table);
    assert_eq!(pairs(&table), with_one);
    check(&again, &table, &model);
}

#[test]
fn what_is_being_read_stays_until_it_was_read() {
    let table = MemoryTable::default();
    let all = open(&table);
    let rows: Rows = (0..2_000)
        .map(|number| (key(number), Some(vec![1, 2])))
        .collect();
    write(&all, &table, &rows).expect("write");
    let mut read = 0;
    all.scan(&table, &[], |_, value| {
        if read == 5 {
            let rows = [(key(7), Some(vec![3, 4]))].into();
            write(&all, &table, &rows).expect("write");
            all.retain(&table, |_| true).expect("retain");
        }
        assert_eq!(value, [1, 2], "as it was when reading began");
        read += 1;
        Ok(())
    })
    .expect("scan");
    assert_eq!(read, 2_000);
}

/// Counts what is written to a table.
#[derive(Default)]
struct Counting {
    table: MemoryTable,
    bytes: std::sync::atomic::AtomicU64,
}

impl Table for Counting {
    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError> {
        self.table.floor(low, high)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError> {
        self.table.scan(from, to, visit)
    }

    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError> {
        let values = batch.iter().filter_map(|(_, value)| value.as_ref());
        let bytes: usize = values.map(Vec::len).sum();
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.table.apply(batch)
    }

    fn flush(&self) -> Result<(), TableError> {
        Ok(())
    }
}

#[test]
fn a_row_is_written_again_once_for_each_time_that_rows_become_eight_times_as_many() {
    let table = Counting::default();
    let all = open(&table);
    let mut random = Random(7);
    let mut cost = BTreeMap::new();
    for step in 1..=512u64 {
        let rows: Rows = (0..100)
            .map(|_| (random.next().to_be_bytes().to_vec(), Some(vec![1, 2])))
            .collect();
        write(&all, &table, &rows).expect("write");
        all.tidy(&table, &|| true).expect("tidy");
        cost.insert(step, table.bytes.load(Ordering::Relaxed) / (100 * step));
    }
    // Steps of 100 rows of 12 bytes: once as they come, once for each merge, with a filter.
    assert!(cost[&8] <= 2 * 21, "{}", cost[&8]);
    assert!(cost[&64] <= 3 * 21, "{}", cost[&64]);
    assert!(cost[&512] <= 4 * 21, "{}", cost[&512]);
}
