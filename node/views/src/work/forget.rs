//! Removing everything of one log from the table.

use std::ops::ControlFlow;

use crate::{
    rows::{
        keys::{BLOCKS_OF_LOGS, BLOCKS_OF_RECORDS, FORGETTING, POSITIONS, log_key},
        row::log_of_record_row,
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

    for tag in BLOCKS_OF_RECORDS {
        let mut rows = Vec::new();
        blocks::scan(table, tag, &[], |key, _| {
            if log_of_record_row(key)? == log {
                rows.push((key.to_vec(), ()));
            }
            Ok(())
        })?;
        remove(table, &mut batches, tag, rows)?;
    }
    for tag in BLOCKS_OF_LOGS {
        let mut rows = Vec::new();
        blocks::scan(table, tag, &log.to_be_bytes(), |key, _| {
            rows.push((key.to_vec(), ()));
            Ok(())
        })?;
        remove(table, &mut batches, tag, rows)?;
    }
    Ok(())
}

fn remove(
    table: &dyn Table,
    batches: &mut Batches<'_>,
    tag: u8,
    rows: Vec<(Vec<u8>, ())>,
) -> Result<(), TableError> {
    blocks::merge(table, batches, tag, rows, |_, (), _| Ok(RowChange::Remove))?;
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
