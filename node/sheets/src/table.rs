//! A table as it stood in the file, to be handed back with its ids filled in.

use std::io;

use super::{
    grid::GridRow,
    marks::{ID_COLUMN, as_meant},
    writing::{CsvTable, made_safe},
};

/// The texts of a row, as they are meant.
pub(super) fn texts(row: &GridRow) -> Vec<String> {
    row.cells
        .iter()
        .map(|cell| as_meant(cell).to_owned())
        .collect()
}

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows above the header row, the header row, and those below that are not empty.
    pub rows: Vec<Vec<String>>,
    /// The place of the id in each row.
    pub id_column: usize,
    /// The id's column was put before the others.
    added: bool,
}

impl Table {
    /// The rows down to the header row. Where it has no column for ids, one is put first.
    pub(super) fn above(rows: Vec<Vec<String>>, id_column: Option<usize>) -> Self {
        let mut table = Self {
            rows,
            id_column: id_column.unwrap_or(0),
            added: id_column.is_none(),
        };
        if table.added {
            let header = table.rows.len().saturating_sub(1);
            for (at, row) in table.rows.iter_mut().enumerate() {
                let cell = if at == header { ID_COLUMN } else { "" };
                row.insert(0, cell.to_owned());
            }
        }
        table
    }

    /// Keeps a row and tells its place.
    pub(super) fn keep(&mut self, row: &GridRow) -> usize {
        let mut cells: Vec<String> = texts(row);
        if self.added {
            cells.insert(0, String::new());
        }
        self.rows.push(cells);
        self.rows.len() - 1
    }

    /// Fills in the id of a row that has none.
    pub(super) fn name(&mut self, row: usize, id: &str) {
        let Some(cells) = self.rows.get_mut(row) else {
            return;
        };
        if cells.len() <= self.id_column {
            cells.resize(self.id_column + 1, String::new());
        }
        if let Some(cell) = cells.get_mut(self.id_column).filter(|cell| cell.is_empty()) {
            id.clone_into(cell);
        }
    }

    /// The table as CSV that every spreadsheet opens, and in which it runs nothing: as an
    /// export is written.
    ///
    /// # Errors
    ///
    /// There is no memory left.
    pub fn to_csv(&self) -> io::Result<Vec<u8>> {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut rows = self.rows.iter().map(|row| {
            let cell = |at| made_safe(row.get(at).map_or("", String::as_str));
            (0..width).map(cell).collect::<Vec<String>>()
        });
        let first = rows.next().unwrap_or_default();
        let mut table = CsvTable::new(Vec::new(), &first)?;
        rows.try_for_each(|row| table.texts(&row))?;
        table.finish()
    }
}
