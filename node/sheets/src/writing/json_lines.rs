//! One record a line: its id and its revision as `wpsx get --json` has them, and the record
//! in the JSON form of the schema. So an import finds it again, and an edit that starts from
//! an older revision is noticed.

use std::io::Write;

use serde_json::json;
use wpsx_proto::record::{Kind, Reading, Record};

use super::{outcome::ExportError, spool::Row};
use crate::marks::{KIND_COLUMN, PROVENANCE_NAMES};

/// Writes the line; true if the record has fields that this software does not know.
pub(super) fn write(row: &Row, out: &mut dyn Write) -> Result<bool, ExportError> {
    let wrong = |reason: String| ExportError::Record {
        record: row.record_id.clone(),
        reason,
    };
    let record = match Record::read(row.kind, &row.payload) {
        Reading::Readable(record) => record,
        Reading::NewerKind { kind, .. } => return Err(wrong(format!("{kind} is not known"))),
        Reading::Malformed(reason) => return Err(wrong(reason)),
    };
    let mut shown = record.to_json();
    let unread = shown
        .as_object_mut()
        .and_then(|shown| shown.remove("unread_fields"));
    let mut line = json!({
        "id": (!row.record_id.is_empty()).then_some(&row.record_id),
        "revision": (row.revision > 0).then_some(row.revision),
        KIND_COLUMN: Kind::new(row.kind).to_string(),
        "record": shown,
    });
    for (name, text) in PROVENANCE_NAMES.iter().zip(row.published.cells()) {
        if !text.is_empty() {
            line[*name] = text.into();
        }
    }
    serde_json::to_writer(&mut *out, &line).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(unread.is_some())
}
