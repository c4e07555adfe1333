//! Withdrawing and erasing: what stands in the log of a record before it goes.

use bytes::Bytes;
use wpsx_proto::{
    envelope::{Leaf, Operation},
    index::LeafIndex,
    origin::RecordId,
    payload::{SALT, SlotState},
};
use wpsx_store::LogHandle;

use super::draft::Published;
use crate::error::NodeError;

/// A payload of a record that is to be erased.
pub(super) struct Payload {
    pub(super) kind: u32,
    pub(super) bytes: Bytes,
}

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

/// The payloads of the record that are here, whatever its entries say of each other.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn revisions_held(
    log: &LogHandle,
    record: &RecordId,
) -> Result<Vec<Payload>, NodeError> {
    let mut held = Vec::new();
    for index in log.entries_of(*record)? {
        let entry = log.entry(index)?;
        if let Leaf::Known(envelope) = Leaf::read(&entry)
            && let (SlotState::Full, Some(slot)) = log.slot(index)?
        {
            held.push(Payload {
                kind: envelope.kind,
                bytes: slot.slice(SALT..),
            });
        }
    }
    Ok(held)
}
