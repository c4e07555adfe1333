//! Withdrawing and erasing: what stands in the log of a record before it goes.

use bytes::Bytes;
use wpsx_proto::{
    envelope::{Leaf, Operation},
    index::LeafIndex,
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

/// The payloads of the record that are here, from its newest entry backwards.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn revisions_held(
    log: &LogHandle,
    newest: LeafIndex,
) -> Result<Vec<Payload>, NodeError> {
    let mut held = Vec::new();
    let mut at = Some(newest);
    while let Some(index) = at {
        let entry = log.entry(index)?;
        let Leaf::Known(envelope) = Leaf::read(&entry) else {
            break;
        };
        if envelope.operation == Operation::Erase {
            break;
        }
        if let (SlotState::Full, Some(slot)) = log.slot(index)? {
            held.push(Payload {
                kind: envelope.kind,
                bytes: slot.slice(SALT..),
            });
        }
        at = envelope.previous;
    }
    Ok(held)
}
