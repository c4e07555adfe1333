//! A table as it stood in the file, to be handed back with its ids filled in.

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows above the header row, the header row, and those below.
    pub rows: Vec<Vec<String>>,
    /// The place of the header row in `rows`.
    pub header: usize,
    /// The place of the id's column in each row.
    pub id_column: usize,
}
