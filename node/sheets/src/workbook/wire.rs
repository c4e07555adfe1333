//! What the process that opens a workbook writes, and how its reader judges it: a line of
//! JSON for each sheet and row, each of them bounded, and at last a line that says so.

use std::io::{self, BufRead, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

use super::book::{Book, Merged, Sheet};
use crate::grid::{GridRow, MAX_ROW, MAX_ROWS};

/// Sheets of one workbook.
pub(super) const MAX_SHEETS: usize = 100;
/// Cells of one row.
pub(super) const MAX_CELLS: usize = 1_000;
/// Filled rows of one sheet: those of one import, and titles above them.
pub(super) const MAX_SHEET_ROWS: usize = MAX_ROWS + 100;
/// Areas of merged cells that are told of one sheet.
pub(super) const MAX_MERGED: usize = 20;
/// Bytes of all lines together.
const MAX_BYTES: usize = 256 << 20;
/// Bytes of one line: a row in which each byte is escaped, at most.
const MAX_LINE: usize = 6 * MAX_ROW + (64 << 10);

/// One line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Frame {
    /// The rows that follow are this sheet's.
    Sheet {
        name: String,
        hidden: bool,
        /// Cells that are merged into one.
        #[serde(default)]
        merged: Vec<Merged>,
    },
    /// A row; counted from 1.
    Row {
        number: u32,
        cells: Vec<String>,
        /// The places of cells that are numbers with decimals.
        #[serde(default)]
        numbers: Vec<usize>,
    },
    /// The file cannot be read.
    Wrong(String),
    /// All was read, with so many cells that are dates.
    End { dates: u64 },
}

impl Frame {
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

/// Reads all lines up to the last one.
pub(super) fn receive(input: impl Read) -> Result<Book, String> {
    let mut input = BufReader::new(input);
    let mut received = Received::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut input)
            .take(MAX_LINE as u64 + 1)
            .read_until(b'\n', &mut line);
        let bytes = read.map_err(|error| format!("the workbook's rows cannot be read: {error}"))?;
        if bytes == 0 {
            return Err(STOPPED.to_owned());
        }
        if bytes > MAX_LINE {
            return Err(NONSENSE.to_owned());
        }
        let frame = serde_json::from_slice(&line).map_err(|_| NONSENSE.to_owned())?;
        if received.take(frame, bytes)? {
            return Ok(received.book);
        }
    }
}

/// The process ended before it had said so.
pub(super) const STOPPED: &str = "the workbook was not read to its end";
const NONSENSE: &str = "the workbook was not understood by its reader";

#[derive(Default)]
pub(super) struct Received {
    book: Book,
    bytes: usize,
}

impl Received {
    /// Takes a line in; true for the last one.
    fn take(&mut self, frame: Frame, bytes: usize) -> Result<bool, String> {
        self.bytes += bytes;
        if self.bytes > MAX_BYTES {
            return Err("the workbook unpacks to more than 256 MiB".to_owned());
        }
        match frame {
            Frame::Sheet {
                name,
                hidden,
                merged,
            } => {
                let is_area = |it: &Merged| it.area.len() <= 30 && it.area.is_ascii();
                if merged.len() > MAX_MERGED || !merged.iter().all(is_area) {
                    return Err(NONSENSE.to_owned());
                }
                if self.book.sheets.len() == MAX_SHEETS || name.len() > 1_000 {
                    return Err(format!("the workbook has more than {MAX_SHEETS} sheets"));
                }
                self.book.sheets.push(Sheet {
                    name,
                    hidden,
                    merged,
                    rows: Vec::new(),
                });
            }
            Frame::Row {
                number,
                cells,
                mut numbers,
            } => {
                let sheet = self.book.sheets.last_mut().ok_or(NONSENSE)?;
                let size: usize = cells.iter().map(String::len).sum();
                let fits =
                    cells.len() <= MAX_CELLS && numbers.len() <= MAX_CELLS && size <= MAX_ROW;
                if !fits || sheet.rows.len() >= MAX_SHEET_ROWS {
                    return Err(NONSENSE.to_owned());
                }
                numbers.sort_unstable();
                sheet.rows.push(GridRow {
                    line: u64::from(number.max(1)),
                    row: u64::from(number.max(1)),
                    cells: cells.iter().map(|cell| cell.trim().to_owned()).collect(),
                    numbers,
                    ends_early: true,
                });
            }
            Frame::Wrong(reason) => {
                let plain = reason.chars().filter(|c| !c.is_control()).take(300);
                return Err(plain.collect());
            }
            Frame::End { dates } => {
                self.book.dates = dates;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &str) -> String {
        receive(lines.as_bytes()).unwrap_err()
    }

    #[test]
    fn what_the_reading_process_writes_is_not_trusted() {
        let sheet = "{\"Sheet\":{\"name\":\"a\",\"hidden\":false}}\n";
        assert_eq!(told(""), STOPPED);
        assert_eq!(told(sheet), STOPPED);
        assert_eq!(told("running 0 tests\n"), NONSENSE);
        assert_eq!(told("{\"Row\":{\"number\":1,\"cells\":[]}}\n"), NONSENSE);
        assert_eq!(told("{\"Wrong\":\"\\u001b[2Jno\"}\n"), "[2Jno");
        let wide = vec!["x"; MAX_CELLS + 1];
        let row = serde_json::json!({"Row": {"number": 1, "cells": wide}});
        assert_eq!(told(&format!("{sheet}{row}\n")), NONSENSE);
        let long = serde_json::json!({"Row": {"number": 1, "cells": ["x".repeat(MAX_ROW + 1)]}});
        assert_eq!(told(&format!("{sheet}{long}\n")), NONSENSE);
        assert_eq!(told(&"x".repeat(MAX_LINE + 10)), NONSENSE);
        assert!(told(&sheet.repeat(101)).contains("more than 100 sheets"));
    }

    #[test]
    fn rows_without_end_are_stopped() {
        let sheet = std::io::Cursor::new("{\"Sheet\":{\"name\":\"a\",\"hidden\":false}}\n");
        let row = "{\"Row\":{\"number\":1,\"cells\":[\"x\"]}}\n".repeat(1_000);
        let mut endless = 0;
        let rows = std::iter::from_fn(|| {
            endless += 1;
            Some(row.clone())
        });
        struct Endless<I>(I, Vec<u8>);
        impl<I: Iterator<Item = String>> Read for Endless<I> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.1.is_empty() {
                    self.1 = self.0.next().unwrap_or_default().into_bytes();
                }
                let taken = buffer.len().min(self.1.len());
                buffer[..taken].copy_from_slice(&self.1[..taken]);
                self.1.drain(..taken);
                Ok(taken)
            }
        }
        let input = sheet.chain(Endless(rows, Vec::new()));
        assert_eq!(receive(input).unwrap_err(), NONSENSE);
        assert!(endless < 200);
    }
}
