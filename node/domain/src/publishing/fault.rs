//! Why drafts are refused: each fault with its place, what the rule is and what to do.

use std::{collections::BTreeSet, fmt};

use wpsx_proto::record::RuleError;

use super::place::{Columns, Place};

/// Faults that are told one by one; more are counted.
pub const MOST_FAULTS: usize = 1_000;
/// Characters of a value that are shown.
const MOST_VALUE: usize = 80;
/// Faults in the sentence about all of them.
const IN_SENTENCE: usize = 20;

/// One thing wrong with a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// The draft's number in its batch, from 0.
    pub draft: usize,
    /// The path of the field; empty: the draft as a whole.
    pub field: String,
    /// Where the draft stands in a file.
    pub place: Option<Place>,
    /// The file's column, where the caller named it.
    pub column: String,
    /// What the draft says there, shortened.
    pub value: String,
    /// What is wrong with it.
    pub rule: String,
    /// What would help.
    pub remedy: String,
    /// The draft would remove a value, which its batch forbids.
    pub removes: bool,
}

impl Fault {
    /// A fault of the draft as a whole.
    pub(super) fn of(draft: usize, rule: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            draft,
            rule: rule.into(),
            remedy: remedy.into(),
            ..Self::default()
        }
    }

    /// The same at a field.
    #[must_use]
    pub(super) fn at(mut self, field: impl Into<String>, value: &str) -> Self {
        self.field = field.into();
        self.value = match value.char_indices().nth(MOST_VALUE) {
            Some((end, _)) => format!("{}…", &value[..end]),
            None => value.to_owned(),
        };
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) if place.line > 0 => write!(f, "{}:{}", place.file, place.line)?,
            Some(place) => write!(f, "{}: record {}", place.file, self.draft + 1)?,
            None => write!(f, "record {}", self.draft + 1)?,
        }
        let column = if self.column.is_empty() {
            &self.field
        } else {
            &self.column
        };
        if !column.is_empty() {
            write!(f, ": {column}")?;
        }
        write!(f, ": {}", self.rule)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

/// What to do where a rule of records is broken.
#[must_use]
pub fn remedy_of(error: &RuleError) -> &'static str {
    match error.reason.as_str() {
        "is missing" => "fill it in",
        "holds a control character" => "delete it and write the text anew",
        reason if reason.contains("at most") => "shorten it, or split it",
        reason if reason.contains("before it starts") => "correct one of the two dates",
        _ => "correct it",
    }
}

/// All that is wrong with a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first ones, in the order of the drafts.
    pub told: Vec<Fault>,
    /// How many there are in all.
    pub count: usize,
    /// The drafts that have any, also those of which none is told.
    drafts: BTreeSet<usize>,
}

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.count += 1;
        self.drafts.insert(fault.draft);
        // A draft that is refused is never untold: the last one may have several faults.
        if self.told.len() < MOST_FAULTS {
            self.told.push(fault);
        }
    }

    /// Something is wrong with the draft, told or not.
    pub(super) fn has(&self, draft: usize) -> bool {
        self.drafts.contains(&draft)
    }

    /// True where nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Puts them in the order of the drafts, with the places that the drafts say.
    pub(super) fn placed(&mut self, drafts: &[Option<Place>], columns: &Columns) {
        self.told.sort_by_key(|fault| fault.draft);
        for fault in &mut self.told {
            let of_draft = || drafts.get(fault.draft).cloned().flatten();
            fault.place = fault.place.take().or_else(of_draft);
            if let Some(column) = columns.get(&fault.field) {
                fault.column.clone_from(column);
            }
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.told.iter().take(IN_SENTENCE).enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{fault}")?;
        }
        match self.count.saturating_sub(IN_SENTENCE.min(self.told.len())) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}
