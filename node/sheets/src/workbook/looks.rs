//! How an OpenDocument file says its cells are shown, where who reads their values does not
//! tell: which numbers are shares of a hundred, and which cells are merged into one.

use std::{
    collections::BTreeMap,
    io::{BufReader, Cursor},
    ops::Range,
};

use calamine::Dimensions;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

/// How the cells of one sheet are shown.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// Columns of rows, by the first of these rows.
    shares: BTreeMap<u32, Shares>,
    pub(super) merged: Vec<Dimensions>,
}

#[derive(Debug)]
struct Shares {
    /// The row behind the last.
    until: u32,
    columns: Vec<Range<u32>>,
}

impl Looks {
    /// The cell shows its number as a share of a hundred.
    pub(super) fn is_percent(&self, row: u32, column: u32) -> bool {
        let at = self.shares.range(..=row).next_back();
        at.is_some_and(|(_, shares)| {
            row < shares.until && shares.columns.iter().any(|it| it.contains(&column))
        })
    }
}

/// The looks of each sheet that has a name, in the order of the file; nothing where they cannot
/// be read, which is no reason to refuse the values.
pub(super) fn looks(file: &[u8]) -> Vec<Looks> {
    read(file).unwrap_or_default()
}

fn read(file: &[u8]) -> Option<Vec<Looks>> {
    let mut archive = ZipArchive::new(Cursor::new(file)).ok()?;
    let content = archive.by_name("content.xml").ok()?;
    let mut reader = Reader::from_reader(BufReader::new(content));
    reader.config_mut().check_end_names = false;
    let (mut buffer, mut looks) = (Vec::new(), Vec::new());
    let mut sheet: Option<Sheet> = None;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) | Event::Empty(tag) => match (tag.name().into_inner(), &mut sheet) {
                ("table:table", _) => {
                    sheet = attribute(&tag, "table:name").map(|_| Sheet::default());
                }
                ("table:table-row", Some(sheet)) => sheet.row(&tag),
                ("table:table-cell" | "table:covered-table-cell", Some(sheet)) => sheet.cell(&tag),
                _ => {}
            },
            Event::End(tag) if tag.name().into_inner() == "table:table" => {
                looks.extend(sheet.take().map(|sheet| sheet.looks));
            }
            Event::Eof => return Some(looks),
            _ => {}
        }
    }
}

/// A sheet as far as it was read.
#[derive(Default)]
struct Sheet {
    /// The rows that the row stands for which is being read.
    rows: Range<u32>,
    column: u32,
    looks: Looks,
}

impl Sheet {
    fn row(&mut self, tag: &BytesStart<'_>) {
        let start = self.rows.end;
        self.rows = start..start.saturating_add(number(tag, "table:number-rows-repeated"));
        self.column = 0;
    }

    fn cell(&mut self, tag: &BytesStart<'_>) {
        let start = self.column;
        self.column = start.saturating_add(number(tag, "table:number-columns-repeated"));
        if attribute(tag, "office:value-type").as_deref() == Some("percentage") {
            let shares = self.looks.shares.entry(self.rows.start);
            let shares = shares.or_insert(Shares {
                until: self.rows.end,
                columns: Vec::new(),
            });
            match shares.columns.last_mut() {
                Some(last) if last.end == start => last.end = self.column,
                _ => shares.columns.push(start..self.column),
            }
        }
        let down = number(tag, "table:number-rows-spanned");
        let right = number(tag, "table:number-columns-spanned");
        if down > 1 || right > 1 {
            let row = self.rows.start;
            let end = (
                row.saturating_add(down - 1),
                start.saturating_add(right - 1),
            );
            self.looks.merged.push(Dimensions::new((row, start), end));
        }
    }
}

/// How often, or over how many: once where nothing else is said.
fn number(tag: &BytesStart<'_>, name: &str) -> u32 {
    let number = attribute(tag, name).and_then(|value| value.parse().ok());
    number.unwrap_or(1).max(1)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    Some(found.value.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test fails by panicking"
    )]

    use std::io::Write as _;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn of(content: &str) -> Vec<Looks> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let plain = SimpleFileOptions::default();
        archive.start_file("content.xml", plain).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
        looks(&archive.finish().unwrap().into_inner())
    }

    #[test]
    fn shares_and_merged_cells_are_found_where_they_stand() {
        let looks = of(r#"<office:spreadsheet>
            <table:table><table:table-row/></table:table>
            <table:table table:name="a">
              <table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
              <table:table-row table:number-rows-repeated="3">
                <table:table-cell table:number-columns-repeated="2"/>
                <table:table-cell office:value-type="percentage" office:value="0.1"
                  table:number-columns-repeated="2"><text:p>10%</text:p></table:table-cell>
                <table:table-cell office:value-type="float" office:value="1"/>
                <table:table-cell office:value-type="percentage" office:value="0.2"/>
              </table:table-row>
              <table:table-row>
                <table:table-cell table:number-rows-spanned="2" table:number-columns-spanned="1"/>
                <table:table-cell office:value-type="percentage" office:value="0.2"/>
              </table:table-row>
            </table:table>
            <table:table table:name="b"></table:table></office:spreadsheet>"#);
        assert_eq!(looks.len(), 2);
        let shares = |row: u32| -> Vec<u32> {
            let columns = 0..10;
            columns.filter(|it| looks[0].is_percent(row, *it)).collect()
        };
        assert_eq!(shares(1), [0; 0]);
        for row in 2..5 {
            assert_eq!(shares(row), [2, 3, 5], "{row}");
        }
        assert_eq!((shares(5), shares(6)), (vec![1], vec![]));
        assert_eq!(looks[0].merged, [Dimensions::new((5, 0), (6, 0))]);
        assert!(looks[1].merged.is_empty());
    }

    #[test]
    fn what_cannot_be_read_has_no_looks() {
        assert!(looks(b"no archive").is_empty());
        assert!(of("<a><b").is_empty());
    }
}
