//! How far each log is in the table.

use std::ops::ControlFlow;

use super::{Table, TableError};
use crate::rows::keys::{POSITIONS, position_from_bytes};

/// The positions of all logs.
pub(crate) fn positions(table: &dyn Table) -> Result<Vec<(u32, u64)>, TableError> {
    let mut found = Vec::new();
    let mut outcome = Ok(());
    table.scan(
        &[POSITIONS],
        &[POSITIONS + 1],
        &mut |key, value| match position_from_bytes(key, value) {
            Ok(position) => {
                found.push(position);
                ControlFlow::Continue(())
            }
            Err(error) => {
                outcome = Err(error);
                ControlFlow::Break(())
            }
        },
    )?;
    outcome.map(|()| found)
}
