//! Files that are joined to the one that is read, and sums that have to add up.

use std::path::Path;

use super::state::Reading;
use crate::{
    bad::BadRow,
    errors::ImportErrors,
    format::Format,
    grid::MAX_ROWS,
    joins::{CellRow, Joined},
    json,
    mapper::Mapper,
    options::Beside,
    remark::{About, Place as FoundAt},
    row::{Content, Opening, Row},
    rows,
};

impl Reading<'_> {
    pub(super) fn join<'a>(
        &mut self,
        mapper: &Mapper,
        beside: &Beside<'a>,
    ) -> Result<Joined, ImportErrors> {
        let mut joined = Joined::default();
        for join in mapper.joins() {
            let unreadable = |source| ImportErrors::Unreadable {
                file: join.file.clone(),
                source,
            };
            let in_file = |mut bad: BadRow| {
                bad.file = Some(join.file.as_str().into());
                bad
            };
            let input = beside(&join.file).map_err(unreadable)?;
            joined.add_file(join, input.is_some());
            let Some(input) = input else {
                let remark = format!("{} is not beside the file: nothing was joined", join.file);
                self.finds.say(remark);
                continue;
            };
            let format = Format::of(Path::new(&join.file)).unwrap_or(Format::Csv);
            let opening = Opening {
                encoding: None,
                sheet: None,
                workbooks: &self.options.workbooks,
                knows: &|header| join.columns().any(|column| column == header),
                keep: false,
            };
            let opened =
                rows::open(format, input, &opening).map_err(|bad| self.refused(in_file(bad)))?;
            joined.with_points(opened.has_points);
            for bad in opened.bad {
                self.refuse(in_file(bad));
            }
            for row in opened.rows.take(MAX_ROWS) {
                let read = row.and_then(
                    |Row {
                         line, at, content, ..
                     }| {
                        let cells = match content {
                            Content::Cells(cells) => cells,
                            Content::Object(object) => json::cells_of(line, &object)?,
                        };
                        Ok(CellRow { line, at, cells })
                    },
                );
                match read {
                    Ok(row) => joined.add_row(row),
                    Err(bad) => self.refuse(in_file(bad)),
                }
            }
        }
        Ok(joined)
    }

    /// A row that joins nothing is a slip in one of the two files.
    pub(super) fn report_leftover(&mut self, joined: &Joined) {
        for (file, column, key, line) in joined.left() {
            let reason = match column {
                "" => format!("{} has no row that it belongs to", self.file),
                _ => format!("{} has no row with {key:?}", self.file),
            };
            let bad = BadRow::at(line, column, reason).in_file(Some(file));
            self.refuse(bad.remedy("add its row there, or take this one out"));
        }
    }

    /// Sums that do not add up: a remark where rounding explains it, else a fault.
    pub(super) fn check_sums(&mut self, mapper: &Mapper, row: &CellRow) {
        for sum in mapper.off_sums(&row.cells) {
            if sum.small {
                let place = FoundAt {
                    line: row.line,
                    column: sum.column.clone(),
                };
                self.finds
                    .remark(About::Sum, &sum.column, sum.sentence, place);
            } else {
                let bad = BadRow::at(row.line, &sum.column, sum.sentence);
                let remedy = "correct it or its parts, or let the mapping's [[check]] allow more";
                self.refuse(bad.remedy(remedy));
            }
        }
    }
}
