//! What rows say as a record, with what is wrong with it.
//!
//! A cell that nobody understands is wrong whatever the record says elsewhere. A rule of records
//! is another thing: a row that speaks of some fields alone may break one that its record,
//! with the rest of what it says, keeps.

use wpsx_proto::record::{Record, RuleError};

use super::{bad::BadRow, laid::Laid};

/// A record as rows say it.
pub(super) struct Judged {
    pub(super) record: Record,
    /// What is wrong with cells.
    pub(super) bad: Vec<BadRow>,
    pub(super) broken: Vec<Broken>,
    /// Where the parts of its lists come from.
    pub(super) laid: Vec<Laid>,
}

/// A rule that a record breaks.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) field: String,
    /// The fault that it is.
    pub(super) bad: BadRow,
}

impl Broken {
    /// It is that rule, broken there. The same text may stand at another place in the list of
    /// the record that it becomes part of.
    pub(super) fn is(&self, field: &str, rule: &str) -> bool {
        let place = |path: &str| path.replace(|c: char| c.is_ascii_digit(), "");
        self.bad.reason == rule && place(&self.field) == place(field)
    }

    /// The same rule at the very same place.
    pub(super) fn is_same(&self, error: &RuleError) -> bool {
        self.field == error.field && self.bad.reason == error.reason
    }
}
