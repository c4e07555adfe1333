//! The forms of files that are written record by record.

use std::io::{self, Write as _};

use serde_json::Value;
use wpsx_domain::records::Proven;
use wpsx_proto::record::Kind;
use wpsx_sheets::{ExportError, FixedTable, PartsTable};
use wpsx_words::Language;

use super::{form::Parts, json, row::row, stream::Writer};
use crate::{item::Item, observatory::Observatory, revision};

/// Comma-separated values.
pub(crate) struct Csv {
    table: Table,
    site: Observatory,
    language: Language,
    /// What became of its records, where that is not what their entries here say.
    taken_back: &'static str,
}

/// What has a row.
enum Table {
    Records(FixedTable),
    Parts(PartsTable),
}

impl Csv {
    /// Of records of a kind, or of several; or of the parts of a list that they have, which
    /// have none where no kind is said.
    pub(crate) fn of(
        parts: Option<&Parts>,
        kind: Option<Kind>,
        site: &Observatory,
        language: Language,
    ) -> Option<Self> {
        let table = match (parts, kind) {
            (Some(parts), kind) => Table::Parts(PartsTable::of(kind?, &parts.list)?),
            (None, Some(kind)) => Table::Records(FixedTable::of(kind)?),
            (None, None) => Table::Records(FixedTable::of_all()?),
        };
        Some(Self {
            table,
            site: site.clone(),
            language,
            taken_back: "",
        })
    }

    /// The same of a revision of a record that has this for its newest entry.
    pub(crate) fn of_record(self, newest: &Item) -> Self {
        Self {
            taken_back: revision::in_files(newest),
            ..self
        }
    }
}

impl Writer for Csv {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let header = match &self.table {
            Table::Records(table) => table.header(),
            Table::Parts(table) => table.header(),
        };
        out.extend(header.map_err(cannot)?);
        Ok(())
    }

    fn record(&mut self, proven: &Proven, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(item) = Item::of(proven) else {
            return Ok(());
        };
        let taken_back = match revision::in_files(&item) {
            "" => self.taken_back,
            own => own,
        };
        let row = row(&self.site, self.language, &item, proven, taken_back);
        let written = match &mut self.table {
            Table::Records(table) => table.row(&row, out),
            Table::Parts(table) => table.rows(&row, out),
        };
        written.map_err(cannot)
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
            let shown = json::shown(&self.site, self.language, &item, proven, &item);
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
