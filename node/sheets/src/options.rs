//! How a file is read, and what it was found to hold.

use std::io::{self, BufRead};

use wpsx_proto::record::Kind;

use wpsx_domain::publishing::Draft;

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
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// One for each record, in the order of the file.
    pub drafts: Vec<Draft>,
    /// Rows that the profile leaves out, such as those of other kinds.
    pub skipped: usize,
    /// What someone who imports should know, in sentences.
    pub remarks: Vec<String>,
}

/// Opens the file of that name beside the one that is read; none when there is none.
pub type Beside<'a> = dyn Fn(&str) -> io::Result<Option<Box<dyn BufRead + 'a>>> + 'a;
