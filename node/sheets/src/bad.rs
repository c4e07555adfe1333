//! What is wrong in a file: all of it at once, each with its place.

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

/// serde_json's sentence without the place, which is told apart from it.
pub(super) fn reason_alone(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
