//! Workbooks: XLSX and ODS, opened by a process of its own.
//!
//! A file of 500 KB can unpack to 500 MB, and readers of such files are large and meet
//! whatever people upload. So the same program is started once more, with bounds on its
//! memory and its time; it gets the file on its standard input and writes rows, a line
//! of JSON each. What it writes is judged as if a stranger had written it: it may have
//! been taken over by the file. Not taken: reading in this process with a bound on the
//! bytes that are unpacked, which a reader of XML turns into ten times as many.

mod book;
mod child;
mod limits;
mod looks;
mod parent;
mod wire;

pub use self::child::run as run_workbook_reader;

use std::io::Read as _;

pub use self::book::READ_WORKBOOK;
pub(super) use self::book::{Sheet, merged_below};
use self::{
    book::{Book, MAX_FILE},
    child::read_workbook,
};
use super::{
    bad::BadRow,
    input::{Input, unreadable},
    options::Workbooks,
};

/// Reads all of a workbook.
pub(super) fn open(input: Input<'_>, workbooks: &Workbooks) -> Result<Book, BadRow> {
    let mut file = Vec::new();
    input
        .take(MAX_FILE as u64 + 1)
        .read_to_end(&mut file)
        .map_err(|error| unreadable(1, &error))?;
    let refused = |reason: &str, remedy: &str| Err(BadRow::at(1, "", reason).remedy(remedy));
    match file.as_slice() {
        [] => return refused("the file is empty", "fill it in, or name another one"),
        [b'P', b'K', ..] => {}
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            let reason = "the file is an old workbook (.xls), or protected by a password";
            return refused(reason, "save it as .xlsx without a password");
        }
        _ => return refused("the file is no workbook", "save it as .xlsx, .ods or .csv"),
    }
    if file.len() > MAX_FILE {
        return refused(
            "a workbook of more than 32 MiB",
            "save its sheet as .csv, or split it",
        );
    }
    let told = match workbooks {
        Workbooks::Refused => {
            let remedy = "save the sheet as CSV (UTF-8)";
            return refused("workbooks are not read here", remedy);
        }
        Workbooks::Program(program) => parent::run(program, file),
        Workbooks::Here => here(&file),
    };
    told.map_err(|reason| BadRow::at(1, "", reason).remedy("save the sheet as .csv"))
}

/// In this process, for what this program has written itself.
fn here(file: &[u8]) -> Result<Book, String> {
    let mut lines = Vec::new();
    read_workbook(&mut &file[..], &mut lines).map_err(|error| error.to_string())?;
    wire::receive(lines.as_slice())
}
