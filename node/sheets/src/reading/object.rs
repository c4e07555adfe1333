//! A record that stands in a file as a whole, in JSON.

use wpsx_proto::record::{Record, RuleError, normal_external_id};

use crate::{
    bad::{BadRow, NO_ID, remedy_of},
    keys::check_keys,
};

/// Reads it. `has_id`: the exchange's own id stands beside it, so that it is found again
/// without a name of its own.
pub(super) fn read_object(line: u64, object: &str, has_id: bool) -> Result<Record, Vec<BadRow>> {
    check_keys(line, object).map_err(|bad| vec![bad])?;
    let record = Record::from_json(object).map_err(|error| {
        let (further, column, reason) = split_place(&error.reason);
        vec![BadRow::new(line + further, column, reason)]
    })?;
    let record = with_normal_id(record)
        .map_err(|error| vec![BadRow::new(line, &error.field, error.reason)])?;
    if record.message().external_id.is_empty() && !has_id {
        let bad = BadRow::new(line, "external_id", NO_ID);
        return Err(vec![bad.remedy("give it one")]);
    }
    record.check().map_err(|errors| {
        errors
            .into_iter()
            .map(|error| {
                let remedy = remedy_of(&error);
                BadRow::new(line, &error.field, error.reason).remedy(remedy)
            })
            .collect::<Vec<_>>()
    })?;
    Ok(record)
}

/// What a file calls a record is published in its normal form.
pub(super) fn with_normal_id(record: Record) -> Result<Record, RuleError> {
    let name = normal_external_id(&record.message().external_id).into_owned();
    if name == record.message().external_id {
        return Ok(record);
    }
    record.with(|message| message.external_id = name)
}

/// `reason at line 1 column 7` as lines further down, column and reason.
fn split_place(text: &str) -> (u64, &str, &str) {
    let place = text.rfind(" at line ").and_then(|at| {
        let (line, column) = text[at + " at line ".len()..].split_once(" column ")?;
        let line: u64 = line.parse().ok()?;
        Some((line.saturating_sub(1), column, &text[..at]))
    });
    place.unwrap_or((0, "", text))
}
