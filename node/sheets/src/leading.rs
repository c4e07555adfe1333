//! References that call a record by the id of its source, and the log that has it.
//!
//! A reference without a log is to a record of the log that it stands in. Where the records
//! of one file are published by several, it says so.

use prost_reflect::{DynamicMessage, ReflectMessage as _, Value, prost::Message as _};
use wpsx_domain::publishing::Draft;
use wpsx_proto::record::schema::record_message;

/// The draft with a log in each reference by a source's id for which `log_of` has one, and
/// that names none.
#[must_use]
pub fn lead(draft: Draft, log_of: &dyn Fn(&str) -> Option<String>) -> Draft {
    let Ok(mut record) = DynamicMessage::decode(record_message(), draft.payload.clone()) else {
        return draft;
    };
    match lead_in(&mut record, log_of) {
        true => Draft {
            payload: record.encode_to_vec().into(),
            ..draft
        },
        false => draft,
    }
}

/// Whether anything changed.
fn lead_in(message: &mut DynamicMessage, log_of: &dyn Fn(&str) -> Option<String>) -> bool {
    if message.descriptor().name() == "RecordReference" {
        return lead_one(message, log_of).is_some();
    }
    let mut changed = false;
    for (_, value) in message.fields_mut() {
        match value {
            Value::Message(inner) => changed |= lead_in(inner, log_of),
            Value::List(values) => {
                for value in values {
                    if let Value::Message(inner) = value {
                        changed |= lead_in(inner, log_of);
                    }
                }
            }
            _ => {}
        }
    }
    changed
}

fn lead_one(reference: &mut DynamicMessage, log_of: &dyn Fn(&str) -> Option<String>) -> Option<()> {
    if reference.has_field_by_name("origin") || reference.has_field_by_name("record_id") {
        return None;
    }
    let name = reference.get_field_by_name("external_id")?;
    let log = log_of(name.as_str()?)?;
    reference.set_field_by_name("origin", Value::String(log));
    Some(())
}
