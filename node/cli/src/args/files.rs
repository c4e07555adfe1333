//! What can be typed about files of records.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wpsx_words::Language;

use super::{
    reading::{AskArgs, FolderArgs},
    values::kind,
};

/// `wpsx export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Which.
    #[command(flatten)]
    pub ask: AskArgs,
    /// Where from.
    #[command(flatten)]
    pub folder: FolderArgs,
    /// The form of the file [default: told by the name of the file, or csv]
    #[arg(long, value_enum)]
    pub format: Option<FormatArg>,
    /// The file to write; without it, the text is printed
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// The form of a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Comma-separated values
    Csv,
    /// A workbook
    Xlsx,
    /// One record a line
    Jsonl,
}

/// `wpsx template`
#[derive(Debug, Args)]
pub struct TemplateArgs {
    /// The kind, such as national-action-plan
    #[arg(value_parser = kind)]
    pub kind: u32,
    /// The form of the file [default: told by the name of the file, or xlsx]
    #[arg(long, value_enum)]
    pub format: Option<BlankFormatArg>,
    /// The language of the explanations and of the texts that will be filled in: ar, en, es,
    /// fr, ru or zh
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub language: Language,
    /// The file to write [default: KIND.xlsx or KIND.csv]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// The form of a blank table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BlankFormatArg {
    /// A workbook with explanations and drop-downs
    Xlsx,
    /// Comma-separated values: the header row and the example
    Csv,
}

/// `wpsx map`
#[derive(Debug, Args)]
pub struct MapArgs {
    /// The file whose columns are to become fields: .csv, .xlsx, .ods, .jsonl or .json
    pub file: PathBuf,
    /// The kind that its rows are of
    #[arg(long, value_parser = kind)]
    pub kind: u32,
    /// The encoding of a text file, such as windows-1252 [default: UTF-8, or what its mark says]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// The sheet of a workbook, by name or number [default: the first with known columns]
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,
    /// The mapping's file to write, such as ministry.toml; without it, the mapping is printed
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// `wpsx fields`
#[derive(Debug, Args)]
pub struct FieldsArgs {
    /// The kind, such as national-action-plan
    #[arg(value_parser = kind)]
    pub kind: u32,
    /// The language of labels and help: ar, en, es, fr, ru or zh
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub language: Language,
    /// Also the parts of parts, which templates leave out
    #[arg(long)]
    pub all: bool,
}
