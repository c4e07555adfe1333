//! Tables of text: comma, semicolon or tab between the cells, any line ends.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Read},
    rc::Rc,
};

use super::{
    bad::BadRow,
    grid::{Grid, GridFault, GridRow},
    input::{Input, start_of, unreadable},
};

/// Bytes of one row.
pub(super) const MAX_ROW: usize = 1 << 20;
/// Bytes that are looked at before the first row is read.
const LOOK_AT: u64 = 64 << 10;
/// Rows that are looked at for what stands between their cells.
const SAMPLE: usize = 20;

/// The rows of a text file.
pub(super) fn open<'a>(input: Input<'a>) -> Result<Grid<'a>, BadRow> {
    let (start, mut input) = start_of(input, LOOK_AT).map_err(|error| unreadable(1, &error))?;
    let stated = stated_separator(&start);
    let mut seen = Seen::default();
    if let Some((_, length)) = stated {
        let mut line = vec![0; length];
        input
            .read_exact(&mut line)
            .map_err(|error| unreadable(1, &error))?;
        seen.lines = 1;
    }
    let separator = stated.map_or_else(|| separator(&start), |(separator, _)| separator);
    let seen = Rc::new(RefCell::new(seen));
    let reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(Bounded {
            input,
            seen: Rc::clone(&seen),
        });
    Ok(Box::new(CsvRows {
        reader,
        // No spreadsheet shows the line that says what stands between cells.
        inner: u64::from(stated.is_some()),
        seen,
        next: 0,
        broken: false,
    }))
}

struct CsvRows<'a> {
    reader: csv::Reader<Bounded<Input<'a>>>,
    seen: Rc<RefCell<Seen>>,
    /// The byte where the next row may start.
    next: u64,
    /// Lines so far that are no rows of a spreadsheet.
    inner: u64,
    broken: bool,
}

impl Iterator for CsvRows<'_> {
    type Item = Result<GridRow, GridFault>;

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
            Ok(true) => {
                let at = line.saturating_sub(self.inner);
                self.inner += line_ends(record.as_slice());
                Some(row(line, at, &record))
            }
            Ok(false) => None,
            Err(error) => {
                self.broken = true;
                Some(Err(csv_error(line, &error).into()))
            }
        }
    }
}

/// Line ends within the cells of a row; CR, LF and both together are one.
fn line_ends(cells: &[u8]) -> u64 {
    let mut before = 0;
    let ends = cells.iter().filter(|byte| {
        let ends = **byte == b'\r' || (**byte == b'\n' && before != b'\r');
        before = **byte;
        ends
    });
    ends.count() as u64
}

fn row(line: u64, at: u64, record: &csv::ByteRecord) -> Result<GridRow, GridFault> {
    if record.as_slice().len() > MAX_ROW {
        return Err(too_long(line).into());
    }
    let mut cells = Vec::with_capacity(record.len());
    for (at, cell) in record.iter().enumerate() {
        let text = utf8(line, cell).map_err(|bad| GridFault {
            bad: Box::new(bad),
            column: Some(at),
        })?;
        cells.push(text.trim().to_owned());
    }
    Ok(GridRow {
        line,
        row: at,
        cells,
        ends_early: false,
    })
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
    ends: VecDeque<(u64, bool)>,
    after_cr: bool,
    /// Lines before those.
    lines: u64,
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            // CR, LF and both together end a line; the second of both ends nothing more.
            if matches!(byte, b'\n' | b'\r') {
                let ends = *byte == b'\r' || !self.after_cr;
                self.ends.push_back((self.bytes, ends));
            }
            self.after_cr = *byte == b'\r';
            self.bytes += 1;
        }
        self.since_row += bytes.len();
    }

    /// The line of the first text at or after that byte.
    fn line_of(&mut self, mut start: u64) -> u64 {
        while let Some((at, ends)) = self.ends.front().copied()
            && at <= start
        {
            start = start.max(at + 1);
            self.lines += u64::from(ends);
            self.ends.pop_front();
        }
        self.lines + 1
    }
}

const ROW_TOO_LONG: &str = "a row of more than 1 MiB; is a quote left open?";

pub(super) fn too_long(line: u64) -> BadRow {
    BadRow::new(line, "", ROW_TOO_LONG)
}

/// What the first line says stands between the cells (`sep=;`), and the bytes of that line.
fn stated_separator(start: &[u8]) -> Option<(u8, usize)> {
    let rest = start.strip_prefix(b"sep=")?;
    match rest {
        [separator, b'\r', b'\n', ..] => Some((*separator, 7)),
        [separator, b'\n' | b'\r', ..] => Some((*separator, 6)),
        _ => None,
    }
}

/// The one of comma, semicolon and tab that stands as often in most of the first rows: a
/// title above the header row, and commas within cells, say nothing.
fn separator(start: &[u8]) -> u8 {
    let mut best = (b',', (0, 0));
    for separator in [b',', b';', b'\t'] {
        let counts = counts_of(separator, start);
        let most = counts
            .iter()
            .filter(|count| **count > 0)
            .map(|count| {
                (
                    counts.iter().filter(|other| *other == count).count(),
                    *count,
                )
            })
            .max()
            .unwrap_or_default();
        if most > best.1 {
            best = (separator, most);
        }
    }
    best.0
}

/// How often it stands in each of the first rows that are not blank.
fn counts_of(separator: u8, start: &[u8]) -> Vec<usize> {
    let (mut counts, mut quoted, mut blank) = (vec![0], false, true);
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => {
                if counts.len() == SAMPLE {
                    break;
                }
                if !blank {
                    counts.push(0);
                }
                blank = true;
                continue;
            }
            byte if !quoted && *byte == separator => {
                if let Some(count) = counts.last_mut() {
                    *count += 1;
                }
            }
            _ => {}
        }
        blank = false;
    }
    counts
}

/// A cell as text.
pub(super) fn utf8(line: u64, bytes: &[u8]) -> Result<&str, BadRow> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let before = &bytes[at.saturating_sub(20)..at];
        let inner = bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
        let reason = format!(
            "not UTF-8 after {:?}: byte 0x{:02x}, perhaps Windows-1252",
            String::from_utf8_lossy(before).trim_start_matches('\u{fffd}'),
            bytes[at]
        );
        BadRow::new(line + inner, "", reason)
            .remedy("save the file as UTF-8, or say --encoding windows-1252")
    })
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
