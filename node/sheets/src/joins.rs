//! Rows of other files, kept until the records that they belong to are made.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{
    cells::{Cell, Cells, text_of},
    profile::Join,
    source::holds,
};

/// A row with its place.
pub(super) struct CellRow {
    pub(super) line: u64,
    /// The row as a spreadsheet counts it; 0 in what is no table.
    pub(super) at: u64,
    pub(super) cells: Vec<(Arc<str>, Cell)>,
}

/// The files that a profile joins, in its order.
#[derive(Default)]
pub(super) struct Joined(Vec<JoinedFile>);

struct JoinedFile {
    join: Join,
    /// It is beside the file that is read.
    there: bool,
    /// A point stands before decimals in it.
    has_points: bool,
    rows: HashMap<String, Vec<CellRow>>,
    /// Keys that a row of the file has taken.
    taken: HashSet<String>,
}

impl Joined {
    pub(super) fn add_file(&mut self, join: &Join, there: bool) {
        self.0.push(JoinedFile {
            join: join.clone(),
            there,
            has_points: false,
            rows: HashMap::new(),
            taken: HashSet::new(),
        });
    }

    /// Whether a point stands before decimals in the file that was added last.
    pub(super) fn with_points(&mut self, has_points: bool) {
        if let Some(file) = self.0.last_mut() {
            file.has_points = has_points;
        }
    }

    /// A point stands before decimals in one of the files.
    pub(super) fn has_points(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|file| file.has_points)
    }

    /// One more row of the file that was added last.
    pub(super) fn add_row(&mut self, row: CellRow) {
        if let Some(file) = self.0.last_mut() {
            let key = key_in(&file.join, &row.cells);
            file.rows.entry(key).or_default().push(row);
        }
    }

    pub(super) fn is_there(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|file| file.there)
    }

    /// Marks what a record of this row takes.
    pub(super) fn take(&mut self, cells: &Cells) {
        for file in &mut self.0 {
            if holds(&file.join.when, cells) {
                file.taken.insert(key_in(&file.join, cells));
            }
        }
    }

    /// The rows of one file that belong to a record of this row.
    pub(super) fn rows(&self, at: usize, cells: &Cells) -> &[CellRow] {
        let Some(file) = self.0.get(at) else {
            return &[];
        };
        if !holds(&file.join.when, cells) {
            return &[];
        }
        let rows = file.rows.get(&key_in(&file.join, cells));
        rows.map_or(&[], Vec::as_slice)
    }

    /// Rows that no record took: the file, the column that joins, the key and the line.
    pub(super) fn left(&self) -> Vec<(&str, &str, &str, u64)> {
        let mut left = Vec::new();
        for file in &self.0 {
            let column = file.join.key.as_deref().unwrap_or_default();
            let untaken = file
                .rows
                .iter()
                .filter(|(key, _)| !file.taken.contains(*key));
            for (key, rows) in untaken {
                let places = rows.iter().map(|row| row.line);
                left.extend(places.map(|line| (&*file.join.file, column, &**key, line)));
            }
        }
        left.sort_unstable_by_key(|(file, _, _, line)| (*file, *line));
        left
    }
}

fn key_in(join: &Join, cells: &Cells) -> String {
    join.key
        .as_deref()
        .map_or_else(String::new, |column| text_of(cells, column))
}
