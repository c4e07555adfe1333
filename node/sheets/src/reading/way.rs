//! How rows become records: by a profile, by field paths, or as they stand in JSON.

use std::{collections::HashMap, sync::Arc};

use wpsx_domain::publishing::Extent;
use wpsx_proto::record::{Kind, Record};

use crate::{
    bad::BadRow,
    cells::text_of,
    found::Finds,
    joins::{CellRow, Joined},
    judged::{Broken, Judged},
    laid::Laid,
    mapper::Mapper,
    remark::Place,
    row::Row,
    spot::{self, Spot},
};

/// A row's record, how much of it the row speaks of, and what is wrong with it; what is wrong
/// alone, where there is no record for it.
pub(super) type Found = Result<Partly, Vec<BadRow>>;

/// A record that may be a part of one.
pub(super) struct Partly {
    pub(super) record: Record,
    pub(super) extent: Extent,
    pub(super) bad: Vec<BadRow>,
    pub(super) broken: Vec<Broken>,
    pub(super) laid: Vec<Laid>,
}

impl Partly {
    pub(super) fn of(judged: Judged, extent: Extent) -> Self {
        let Judged {
            record,
            bad,
            broken,
            laid,
        } = judged;
        Self {
            record,
            extent,
            bad,
            broken,
            laid,
        }
    }
}

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

impl Way {
    /// The column that a path of a record came from, or the path itself.
    pub(super) fn column_of(&self, kind: Kind, path: &str) -> String {
        match self {
            Self::Records => path.to_owned(),
            Self::Profile(mapper, _, _) => mapper.column_of(kind, path),
            Self::Paths(mappers) => match mappers.get(&kind) {
                Some(Some(mapper)) => mapper.column_of(kind, path),
                _ => path.to_owned(),
            },
        }
    }
}

/// Rows that are one record together, by what they share, in the order of the file.
#[derive(Default)]
pub(super) struct RowGroups {
    at: HashMap<Vec<String>, usize>,
    pub(super) rows: Vec<(Row, Vec<CellRow>)>,
}

impl RowGroups {
    /// The line of the first row of a record.
    pub(super) fn first_line(&self, key: &[String]) -> Option<u64> {
        let at = self.at.get(key)?;
        self.rows.get(*at).map(|(whole, _)| whole.line)
    }

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
    Record(Box<Found>, Vec<CellRow>),
    /// The profile leaves it out.
    LeftOut,
    /// It is part of a record that is made when all rows are read.
    InGroup,
}

/// The record of one row.
pub(super) fn made(mapper: &Mapper, joined: &Joined, row: CellRow, finds: &mut Finds) -> Read {
    let rows = vec![row];
    let found = profiled(mapper, joined, &rows, finds);
    Read::Record(Box::new(found), rows)
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
) -> Found {
    let mut judged = mapper.record(rows, joined, finds)?;
    let (line, cells) = rows
        .first()
        .map_or((0, &[][..]), |row| (row.line, row.cells.as_slice()));
    let extent = mapper.extent(cells, joined).unwrap_or_else(|reason| {
        let bad = BadRow::at(line, "", reason).remedy("correct the row, or the profile");
        judged.bad.push(bad);
        Extent::Known
    });
    Ok(Partly::of(judged, extent))
}
