//! The parts of a long list as rows of their own, whatever record they are of: the
//! observations of all series in one table, as whoever opens it in a spreadsheet counts them.
//!
//! The table of the records has such a list side by side in a cell for each of its values
//! ([`FixedTable`](super::FixedTable)), which nobody counts there. Here each part has a row: which record it is of, what
//! that is counted under, then what the part says. The schema alone says the header. A list that
//! cells cannot say stands whole in the last column, so that nothing is missing. It is made to be
//! read: what is imported again is the table of the records.

use std::collections::HashMap;

use wpsx_proto::record::{Kind, schema::use_of};

use super::{
    ExportError, Row,
    csv_file::{self, CsvTable},
    flat::{Flat, Flattener, Said, whole_path},
    safe::made_safe,
};
use crate::{
    columns::{Column, columns},
    lists,
    marks::{ID_COLUMN, PROVENANCE_COLUMNS, RECORD_ID_COLUMN, REVISION_COLUMN},
    shape::Shape,
};

/// Which record a row is of; behind them stands who published it ([`PROVENANCE_COLUMNS`]).
const FIRST: [&str; 3] = [RECORD_ID_COLUMN, REVISION_COLUMN, ID_COLUMN];
/// What rows say of a record of any kind: what it is called, how it may be used, and what it is
/// counted under.
const OF_ANY: [&str; 3] = ["title.en", "licence", "countries"];
/// The language of texts that a record is called by.
const LANGUAGE: &str = "en";

/// The parts of one list of records of a kind, as comma-separated values.
pub struct PartsTable {
    flattener: Flattener,
    kind: Kind,
    list: String,
    header: Vec<String>,
    /// The places of what a record says in each of its rows, and of what a part says.
    of_record: HashMap<String, usize>,
    of_part: HashMap<String, usize>,
}

impl PartsTable {
    /// A table of that list of a kind; none where that is no long list of it.
    #[must_use]
    pub fn of(kind: Kind, list: &str) -> Option<Self> {
        let shape = Shape::of(kind)?;
        lists::long(&shape).find(|field| shape.path_of(field) == list)?;
        let all = columns(&shape, LANGUAGE);
        let start = format!("{list}.0.");
        let parts = all
            .iter()
            .filter_map(|column| column.path.strip_prefix(&start));
        // Lists within parts have no columns.
        let parts: Vec<&str> = parts.filter(|path| !path.contains(".0")).collect();
        let own = shown(&shape);
        let own = own.iter().map(String::as_str);
        let first = FIRST.iter().chain(&PROVENANCE_COLUMNS);
        let mut header: Vec<String> = first.map(ToString::to_string).collect();
        let (mut of_record, mut of_part) = (HashMap::new(), HashMap::new());
        for path in OF_ANY.into_iter().chain(own) {
            of_record.insert(path.to_owned(), header.len());
            // What a part says under the same name is the part's.
            header.push(match parts.contains(&path) {
                true => format!("{}.{path}", shape.body().name()),
                false => path.to_owned(),
            });
        }
        for path in parts {
            of_part.insert(format!("{list}.{path}"), header.len());
            header.push(path.to_owned());
        }
        header.push(whole_path(list));
        Some(Self {
            flattener: Flattener::new(shape),
            kind,
            list: list.to_owned(),
            header,
            of_record,
            of_part,
        })
    }

    /// The header row, behind the mark that spreadsheets look for.
    ///
    /// # Errors
    /// None that memory does not have.
    pub fn header(&self) -> Result<Vec<u8>, ExportError> {
        Ok(csv_file::header(&self.header)?)
    }

    /// The rows of a record's parts; none of one that has none, or that cannot be read.
    ///
    /// # Errors
    /// None that memory does not have.
    pub fn rows(&mut self, row: &Row, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let is_of_kind = row.kind == self.kind.number();
        let record = is_of_kind.then(|| self.flattener.record(&row.payload));
        let Some(Ok(record)) = record else {
            return Ok(());
        };
        let mut first = vec![String::new(); self.header.len()];
        let revision = row.revision.to_string();
        let ids = [row.record_id.as_str(), &revision, &record.external_id];
        let texts = ids.into_iter().chain(row.published.cells());
        for (cell, text) in first.iter_mut().zip(texts) {
            *cell = made_safe(text);
        }
        for flat in &record.fields {
            if let Said::Cells(cells) = &flat.said {
                for cell in cells {
                    put(&mut first, &self.of_record, &cell.path, &cell.text);
                }
            }
        }
        let mut table = CsvTable::going_on(out);
        let list = record.fields.iter().find(|flat| flat.name == self.list);
        for cells in list.into_iter().flat_map(|list| self.parts(list, &first)) {
            table.texts(&cells)?;
        }
        table.finish()?;
        Ok(())
    }

    /// The rows of a list, each after what its record says.
    fn parts(&self, list: &Flat, first: &[String]) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        if let Said::Parts(parts) = &list.said {
            for part in parts {
                let mut cells = first.to_vec();
                let put = |cell: &super::flat::Cell| {
                    put(&mut cells, &self.of_part, &cell.path, &cell.text)
                };
                if !part.iter().map(put).fold(true, |all, is_put| all & is_put) {
                    return self.whole(list, first);
                }
                rows.push(cells);
            }
            return rows;
        }
        self.whole(list, first)
    }

    /// One row with all that a list says.
    fn whole(&self, list: &Flat, first: &[String]) -> Vec<Vec<String>> {
        let mut cells = first.to_vec();
        if let Some(last) = cells.last_mut() {
            *last = made_safe(&list.whole);
        }
        vec![cells]
    }
}

/// What rows of parts say of a record of that kind, where they say its title and countries: the
/// paths of its own fields.
pub(super) fn shown(shape: &Shape) -> Vec<String> {
    let all = columns(shape, LANGUAGE).into_iter();
    let own = all.filter(|column| is_shown(shape, column));
    own.map(|column| column.path).collect()
}

/// Whether rows say it of their record: one value of its kind that it is called by, listed with
/// or counted under.
fn is_shown(shape: &Shape, column: &Column) -> bool {
    let [field] = &column.fields[..] else {
        return false;
    };
    let is_own = field.parent_message() != shape.record();
    let said = use_of(field);
    let is_named = said.in_title || said.column || !said.facet.is_empty();
    is_own && is_named && !column.in_list && !said.personal
}

/// Whether there is a place for it.
fn put(cells: &mut [String], places: &HashMap<String, usize>, path: &str, text: &str) -> bool {
    let cell = places.get(path).and_then(|at| cells.get_mut(*at));
    let is_there = cell.is_some();
    if let Some(cell) = cell {
        *cell = made_safe(text);
    }
    is_there
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writing::made_up::row;

    fn read(rows: &[Row]) -> Vec<HashMap<String, String>> {
        let mut table = PartsTable::of("series".parse().unwrap(), "observations").unwrap();
        let mut text = table.header().unwrap();
        for row in rows {
            table.rows(row, &mut text).unwrap();
        }
        let mut reader = csv::Reader::from_reader(&text[3..]);
        reader.deserialize().map(Result::unwrap).collect()
    }

    #[test]
    fn each_part_has_a_row_that_says_which_record_it_is_of_and_what_that_measures() {
        let series = r#"{"external_id": "s", "countries": ["KEN"], "licence": "CC-BY-4.0",
            "title": [{"language": "en", "text": "S"}],
            "series": {"indicator_code": "UNSD:X", "unit": "percent", "observations": [
                {"period": "2019", "value": "21.8", "sex": "female", "breakdown": "=all"},
                {"period": "2020", "value": "9", "unit": "number"}]}}"#;
        let empty = r#"{"external_id": "e", "title": [{"language": "en", "text": "E"}],
            "series": {"area_m49": "001"}}"#;
        let read = read(&[row(series), row(empty)]);
        assert_eq!(read.len(), 2);
        for (name, values) in [
            ("external_id", ["s", "s"]),
            ("publisher", ["Ministry", "Ministry"]),
            ("title.en", ["S", "S"]),
            ("licence", ["CC-BY-4.0", "CC-BY-4.0"]),
            ("countries", ["KEN", "KEN"]),
            ("indicator_code", ["UNSD:X", "UNSD:X"]),
            ("series.unit", ["percent", "percent"]),
            ("unit", ["", "number"]),
            ("period", ["2019", "2020"]),
            ("value", ["21.8", "9"]),
            ("sex", ["female", ""]),
            ("breakdown", ["'=all", ""]),
            ("revision_address", ["https://o.example/record/00/3"; 2]),
            ("observations.json", ["", ""]),
        ] {
            assert_eq!([&*read[0][name], &*read[1][name]], values, "{name}");
        }
    }

    #[test]
    fn what_cells_cannot_say_stands_whole() {
        let series = row(
            r#"{"external_id": "s", "title": [{"language": "en", "text": "S"}],
            "series": {"observations": [{"period": "2019", "value": "1", "note": "a\u0007b"},
                {"period": "2020", "value": "2"}]}}"#,
        );
        let read = read(&[series]);
        assert_eq!(read.len(), 1);
        assert!(read[0]["observations.json"].contains("2020"), "{read:?}");
    }

    #[test]
    fn long_lists_alone_have_such_a_table() {
        let all = Kind::known().flat_map(|kind| {
            let shape = Shape::of(kind).unwrap();
            let long = lists::long(&shape).map(|field| format!("{kind}.{}", field.name()));
            long.collect::<Vec<_>>()
        });
        assert_eq!(all.collect::<Vec<_>>(), ["series.observations"]);
        assert!(PartsTable::of("series".parse().unwrap(), "sources").is_none());
        assert!(PartsTable::of(Kind::NATIONAL_ACTION_PLAN, "observations").is_none());
    }
}
