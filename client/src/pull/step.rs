//! What a pull yields.

use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
};

/// One verified step, in order.
#[derive(Debug)]
pub enum Step {
    /// The checkpoint that the following packages are proven against. It extends
    /// what was held. Keep it before storing what follows.
    Target(VerifiedCheckpoint),
    /// The next entries, with their payloads.
    Package {
        /// The entries, proven to be part of the target.
        package: VerifiedPackage,
        /// Their payloads as far as they were asked for, checked against the entries.
        frames: Vec<VerifiedFrame>,
        /// What the payload slots are that no frame covers.
        uncovered: SlotState,
    },
    /// Every entry of this checkpoint has been yielded or was held before.
    Head(VerifiedCheckpoint),
}
