//! What a command wants to see of a node that does not run.

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Logs, peers, keys: no records.
    Logs,
    /// How many records there are.
    Counts,
    /// Records.
    Records,
}
