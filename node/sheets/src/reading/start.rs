//! What a row says of the record that it is about: its id, and where it was exported from.

use wpsx_proto::origin::RecordId;

use crate::{
    bad::BadRow,
    cells::key_of,
    marks::{ID_COLUMN, RECORD_ID_COLUMN, REVISION_COLUMN},
    row::{Content, Row},
};

/// What a row says as its id.
pub(super) fn id_of(row: &Row) -> String {
    match &row.content {
        Content::Cells(cells) => key_of(cells, ID_COLUMN),
        Content::Object(object) => {
            #[derive(serde::Deserialize)]
            struct Named {
                #[serde(alias = "externalId")]
                external_id: String,
            }
            let named: Option<Named> = serde_json::from_str(object).ok();
            named.map(|named| named.external_id).unwrap_or_default()
        }
    }
}

/// The record and the revision that a row was exported from.
pub(super) fn start_of(row: &Row) -> Result<(Option<RecordId>, Option<u32>), BadRow> {
    let (id, revision) = &row.from;
    let wrong = |column: &str, text: &str, form: &str| {
        let bad = BadRow::at(row.line, column, format!("{text:?} is no {form}"));
        bad.holding(text)
            .remedy("leave it as it was exported, or empty it")
    };
    let record_id = match id.as_str() {
        "" => None,
        text => {
            let read = text.parse::<RecordId>();
            Some(read.map_err(|_| wrong(RECORD_ID_COLUMN, text, "record's id"))?)
        }
    };
    let revision = match revision.as_str() {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| wrong(REVISION_COLUMN, text, "revision"))?,
        ),
    };
    Ok((record_id, revision))
}
