//! A record that stands in a file as a whole, in JSON.

use wpsx_domain::publishing::remedy_of;
use wpsx_proto::record::{Record, RuleError, normal_external_id};

use crate::{
    bad::{BadRow, JSON_REMEDY, NO_ID},
    judged::{Broken, Judged},
    keys::check_keys,
};

/// Reads it. `has_id`: the exchange's own id stands beside it, so that it is found again
/// without a name of its own.
pub(super) fn read_object(line: u64, object: &str, has_id: bool) -> Result<Judged, BadRow> {
    check_keys(line, object)?;
    let record = Record::from_json(object).map_err(|error| {
        let (further, column, reason) = split_place(&error.reason);
        BadRow::at(line + further, column, reason).remedy(JSON_REMEDY)
    })?;
    let broken = |error: RuleError| {
        let remedy = remedy_of(&error);
        BadRow::at(line, &error.field, error.reason).remedy(remedy)
    };
    let record = with_normal_id(record).map_err(broken)?;
    let mut bad = Vec::new();
    if record.message().external_id.is_empty() && !has_id {
        bad.push(BadRow::at(line, "external_id", NO_ID).remedy("give it one"));
    }
    let rules = record.check().err().into_iter().flatten();
    let rules = rules.map(|error| Broken {
        field: error.field.clone(),
        bad: broken(error),
    });
    let broken = rules.collect();
    Ok(Judged {
        record,
        bad,
        broken,
        laid: Vec::new(),
    })
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
