//! The forms of files that are written record by record.

use std::io::{self, Write as _};

use serde_json::Value;
use wpsx_domain::records::Proven;
use wpsx_proto::record::Kind;
use wpsx_sheets::{ExportError, FixedTable, PartsTable};
use wpsx_words::Language;

use super::{json, row::row, stream::Writer};
use crate::{item::Item, observatory::Observatory};

/// Comma-separated values.
pub(crate) struct Csv {
    table: FixedTable,
    site: Observatory,
    language: Language,
}

impl Csv {
    /// Of records of a kind, or of several.
    pub(crate) fn of(kind: Option<Kind>, site: &Observatory, language: Language) -> Option<Self> {
        let table = match kind {
            Some(kind) => FixedTable::of(kind),
            None => FixedTable::of_all(),
        };
        Some(Self {
            table: table?,
            site: site.clone(),
            language,
        })
    }
}

impl Writer for Csv {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend(self.table.header().map_err(cannot)?);
        Ok(())
    }

    fn record(&mut self, proven: &Proven, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(item) = Item::of(proven) else {
            return Ok(());
        };
        let row = row(&self.site, self.language, &item, proven);
        self.table.row(&row, out).map_err(cannot)
    }

    fn end(&mut self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

/// The parts of a list of each record, as comma-separated values.
pub(crate) struct PartsCsv {
    table: PartsTable,
    site: Observatory,
    language: Language,
}

impl PartsCsv {
    /// Of that list of records of a kind; none where the kind has none of the name.
    pub(crate) fn of(
        kind: Option<Kind>,
        list: &str,
        site: &Observatory,
        language: Language,
    ) -> Option<Self> {
        Some(Self {
            table: PartsTable::of(kind?, list)?,
            site: site.clone(),
            language,
        })
    }
}

impl Writer for PartsCsv {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend(self.table.header().map_err(cannot)?);
        Ok(())
    }

    fn record(&mut self, proven: &Proven, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(item) = Item::of(proven) else {
            return Ok(());
        };
        let row = row(&self.site, self.language, &item, proven);
        self.table.rows(&row, out).map_err(cannot)
    }

    fn end(&mut self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

/// One record a line.
pub(crate) struct JsonLines {
    pub(crate) site: Observatory,
    pub(crate) language: Language,
}

impl Writer for JsonLines {
    fn begin(&mut self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn record(&mut self, proven: &Proven, out: &mut Vec<u8>) -> io::Result<()> {
        if let Some(item) = Item::of(proven) {
            let shown = json::shown(&self.site, self.language, &item, proven);
            serde_json::to_writer(&mut *out, &shown)?;
            out.push(b'\n');
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

/// One object: what the file is, and its records.
pub(crate) struct Json {
    lines: JsonLines,
    about: Value,
    is_first: bool,
}

impl Json {
    pub(crate) fn new(lines: JsonLines, about: Value) -> Self {
        Self {
            lines,
            about,
            is_first: true,
        }
    }
}

impl Writer for Json {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        writeln!(out, "{{\"about\":{},\"records\":[", self.about)
    }

    fn record(&mut self, proven: &Proven, out: &mut Vec<u8>) -> io::Result<()> {
        let start = out.len();
        if !self.is_first {
            out.push(b',');
        }
        let before = out.len();
        self.lines.record(proven, out)?;
        match out.len() == before {
            true => out.truncate(start),
            false => self.is_first = false,
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend_from_slice(b"]}\n");
        Ok(())
    }
}

fn cannot(error: ExportError) -> io::Error {
    io::Error::other(error)
}
