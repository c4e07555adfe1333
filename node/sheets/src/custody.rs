//! Records that are kept for somebody else, and records as drafts.

use wpsx_proto::{api::record::v1 as api, record::Record};

use wpsx_domain::publishing::{Draft, Extent};

/// Marks a record as kept for its countries, or else for its organisations.
pub fn hold_in_custody(record: &mut api::Record) {
    let bodies = if record.countries.is_empty() {
        record.organisations.clone()
    } else {
        Vec::new()
    };
    record.custody = Some(api::Custody {
        countries: record.countries.clone(),
        bodies,
        ..Default::default()
    });
}

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
