//! One row of a file, and what an opened file is.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use super::{bad::BadRow, cells::Cell, options::Workbooks, table::Table, workbook::Sheet};

/// What one row holds under each of its columns.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Where it starts, counted from 1.
    pub(super) line: u64,
    /// The row as a spreadsheet counts it; 0 in what is no table.
    pub(super) at: u64,
    pub(super) content: Content,
    /// Its place in the table that is kept.
    pub(super) kept: Option<usize>,
    /// The record that it was exported from, and its revision; may be empty.
    pub(super) from: (String, String),
    /// What else stands beside a record in JSON, by its name there.
    pub(super) beside: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Cells(Vec<(Arc<str>, Cell)>),
    /// One JSON object, as it stands in the file.
    Object(String),
}

pub(super) type Rows<'a> = Box<dyn Iterator<Item = Result<Row, BadRow>> + 'a>;

/// How a file is opened.
pub(super) struct Opening<'o> {
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    pub(super) sheet: Option<&'o str>,
    pub(super) workbooks: &'o Workbooks,
    /// The text is the name of a column that can be read.
    pub(super) knows: &'o dyn Fn(&str) -> bool,
    pub(super) keep: bool,
}

/// A file whose rows can be read.
pub(super) struct Opened<'a> {
    pub(super) rows: Rows<'a>,
    /// What should be known of the file as a whole.
    pub(super) said: Vec<String>,
    /// The name of the sheet that they are on.
    pub(super) sheet: String,
    /// Cells that the workbook says to be dates.
    pub(super) dates: u64,
    /// A point stands before decimals in it, where that is known of the file as a whole.
    pub(super) has_points: bool,
    /// The other sheets of a workbook.
    pub(super) others: Vec<Sheet>,
    pub(super) kept: Option<Rc<RefCell<Table>>>,
    /// The names in the header row, by their places; empty where a column has none.
    pub(super) columns: Vec<Arc<str>>,
    /// The line of the header row.
    pub(super) header: u64,
    /// What is wrong with it, beside what its names mean.
    pub(super) bad: Vec<BadRow>,
}

impl<'a> Opened<'a> {
    pub(super) fn of_objects(rows: Rows<'a>, said: Vec<String>) -> Self {
        Self {
            rows,
            said,
            sheet: String::new(),
            dates: 0,
            has_points: true,
            others: Vec::new(),
            kept: None,
            columns: Vec::new(),
            header: 1,
            bad: Vec::new(),
        }
    }
}
