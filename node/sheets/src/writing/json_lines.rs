//! One record a line, in the JSON form of the schema, as an import reads it. It is found
//! again by its `external_id`.

use std::io::Write;

use wpsx_proto::record::{Reading, Record};

use super::{outcome::ExportError, spool::Row};

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
    serde_json::to_writer(&mut *out, &shown).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(unread.is_some())
}
