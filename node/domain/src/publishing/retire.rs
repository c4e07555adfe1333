//! Withdrawing and erasing: what stands in the log of a record before it goes.

use wpsx_proto::{
    envelope::{Leaf, Operation},
    index::LeafIndex,
    origin::RecordId,
    payload::SlotState,
};
use wpsx_store::LogHandle;

use super::draft::Published;
use crate::error::NodeError;

/// The entry that did the same, or more, before.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn already_gone(
    log: &LogHandle,
    newest: LeafIndex,
    operation: Operation,
) -> Result<Option<Published>, NodeError> {
    let entry = log.entry(newest)?;
    let Leaf::Known(envelope) = Leaf::read(&entry) else {
        return Ok(None);
    };
    let gone = envelope.operation == operation || envelope.operation == Operation::Erase;
    Ok(gone.then(|| Published {
        unchanged: true,
        ..Published::of(newest, &envelope)
    }))
}

/// How many payloads of the record are here, whatever its entries say of each other.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn revisions_held(log: &LogHandle, record: &RecordId) -> Result<u64, NodeError> {
    let mut held = 0;
    for index in log.entries_of(&[*record])? {
        held += u64::from(log.slot(index)?.0 == SlotState::Full);
    }
    Ok(held)
}
