//! A table as comma-separated values.

use std::io::{self, Write};

use super::layout::CellText;

/// Spreadsheets take a file for UTF-8 only if it begins with this mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The header row alone, behind that mark.
pub(super) fn header(names: &[String]) -> io::Result<Vec<u8>> {
    CsvTable::new(Vec::new(), names)?.finish()
}

/// A table that is written row by row.
pub(crate) struct CsvTable<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> CsvTable<W> {
    pub(crate) fn new(mut out: W, header: &[String]) -> io::Result<Self> {
        out.write_all(MARK)?;
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(header).map_err(io::Error::from)?;
        Ok(Self { writer })
    }

    /// Rows below those that are there.
    pub(super) fn going_on(out: W) -> Self {
        let writer = csv::Writer::from_writer(out);
        Self { writer }
    }

    pub(crate) fn texts(&mut self, texts: &[String]) -> io::Result<()> {
        self.writer.write_record(texts).map_err(io::Error::from)
    }

    pub(super) fn row(&mut self, cells: &[CellText]) -> io::Result<()> {
        let texts = cells.iter().map(|(text, _)| text);
        self.writer.write_record(texts).map_err(io::Error::from)
    }

    pub(crate) fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| error.into_error())
    }
}
