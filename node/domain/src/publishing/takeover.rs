//! A record that was kept for others passes to their own publisher.
//!
//! Both sign: the new publisher's record names the old one in `takes_over`, and only then
//! does the old one's publisher end it with an entry that names the new one. So nobody
//! takes a record away from who publishes it, and none is ended for a record that is not
//! there: from then on it counts once.

use wpsx_proto::{
    index::LeafIndex,
    origin::{Origin, RecordId},
    payload::{SALT, SlotState},
    record::{Sense, Successor, Traits},
};
use wpsx_store::Store;
use wpsx_views::Views;

use super::standing::kind_of;
use crate::error::NodeError;

/// That `by` is current and says itself that it takes the place of `old`.
///
/// # Errors
/// It does not; the reason says who has to do what.
pub(super) fn agrees(
    by: &Successor,
    store: &Store,
    views: &Views,
    (origin, old): (&Origin, &RecordId),
) -> Result<(), NodeError> {
    let log = store
        .log(&by.origin)
        .ok_or_else(|| NodeError::not_found("log", &by.origin))?;
    let latest = views.latest(log.number(), &by.record_id)?;
    let Some(latest) = latest.filter(|latest| latest.current) else {
        return Err(NodeError::not_found(
            "record",
            format!("{} that is current in {}", by.record_id, by.origin),
        ));
    };
    let index = LeafIndex::new(latest.index);
    let named = match log.slot(index)? {
        (SlotState::Full, Some(slot)) => {
            let payload = slot.get(SALT..).unwrap_or_default();
            let traits = Traits::read(kind_of(&log, index)?, payload).unwrap_or_default();
            traits.references().iter().any(|reference| {
                reference.sense == Sense::TakesOver
                    && reference.record_id.as_ref() == Some(old)
                    && reference.origin.as_deref() == Some(origin.as_str())
            })
        }
        _ => false,
    };
    if named {
        return Ok(());
    }
    let reason = format!(
        "{} does not say that it takes over {old}; its publisher first publishes it with \
             takes_over of origin {origin} and record_id {old}",
        by.record_id
    );
    Err(NodeError::invalid("by", reason))
}
