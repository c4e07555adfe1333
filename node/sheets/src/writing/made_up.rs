//! Rows that tests write.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use wpsx_proto::record::Record;

use super::{Published, Row};

/// The third revision of a record, as a ministry published it.
pub(super) fn row(json: &str) -> Row {
    let record = Record::from_json(json).unwrap();
    Row {
        record_id: "00".repeat(16),
        revision: 3,
        kind: record.kind().number(),
        payload: record.payload().clone(),
        published: Published {
            by: "Ministry".to_owned(),
            origin: "min.example/public".to_owned(),
            time: "2026-11-28T09:30:00Z".to_owned(),
            address: "https://o.example/record/00/3".to_owned(),
            taken_back: String::new(),
            payload: String::new(),
        },
    }
}
