//! Where drafts stand in what a person handed in.

use std::{collections::BTreeMap, sync::Arc};

/// Where a draft stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the person knows it.
    pub file: Arc<str>,
    /// Counted from 1; 0 where the file has no lines.
    pub line: u64,
}

/// Names of columns, by the paths of their fields.
pub type Columns = BTreeMap<String, String>;
