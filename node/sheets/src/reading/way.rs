//! How rows become records: by a profile, by field paths, or as they stand in JSON.

use std::{collections::HashMap, sync::Arc};

use wpsx_domain::publishing::Extent;
use wpsx_proto::record::{Kind, Record};

use crate::{
    bad::BadRow,
    cells::text_of,
    found::{Finds, Place},
    joins::{CellRow, Joined},
    mapper::Mapper,
    row::Row,
    spot::{self, Spot},
    unsound::Unsound,
};

/// A row's record, and how much of it the row speaks of.
pub(super) type Found = (Record, Extent);

/// How rows become records.
pub(super) enum Way {
    /// Objects that are records in the schema's own JSON form.
    Records,
    /// By a profile, with the rows that are joined to each key.
    Profile(Box<Mapper>, Joined, RowGroups),
    /// By field paths: one mapping for each kind.
    /// None for a kind that the header row does not fit, which was reported.
    Paths(HashMap<Kind, Option<Mapper>>),
}

/// Rows that are one record together, by what they share, in the order of the file.
#[derive(Default)]
pub(super) struct RowGroups {
    at: HashMap<Vec<String>, usize>,
    pub(super) rows: Vec<(Row, Vec<CellRow>)>,
}

impl RowGroups {
    pub(super) fn add(&mut self, key: Vec<String>, whole: &Row, row: CellRow) {
        let at = *self.at.entry(key).or_insert_with(|| {
            self.rows.push((whole.clone(), Vec::new()));
            self.rows.len() - 1
        });
        if let Some((_, rows)) = self.rows.get_mut(at) {
            rows.push(row);
        }
    }
}

/// What became of a row.
pub(super) enum Read {
    Record(Result<Box<Found>, Unsound>, Vec<CellRow>),
    /// The profile leaves it out.
    LeftOut,
    /// It is part of a record that is made when all rows are read.
    InGroup,
}

/// The record of one row.
pub(super) fn made(mapper: &Mapper, joined: &Joined, row: CellRow, finds: &mut Finds) -> Read {
    let rows = vec![row];
    let found = profiled(mapper, joined, &rows, finds);
    Read::Record(found.map(Box::new), rows)
}

/// Where a text stands in the table of records: in the first of the record's rows that
/// says it.
pub(super) fn spot_in(
    columns: &[Arc<str>],
    (line, rows): (u64, &[CellRow]),
    column: String,
    text: &str,
) -> Spot {
    let says = |row: &&CellRow| text_of(&row.cells, &column).contains(text);
    let row = rows.iter().find(says).or(rows.first());
    let at = columns.iter().position(|name| **name == *column);
    Spot {
        sheet: None,
        cell: at.zip(row).and_then(|(at, row)| spot::cell(at, row.at)),
        place: Place {
            line: row.map_or(line, |row| row.line),
            column,
        },
    }
}

/// The record of rows that a profile reads.
pub(super) fn profiled(
    mapper: &Mapper,
    joined: &Joined,
    rows: &[CellRow],
    finds: &mut Finds,
) -> Result<Found, Unsound> {
    let record = mapper.record(rows, joined, finds)?;
    let (line, cells) = rows
        .first()
        .map_or((0, &[][..]), |row| (row.line, row.cells.as_slice()));
    let extent = mapper
        .extent(cells, joined)
        .map_err(|reason| BadRow::at(line, "", reason).remedy("correct the row, or the profile"))?;
    Ok((record, extent))
}
