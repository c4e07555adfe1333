//! The forms that a file may have.

use std::path::Path;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Rows of cells under a header row; comma, semicolon or tab between them.
    Csv,
    /// Sheets of cells: XLSX and ODS.
    Workbook,
    /// One JSON object a line.
    JsonLines,
    /// A list of JSON objects, alone or under `records`, or one object.
    Json,
}

impl Format {
    /// The form that a file's name tells.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "xlsx" | "xlsm" | "ods" => Some(Self::Workbook),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}
