//! Fields that only newer software knows, kept by an editor that does not know them.
//!
//! They stay in the record, in each part that is one of its fields, in the texts of each
//! language, and in those parts of lists that nobody edited: parts of a list are known by
//! their order alone.

use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};

use super::text_order::language_in;

/// Puts what is unread in `old` into `new`, where `new` says nothing that is unread itself.
pub(super) fn keep_unread(old: &DynamicMessage, new: &mut DynamicMessage) {
    if !has_unread(old) {
        return;
    }
    if new.unknown_fields().next().is_none() && old.unknown_fields().next().is_some() {
        let mut unread = old.clone();
        for field in fields(old) {
            unread.clear_field(&field);
        }
        // They were read from bytes as they are written here.
        let _ = new.merge(unread.encode_to_vec().as_slice());
    }
    for field in fields(old) {
        if !new.has_field(&field) {
            continue;
        }
        match (&*old.get_field(&field), new.get_field_mut(&field)) {
            (Value::Message(old), Value::Message(new)) => keep_unread(old, new),
            (Value::List(old), Value::List(new)) => keep_in_list(old, new),
            _ => {}
        }
    }
}

fn keep_in_list(old: &[Value], new: &mut [Value]) {
    for (at, old) in old.iter().enumerate() {
        let Some(old) = old.as_message().filter(|old| has_unread(old)) else {
            continue;
        };
        let language = language_in(old);
        if language.is_some() {
            let mut texts = new.iter_mut().filter_map(Value::as_message_mut);
            if let Some(text) = texts.find(|text| language_in(text) == language) {
                keep_unread(old, text);
            }
        } else if let Some(new) = new.get_mut(at).and_then(Value::as_message_mut)
            && new.encode_to_vec() == without_unread(old).encode_to_vec()
        {
            *new = old.clone();
        }
    }
}

fn has_unread(message: &DynamicMessage) -> bool {
    let within = |value: &Value| match value {
        Value::Message(inner) => has_unread(inner),
        Value::List(items) => items.iter().filter_map(Value::as_message).any(has_unread),
        _ => false,
    };
    message.unknown_fields().next().is_some() || message.fields().any(|(_, value)| within(value))
}

fn without_unread(message: &DynamicMessage) -> DynamicMessage {
    let mut message = message.clone();
    message.take_unknown_fields().for_each(drop);
    for field in fields(&message) {
        match message.get_field_mut(&field) {
            Value::Message(inner) => *inner = without_unread(inner),
            Value::List(items) => {
                for item in items.iter_mut().filter_map(Value::as_message_mut) {
                    *item = without_unread(item);
                }
            }
            _ => {}
        }
    }
    message
}

fn fields(message: &DynamicMessage) -> Vec<FieldDescriptor> {
    message.fields().map(|(field, _)| field).collect()
}

#[cfg(test)]
mod tests {
    use wpsx_proto::record::{Record, schema::record_message};

    use super::*;

    #[test]
    fn what_only_newer_software_knows_stays_where_nobody_edited() {
        let read = |json: &str| {
            let record = Record::from_json(json).unwrap();
            DynamicMessage::decode(record_message(), record.payload().clone()).unwrap()
        };
        let json = |title: &str, url: &str| {
            read(&format!(
                r#"{{"title": [{{"language": "fr", "text": "F"}}, {{"language": "en", "text": "{title}"}}],
                    "sources": [{{"url": "https://a.example"}}, {{"url": "{url}"}}], "law": {{}}}}"#
            ))
        };
        let mut old = json("T", "https://b.example");
        // Field 90 of each text and of each source.
        for name in ["title", "sources"] {
            let parts = old.get_field_by_name_mut(name).unwrap();
            for part in parts.as_list_mut().unwrap() {
                let part = part.as_message_mut().unwrap();
                part.merge([0xd0, 0x05, 0x01].as_slice()).unwrap();
            }
        }
        let kept = |mut new: DynamicMessage| {
            keep_unread(&old, &mut new);
            let lists = ["title", "sources"].map(|name| new.get_field_by_name(name).unwrap());
            let parts = lists.iter().filter_map(|list| list.as_list()).flatten();
            let parts = parts.filter_map(Value::as_message);
            parts.filter(|part| has_unread(part)).count()
        };
        assert_eq!(kept(json("T", "https://b.example")), 4);
        // A text that is corrected is the same text; a source is another one.
        assert_eq!(kept(json("New", "https://c.example")), 3);
        let mut same = json("T", "https://b.example");
        keep_unread(&old, &mut same);
        assert_eq!(same, old);
    }
}
