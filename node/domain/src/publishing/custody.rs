//! Records that are kept for somebody else: for their countries, or else for their
//! organisations, as they will be once what a draft says is laid over them.

use wpsx_proto::{
    api::record::v1 as api,
    record::{Reading, Record},
};

use super::{
    draft::Draft,
    fault::{Fault, remedy_of},
};

const NOBODY: &str = "would be held in custody for nobody: it names no country and no organisation";
const NOBODY_REMEDY: &str =
    "say whose it is in countries or organisations, or hand it in without --in-custody";

/// Marks a record as kept for its countries, or else for its organisations. A custody that names
/// somebody is left as it is, whoever said it, and so is a record that names neither.
pub fn hold_in_custody(record: &mut api::Record) {
    if record.custody.as_ref().is_some_and(names_owner) {
        return;
    }
    let bodies = match record.countries.is_empty() {
        true => record.organisations.clone(),
        false => Vec::new(),
    };
    if record.countries.is_empty() && bodies.is_empty() {
        return;
    }
    // Who is to take it over and since when stay said.
    record.custody = Some(api::Custody {
        countries: record.countries.clone(),
        bodies,
        ..record.custody.take().unwrap_or_default()
    });
}

fn names_owner(custody: &api::Custody) -> bool {
    !custody.countries.is_empty() || !custody.bodies.is_empty()
}

/// The draft of a whole record, [marked](hold_in_custody) as kept for somebody else.
///
/// # Errors
/// The record names nobody for whom it could be kept.
pub(super) fn held(mut draft: Draft) -> Result<Draft, Box<Fault>> {
    let Reading::Readable(record) = Record::read(draft.kind, &draft.payload) else {
        return Ok(draft);
    };
    let held = record.with(hold_in_custody).map_err(|error| {
        let remedy = remedy_of(&error);
        Box::new(Fault::of(0, error.reason, remedy).at(error.field, ""))
    })?;
    let is_for_somebody =
        |custody: &api::Custody| names_owner(custody) || !custody.publisher.is_empty();
    if !held.message().custody.as_ref().is_some_and(is_for_somebody) {
        let fault = Fault::of(0, NOBODY, NOBODY_REMEDY);
        return Err(Box::new(fault.at("countries", "")));
    }
    draft.payload = held.payload().clone();
    Ok(draft)
}
