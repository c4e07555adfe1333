//! Reads files row by row, with a bound on what one row may hold.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, BufRead, Read},
    rc::Rc,
    sync::Arc,
};

use serde_json::{Value as Json, value::RawValue};

use super::{
    bad::{BadRow, reason_alone},
    cells::Cell,
    format::Format,
    keys::check_keys,
};

/// Bytes of one row.
pub(super) const MAX_ROW: usize = 1 << 20;
/// Bytes of a whole JSON document, which is read at once.
const MAX_DOCUMENT: usize = 64 << 20;
const MAX_COLUMNS: usize = 1_000;

/// What one row holds under each of its columns.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Where it starts, counted from 1.
    pub(super) line: u64,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Cells(Vec<(Arc<str>, Cell)>),
    /// One JSON object, as it stands in the file.
    Object(String),
}

pub(super) type Rows<'a> = Box<dyn Iterator<Item = Result<Row, BadRow>> + 'a>;

/// Opens a file's rows. An error concerns the file as a whole.
pub(super) fn open<'a>(
    format: Format,
    mut input: Box<dyn BufRead + 'a>,
) -> Result<Rows<'a>, BadRow> {
    check_start(&mut input)?;
    match format {
        Format::Csv => Ok(Box::new(CsvRows::new(input)?)),
        Format::JsonLines => Ok(Box::new(JsonLines {
            input,
            line: 0,
            broken: false,
        })),
        Format::Json => Ok(Box::new(document(input)?.into_iter().map(Ok))),
    }
}

/// Skips the mark of UTF-8 and names what is another encoding or no text.
fn check_start(input: &mut Box<dyn BufRead + '_>) -> Result<(), BadRow> {
    let start = input.fill_buf().map_err(|error| unreadable(1, &error))?;
    let refused = |reason: &str| Err(BadRow::new(1, "", reason));
    match start {
        [] => refused("the file is empty"),
        [0xef, 0xbb, 0xbf, ..] => {
            input.consume(3);
            Ok(())
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] => {
            refused("the file is UTF-16; save it as UTF-8")
        }
        [b'P', b'K', 3, 4, ..] => {
            refused("the file is a spreadsheet; save the sheet as CSV (UTF-8)")
        }
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            refused("the file is compressed; unpack it first")
        }
        _ => Ok(()),
    }
}

struct CsvRows<'a> {
    reader: csv::Reader<Bounded<Box<dyn BufRead + 'a>>>,
    columns: Vec<Arc<str>>,
    seen: Rc<RefCell<Seen>>,
    /// The byte where the next row may start.
    next: u64,
    broken: bool,
}

impl<'a> CsvRows<'a> {
    fn new(mut input: Box<dyn BufRead + 'a>) -> Result<Self, BadRow> {
        let start = input.fill_buf().map_err(|error| unreadable(1, &error))?;
        let delimiter = delimiter(start);
        let seen = Rc::new(RefCell::new(Seen::default()));
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(Bounded {
                input,
                seen: Rc::clone(&seen),
            });
        let header = reader
            .byte_headers()
            .map_err(|error| csv_error(1, &error))?
            .clone();
        seen.borrow_mut().since_row = 0;
        if header.len() > MAX_COLUMNS {
            let reason = format!("{} columns; at most {MAX_COLUMNS}", header.len());
            return Err(BadRow::new(1, "", reason));
        }
        let mut columns: Vec<Arc<str>> = Vec::with_capacity(header.len());
        for (at, name) in header.iter().enumerate() {
            let name = utf8(1, &format!("column {}", at + 1), name)?.trim();
            if name.is_empty() {
                let reason = format!("column {} has no name in the header row", at + 1);
                return Err(BadRow::new(1, "", reason));
            }
            if columns.iter().any(|known| &**known == name) {
                return Err(BadRow::new(1, name, "the header row names it twice"));
            }
            columns.push(name.into());
        }
        let next = reader.position().byte();
        Ok(Self {
            reader,
            columns,
            seen,
            next,
            broken: false,
        })
    }

    fn row(&self, line: u64, record: &csv::ByteRecord) -> Result<Row, BadRow> {
        if record.as_slice().len() > MAX_ROW {
            return Err(too_long(line));
        }
        if record.len() != self.columns.len() {
            let reason = format!(
                "{} cells where the header row has {}; is a quote left open?",
                record.len(),
                self.columns.len()
            );
            return Err(BadRow::new(line, "", reason));
        }
        let mut cells = Vec::with_capacity(record.len());
        for (column, cell) in self.columns.iter().zip(record) {
            let text = utf8(line, column, cell)?.trim().to_owned();
            cells.push((Arc::clone(column), Cell::Text(text)));
        }
        Ok(Row {
            line,
            content: Content::Cells(cells),
        })
    }
}

impl Iterator for CsvRows<'_> {
    type Item = Result<Row, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let mut record = csv::ByteRecord::new();
        let read = self.reader.read_byte_record(&mut record);
        let mut seen = self.seen.borrow_mut();
        let line = seen.line_of(self.next);
        seen.since_row = 0;
        drop(seen);
        self.next = self.reader.position().byte();
        match read {
            Ok(true) => Some(self.row(line, &record)),
            Ok(false) => None,
            Err(error) => {
                self.broken = true;
                Some(Err(csv_error(line, &error)))
            }
        }
    }
}

/// Fails once a single row has taken more than it may. The reader above asks for
/// more before it has used up what it holds by at most its buffer of 64 KiB.
struct Bounded<R> {
    input: R,
    seen: Rc<RefCell<Seen>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut seen = self.seen.borrow_mut();
        if seen.since_row > MAX_ROW + (64 << 10) {
            return Err(io::Error::other(ROW_TOO_LONG));
        }
        let taken = self.input.read(buffer)?;
        seen.take(&buffer[..taken]);
        Ok(taken)
    }
}

/// What went through the reader. It counts lines itself: the CSV reader's own
/// count stands before the line feed of CRLF and before blank lines.
#[derive(Default)]
struct Seen {
    /// Bytes since the last row was complete.
    since_row: usize,
    /// Bytes in all.
    bytes: u64,
    /// Line ends, and where they stand, from the last row on.
    ends: VecDeque<(u64, u8)>,
    /// Line feeds before those.
    lines: u64,
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if matches!(byte, b'\n' | b'\r') {
                self.ends.push_back((self.bytes, *byte));
            }
            self.bytes += 1;
        }
        self.since_row += bytes.len();
    }

    /// The line of the first text at or after that byte.
    fn line_of(&mut self, mut start: u64) -> u64 {
        while let Some((at, end)) = self.ends.front().copied()
            && at <= start
        {
            start = start.max(at + 1);
            self.lines += u64::from(end == b'\n');
            self.ends.pop_front();
        }
        self.lines + 1
    }
}

const ROW_TOO_LONG: &str = "a row of more than 1 MiB; is a quote left open?";

fn too_long(line: u64) -> BadRow {
    BadRow::new(line, "", ROW_TOO_LONG)
}

/// The one of comma, semicolon and tab that the header row uses most.
fn delimiter(start: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(byte == delimiter);
                }
            }
            _ => {}
        }
    }
    // The first of equals, which is the comma.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, _)| *delimiter)
}

struct JsonLines<'a> {
    input: Box<dyn BufRead + 'a>,
    line: u64,
    broken: bool,
}

impl Iterator for JsonLines<'_> {
    type Item = Result<Row, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.broken {
            self.line += 1;
            let mut bytes = Vec::new();
            let mut bounded = (&mut self.input).take(MAX_ROW as u64 + 2);
            match bounded.read_until(b'\n', &mut bytes) {
                Err(error) => {
                    self.broken = true;
                    return Some(Err(unreadable(self.line, &error)));
                }
                Ok(0) => return None,
                Ok(_) => {}
            }
            let bytes = bytes.trim_ascii();
            if bytes.len() > MAX_ROW {
                self.broken = true;
                return Some(Err(BadRow::new(
                    self.line,
                    "",
                    "a line of more than 1 MiB; each record stands on a line of its own",
                )));
            }
            if bytes.is_empty() {
                continue;
            }
            return Some(utf8(self.line, "", bytes).map(|text| Row {
                line: self.line,
                content: Content::Object(text.to_owned()),
            }));
        }
        None
    }
}

/// The objects of a JSON document: a list, or an object whose `records` are one.
fn document<'a>(input: Box<dyn BufRead + 'a>) -> Result<Vec<Row>, BadRow> {
    #[derive(serde::Deserialize)]
    struct Document<'a> {
        #[serde(borrow)]
        records: Vec<&'a RawValue>,
    }
    let mut bytes = Vec::new();
    input
        .take(MAX_DOCUMENT as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(1, &error))?;
    if bytes.len() > MAX_DOCUMENT {
        let reason = "a JSON document of more than 64 MiB; write one record a line (.jsonl)";
        return Err(BadRow::new(1, "", reason));
    }
    let text = utf8(1, "", &bytes)?;
    let wrong = |error: &serde_json::Error| {
        let line = error.line() as u64;
        BadRow::new(line, &error.column().to_string(), reason_alone(error))
    };
    let records: Vec<&RawValue> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(|error| wrong(&error))?
    } else {
        let document: Document<'_> = serde_json::from_str(text).map_err(|error| wrong(&error))?;
        document.records
    };
    let mut rows = Vec::with_capacity(records.len());
    let (mut line, mut counted) = (1, 0);
    for record in records {
        let start = record.get().as_ptr() as usize - text.as_ptr() as usize;
        line += text.as_bytes()[counted..start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64;
        counted = start;
        if record.get().len() > MAX_ROW {
            return Err(too_long(line));
        }
        rows.push(Row {
            line,
            content: Content::Object(record.get().to_owned()),
        });
    }
    Ok(rows)
}

/// A JSON object as cells; what stands in inner objects is named `outer.inner`.
pub(super) fn cells_of(line: u64, object: &str) -> Result<Vec<(Arc<str>, Cell)>, BadRow> {
    check_keys(line, object)?;
    let object: serde_json::Map<String, Json> = serde_json::from_str(object).map_err(|error| {
        let line = line + error.line() as u64 - 1;
        BadRow::new(line, &error.column().to_string(), reason_alone(&error))
    })?;
    let mut cells = Vec::new();
    flatten(line, "", object, &mut cells)?;
    Ok(cells)
}

fn flatten(
    line: u64,
    outer: &str,
    object: serde_json::Map<String, Json>,
    cells: &mut Vec<(Arc<str>, Cell)>,
) -> Result<(), BadRow> {
    for (name, value) in object {
        let name = format!("{outer}{name}");
        let scalar = |value: &Json| match value {
            Json::Null => Some(String::new()),
            Json::Bool(truth) => Some(truth.to_string()),
            Json::Number(number) => Some(number.to_string()),
            Json::String(text) => Some(text.trim().to_owned()),
            _ => None,
        };
        let cell = match value {
            Json::Object(inner) => {
                flatten(line, &format!("{name}."), inner, cells)?;
                continue;
            }
            Json::Array(values) => values
                .iter()
                .map(scalar)
                .collect::<Option<_>>()
                .map(Cell::List),
            value => scalar(&value).map(Cell::Text),
        };
        let Some(cell) = cell else {
            return Err(BadRow::new(line, &name, "holds a list of objects"));
        };
        cells.push((name.into(), cell));
    }
    Ok(())
}

fn utf8<'a>(line: u64, column: &str, bytes: &'a [u8]) -> Result<&'a str, BadRow> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let before = &bytes[at.saturating_sub(20)..at];
        let inner = bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
        let reason = format!(
            "not UTF-8 after {:?}: byte 0x{:02x}, perhaps Windows-1252 or Latin-1; save the file as UTF-8",
            String::from_utf8_lossy(before).trim_start_matches('\u{fffd}'),
            bytes[at]
        );
        BadRow::new(line + inner, column, reason)
    })
}

fn unreadable(line: u64, error: &io::Error) -> BadRow {
    BadRow::new(line, "", format!("cannot be read: {error}"))
}

fn csv_error(line: u64, error: &csv::Error) -> BadRow {
    match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::Other => {
            BadRow::new(line, "", error.to_string())
        }
        csv::ErrorKind::Io(error) => unreadable(line, error),
        _ => BadRow::new(line, "", error.to_string()),
    }
}
