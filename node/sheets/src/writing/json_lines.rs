//! One record a line, with its id and the revision it was made from beside it.

use std::io::Write;

use serde_json::{Value as Json, json};
use wpsx_proto::record::{Reading, Record};

use super::{outcome::ExportError, spool::Row};
use crate::marks::{RECORD_ID_COLUMN, REVISION_COLUMN};

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
    let mut line = serde_json::Map::new();
    if !row.record_id.is_empty() {
        line.insert(RECORD_ID_COLUMN.into(), row.record_id.as_str().into());
    }
    if row.revision != 0 {
        line.insert(REVISION_COLUMN.into(), row.revision.into());
    }
    if !row.publisher.is_empty() {
        line.insert("publisher".into(), row.publisher.as_str().into());
    }
    line.insert("kind".into(), record.kind().to_string().into());
    line.insert("record".into(), shown);
    let has_unread = unread.is_some();
    if let Some(unread) = unread {
        line.insert("unread_fields".into(), unread);
    }
    let line: Json = json!(line);
    serde_json::to_writer(&mut *out, &line).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(has_unread)
}
