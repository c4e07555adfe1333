//! Columns of an export that are for people and that no import reads: who published a row and
//! when, and of which record a part is. What somebody has changed in one is told, since it
//! changes nothing.

use std::collections::HashMap;

use wpsx_proto::record::Kind;

use super::{
    cells::{Cells, text_of},
    found::Finds,
    joins::CellRow,
    marks::{OF_RECORD, PROVENANCE_COLUMNS},
    remark::{About, Place},
    row::{Content, Row},
    shape::Shape,
    writing::{self, OfRecord},
};

/// A filled cell of such a column.
#[derive(Clone, Debug)]
pub(super) struct ContextCell {
    line: u64,
    column: String,
    text: String,
    /// The table, in messages; none is that of the records.
    table: Option<Box<str>>,
}

/// Those of a row that was exported, about its publishing.
pub(super) fn of_row(row: &Row) -> Vec<ContextCell> {
    match &row.content {
        Content::Cells(cells) if !row.from.0.is_empty() => filled(cells, row.line, None, |name| {
            PROVENANCE_COLUMNS.contains(&name)
        }),
        _ => Vec::new(),
    }
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
        column: name.to_string(),
        text,
        table: table.map(Into::into),
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
    let about: HashMap<&str, &str> = about.map(|(name, text)| (*name, text)).collect();
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
        let table = cell.table.as_ref();
        let table = table.map_or_else(String::new, |table| format!(" of {table}"));
        let column = &cell.column;
        let sentence = format!(
            "what is exported in the column {column}{table} was changed; that column is not read"
        );
        let place = Place {
            line: cell.line,
            column: column.clone(),
        };
        finds.remark(About::NotRead, &format!("{column}{table}"), sentence, place);
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
