//! The forms that can be written, and what became of an export.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use crate::lists;

/// The form of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Comma-separated values in UTF-8, with the mark that spreadsheets look for.
    Csv,
    /// A workbook.
    Xlsx,
    /// One record a line, in the JSON form of the schema.
    JsonLines,
}

impl Written {
    /// The form that a file's name tells.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// The files that may stand beside one of this form, with lists that have no room in
    /// it: an import reads those that are there.
    #[must_use]
    pub fn beside(self, path: &Path) -> Vec<PathBuf> {
        let all = match self {
            Self::Csv => lists::all_beside(path),
            Self::Xlsx | Self::JsonLines => Vec::new(),
        };
        all.into_iter().map(|(_, file)| file).collect()
    }
}

/// How much an export may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Rows of a sheet, with its header row.
    pub rows: u64,
    /// Bytes of all records, which are kept in a file until the last was seen. What is written
    /// of them takes a few times as much.
    pub bytes: u64,
}

impl Default for Bounds {
    /// What a spreadsheet takes, and as much as there is room for.
    fn default() -> Self {
        Self {
            rows: 1_048_576,
            bytes: u64::MAX,
        }
    }
}

/// What an export has written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records, each on a row or a line.
    pub records: u64,
    /// Files, the one that was asked for first.
    pub files: Vec<PathBuf>,
    /// Lists that stand on a sheet or in a file of their own.
    pub beside: Vec<String>,
    /// Records with fields that are newer than this software; the file does not show them.
    pub with_unread: u64,
    /// Records of a kind that is newer than this software, which no table can hold.
    pub newer_kinds: u64,
    /// Publishers whose records these are.
    pub publishers: BTreeSet<String>,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A table holds one kind.
    #[error("the records are of several kinds, and a table has the columns of one: {}", list(.0))]
    Kinds(BTreeMap<String, u64>),
    /// More than a sheet can hold.
    #[error("{rows} rows on the sheet {sheet:?}; a spreadsheet takes 1,048,576")]
    TooLong {
        /// The sheet.
        sheet: String,
        /// The rows that it would have.
        rows: u64,
    },
    /// More than the file may take.
    #[error("the records are larger than the {most} bytes that this file may take")]
    TooLarge {
        /// What it may take.
        most: u64,
    },
    /// Nobody waits for the file any more.
    #[error("nobody waits for the file any more")]
    Unwanted,
    /// A workbook is no text.
    #[error("a workbook needs a file to be written to")]
    NeedsFile,
    /// The records are not what they should be.
    #[error("record {record}: {reason}")]
    Record {
        /// Its id.
        record: String,
        /// What is wrong.
        reason: String,
    },
    /// The file cannot be written.
    #[error("cannot write the file")]
    Io(#[from] io::Error),
    /// The workbook cannot be written.
    #[error("cannot write the workbook")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

fn list(kinds: &BTreeMap<String, u64>) -> String {
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, count)| format!("{kind} ({count})"))
        .collect();
    kinds.join(", ")
}
