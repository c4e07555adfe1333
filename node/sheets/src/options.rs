//! How a file is read.

use std::{
    collections::BTreeSet,
    io::{self, BufRead},
    path::PathBuf,
    sync::Arc,
};

use wpsx_proto::record::Kind;
use wpsx_words::Vocabularies;

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of a shipped profile, or the path of a TOML file; none: the one
    /// that the columns tell, or else field paths.
    pub profile: Option<String>,
    /// The kind of all rows, for a file of field paths without a column `kind`.
    pub kind: Option<Kind>,
    /// Its records are handed in to be held in custody for others.
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
    /// Leave to who publishes the drafts what depends on their records: whether a contact is in
    /// public already, and whether a rule that a row breaks is kept with what its record says
    /// elsewhere. Without it these are faults of the file.
    pub publisher_judges: bool,
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

/// Opens the file of that name beside the one that is read; none when there is none.
pub type Beside<'a> = dyn Fn(&str) -> io::Result<Option<Box<dyn BufRead + 'a>>> + 'a;
