//! What operations mean for a record.

use wpsx_proto::envelope::Operation;

/// What operations mean for a record.
pub(crate) trait OperationMeaning {
    /// Whether the entry is one of a record's, and not of the log's own affairs.
    fn is_about_a_record(&self) -> bool;
    /// Whether a record is current after it.
    fn is_current(&self) -> bool;
    /// Whether it destroys what earlier payloads said.
    fn erases(&self) -> bool;
}

impl OperationMeaning for Operation {
    fn is_about_a_record(&self) -> bool {
        !matches!(self, Self::Key | Self::Group | Self::Snapshot)
    }

    fn is_current(&self) -> bool {
        matches!(self, Self::Publish)
    }

    fn erases(&self) -> bool {
        matches!(self, Self::Erase)
    }
}
