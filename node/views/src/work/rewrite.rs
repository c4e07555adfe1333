//! Copies a table, so that only what it says now is left.
//!
//! sled appends to its files; what a row said before stays in them until sled needs
//! the room, which may be never. And a block keeps the key of its first row when that
//! row goes. After an erasure both may hold what must be nowhere, so the rows are
//! written to a new database and the old one is removed.

use std::{collections::BTreeMap, ops::ControlFlow};

use crate::{
    rows::{
        keys::{CONTENTS, HISTORY, LINKS, NAMES, ORDERS, OTHERS, ROWS, SETS, index_of, log_of},
        order::{ALL, Keys, order_key},
        row::{Row, RowKey, name_key},
    },
    table::{Pair, TableError, batches::Batches, blocks::RowChange, stored::Stored},
};

/// Rows are put in portions of so many bytes, so that batches stay small.
const PORTION: usize = 256 << 10;

/// External ids and places in orders are sorted in parts of so many bytes.
const IN_MEMORY: usize = 8 << 20;

/// Copies what is live in `from` to the empty `to`. The caller keeps writers away.
pub(crate) fn copy(from: &Stored, to: &Stored) -> Result<(), TableError> {
    let mut rows = Part::default();
    let mut names = Part::default();
    from.scan(ROWS, &[], |key, value| {
        // The rows of external ids follow from these: what a crash left there stays behind.
        if let Some((_, name)) = Row::from_bytes(value)?.name {
            names.add(name_key(&RowKey::from_bytes(key)?, &name), Vec::new());
        }
        rows.add(key.to_vec(), value.to_vec());
        rows.put_if_over(IN_MEMORY, to, ROWS)?;
        names.put_if_over(IN_MEMORY, to, NAMES)
    })?;
    rows.put_if_over(0, to, ROWS)?;
    names.put_if_over(0, to, NAMES)?;
    copy_contents(from, to)?;
    for (tag, portion) in [(HISTORY, IN_MEMORY), (LINKS, PORTION), (SETS, PORTION)] {
        let mut rows = Part::default();
        from.scan(tag, &[], |key, value| {
            rows.add(key.to_vec(), value.to_vec());
            rows.put_if_over(portion, to, tag)
        })?;
        rows.put_if_over(0, to, tag)?;
    }
    to.tidy(&|| true)?;
    copy_others(from, to)
}

/// The rows of entries, and their places in orders, which follow from them.
fn copy_contents(from: &Stored, to: &Stored) -> Result<(), TableError> {
    let mut rows = Part::default();
    let mut places = Part::default();
    from.scan(CONTENTS, &[], |key, value| {
        let (log, index, keys) = (log_of(key)?, index_of(key)?, Keys::from_bytes(value)?);
        for order in ALL {
            let value = keys.value(order, keys.change);
            if !value.is_empty() {
                places.add(order_key(log, order, index, &value), Vec::new());
            }
        }
        rows.add(key.to_vec(), value.to_vec());
        rows.put_if_over(PORTION, to, CONTENTS)?;
        places.put_if_over(IN_MEMORY, to, ORDERS)
    })?;
    rows.put_if_over(0, to, CONTENTS)?;
    places.put_if_over(0, to, ORDERS)
}

/// Everything that is not in blocks, as it is.
fn copy_others(from: &Stored, to: &Stored) -> Result<(), TableError> {
    let mut batches = Batches::new(to.table());
    let mut outcome = Ok(());
    from.table().scan(&[0], &[0xff], &mut |key, value| {
        if key.first().is_none_or(|tag| !OTHERS.contains(tag)) {
            return ControlFlow::Continue(());
        }
        outcome = batches.push([(key.to_vec(), Some(value.to_vec()))]);
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    outcome?;
    batches.send()
}

/// Rows that are to be put.
#[derive(Default)]
struct Part {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    bytes: usize,
}

impl Part {
    fn add(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.bytes += key.len() + value.len();
        self.rows.insert(key, value);
    }

    /// Puts all rows once they have more than so many bytes.
    fn put_if_over(&mut self, bytes: usize, to: &Stored, tag: u8) -> Result<(), TableError> {
        if self.bytes <= bytes {
            return Ok(());
        }
        self.bytes = 0;
        let mut portion: Vec<Pair> = Vec::new();
        let mut size = 0;
        for (key, value) in std::mem::take(&mut self.rows) {
            size += key.len() + value.len();
            portion.push((key, value));
            if size >= PORTION {
                put(to, tag, std::mem::take(&mut portion))?;
                size = 0;
            }
        }
        put(to, tag, portion)
    }
}

fn put(to: &Stored, tag: u8, rows: Vec<Pair>) -> Result<(), TableError> {
    let mut batches = Batches::new(to.table());
    to.merge(&mut batches, tag, rows, |_, value, _| {
        Ok(RowChange::Put(value))
    })?;
    batches.send()
}
