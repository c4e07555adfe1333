//! The cells of one row, by the names of their columns.

use std::sync::Arc;

/// A row.
pub(super) type Cells = [(Arc<str>, Cell)];

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// As written, without spaces around it.
    Text(String),
    /// What the file holds as a number, with a point before decimals.
    Number(String),
    /// A JSON list.
    List(Vec<String>),
}

/// The cell under a column.
pub(super) fn cell_of<'a>(cells: &'a Cells, column: &str) -> Option<&'a Cell> {
    cells
        .iter()
        .find(|(name, _)| **name == *column)
        .map(|(_, cell)| cell)
}

/// The file holds a number under a column, and not a text that looks like one.
pub(super) fn is_number(cells: &Cells, column: &str) -> bool {
    matches!(cell_of(cells, column), Some(Cell::Number(_)))
}

/// What a row says under a column, in one text.
pub(super) fn text_of(cells: &Cells, column: &str) -> String {
    match cell_of(cells, column) {
        None => String::new(),
        Some(Cell::Text(text) | Cell::Number(text)) => text.clone(),
        Some(Cell::List(values)) => values.join(" | "),
    }
}

/// The text under a column; empty where there is none, or a list.
pub(super) fn key_of(cells: &Cells, column: &str) -> String {
    match cells.iter().find(|(name, _)| **name == *column) {
        Some((_, Cell::Text(text) | Cell::Number(text))) => text.clone(),
        _ => String::new(),
    }
}
