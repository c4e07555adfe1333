//! Which record a draft is about, and whether it says anything new.

use wpsx_client::random::Random;
use wpsx_proto::{
    envelope::{Leaf, Operation, Reason},
    index::LeafIndex,
    origin::RecordId,
    payload::{SALT, SlotState},
};
use wpsx_store::{LogHandle, NewEntry, RecordTarget};
use wpsx_views::Views;

use super::{
    draft::{Draft, Published},
    extent::{Extent, lay},
    licence::licensed,
};
use crate::error::NodeError;

/// What has to be done for a draft.
pub(super) enum Resolved {
    /// Nothing: the log says the same.
    Unchanged(Published),
    /// This entry.
    Entry(NewEntry),
}

/// What becomes of a draft whose record was withdrawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Withdrawn {
    /// It is published again.
    Reinstated,
    /// It stays withdrawn.
    Left,
}

/// Finds the draft's record in `log`, which the views show whole.
///
/// # Errors
/// The record is not in the log, or its external id names several.
pub(super) fn resolve(
    views: &Views,
    log: &LogHandle,
    random: &Random,
    mut draft: Draft,
    withdrawn: Withdrawn,
    licence: Option<&str>,
) -> Result<Resolved, NodeError> {
    let known = match draft.record_id {
        Some(id) => {
            if views.latest(log.number(), &id)?.is_none() {
                return Err(NodeError::not_found("record", id));
            }
            Some(id)
        }
        None if draft.external_id.is_empty() => None,
        None => named(views, log, &draft.external_id)?,
    };
    let target = match known {
        None => {
            draft = licensed(draft, licence);
            RecordTarget::New(RecordId::from_bytes(random.bytes()))
        }
        Some(id) => {
            draft = licensed(over_current(views, log, &id, draft)?, licence);
            if let Some(published) = unchanged(views, log, &id, &draft)? {
                return Ok(Resolved::Unchanged(published));
            }
            if withdrawn == Withdrawn::Left
                && let Some(gone) = gone(views, log, &id)?
            {
                return Ok(Resolved::Unchanged(gone));
            }
            RecordTarget::Existing(id)
        }
    };
    Ok(Resolved::Entry(NewEntry {
        target,
        operation: Operation::Publish,
        kind: draft.kind,
        payload: Some(draft.payload),
        reason: Reason::Unspecified,
        salt: random.bytes(),
    }))
}

/// The kind that an entry names; 0 where it cannot be read.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn kind_of(log: &LogHandle, index: LeafIndex) -> Result<u32, NodeError> {
    let entry = log.entry(index)?;
    Ok(match Leaf::read(&entry) {
        Leaf::Known(envelope) => envelope.kind,
        _ => 0,
    })
}

/// The record that has an external id in this log.
fn named(views: &Views, log: &LogHandle, name: &str) -> Result<Option<RecordId>, NodeError> {
    match views.by_external_id(log.number(), name)?.as_slice() {
        [] => Ok(None),
        [record] => Ok(Some(*record)),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            let reason = format!(
                "{name} names {} records here: {}; erase all but one, or name the record by its id",
                several.len(),
                ids.join(", ")
            );
            Err(NodeError::invalid("external_id", reason))
        }
    }
}

/// The draft with all that its record says, where it speaks of some fields alone. A
/// record that is not current says nothing that could stay.
fn over_current(
    views: &Views,
    log: &LogHandle,
    id: &RecordId,
    mut draft: Draft,
) -> Result<Draft, NodeError> {
    let Extent::Fields(fields) = &draft.extent else {
        return Ok(draft);
    };
    let latest = views.latest(log.number(), id)?;
    let Some(latest) = latest.filter(|latest| latest.current) else {
        return Ok(draft);
    };
    let index = LeafIndex::new(latest.index);
    if kind_of(log, index)? != draft.kind {
        return Ok(draft);
    }
    if let (SlotState::Full, Some(slot)) = log.slot(index)? {
        let current = slot.get(SALT..).unwrap_or_default();
        let laid = lay(draft.kind, current, &draft.payload, fields).map_err(|rules| {
            let reason = format!(
                "{}, with what the record says already: {rules}",
                draft.external_id
            );
            NodeError::invalid("drafts", reason)
        })?;
        if let Some(laid) = laid {
            draft.payload = laid.payload().clone();
        }
    }
    draft.extent = Extent::Whole;
    Ok(draft)
}

/// What stands in the log already, if the draft says the same.
fn unchanged(
    views: &Views,
    log: &LogHandle,
    id: &RecordId,
    draft: &Draft,
) -> Result<Option<Published>, NodeError> {
    let latest = views.latest(log.number(), id)?;
    let Some(latest) = latest.filter(|latest| latest.current) else {
        return Ok(None);
    };
    let index = LeafIndex::new(latest.index);
    let (state, slot) = log.slot(index)?;
    let same_kind = kind_of(log, index)? == draft.kind;
    let same = state == SlotState::Full
        && slot.is_some_and(|slot| slot.get(SALT..) == Some(draft.payload.as_ref()));
    Ok((same && same_kind).then_some(Published {
        record_id: Some(*id),
        index: latest.index,
        revision: latest.revision,
        unchanged: true,
        left_withdrawn: false,
    }))
}

/// What stands in the log of a record that is not current any more.
fn gone(views: &Views, log: &LogHandle, id: &RecordId) -> Result<Option<Published>, NodeError> {
    let latest = views.latest(log.number(), id)?;
    Ok(latest
        .filter(|latest| !latest.current)
        .map(|latest| Published {
            record_id: Some(*id),
            index: latest.index,
            revision: latest.revision,
            unchanged: true,
            left_withdrawn: true,
        }))
}
