//! Records as drafts.

use wpsx_proto::record::Record;

use wpsx_domain::publishing::{Draft, Extent};

/// A checked record as a draft that the publisher's log looks up by its external id.
#[must_use]
pub fn draft(record: &Record) -> Draft {
    Draft {
        record_id: None,
        kind: record.kind().number(),
        payload: record.payload().clone(),
        external_id: record.message().external_id.clone(),
        extent: Extent::Whole,
        revision: None,
        place: None,
        suspects: Vec::new(),
        show: false,
    }
}
