//! Where the parts of a record's list come from that rows of a mapping make: which row and which
//! columns, part by part. What has nothing in it makes no part.

use std::sync::Arc;

use super::{
    parts::{LaidRow, Parts},
    place,
    remark::Place,
    spot::{self, Beside, Spot},
};

/// The parts that the rows of one table have added to a list.
#[derive(Clone)]
pub(super) struct Laid {
    pub(super) parts: Arc<Parts>,
    /// The place of the first one in the list.
    pub(super) begin: usize,
    pub(super) rows: Vec<LaidRow>,
}

impl Laid {
    /// Where what a path leads to stands; `columns` are those of the table of records.
    pub(super) fn spot(&self, path: &str, columns: &[Arc<str>]) -> Option<Spot> {
        let index = place::first_index(path)?;
        let row = self.rows.get(index.checked_sub(self.begin)?)?;
        let column = self.parts.column_in(row.element, path, index)?;
        let file = self.parts.file();
        let own = columns.iter().position(|name| **name == *column);
        Some(Spot {
            sheet: file.map(|file| Beside {
                name: file.to_owned(),
                told: file.to_owned(),
            }),
            cell: own
                .filter(|_| file.is_none())
                .and_then(|at| spot::cell(at, row.at)),
            place: Place {
                line: row.line,
                column: column.to_owned(),
            },
        })
    }
}
