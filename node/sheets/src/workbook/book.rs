//! A workbook as it is read, and what its two processes agree on.

use crate::grid::{Grid, GridRow};

/// The hidden command that opens a workbook in a process of its own.
pub const READ_WORKBOOK: &str = "read-workbook";

/// Bytes of a workbook as it is stored.
pub(super) const MAX_FILE: usize = 32 << 20;

/// One sheet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) hidden: bool,
    /// Areas of cells over several rows that are merged into one: the first six.
    pub(crate) merged: Vec<String>,
    /// Without those that are empty.
    pub(crate) rows: Vec<GridRow>,
}

impl Sheet {
    pub(crate) fn into_grid<'a>(self) -> Grid<'a> {
        Box::new(self.rows.into_iter().map(Ok))
    }
}

/// A workbook's sheets.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) sheets: Vec<Sheet>,
    /// Cells that the workbook says to be dates.
    pub(crate) dates: u64,
}
