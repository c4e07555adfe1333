//! A table as it stood in the file, to be handed back with its ids filled in.

use super::{grid::GridRow, marks::ID_COLUMN};

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
        let mut cells = row.cells.clone();
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

    /// The table as CSV that every spreadsheet opens: UTF-8 with a mark, commas.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut text = String::from("\u{feff}");
        for row in &self.rows {
            let cells = (0..width).map(|at| quoted(row.get(at).map_or("", String::as_str)));
            text.push_str(&cells.collect::<Vec<_>>().join(","));
            text.push_str("\r\n");
        }
        text
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', ';', '\n', '\r', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
