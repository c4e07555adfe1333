//! What can be typed to say how a file of records is read.

use std::path::PathBuf;

use clap::Args;

/// How a file is read.
#[derive(Debug, Clone, Default, Args)]
pub struct FileArgs {
    /// The encoding of a text file, such as windows-1252 [default: UTF-8, or what its mark says]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// The sheet of a workbook, by name or number [default: the first with known columns]
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// How rows without an id get one, such as 'nap-{countries|lower}-{edition.order}'
    #[arg(long, value_name = "TEMPLATE")]
    pub ids_from: Option<String>,
    /// Write the table with its ids filled in to this CSV file, to go on with from now on
    #[arg(long, value_name = "OUT")]
    pub write_ids: Option<PathBuf>,
    /// Replace the file of --write-ids if it is there
    #[arg(long, requires = "write_ids")]
    pub force: bool,
}
