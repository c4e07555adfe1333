//! The languages of a text have no order of their own: who hands a record in again in
//! another one has changed nothing.

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};

/// Puts the texts of `new` in the order that their languages have in `old`.
pub(super) fn keep_order(old: &DynamicMessage, new: &mut DynamicMessage) {
    let fields: Vec<FieldDescriptor> = old.fields().map(|(field, _)| field).collect();
    for field in &fields {
        if !new.has_field(field) {
            continue;
        }
        match (&*old.get_field(field), new.get_field_mut(field)) {
            (Value::Message(old), Value::Message(new)) => keep_order(old, new),
            (Value::List(old), Value::List(new)) => in_list(old, new),
            _ => {}
        }
    }
}

fn in_list(old: &[Value], new: &mut [Value]) {
    let order: Vec<String> = old.iter().filter_map(language_of).collect();
    if order.is_empty() {
        for (old, new) in old.iter().zip(new) {
            if let (Some(old), Some(new)) = (old.as_message(), new.as_message_mut()) {
                keep_order(old, new);
            }
        }
        return;
    }
    // Languages that are new come last, as they stand.
    new.sort_by_key(|text| {
        let language = language_of(text);
        let at = order
            .iter()
            .position(|known| Some(known) == language.as_ref());
        at.unwrap_or(order.len())
    });
}

/// The language, where the value is a text in one.
fn language_of(value: &Value) -> Option<String> {
    language_in(value.as_message()?)
}

/// The language, where the message is a text in one.
pub(super) fn language_in(message: &DynamicMessage) -> Option<String> {
    if message.descriptor().name() != "Text" {
        return None;
    }
    let language = message.get_field_by_name("language")?;
    language.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use wpsx_proto::record::{Record, schema::record_message};

    use super::*;

    #[test]
    fn languages_in_another_order_are_no_change() {
        let read = |titles: &str, notes: &str| {
            let json = format!(
                r#"{{"title": [{titles}],
                    "national_action_plan": {{"period": {{"note": [{notes}]}}}}}}"#
            );
            let record = Record::from_json(&json).unwrap();
            DynamicMessage::decode(record_message(), record.payload().clone()).unwrap()
        };
        let text = |tag: &str| format!(r#"{{"language": "{tag}", "text": "{tag}"}}"#);
        let texts = |tags: &[&str]| {
            tags.iter()
                .map(|tag| text(tag))
                .collect::<Vec<_>>()
                .join(",")
        };
        let old = read(&texts(&["fr", "en", "ar"]), &texts(&["zh", "en"]));
        let mut new = read(&texts(&["ar", "en", "fr"]), &texts(&["en", "zh"]));
        keep_order(&old, &mut new);
        assert_eq!(new, old);
        let mut more = read(&texts(&["es", "en", "fr"]), &texts(&["en", "zh"]));
        keep_order(&old, &mut more);
        let wanted = read(&texts(&["fr", "en", "es"]), &texts(&["zh", "en"]));
        assert_eq!(more, wanted);
    }
}
