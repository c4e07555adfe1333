//! A table whose columns its kind has, whatever its records say: for who writes while the
//! records come, and for who lays two files of one kind under each other.
//!
//! An [`Export`](super::Export) finds its columns in its records, so it has to see all of
//! them before it writes the first; a download would begin when it is nearly done, and its
//! header would change with every question. Here the schema says the header: a column for
//! each value, texts in six languages; what a first table needs stands before the rest. A
//! list of parts has one column for each value of a part, without a number, whatever its
//! length: `status_history.status` holds `adopted | in_force`, `status_history.date` what
//! belongs to each (`joined`). Then there is a column for each field as a whole,
//! `sources.json`, which is filled where the others cannot say all of it: a further
//! language, or lists within lists. So nothing is lost, no row waits for another, and an
//! import that reads it finds every field. Long texts are not cut: who opens the table in a
//! spreadsheet that does is served by a workbook.
//!
//! Not taken: the columns of the first thousand records, which is a narrower table whose
//! header nobody can rely on; and numbered columns as a workbook has them, of which the
//! schema does not say how many there are: three of each part of a plan would already be
//! more than an import takes.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use prost_reflect::FieldDescriptor;
use wpsx_proto::record::{Kind, schema::use_of};

use super::{
    ExportError, Row,
    csv_file::{self, CsvTable},
    flat::{Flattener, whole_path},
    joined::{self, Joined},
    safe::made_safe,
};
use crate::{
    columns::{Column, columns},
    marks::{ID_COLUMN, KIND_COLUMN, PROVENANCE_COLUMNS, RECORD_ID_COLUMN, REVISION_COLUMN},
    shape::Shape,
};

/// The columns that every table of records begins with.
const FIRST: [&str; 4] = [RECORD_ID_COLUMN, REVISION_COLUMN, KIND_COLUMN, ID_COLUMN];
/// Texts in other languages stand in the column of the whole field.
const LANGUAGES: [&str; 6] = ["en", "fr", "es", "ru", "ar", "zh"];

/// The rows of a table as comma-separated values, one by one.
pub struct FixedTable {
    /// Of each kind among its records.
    flatteners: HashMap<u32, Flattener>,
    header: Vec<String>,
    columns: HashMap<String, usize>,
}

impl FixedTable {
    /// A table of records of a kind; none where this software does not know it.
    #[must_use]
    pub fn of(kind: Kind) -> Option<Self> {
        Some(Self::with(&Shape::of(kind)?, |_| true))
    }

    /// A table of records of several kinds: what all kinds have. What a kind adds stands in
    /// its own table.
    #[must_use]
    pub fn of_all() -> Option<Self> {
        let shape = Kind::known().find_map(Shape::of)?;
        let is_shared = |field: &FieldDescriptor| {
            field.parent_message() == shape.record() && field.containing_oneof().is_none()
        };
        Some(Self::with(&shape, is_shared))
    }

    /// A table with columns for those fields.
    fn with(shape: &Shape, is_in: impl Fn(&FieldDescriptor) -> bool) -> Self {
        let first = FIRST.iter().chain(&PROVENANCE_COLUMNS);
        let mut header: Vec<String> = first.map(ToString::to_string).collect();
        header.extend(values(shape, &is_in));
        let further = shape
            .fields()
            .filter(|field| is_in(field) && !use_of(field).personal);
        let wholes = further.map(|field| whole_path(&shape.path_of(&field)));
        header.extend(wholes.filter(|whole| whole != &whole_path(ID_COLUMN)));
        let mut known = HashSet::new();
        header.retain(|name| known.insert(name.clone()));
        let columns = header.iter().cloned().zip(0..).collect();
        Self {
            flatteners: HashMap::new(),
            header,
            columns,
        }
    }

    /// The header row, behind the mark that spreadsheets look for.
    ///
    /// # Errors
    /// None that memory does not have.
    pub fn header(&self) -> Result<Vec<u8>, ExportError> {
        Ok(csv_file::header(&self.header)?)
    }

    /// A record's row. One that cannot be read has its ids alone: it is counted, so it has
    /// a row.
    ///
    /// # Errors
    /// None that memory does not have.
    pub fn row(&mut self, row: &Row, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let mut cells = vec![String::new(); self.header.len()];
        let mut put = |name: &str, text: &str| {
            if let Some(cell) = self.columns.get(name).and_then(|at| cells.get_mut(*at)) {
                *cell = made_safe(text);
            }
        };
        put(RECORD_ID_COLUMN, &row.record_id);
        put(REVISION_COLUMN, &row.revision.to_string());
        put(KIND_COLUMN, &Kind::new(row.kind).to_string());
        for (name, text) in PROVENANCE_COLUMNS.iter().zip(row.published.cells()) {
            put(name, text);
        }
        let flattener = match self.flatteners.entry(row.kind) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => {
                let shape = Shape::of(Kind::new(row.kind));
                shape.map(|shape| place.insert(Flattener::new(shape)))
            }
        };
        if let Some(Ok(record)) = flattener.map(|flattener| flattener.record(&row.payload)) {
            put(ID_COLUMN, &record.external_id);
            for flat in &record.fields {
                let is_column = |name: &str| self.columns.contains_key(name);
                let Joined { cells, is_all } = joined::joined(flat, is_column);
                for (name, text) in &cells {
                    put(name, text);
                }
                if !is_all {
                    put(&whole_path(&flat.name), &flat.whole);
                }
            }
        }
        let mut table = CsvTable::going_on(out);
        table.texts(&cells)?;
        table.finish()?;
        Ok(())
    }
}

/// The columns of values, in the order of the schema: first those that a template offers of
/// single values, then those of parts, then the others.
fn values(shape: &Shape, is_in: impl Fn(&FieldDescriptor) -> bool) -> Vec<String> {
    let is_in = |column: &Column| {
        let is_personal = column.fields.iter().any(|field| use_of(field).personal);
        column.fields.first().is_none_or(&is_in) && !is_personal
    };
    // The same columns in each language; those of texts differ.
    let all = LANGUAGES.map(|tag| columns(shape, tag));
    let ranks: [fn(&Column) -> bool; 3] = [
        |column| column.common && !column.in_list,
        |column| column.common && column.in_list,
        |column| !column.common,
    ];
    let mut names = Vec::new();
    for is_next in ranks {
        for at in 0..all[0].len() {
            for column in all.iter().filter_map(|all| all.get(at)) {
                if is_next(column) && is_in(column) {
                    names.extend(joined::names(column));
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writing::made_up::row;

    fn read(rows: &[Row], kind: Kind) -> Vec<HashMap<String, String>> {
        let mut table = FixedTable::of(kind).unwrap();
        let mut text = table.header().unwrap();
        for row in rows {
            table.row(row, &mut text).unwrap();
        }
        let mut reader = csv::Reader::from_reader(&text[3..]);
        reader.deserialize().map(Result::unwrap).collect()
    }

    #[test]
    fn what_has_no_column_of_its_own_stands_whole_and_nothing_is_lost() {
        let rows = [row(r#"{"external_id": "x", "countries": ["KEN", "ALB"],
                "title": [{"language": "en", "text": "=Plan"}, {"language": "sq", "text": "Plani"}],
                "sources": [{"url": "https://a.example"}, {"citation": "Letter"}],
                "national_action_plan": {"period": {"start": {"value": "2020"}}}}"#)];
        let read = &read(&rows, Kind::NATIONAL_ACTION_PLAN)[0];
        assert_eq!(read["external_id"], "x");
        assert_eq!(read["revision"], "3");
        assert_eq!(read["publisher"], "Ministry");
        assert_eq!(read["log_origin"], "min.example/public");
        assert_eq!(read["publish_time"], "2026-11-28T09:30:00Z");
        assert_eq!(read["revision_address"], "https://o.example/record/00/3");
        assert_eq!(read["countries"], "KEN | ALB");
        assert_eq!(read["title.en"], "'=Plan");
        assert!(
            read["title.json"].contains("Plani"),
            "{}",
            read["title.json"]
        );
        assert_eq!(read["sources.url"], "https://a.example");
        assert_eq!(read["sources.citation"], "| Letter");
        assert_eq!(read["period.start"], "2020");
        assert_eq!(read["period.json"], "");
    }

    #[test]
    fn parts_of_lists_stand_side_by_side_and_as_a_whole_only_where_they_could_not_be_told_apart() {
        let plan = |history: &str| {
            row(&format!(
                r#"{{"external_id": "x", "title": [{{"language": "en", "text": "Plan", "kind": "TEXT_KIND_ORIGINAL"}}],
                "facts": [{{"name": "a", "values": ["1", "2"]}}, {{"name": "b", "values": ["3"]}}],
                "claims": [{{"field": "f", "sources": [{{"url": "https://a.example"}}]}}],
                "national_action_plan": {{"budget": {{"amounts": [{{"currency": "EUR", "value": "5"}}, {{"value": "6"}}]}},
                    "status_history": [{history}]}}}}"#
            ))
        };
        let plain = r#"{"as_of": {"value": "2018"}}, {"date": {"value": "2019-03"}, "as_of": {"value": "2020"},
            "note": [{"language": "fr", "text": "Adopté"}]}"#;
        let bar = r#"{"as_of": {"value": "2018"}, "note": [{"language": "fr", "text": "a | b"}]}"#;
        let read = read(&[plan(plain), plan(bar)], Kind::NATIONAL_ACTION_PLAN);
        for (name, text) in [
            ("title.en.kind", "original"),
            ("facts.name", "a | b"),
            ("facts.0.values", "1 | 2"),
            ("facts.1.values", "3"),
            ("claims.sources.0.url", "https://a.example"),
            ("budget.amounts.currency", "EUR"),
            ("budget.amounts.value", "5 | 6"),
            ("status_history.as_of", "2018 | 2020"),
            ("status_history.date", "| 2019-03"),
            ("status_history.note.fr", "| Adopté"),
        ] {
            assert_eq!(read[0][name], text, "{name}");
        }
        let in_json = |row: &HashMap<String, String>| {
            let filled = row
                .iter()
                .filter(|(name, text)| name.ends_with(".json") && !text.is_empty());
            filled.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(in_json(&read[0]), Vec::<String>::new());
        assert_eq!(in_json(&read[1]), ["status_history.json"]);
        assert_eq!(read[1]["status_history.as_of"], "");
    }

    #[test]
    fn every_table_has_a_column_for_the_licence_of_each_record() {
        for kind in Kind::known() {
            let header = FixedTable::of(kind).unwrap().header;
            for name in ["licence", "attribution"] {
                assert!(header.iter().any(|it| it == name), "{kind}: {name}");
            }
        }
    }

    #[test]
    fn the_header_of_a_kind_is_always_the_same_and_has_each_name_once() {
        for kind in Kind::known() {
            let table = FixedTable::of(kind).unwrap();
            let mut names = table.header.clone();
            // An import takes 1,000.
            assert!(names.len() < 800, "{kind}: {}", names.len());
            names.sort();
            names.dedup();
            assert_eq!(names.len(), table.header.len(), "{kind}");
            assert_eq!(table.columns.len(), table.header.len(), "{kind}");
            let fields = Shape::of(kind).unwrap();
            for name in &table.header[FIRST.len() + PROVENANCE_COLUMNS.len()..] {
                assert!(
                    crate::target::Target::find_in(&fields, name).is_ok(),
                    "{kind}: {name}"
                );
            }
        }
    }

    #[test]
    fn a_record_that_cannot_be_read_has_a_row_with_its_ids() {
        let broken = Row {
            payload: vec![0xff; 9].into(),
            ..row(r#"{"external_id": "x", "title": [], "law": {}}"#)
        };
        let read = read(&[broken], Kind::new(8));
        assert_eq!(read[0]["record_id"], "00".repeat(16));
        assert_eq!(read[0]["external_id"], "");
    }
}
