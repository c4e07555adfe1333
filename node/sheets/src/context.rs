//! What an export says for people and no import reads, in columns or beside a record in JSON: who
//! published a row and when, and of which record a part is. What somebody has changed there is
//! told, since it changes nothing.

use std::collections::HashMap;

use wpsx_proto::record::Kind;

use super::{
    cells::{Cells, text_of},
    found::Finds,
    joins::CellRow,
    marks::{KIND_COLUMN, OF_RECORD, PROVENANCE_COLUMNS, PROVENANCE_NAMES},
    remark::{About, Place},
    row::{Content, Row},
    shape::Shape,
    writing::{self, OfRecord},
};

/// A filled cell of such a column.
#[derive(Clone, Debug)]
pub(super) struct ContextCell {
    line: u64,
    /// As the file has it.
    name: String,
    /// The column that it is.
    column: String,
    text: String,
    found: Found,
}

/// Where it stands, in messages.
#[derive(Clone, Debug)]
enum Found {
    InRecords,
    /// In another table.
    In(Box<str>),
    /// Beside a record in JSON.
    Beside,
}

/// Those of a row that was exported, about its publishing.
pub(super) fn of_row(row: &Row) -> Vec<ContextCell> {
    match &row.content {
        _ if row.from.0.is_empty() => Vec::new(),
        Content::Cells(cells) => filled(cells, row.line, None, |name| {
            PROVENANCE_COLUMNS.contains(&name)
        }),
        Content::Object(_) => {
            let beside = row.beside.iter().filter(|(_, text)| !text.is_empty());
            let told = beside.map(|(name, text)| ContextCell {
                line: row.line,
                name: (*name).to_owned(),
                column: column_of(name).to_owned(),
                text: text.clone(),
                found: Found::Beside,
            });
            told.collect()
        }
    }
}

/// The column that a name beside a record in JSON stands for.
fn column_of(name: &'static str) -> &'static str {
    let mut columns = PROVENANCE_NAMES.iter().zip(PROVENANCE_COLUMNS);
    let column = columns.find(|(beside, _)| **beside == name);
    column.map_or(name, |(_, column)| column)
}

/// Those of a row of parts, about its record.
pub(super) fn of_part(row: &CellRow, table: &str) -> Vec<ContextCell> {
    let is_meant = |name: &str| name.starts_with(OF_RECORD);
    filled(&row.cells, row.line, Some(table), is_meant)
}

fn filled(
    cells: &Cells,
    line: u64,
    table: Option<&str>,
    is_meant: impl Fn(&str) -> bool,
) -> Vec<ContextCell> {
    let meant = cells.iter().filter(|(name, _)| is_meant(name));
    let texts = meant.map(|(name, _)| (name, text_of(cells, name)));
    let filled = texts.filter(|(_, text)| !text.is_empty());
    let told = filled.map(|(name, text)| ContextCell {
        line,
        name: name.to_string(),
        column: name.to_string(),
        text,
        found: match table {
            Some(table) => Found::In(table.into()),
            None => Found::InRecords,
        },
    });
    told.collect()
}

/// What rows of parts say of records, by their kinds.
#[derive(Default)]
pub(super) struct OfRecords(HashMap<u32, Option<OfRecord>>);

impl OfRecords {
    /// The cells differ from what the record would have there.
    pub(super) fn differ(&mut self, kind: u32, payload: &[u8], cells: &[ContextCell]) -> bool {
        let mut about = cells
            .iter()
            .filter(|cell| cell.column.starts_with(OF_RECORD))
            .peekable();
        if about.peek().is_none() {
            return false;
        }
        let exported = self.exported(kind, payload);
        about.any(|cell| exported.get(&cell.column) != Some(&cell.text))
    }

    fn exported(&mut self, kind: u32, payload: &[u8]) -> HashMap<String, String> {
        let of_kind = || Shape::of(Kind::new(kind)).map(OfRecord::new);
        let of = self.0.entry(kind).or_insert_with(of_kind);
        of.as_mut().map(|of| of.cells(payload)).unwrap_or_default()
    }
}

/// Remarks the cells that say something else than an export of the record does. `names` are
/// those by which its publisher may be called there.
pub(super) fn remark(
    cells: &[ContextCell],
    exported: &writing::Row,
    names: &[String],
    of_records: &mut OfRecords,
    finds: &mut Finds,
) {
    let published = exported.published.cells();
    let about = PROVENANCE_COLUMNS.iter().zip(published);
    let kind = Kind::new(exported.kind).to_string();
    let about = about.map(|(name, text)| (*name, text));
    let about: HashMap<&str, &str> = about.chain([(KIND_COLUMN, &*kind)]).collect();
    let of_record = match exported.payload.is_empty() {
        true => None,
        false => Some(of_records.exported(exported.kind, &exported.payload)),
    };
    for cell in cells {
        let is_as_exported = match about.get(cell.column.as_str()) {
            Some(text) => is_same(&cell.column, &cell.text, text, exported, names),
            None => match &of_record {
                Some(of_record) => of_record.get(&cell.column) == Some(&cell.text),
                // Nobody asked for it: the record says the same now.
                None => true,
            },
        };
        if is_as_exported {
            continue;
        }
        let name = &cell.name;
        let (stands, is_not_read) = match &cell.found {
            Found::InRecords => (format!("in the column {name}"), "that column is not read"),
            Found::In(table) => (
                format!("in the column {name} of {table}"),
                "that column is not read",
            ),
            Found::Beside => (format!("as {name} beside a record"), "it is not read"),
        };
        let sentence = format!("what is exported {stands} was changed; {is_not_read}");
        let place = Place {
            line: cell.line,
            column: name.clone(),
        };
        finds.remark(About::NotRead, &stands, sentence, place);
    }
}

/// A cell about the publishing of a row says what is exported, here or by a site.
fn is_same(column: &str, text: &str, exported: &str, row: &writing::Row, names: &[String]) -> bool {
    match column {
        "publisher" => text == exported || names.iter().any(|name| name == text),
        // To the second.
        "publish_time" => text.get(..19) == exported.get(..19),
        // Which site it is nobody knows here.
        "revision_address" => text.ends_with(&format!("/{}/{}", row.record_id, row.revision)),
        _ => text == exported,
    }
}
