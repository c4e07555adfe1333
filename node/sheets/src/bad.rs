//! What is wrong in a file: all of it at once, each with its place.

use std::{fmt, io};

use wpsx_proto::record::RuleError;

/// Bad rows that are named; more are counted.
pub const MAX_NAMED: usize = 100;

/// One thing wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Another file than the one that is imported.
    pub file: Option<Box<str>>,
    /// Counted from 1.
    pub line: u64,
    /// The column's name, the field's path, or a position in the line; may be empty.
    pub column: String,
    /// What stands there; empty where nothing does, or where a whole row is meant.
    pub value: String,
    /// What is wrong: the rule that is broken.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

/// A fault of which nobody has said yet what to do about it.
pub(super) struct WithoutRemedy(BadRow);

impl BadRow {
    pub(super) fn at(line: u64, column: &str, reason: impl Into<String>) -> WithoutRemedy {
        WithoutRemedy(Self {
            file: None,
            line,
            column: column.to_owned(),
            value: String::new(),
            reason: reason.into(),
            remedy: String::new(),
        })
    }
}

impl WithoutRemedy {
    /// Tells the file, where it is another one than that which is imported.
    pub(super) fn in_file(mut self, file: Option<&str>) -> Self {
        self.0.file = file.map(Into::into);
        self
    }

    /// Tells what stands there, shortened to what fits in a line.
    pub(super) fn holding(mut self, value: &str) -> Self {
        self.0.value = shortened(value);
        self
    }

    /// Tells what to do: then the fault can be told.
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> BadRow {
        self.0.remedy = remedy.into();
        self.0
    }
}

/// What the rules say of a field that must be filled.
pub(super) const MISSING: &str = "is missing";

/// What is wrong with a row that says no id.
pub(super) const NO_ID: &str = "is missing; a second import finds the record by it";
/// What to do about it.
pub(super) const NO_ID_REMEDY: &str = "fill it in, or name columns that make it: --ids-from";

/// What to do where a rule between fields is broken.
pub(super) fn remedy_of(error: &RuleError) -> &'static str {
    match error.reason.as_str() {
        MISSING => "fill it in",
        "holds a control character" => "delete it and write the text anew",
        reason if reason.contains("at most") => "shorten it, or split it",
        reason if reason.contains("before it starts") => "correct one of the two dates",
        _ => "correct it",
    }
}

/// What to do where JSON is none, or says what the schema does not.
pub(super) const JSON_REMEDY: &str =
    "correct the JSON there; wpsx get --json shows a record as it is written";

/// The first words of a text, for a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why nothing of a file went in.
#[derive(Debug, thiserror::Error)]
pub enum ImportErrors {
    /// The file cannot be opened.
    #[error("cannot open {file}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The caller asks for what there is not.
    #[error("{0}")]
    Usage(String),
    /// Rows that are not sound.
    #[error(fmt = list_bad)]
    Rows {
        /// The file.
        file: String,
        /// The first hundred, in the order of the file.
        bad: Vec<BadRow>,
        /// How many there are in all.
        count: usize,
        /// What else is to be known of the file as a whole: a title above its header row.
        said: Vec<String>,
    },
}

fn list_bad(
    file: &str,
    bad: &[BadRow],
    count: &usize,
    said: &[String],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (at, row) in bad.iter().enumerate() {
        if at > 0 {
            f.write_str("\n")?;
        }
        write!(f, "{}:{}:", row.file.as_deref().unwrap_or(file), row.line)?;
        if !row.column.is_empty() {
            write!(f, "{}:", row.column)?;
        }
        write!(f, " {}; {}", row.reason, row.remedy)?;
    }
    if *count > bad.len() {
        write!(f, "\n… and {} more", count - bad.len())?;
    }
    for sentence in said {
        write!(f, "\n{file}: {sentence}")?;
    }
    Ok(())
}

/// serde_json's sentence without the place, which is told apart from it.
pub(super) fn reason_alone(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
