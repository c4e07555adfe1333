//! What a log says of a record at one of its entries.

use bytes::Bytes;
use wpsx_proto::{
    envelope::{Envelope, Leaf},
    index::LeafIndex,
    payload::{SALT, SlotState},
};
use wpsx_store::LogHandle;
use wpsx_views::Latest;

use crate::error::NodeError;

/// A record at one of its entries.
pub(super) struct Standing {
    /// The kind that the entry names; 0 where it cannot be read.
    pub(super) kind: u32,
    /// What it says; none where its payload is not here.
    pub(super) payload: Option<Bytes>,
    /// When it was published; 0 where nobody can tell.
    pub(super) publish_time: u64,
}

impl Standing {
    /// At the newest entry that published it: of one that was taken back, what it said last.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub(super) fn read(log: &LogHandle, latest: &Latest) -> Result<Self, NodeError> {
        let newest = LeafIndex::new(latest.index);
        let mut at = Some(newest);
        while let Some(index) = at {
            let Some(envelope) = envelope(log, index)? else {
                break;
            };
            if envelope.operation.publishes() {
                return Ok(Self {
                    kind: envelope.kind,
                    payload: payload(log, index)?,
                    publish_time: envelope.publish_time,
                });
            }
            // A link that does not lead back would never end.
            at = envelope.previous.filter(|previous| *previous < index);
        }
        Ok(Self {
            kind: kind_of(log, newest)?,
            payload: None,
            publish_time: 0,
        })
    }

    /// At the entry of an older revision, found by the links of our own log; none if it
    /// published nothing, or there is no such revision.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub(super) fn of_revision(
        log: &LogHandle,
        latest: &Latest,
        revision: u32,
    ) -> Result<Option<Self>, NodeError> {
        let mut at = Some(LeafIndex::new(latest.index));
        while let Some(index) = at {
            let Some(envelope) = envelope(log, index)? else {
                return Ok(None);
            };
            if envelope.revision <= revision {
                let found = envelope.revision == revision && envelope.operation.publishes();
                return match found {
                    true => Ok(Some(Self {
                        kind: envelope.kind,
                        payload: payload(log, index)?,
                        publish_time: envelope.publish_time,
                    })),
                    false => Ok(None),
                };
            }
            // A link that does not lead back would never end.
            at = envelope.previous.filter(|previous| *previous < index);
        }
        Ok(None)
    }
}

/// The kind that an entry names; 0 where it cannot be read.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn kind_of(log: &LogHandle, index: LeafIndex) -> Result<u32, NodeError> {
    Ok(envelope(log, index)?.map_or(0, |envelope| envelope.kind))
}

/// An entry, where this software can read it.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn envelope(log: &LogHandle, index: LeafIndex) -> Result<Option<Envelope>, NodeError> {
    let entry = log.entry(index)?;
    Ok(match Leaf::read(&entry) {
        Leaf::Known(envelope) => Some(envelope),
        _ => None,
    })
}

/// The payload of an entry, where it is here.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn payload(log: &LogHandle, index: LeafIndex) -> Result<Option<Bytes>, NodeError> {
    Ok(match log.slot(index)? {
        (SlotState::Full, Some(slot)) if slot.len() >= SALT => Some(slot.slice(SALT..)),
        _ => None,
    })
}
