//! What can be asked, and what is told.

use std::collections::BTreeSet;

use wpsx_proto::envelope::Operation;

use crate::rows::row::{Newest, Row};

/// The logs that are asked, by number. None of them: nothing is told.
pub type Logs = BTreeSet<u32>;

/// The newest entry of a record in one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its index.
    pub index: u64,
    /// Its revision.
    pub revision: u32,
    /// What it did.
    pub operation: Operation,
    /// Whether the record is current: published, and not withdrawn, erased or superseded since.
    pub current: bool,
}

/// Which records to list. An empty list of kinds or countries means all of them; which
/// logs are asked is said apart, and never by leaving something out.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Any of these kinds.
    pub kinds: Vec<u32>,
    /// Any of these countries. Records whose payload is a hole have none.
    pub countries: Vec<String>,
    /// Also records whose newest entry ended them.
    pub include_withdrawn: bool,
}

/// How much is in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Current records.
    pub records: u64,
    /// Entries that this software cannot read: their leaf, or records of their kind.
    pub unreadable: u64,
}

impl Latest {
    pub(crate) fn of_newest(newest: Newest) -> Self {
        Self::of(newest.index, newest.revision, newest.operation)
    }

    pub(crate) fn of_row(row: &Row) -> Self {
        Self::of(row.index, row.revision, row.operation)
    }

    fn of(index: u64, revision: u32, operation: i32) -> Self {
        let operation = Operation::from(operation);
        let current = operation.publishes();
        Self {
            index,
            revision,
            operation,
            current,
        }
    }
}
