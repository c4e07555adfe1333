//! A grid of cells as files have it, before anyone knows what its columns mean.

use super::bad::BadRow;

/// Records of one import: more are split into several files.
pub const MAX_ROWS: usize = 100_000;

/// Bytes of one row.
pub(super) const MAX_ROW: usize = 1 << 20;

/// A row that has more.
pub(super) fn too_long(line: u64) -> BadRow {
    BadRow::at(line, "", "a row of more than 1 MiB")
        .remedy("is a quote left open? Else shorten its texts, or split it")
}

/// Cells of one row. Where it stands is counted from 1.
#[derive(Clone, Debug, Default)]
pub(super) struct GridRow {
    pub(super) line: u64,
    /// The row as a spreadsheet counts it: a cell with several lines is in one.
    pub(super) row: u64,
    pub(super) cells: Vec<String>,
    /// The places of those that the file holds as numbers with decimals, in their order.
    pub(super) numbers: Vec<usize>,
    /// It ends where its last filled cell does, as in workbooks.
    pub(super) ends_early: bool,
}

impl GridRow {
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.is_empty())
    }

    pub(super) fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }
}

/// What is wrong with a row, and the place of the cell that it concerns.
pub(super) struct GridFault {
    pub(super) bad: Box<BadRow>,
    pub(super) column: Option<usize>,
}

impl From<BadRow> for GridFault {
    fn from(bad: BadRow) -> Self {
        Self {
            bad: Box::new(bad),
            column: None,
        }
    }
}

pub(super) type Grid<'a> = Box<dyn Iterator<Item = Result<GridRow, GridFault>> + 'a>;
