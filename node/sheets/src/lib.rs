//! Files of records, in and out: tables, workbooks and JSON become drafts that a publisher
//! can sign, and records become files that come back as they went.
//!
//! Nothing is known here about any one kind: the header row names field paths of
//! the schema, or a profile says how the columns of a known file become fields.
//! A row that is not sound is named with file, line, column and reason; all of
//! them are, and then nothing of the file goes in. The same row always gives the
//! same bytes, so that importing a file twice changes nothing.

mod absent;
mod alike;
mod alone;
mod bad;
pub mod blank;
mod cells;
mod codes;
mod columns;
mod context;
mod csv_grid;
mod csv_rows;
mod dates;
mod drafted;
mod errors;
mod examine;
mod filling;
mod first_map;
mod folding;
mod for_kind;
mod foreign;
mod format;
mod found;
mod grid;
mod groups;
mod imported;
mod input;
mod joins;
mod json;
mod judged;
mod keys;
mod kinds;
mod laid;
mod leading;
mod lists;
mod mapper;
pub mod marks;
mod names;
mod nearest;
mod noted;
mod numbers;
mod odd;
mod options;
mod parts;
mod place;
mod profile;
mod reading;
mod remark;
mod row;
mod rows;
mod several;
mod shape;
mod shipped;
mod source;
mod spot;
mod sums;
mod table;
mod tabled;
mod target;
mod template;
#[cfg(test)]
mod tests;
mod twice;
mod undecided;
mod understand;
mod whereabouts;
mod workbook;
mod writing;

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

pub use self::{
    alike::{Told, told_once},
    bad::{BadRow, MAX_NAMED},
    columns::{Column, Holds, Required, columns},
    drafted::draft,
    errors::ImportErrors,
    first_map::{FirstMapping, first_mapping},
    format::Format,
    found::Interpretation,
    grid::MAX_ROWS,
    imported::Imported,
    leading::lead,
    lists::long_lists,
    nearest::hint,
    options::{Beside, Options, Workbooks},
    reading::read_from,
    remark::{About, Place, Remark},
    shape::Shape,
    table::Table,
    undecided::Undecided,
    workbook::{READ_WORKBOOK, run_workbook_reader},
    writing::{
        Bounds, Export, ExportError, Exported, FixedTable, PartsTable, Published, Row, Written,
    },
};
use wpsx_domain::publishing::Draft;

/// Reads a file into drafts.
///
/// # Errors
///
/// When it cannot be opened, or when any of its rows is not sound.
pub fn read_file(path: &Path, options: &Options) -> Result<Vec<Draft>, ImportErrors> {
    read(path, options).map(|imported| imported.drafts)
}

/// Reads a file into drafts, and tells what was left out.
///
/// # Errors
///
/// As [`read_file`].
pub fn read(path: &Path, options: &Options) -> Result<Imported, ImportErrors> {
    let file = path.display().to_string();
    let format = Format::of(path).ok_or_else(|| {
        ImportErrors::Usage(format!(
            "{file}: the name does not tell what it is; known are .csv, .tsv, .xlsx, .ods, .jsonl and .json"
        ))
    })?;
    let open = |path: &Path| {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::other("it is a directory"));
        }
        Ok(Box::new(BufReader::with_capacity(64 << 10, file)) as Box<dyn BufRead>)
    };
    let input = open(path).map_err(|source| ImportErrors::Unreadable {
        file: file.clone(),
        source,
    })?;
    read_from(
        &file,
        format,
        input,
        options,
        &|name| match open(&path.with_file_name(name)) {
            Ok(input) => Ok(Some(input)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        },
    )
}
