//! Writing one sealed layer to the table.
//!
//! A step may be cut anywhere. What is written before the positions is a union
//! or a newest-wins of what was there, so that the same entries, posted again in
//! whatever portions, lead to the same rows. The positions go last.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use super::shelve;
use crate::{
    layer::Layer,
    rows::{
        keys::{
            HISTORY, LINKS, NAMES, POSITIONS, ROWS, SETS, entry_key, log_key, position_to_bytes,
        },
        offsets::{Offsets, RUN},
        row::{Newest, Row, RowKey, history_key, name_key},
        set::{self, content_of_run, offset, run_of, set_key},
    },
    table::{TableError, batches::Batches, blocks::RowChange, stored::Stored},
};

/// Entries that became old, by log and run.
type Old = BTreeMap<(u32, u64), Offsets>;

/// Writes `layer`, and says of which logs and runs the sets changed.
pub(crate) fn write(stored: &Stored, layer: &Layer) -> Result<BTreeSet<(u32, u64)>, TableError> {
    let mut batches = Batches::new(stored.table());
    let mut old = Old::new();
    let mut earlier: BTreeSet<Vec<u8>> = layer
        .earlier
        .iter()
        .map(|(key, index)| history_key(key, *index))
        .collect();

    // 1. The newest entry of each record. A crash here leaves some records newer
    //    than the positions say; the lists still show their older entries.
    let names = write_rows(stored, &mut batches, layer, &mut old, &mut earlier)?;

    // 2. The earlier entries of records, and which one an ended record stood at.
    put(stored, &mut batches, HISTORY, earlier)?;
    let links = layer
        .links
        .iter()
        .map(|((log, index), to)| (entry_key(*log, *index), to.to_be_bytes().to_vec()));
    stored.merge(&mut batches, LINKS, links, |_, to, _| {
        Ok(RowChange::Put(to))
    })?;

    // 3. External ids. Looking one up asks the record's row too, so that a row
    //    that a crash left behind answers nothing.
    stored.merge(&mut batches, NAMES, names, |_, given, _| {
        Ok(match given {
            true => RowChange::Put(Vec::new()),
            false => RowChange::Remove,
        })
    })?;

    // 4. What entries are put in order by. A row that a crash left without its set is
    //    passed over, and one that lacks is written when the same is posted again.
    shelve::write(stored, &mut batches, &layer.contents)?;

    // 5. The sets. One key comes once: batches are not ordered inside.
    let mut changed: BTreeSet<(u32, u64)> = layer.runs.keys().copied().collect();
    changed.extend(old.keys());
    let sets = changed
        .iter()
        .flat_map(|run| sets(*run, layer, old.get(run)));
    stored.merge(&mut batches, SETS, sets, |_, more, now| {
        let mut offsets = now.map_or_else(|| Ok(Offsets::default()), Offsets::from_bytes)?;
        let mut grew = false;
        for more in more.into_iter().flatten() {
            grew |= offsets.unite(more);
        }
        Ok(match grew {
            true => RowChange::Put(offsets.to_bytes()),
            false => RowChange::Keep,
        })
    })?;
    let emptied: Vec<(u32, u64)> = layer.emptied.iter().copied().collect();
    for run in emptied.chunk_by(|a, b| a.0 == b.0 && a.1 / RUN == b.1 / RUN) {
        changed.extend(run.first().map(|(log, index)| (*log, run_of(*index))));
        leave_sets(stored, &mut batches, run)?;
    }

    // 6. The positions: everything before is in.
    batches.send()?;
    for (log, end) in &layer.ends {
        let change = (log_key(POSITIONS, *log), Some(position_to_bytes(*end)));
        batches.push([change])?;
    }
    batches.send()?;
    Ok(changed)
}

/// Puts rows that have no value.
fn put(
    stored: &Stored,
    batches: &mut Batches<'_>,
    tag: u8,
    rows: BTreeSet<Vec<u8>>,
) -> Result<(), TableError> {
    let rows = rows.into_iter().map(|row| (row, ()));
    stored.merge(batches, tag, rows, |_, (), _| {
        Ok(RowChange::Put(Vec::new()))
    })
}

/// What the layer adds to the sets of one run, in the order of their keys: what became old
/// may come from the layer, from below, or both.
fn sets<'a>(
    (log, run): (u32, u64),
    layer: &'a Layer,
    old: Option<&'a Offsets>,
) -> Vec<(Vec<u8>, [Option<&'a Offsets>; 2])> {
    let here = layer.sets(log, run).into_iter().flatten();
    let mut sets: Vec<_> = here
        .filter(|(name, _)| ***name != *set::OLD)
        .map(|(name, offsets)| (set_key(log, run, name), [Some(offsets), None]))
        .collect();
    let old = [layer.set(log, run, set::OLD), old];
    if old.iter().any(Option::is_some) {
        sets.push((set_key(log, run, set::OLD), old));
    }
    sets.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    sets
}

/// Rows of external ids, and whether their record has them now.
type Names = BTreeMap<Vec<u8>, bool>;

fn write_rows(
    stored: &Stored,
    batches: &mut Batches<'_>,
    layer: &Layer,
    old: &mut Old,
    earlier: &mut BTreeSet<Vec<u8>>,
) -> Result<Names, TableError> {
    let mut names = Names::new();
    let mut changes: Vec<(RowKey, Option<Newest>)> = layer
        .rows
        .iter()
        .map(|(key, newest)| (*key, Some(*newest)))
        .collect();
    let named = layer
        .names
        .keys()
        .chain(layer.dropped.iter().map(|(key, _)| key));
    let others: BTreeSet<RowKey> = named
        .filter(|key| !layer.rows.contains_key(*key))
        .copied()
        .collect();
    changes.extend(others.into_iter().map(|key| (key, None)));
    changes.sort_unstable_by_key(|(key, _)| *key);

    stored.merge(batches, ROWS, changes, |key, newest, now| {
        let key = RowKey::from_bytes(key)?;
        let now = now.map(Row::from_bytes).transpose()?;
        let start = layer.starts.get(&key.log()).copied().unwrap_or(u64::MAX);
        let mut row = match (newest, now) {
            (newest, Some(mut now)) => {
                // The entry that this layer, or one that a crash cut, made old.
                let before = if now.index < start && newest.is_some() {
                    Some(now.index)
                } else {
                    now.before
                };
                if let Some(before) = before {
                    mark_old(old, key.log(), before);
                    earlier.insert(history_key(&key, before));
                }
                match newest {
                    Some(newest) if newest.index >= now.index => {
                        now.take(newest);
                        now.before = before;
                    }
                    // Posted again after a crash, and the row is ahead of us.
                    Some(newest) => mark_old(old, key.log(), newest.index),
                    None => {}
                }
                now
            }
            (Some(newest), None) => {
                let mut row = Row::default();
                row.take(newest);
                row
            }
            // A refill of a record whose entry is not here: nothing to name.
            (None, None) => return Ok(RowChange::Keep),
        };
        // Said again even if nothing changes: a crash may have cut between the two.
        let name = layer.rename(&key, row.name.clone());
        rename(&mut row, key, name, &mut names);
        Ok(RowChange::Put(row.to_bytes()))
    })?;
    Ok(names)
}

fn mark_old(old: &mut Old, log: u32, index: u64) {
    old.entry((log, run_of(index)))
        .or_default()
        .insert(offset(index));
}

/// Gives and takes the external ids of one record.
fn rename(row: &mut Row, key: RowKey, name: Option<(u64, String)>, names: &mut Names) {
    let before = std::mem::replace(&mut row.name, name);
    if let Some((_, gone)) = before {
        names.insert(name_key(&key, &gone), false);
    }
    if let Some((_, name)) = &row.name {
        names.insert(name_key(&key, name), true);
    }
}

/// Takes slots of one run out of all sets that come from payloads.
fn leave_sets(
    stored: &Stored,
    batches: &mut Batches<'_>,
    slots: &[(u32, u64)],
) -> Result<(), TableError> {
    let Some((log, first)) = slots.first() else {
        return Ok(());
    };
    // What waits may be a set of this run.
    batches.send()?;
    let (from, to) = content_of_run(*log, run_of(*first));
    let mut left = Vec::new();
    stored.walk(SETS, (&from, &to), false, |key, value| {
        let mut offsets = Offsets::from_bytes(value)?;
        let mut changed = false;
        for (_, index) in slots {
            changed |= offsets.remove(offset(*index));
        }
        if changed {
            left.push((key.to_vec(), offsets));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    stored.merge(batches, SETS, left, |_, offsets, _| {
        Ok(match offsets.is_empty() {
            true => RowChange::Remove,
            false => RowChange::Put(offsets.to_bytes()),
        })
    })
}
