//! Writing what entries are put in order by.
//!
//! The row of an entry says in which orders it stands and by what. What stood there goes
//! before that row changes, and the new places come after it: whatever a crash leaves, the
//! row knows all places of its entry, so that of a payload that is gone nothing stays.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    rows::{
        keys::{CONTENTS, ORDERS, entry_key, index_of},
        order::{ALL, Keys, order_key},
        set::run_of,
    },
    table::{TableError, batches::Batches, blocks::RowChange, stored::Stored},
};

/// What entries are put in order by, by log and index.
type Contents = BTreeMap<(u32, u64), Keys>;

/// Writes the rows of entries, and their places in all orders.
pub(super) fn write(
    stored: &Stored,
    batches: &mut Batches<'_>,
    contents: &Contents,
) -> Result<(), TableError> {
    let (seen, gone) = before(stored, batches, contents)?;
    let gone = gone.into_iter().map(|key| (key, ()));
    stored.merge(batches, ORDERS, gone, |_, (), _| Ok(RowChange::Remove))?;
    batches.send()?;

    let change = |place: &(u32, u64), keys: &Keys| seen.get(place).copied().unwrap_or(keys.change);
    let rows = contents.iter().map(|(place, keys)| {
        let change = change(place, keys);
        let keys = Keys {
            change,
            ..keys.clone()
        };
        (entry_key(place.0, place.1), keys)
    });
    stored.merge(batches, CONTENTS, rows, |_, keys, _| {
        Ok(RowChange::Put(keys.to_bytes()))
    })?;

    for order in ALL {
        batches.send()?;
        let mut places: Vec<(u32, u64, Vec<u8>, u64)> = Vec::new();
        for (place, keys) in contents {
            let value = keys.value(order, change(place, keys));
            if !value.is_empty() {
                places.push((place.0, run_of(place.1), value, place.1));
            }
        }
        places.sort_unstable();
        let places = places
            .into_iter()
            .map(|(log, _, value, index)| (order_key(log, order, index, &value), ()));
        stored.merge(batches, ORDERS, places, |_, (), _| {
            Ok(RowChange::Put(Vec::new()))
        })?;
    }
    batches.send()
}

/// When entries of these places had been seen first, and the rows in orders that they leave.
#[expect(clippy::type_complexity, reason = "two lists, each read once")]
fn before(
    stored: &Stored,
    batches: &mut Batches<'_>,
    contents: &Contents,
) -> Result<(BTreeMap<(u32, u64), u64>, BTreeSet<Vec<u8>>), TableError> {
    let (mut seen, mut gone) = (BTreeMap::new(), BTreeSet::new());
    let rows = contents
        .iter()
        .map(|((log, index), keys)| (entry_key(*log, *index), (*log, keys)));
    stored.merge(batches, CONTENTS, rows, |key, (log, keys), now| {
        if let Some(now) = now {
            let (index, now) = (index_of(key)?, Keys::from_bytes(now)?);
            let change = now.change.min(keys.change);
            seen.insert((log, index), change);
            for order in ALL {
                let left = now.value(order, now.change);
                if !left.is_empty() && left != keys.value(order, change) {
                    gone.insert(order_key(log, order, index, &left));
                }
            }
        }
        Ok(RowChange::Keep)
    })?;
    Ok((seen, gone))
}
