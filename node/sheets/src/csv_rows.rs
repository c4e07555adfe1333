//! Rows of text, cut into cells as spreadsheets cut them (RFC 4180), for any line ends.
//!
//! What quotes leave in doubt is a fault rather than a guess: one that is never closed
//! would take all that follows into one cell, and nobody would miss the rows. Not taken: the
//! library that writes such files, which reads them without a word.

use std::io::{self, Read};

use super::{
    bad::BadRow,
    grid::{GridFault, GridRow, MAX_ROW, too_long},
    input::{Input, unreadable, utf8},
};

/// Bytes of a row as it is written, with a quote for each in it.
const MAX_BYTES: usize = 2 * MAX_ROW;
/// Bytes that are read at once.
const BUFFER: usize = 64 << 10;

pub(super) struct CsvRows<'a> {
    bytes: Bytes<'a>,
    separator: u8,
    /// Rows so far, as a spreadsheet counts them.
    row: u64,
    ended: bool,
}

impl<'a> CsvRows<'a> {
    /// The rows of what follows after so many lines.
    pub(super) fn after(lines: u64, input: Input<'a>, separator: u8) -> Self {
        let bytes = Bytes {
            input,
            buffer: Vec::new(),
            at: 0,
            line: lines + 1,
            after_cr: false,
        };
        Self {
            bytes,
            separator,
            row: 0,
            ended: false,
        }
    }

    /// The next row as it stands; none at the end of the file.
    fn cut(&mut self) -> Result<Option<Cut>, GridFault> {
        let mut cut = Cut::at(self.bytes.line);
        let mut length = 0;
        loop {
            let byte = self
                .bytes
                .next()
                .map_err(|error| stopped(self.bytes.line, &error))?;
            let Some(byte) = byte else {
                self.ended = true;
                if cut.within == Within::Quotes {
                    return Err(cut.never_closed());
                }
                return Ok((length > 0).then(|| cut.done()));
            };
            length += 1;
            if length > MAX_BYTES {
                self.ended = true;
                return Err(match cut.within {
                    Within::Quotes if !self.is_closed_from(byte, cut.line)? => cut.never_closed(),
                    Within::Quotes | Within::Closed if cut.cell.len() > MAX_ROW => cut.too_long(),
                    _ => too_long(cut.line).into(),
                });
            }
            let here = self.bytes.line;
            match (cut.within, byte) {
                (Within::Quotes, b'"') => cut.within = Within::Closed,
                (Within::Quotes, byte) => cut.cell.push(byte),
                (Within::Closed, b'"') => {
                    cut.cell.push(byte);
                    cut.within = Within::Quotes;
                }
                (_, b'\n' | b'\r') => {
                    let passed = self.bytes.pass_line_feed_after(byte);
                    passed.map_err(|error| stopped(here, &error))?;
                    return Ok(Some(cut.done()));
                }
                (_, byte) if byte == self.separator => cut.end_cell(here),
                (Within::Closed | Within::Behind, b' ' | b'\t') => cut.within = Within::Behind,
                (Within::Closed | Within::Behind, byte) => {
                    cut.add_after_quote(byte);
                    cut.within = Within::Text;
                }
                (Within::Start, b'"') => {
                    cut.quote = here;
                    cut.within = Within::Quotes;
                }
                (_, byte) => {
                    cut.cell.push(byte);
                    cut.within = Within::Text;
                }
            }
        }
    }

    /// Whether the cell within quotes that goes on with this byte ends as cells do: nothing of it
    /// is kept. The next quote behind one that was left open begins a cell, and text follows.
    fn is_closed_from(&mut self, byte: u8, line: u64) -> Result<bool, GridFault> {
        let mut byte = Some(byte);
        let mut next = || self.bytes.next().map_err(|error| stopped(line, &error));
        while let Some(within) = byte {
            byte = next()?;
            if within != b'"' {
                continue;
            }
            match byte {
                Some(b'"') => byte = next()?,
                behind => {
                    let ends = |byte| byte == self.separator || matches!(byte, b'\n' | b'\r');
                    return Ok(behind.is_none_or(ends));
                }
            }
        }
        Ok(false)
    }
}

impl Iterator for CsvRows<'_> {
    type Item = Result<GridRow, GridFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.cut() {
            Ok(None) => None,
            Ok(Some(cut)) => {
                self.row += 1;
                Some(cut.into_row(self.row))
            }
            Err(fault) => {
                self.ended = true;
                Some(Err(fault))
            }
        }
    }
}

fn stopped(line: u64, error: &io::Error) -> GridFault {
    match error.kind() {
        io::ErrorKind::Other => BadRow::at(line, "", error.to_string())
            .remedy("name its encoding with --encoding, or save it as UTF-8"),
        _ => unreadable(line, error),
    }
    .into()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Nothing of the cell was read.
    Start,
    Text,
    Quotes,
    /// After a quote that closes the cell, unless another one follows.
    Closed,
    /// After that quote and a space.
    Behind,
}

/// One row as far as it is read.
struct Cut {
    line: u64,
    /// Each with the line on which it starts.
    cells: Vec<(u64, Vec<u8>)>,
    cell: Vec<u8>,
    /// Where the cell starts.
    cell_line: u64,
    within: Within,
    /// Where its quote was opened.
    quote: u64,
    fault: Option<GridFault>,
}

impl Cut {
    fn at(line: u64) -> Self {
        Self {
            line,
            cells: Vec::new(),
            cell: Vec::new(),
            cell_line: line,
            within: Within::Start,
            quote: line,
            fault: None,
        }
    }

    fn end_cell(&mut self, here: u64) {
        let cell = std::mem::take(&mut self.cell);
        self.cells.push((self.cell_line, cell));
        self.cell_line = here;
        self.within = Within::Start;
    }

    fn done(mut self) -> Self {
        self.end_cell(0);
        self
    }

    /// Text behind the quote that closes a cell: the first such place is told.
    fn add_after_quote(&mut self, byte: u8) {
        let text = String::from_utf8_lossy(&self.cell).into_owned();
        self.cell.push(byte);
        if self.fault.is_none() {
            let reason = "goes on behind the quote that closes it";
            let remedy = "was a quote left open before it? A quote within quotes is written \
                          twice: \"the \"\"first\"\" plan\"";
            let bad = BadRow::at(self.quote, "", reason);
            self.fault = Some(GridFault {
                bad: Box::new(bad.holding(&text).remedy(remedy)),
                column: Some(self.cells.len()),
            });
        }
    }

    fn never_closed(&self) -> GridFault {
        let reason = "a quote is opened here and never closed";
        let text = String::from_utf8_lossy(&self.cell);
        let bad = BadRow::at(self.quote, "", reason).holding(&text);
        let remedy = "close it, or take it out; the file may have been cut off";
        GridFault {
            bad: Box::new(bad.remedy(remedy)),
            column: Some(self.cells.len()),
        }
    }

    /// The text of the cell is longer than a row may be.
    fn too_long(&self) -> GridFault {
        let text = String::from_utf8_lossy(&self.cell);
        let bad = BadRow::at(self.quote, "", "a cell of more than 1 MiB").holding(&text);
        GridFault {
            bad: Box::new(bad.remedy("shorten it, or split the record")),
            column: Some(self.cells.len()),
        }
    }

    fn into_row(self, row: u64) -> Result<GridRow, GridFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut cells = Vec::with_capacity(self.cells.len());
        for (at, (line, cell)) in self.cells.iter().enumerate() {
            let text = utf8(*line, cell).map_err(|bad| GridFault {
                bad: Box::new(bad),
                column: Some(at),
            })?;
            cells.push(text.trim().to_owned());
        }
        Ok(GridRow {
            line: self.line,
            row,
            cells,
            numbers: Vec::new(),
            ends_early: false,
        })
    }
}

/// The bytes of a file, and the line of the next one: CR, LF and both together end a line.
struct Bytes<'a> {
    input: Input<'a>,
    buffer: Vec<u8>,
    at: usize,
    line: u64,
    after_cr: bool,
}

impl Bytes<'_> {
    fn next(&mut self) -> io::Result<Option<u8>> {
        let Some(byte) = self.peek()? else {
            return Ok(None);
        };
        self.at += 1;
        let ends = byte == b'\r' || (byte == b'\n' && !self.after_cr);
        self.line += u64::from(ends);
        self.after_cr = byte == b'\r';
        Ok(Some(byte))
    }

    /// The second byte of a line end of two.
    fn pass_line_feed_after(&mut self, byte: u8) -> io::Result<()> {
        if byte == b'\r' && self.peek()? == Some(b'\n') {
            self.next()?;
        }
        Ok(())
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        while self.at == self.buffer.len() {
            self.buffer.resize(BUFFER, 0);
            let read = self.input.read(&mut self.buffer);
            self.buffer.truncate(*read.as_ref().unwrap_or(&0));
            self.at = 0;
            match read {
                Ok(0) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => drop(read?),
            }
        }
        Ok(self.buffer.get(self.at).copied())
    }
}
