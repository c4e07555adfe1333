//! Removing everything of one log from the table.

use std::{collections::BTreeSet, ops::ControlFlow};

use crate::{
    rows::{
        keys::{FORGETTING, NAMES, POSITIONS, ROWS, log_key},
        row::RowKey,
        set::sets_of_log,
    },
    table::{
        Table, TableError,
        batches::Batches,
        blocks::{self, RowChange},
    },
};

/// Removes everything of one log. The caller has marked it, and unmarks it.
pub(crate) fn forget(table: &dyn Table, log: u32) -> Result<(), TableError> {
    let mut batches = Batches::new(table);
    batches.push([(log_key(POSITIONS, log), None)])?;
    batches.send()?;

    let mut rows = Vec::new();
    blocks::scan(table, ROWS, &[], |key, _| {
        let key = RowKey::from_bytes(key)?;
        if key.log() == log {
            rows.push((key, ()));
        }
        Ok(())
    })?;
    blocks::merge(table, &mut batches, ROWS, rows, |_, (), _| {
        Ok(RowChange::Remove)
    })?;

    let mut names = Vec::new();
    blocks::scan(table, NAMES, &log.to_be_bytes(), |key, _| {
        names.push((key.to_vec(), ()));
        Ok(())
    })?;
    blocks::merge(table, &mut batches, NAMES, names, |_, (), _| {
        Ok(RowChange::Remove)
    })?;

    let (from, to) = sets_of_log(log);
    let mut keys = BTreeSet::new();
    table.scan(&from, &to, &mut |key, _| {
        keys.insert(key.to_vec());
        ControlFlow::Continue(())
    })?;
    for key in keys {
        batches.push([(key, None)])?;
    }
    batches.send()
}

/// Logs whose forgetting was cut.
pub(crate) fn unfinished(table: &dyn Table) -> Result<Vec<u32>, TableError> {
    let mut logs = Vec::new();
    table.scan(&[FORGETTING], &[FORGETTING + 1], &mut |key, _| {
        if let Some(log) = key.get(1..).and_then(|log| log.try_into().ok()) {
            logs.push(u32::from_be_bytes(log));
        }
        ControlFlow::Continue(())
    })?;
    Ok(logs)
}
