//! The process that opens one workbook: file on its standard input, rows on its standard
//! output, and nothing else.

use std::io::{self, Cursor, Read, Write};

use calamine::{
    Data, DataRef, Dimensions, ExcelDateTime, Ods, Reader as _, Sheet, SheetType, SheetVisible,
    Style, Xlsx,
};

use super::{
    book::{MAX_FILE, Merged},
    limits,
    looks::looks,
    wire::{Frame, MAX_CELLS, MAX_MERGED, MAX_SHEET_ROWS, MAX_SHEETS},
};
use crate::{grid::MAX_ROW, spot};

/// What a file of this kind has in its first bytes.
const OPEN_DOCUMENT: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";

/// Runs in the process that was started for it: takes its bounds, then reads.
///
/// # Errors
///
/// The rows cannot be written; nobody reads them any more.
pub fn run() -> io::Result<()> {
    limits::take()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    read_workbook(&mut io::stdin().lock(), &mut out)?;
    out.flush()
}

/// Writes the rows of all sheets, as lines that their reader judges. An error is one of
/// reading the file's bytes or of writing the rows.
pub(super) fn read_workbook(input: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut file = Vec::new();
    input.take(MAX_FILE as u64 + 1).read_to_end(&mut file)?;
    let start = &file[..file.len().min(200)];
    let is_ods = start
        .windows(OPEN_DOCUMENT.len())
        .any(|part| part == OPEN_DOCUMENT);
    let mut writer = Writer { out, dates: 0 };
    let read = if is_ods {
        open_document(file, &mut writer)
    } else {
        excel(file, &mut writer)
    };
    match read {
        Ok(()) => Frame::End {
            dates: writer.dates,
        }
        .write(writer.out),
        Err(Stop::Unwritten(error)) => Err(error),
        Err(Stop::Wrong(reason)) => Frame::Wrong(reason).write(writer.out),
    }
}

enum Stop {
    Wrong(String),
    Unwritten(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Unwritten(error)
    }
}

fn wrong(error: impl std::fmt::Display) -> Stop {
    Stop::Wrong(format!("the workbook cannot be read: {error}"))
}

fn excel(file: Vec<u8>, writer: &mut Writer<'_>) -> Result<(), Stop> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(wrong)?;
    for sheet in sheets(book.sheets_metadata())? {
        // What a sheet looks like is no reason to refuse it.
        let merged = book.merge_cells_by_sheet_name(&sheet.name);
        writer.sheet(&sheet, &merged.unwrap_or_default())?;
        let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(wrong)?;
        let are_percent: Vec<bool> = cells.styles().iter().map(is_percent).collect();
        let mut row = Row::default();
        while let Some((cell, look)) = cells.next_cell_with_style_id().map_err(wrong)? {
            let (number, column) = cell.get_position();
            let value = cell.get_value();
            let text = match value {
                DataRef::Float(share) if are_percent.get(look) == Some(&true) => share_text(*share),
                value => writer.text_of(value),
            };
            let is_number = matches!(value, DataRef::Float(_));
            if row.add((number, column), text, is_number, writer)? {
                break;
            }
        }
        row.flush(writer)?;
    }
    Ok(())
}

fn open_document(file: Vec<u8>, writer: &mut Writer<'_>) -> Result<(), Stop> {
    let mut looks = looks(&file).into_iter();
    let mut book: Ods<_> = Ods::new(Cursor::new(file)).map_err(wrong)?;
    for sheet in sheets(book.sheets_metadata())? {
        let look = looks.next().unwrap_or_default();
        writer.sheet(&sheet, &look.merged)?;
        let range = book.worksheet_range(&sheet.name).map_err(wrong)?;
        let (down, right) = range.start().unwrap_or_default();
        let mut row = Row::default();
        for (at, column, value) in range.used_cells() {
            let (number, column) = (down + at as u32, right + column as u32);
            let text = match value {
                Data::Float(share) if look.is_percent(number, column) => share_text(*share),
                value => writer.text_of(&as_ref(value)),
            };
            let is_number = matches!(value, Data::Float(_));
            if row.add((number, column), text, is_number, writer)? {
                break;
            }
        }
        row.flush(writer)?;
    }
    Ok(())
}

fn sheets(all: &[Sheet]) -> Result<Vec<Sheet>, Stop> {
    let of_cells = all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let sheets: Vec<Sheet> = of_cells.cloned().collect();
    if sheets.len() > MAX_SHEETS {
        let reason = format!(
            "the workbook has {} sheets; at most {MAX_SHEETS}",
            sheets.len()
        );
        return Err(Stop::Wrong(reason));
    }
    Ok(sheets)
}

/// One row, as its cells come in.
#[derive(Default)]
struct Row {
    number: u32,
    cells: Vec<String>,
    numbers: Vec<usize>,
    bytes: usize,
    written: usize,
}

impl Row {
    /// Adds a cell; true when the sheet has more rows than anyone reads, which is left
    /// for the reader to say.
    fn add(
        &mut self,
        (number, column): (u32, u32),
        text: String,
        is_number: bool,
        writer: &mut Writer<'_>,
    ) -> Result<bool, Stop> {
        if text.is_empty() {
            return Ok(false);
        }
        if number != self.number {
            self.flush(writer)?;
            self.number = number;
        }
        if self.written >= MAX_SHEET_ROWS {
            return Ok(true);
        }
        let column = column as usize;
        self.bytes += text.len();
        if column >= MAX_CELLS {
            let reason = format!("row {}: more than {MAX_CELLS} columns", number + 1);
            return Err(Stop::Wrong(reason));
        }
        if self.bytes > MAX_ROW {
            return Err(Stop::Wrong(format!("row {}: more than 1 MiB", number + 1)));
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        if is_number && text.contains('.') {
            self.numbers.push(column);
        }
        self.cells[column] = text;
        Ok(false)
    }

    fn flush(&mut self, writer: &mut Writer<'_>) -> Result<(), Stop> {
        if self.cells.is_empty() || self.written >= MAX_SHEET_ROWS {
            return Ok(());
        }
        let row = Frame::Row {
            number: self.number.saturating_add(1),
            cells: std::mem::take(&mut self.cells),
            numbers: std::mem::take(&mut self.numbers),
        };
        self.bytes = 0;
        self.written += 1;
        Ok(row.write(writer.out)?)
    }
}

struct Writer<'a> {
    out: &'a mut dyn Write,
    dates: u64,
}

impl Writer<'_> {
    fn sheet(&mut self, sheet: &Sheet, merged: &[Dimensions]) -> Result<(), Stop> {
        let over_several = merged.iter().filter(|area| area.start != area.end);
        let frame = Frame::Sheet {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
            merged: over_several
                .filter_map(merged_area)
                .take(MAX_MERGED)
                .collect(),
        };
        Ok(frame.write(self.out)?)
    }

    /// A cell as a person would type it: dates as 2017-04-03, whole numbers without a point.
    fn text_of(&mut self, value: &DataRef<'_>) -> String {
        match value {
            DataRef::Empty => String::new(),
            DataRef::Int(number) => number.to_string(),
            DataRef::Float(number) => number_text(*number),
            DataRef::String(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Bool(truth) => truth.to_string(),
            DataRef::DateTime(date) => self.date(date),
            DataRef::DateTimeIso(text) => {
                self.dates += 1;
                text.trim_end_matches("T00:00:00").to_owned()
            }
            DataRef::DurationIso(text) => duration_text(text),
            DataRef::Error(error) => error.to_string(),
        }
    }

    fn date(&mut self, date: &ExcelDateTime) -> String {
        let (year, month, day, hour, minute, ..) = date.to_ymd_hms_milli();
        let number = date.as_f64();
        if date.is_duration() || (0.0..1.0).contains(&number) {
            return format!("{hour:02}:{minute:02}");
        }
        self.dates += 1;
        if number.fract() == 0.0 {
            format!("{year:04}-{month:02}-{day:02}")
        } else {
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
        }
    }
}

/// The cell shows its number as a share of a hundred.
fn is_percent(look: &Style) -> bool {
    look.number_format.as_ref().is_some_and(|format| {
        // Signs within quotes stand for themselves.
        let mut plain = format.format_code.split('"').step_by(2);
        plain.any(|part| part.replace("\\%", "").contains('%'))
    })
}

fn merged_area(area: &Dimensions) -> Option<Merged> {
    let name = |(row, column): (u32, u32)| spot::cell(column as usize, u64::from(row) + 1);
    Some(Merged {
        area: format!("{}:{}", name(area.start)?, name(area.end)?),
        last: u64::from(area.end.0) + 1,
    })
}

/// A share as the cell shows it: 12.5% where 0.125 is stored.
fn share_text(share: f64) -> String {
    format!("{}%", number_text(share * 100.0))
}

/// As many digits as a spreadsheet shows; the last ones are what binary fractions leave.
fn number_text(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

/// `PT09H30M00S` as 09:30.
fn duration_text(text: &str) -> String {
    let time = text.strip_prefix("PT").and_then(|rest| {
        let (hours, rest) = rest.split_once('H')?;
        let (minutes, _) = rest.split_once('M')?;
        Some(format!(
            "{:02}:{:02}",
            hours.parse::<u32>().ok()?,
            minutes.parse::<u32>().ok()?
        ))
    });
    time.unwrap_or_else(|| text.to_owned())
}

fn as_ref(value: &Data) -> DataRef<'_> {
    match value {
        Data::Empty => DataRef::Empty,
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::DateTime(date) => DataRef::DateTime(*date),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_a_spreadsheet_shows_them() {
        for (number, text) in [
            (2018.0, "2018"),
            (0.1 + 0.2, "0.3"),
            (-0.4, "-0.4"),
            (27_680_907.0, "27680907"),
            (12.5, "12.5"),
        ] {
            assert_eq!(number_text(number), text);
        }
        assert_eq!(duration_text("PT09H30M00S"), "09:30");
    }
}
