//! How a file is read, and what it was found to hold.

use std::{
    collections::BTreeSet,
    io::{self, BufRead},
    path::PathBuf,
    sync::Arc,
};

use wpsx_proto::record::Kind;

use wpsx_domain::publishing::Draft;
use wpsx_words::Vocabularies;

use super::found::{Interpretation, Remark};

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of a shipped profile, or the path of a TOML file; none: the one
    /// that the columns tell, or else field paths.
    pub profile: Option<String>,
    /// The kind of all rows, for a file of field paths without a column `kind`.
    pub kind: Option<Kind>,
    /// Mark every record as held in custody for its countries, or else its organisations.
    pub in_custody: bool,
    /// The encoding of a text file, such as `windows-1252`; none: UTF-8, or what its
    /// first bytes tell.
    pub encoding: Option<String>,
    /// The sheet of a workbook that holds the records, by name or counted from 1; none:
    /// the first one with a header row that is understood.
    pub sheet: Option<String>,
    /// Cells whose e-mail address or telephone number is an office's: `12:note.en`, as a
    /// fault names it, or `C12`.
    pub allowed_contacts: BTreeSet<String>,
    /// Tell contacts with the drafts that they stand in, for who publishes these to judge;
    /// without it they are faults of the file.
    pub tell_contacts: bool,
    /// How rows without an id get one: text with columns in braces, as in a profile.
    pub ids_from: Option<String>,
    /// Keep the table, so that it can be handed back with its ids filled in.
    pub keep_table: bool,
    /// The countries that the publisher speaks for; none: not known.
    pub speaks_for: Option<BTreeSet<String>>,
    /// The codes and names that are known; none: those of the program.
    pub vocabularies: Option<Arc<Vocabularies>>,
    /// How workbooks are opened.
    pub workbooks: Workbooks,
}

/// Who opens workbooks: a file of 500 KB can unpack to 500 MB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Workbooks {
    /// Nobody: they are refused.
    #[default]
    Refused,
    /// This program, in a process of its own with bounds on memory and time. It is
    /// started with [`READ_WORKBOOK`](super::READ_WORKBOOK) as its one argument.
    Program(PathBuf),
    /// This process, without bounds: for files that it has written itself.
    Here,
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// One for each record, in the order of the file.
    pub drafts: Vec<Draft>,
    /// Rows that the profile leaves out, such as those of other kinds.
    pub skipped: usize,
    /// Example rows of a template, which are never imported.
    pub examples: usize,
    /// Each way in which a cell was understood as something else than it says, once.
    pub interpretations: Vec<Interpretation>,
    /// What someone who imports should know; nothing of it stops the import.
    pub remarks: Vec<Remark>,
    /// The e-mail addresses and telephone numbers that were let through.
    pub let_through: BTreeSet<String>,
    /// The table with its ids filled in, where it was asked for.
    pub table: Option<super::Table>,
}

/// Opens the file of that name beside the one that is read; none when there is none.
pub type Beside<'a> = dyn Fn(&str) -> io::Result<Option<Box<dyn BufRead + 'a>>> + 'a;
