//! Removing everything of one log from the table.

use std::ops::ControlFlow;

use crate::{
    rows::{
        keys::{FORGETTING, HISTORY, IN_BLOCKS, NAMES, POSITIONS, ROWS, log_key},
        row::is_record_row_of,
    },
    table::{Table, TableError, batches::Batches, blocks::RowChange, stored::Stored},
};

/// Removes everything of one log. The caller has marked it, and unmarks it.
pub(crate) fn forget(stored: &Stored, log: u32) -> Result<(), TableError> {
    let mut batches = Batches::new(stored.table());
    batches.push([(log_key(POSITIONS, log), None)])?;
    batches.send()?;

    for tag in [ROWS, HISTORY] {
        stored.retain(tag, |key| !is_record_row_of(key, log))?;
    }
    let of_log = log.to_be_bytes();
    stored.retain(NAMES, |key| !key.starts_with(&of_log))?;
    for tag in IN_BLOCKS {
        let mut rows = Vec::new();
        stored.scan(tag, &of_log, |key, _| {
            rows.push((key.to_vec(), ()));
            Ok(())
        })?;
        stored.merge(&mut batches, tag, rows, |_, (), _| Ok(RowChange::Remove))?;
        batches.send()?;
    }
    Ok(())
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
