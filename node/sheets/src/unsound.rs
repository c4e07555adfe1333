//! A row that is no sound record: what is wrong with it, and what the rest of it says.

use wpsx_proto::record::Record;

use super::bad::BadRow;

/// What is wrong with a row.
#[derive(Debug, Default)]
pub(super) struct Unsound {
    pub(super) bad: Vec<BadRow>,
    /// What the rest of the row says, to be looked through too; none where nobody can tell.
    pub(super) rest: Option<Box<Record>>,
}

impl From<Vec<BadRow>> for Unsound {
    fn from(bad: Vec<BadRow>) -> Self {
        Self { bad, rest: None }
    }
}

impl From<BadRow> for Unsound {
    fn from(bad: BadRow) -> Self {
        vec![bad].into()
    }
}
