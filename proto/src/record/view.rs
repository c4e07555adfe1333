//! A record as JSON and as lines for people, derived from the schema: a new kind
//! needs no code here.

use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, ReflectMessage as _, SerializeOptions, Value,
};
use serde_json::{Value as Json, json};

use super::{
    Header, Kind,
    schema::{self, short_value_name},
};
use crate::api::record::v1 as api;

/// The proto3 JSON form with the field names of the schema.
pub(super) fn json(message: &DynamicMessage) -> Json {
    let options = SerializeOptions::new().use_proto_field_name(true);
    message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .unwrap_or_else(|error| json!({ "unprintable": error.to_string() }))
}

/// The inverse of [`json`].
pub(super) fn from_json(text: &str) -> Result<DynamicMessage, serde_json::Error> {
    let mut source = serde_json::Deserializer::from_str(text);
    let message = DynamicMessage::deserialize(schema::record_message(), &mut source)?;
    source.end()?;
    Ok(message)
}

/// What is known of a record that cannot be read whole.
pub(super) fn header_json(header: &Header) -> Json {
    let mut record = serde_json::Map::new();
    if let Some(id) = header.external_id() {
        record.insert("external_id".into(), id.into());
    }
    let titles: Vec<Json> = header
        .titles()
        .map(|(language, text)| json!({ "language": language, "text": text }))
        .collect();
    record.insert("title".into(), titles.into());
    record.insert("countries".into(), header.countries().into());
    record.into()
}

/// The paths of fields that a newer schema has and ours has not:
/// `57`, `national_action_plan.31`.
pub(super) fn unread_fields(message: &DynamicMessage) -> Vec<String> {
    let mut paths = Vec::new();
    collect_unread("", message, &mut paths);
    paths.sort_unstable();
    paths.dedup();
    paths
}

fn collect_unread(path: &str, message: &DynamicMessage, paths: &mut Vec<String>) {
    for unread in message.unknown_fields() {
        paths.push(format!("{path}{}", unread.number()));
    }
    for (field, value) in message.fields() {
        let path = format!("{path}{}.", field.name());
        let values = match value {
            Value::List(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for inner in values.iter().filter_map(Value::as_message) {
            collect_unread(&path, inner, paths);
        }
    }
}

/// Every field with its value as people write them, in the order of the schema:
/// `title.en`, `countries`, `status_history.0.status`. The kind's own fields
/// stand without the name of the body, as in the header row of an import.
pub(super) fn lines(message: &DynamicMessage) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (field, value) in message.fields() {
        match value {
            Value::Message(body) if field.containing_oneof().is_some() => {
                for (field, value) in body.fields() {
                    add_lines(field.name(), &field, value, &mut lines);
                }
            }
            value => add_lines(field.name(), &field, value, &mut lines),
        }
    }
    lines
}

fn add_lines(
    path: &str,
    field: &FieldDescriptor,
    value: &Value,
    lines: &mut Vec<(String, String)>,
) {
    match value {
        Value::Message(message) => add_message(path, message, lines),
        Value::List(values) if values.iter().all(|value| value.as_message().is_none()) => {
            let texts: Vec<String> = values.iter().map(|value| scalar(field, value)).collect();
            lines.push((path.to_owned(), texts.join(" | ")));
        }
        Value::List(values) => {
            let only = values.len() == 1;
            for (at, message) in values.iter().filter_map(Value::as_message).enumerate() {
                match text_of(message) {
                    Some(text) => lines.push((format!("{path}.{}", text.language), text.text)),
                    None if only => add_message(path, message, lines),
                    None => add_message(&format!("{path}.{at}"), message, lines),
                }
            }
        }
        value => lines.push((path.to_owned(), scalar(field, value))),
    }
}

fn add_message(path: &str, message: &DynamicMessage, lines: &mut Vec<(String, String)>) {
    if let Some(value) = whole(message) {
        lines.push((path.to_owned(), value));
        return;
    }
    for (field, value) in message.fields() {
        add_lines(&format!("{path}.{}", field.name()), &field, value, lines);
    }
}

/// Whether people read the whole message as one value.
pub(super) fn is_whole(message: &DynamicMessage) -> bool {
    message.descriptor().full_name() == "wpsx.record.v1.Date"
}

/// A message that people read as one value.
pub(super) fn whole(message: &DynamicMessage) -> Option<String> {
    if !is_whole(message) {
        return None;
    }
    let date = api::Date::decode(message.encode_to_vec().as_slice()).ok()?;
    let note = match date.note.as_str() {
        "" => String::new(),
        note => format!(" ({note})"),
    };
    Some(format!("{date}{note}"))
}

/// Whether the message is a text in one language.
pub(super) fn is_text(message: &DynamicMessage) -> bool {
    message.descriptor().full_name() == "wpsx.record.v1.Text"
}

fn text_of(message: &DynamicMessage) -> Option<api::Text> {
    if !is_text(message) {
        return None;
    }
    api::Text::decode(message.encode_to_vec().as_slice()).ok()
}

pub(super) fn scalar(field: &FieldDescriptor, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::EnumNumber(number) => {
            short_value_name(field, *number).unwrap_or_else(|| number.to_string())
        }
        Value::Bytes(bytes) => hex::encode(bytes),
        Value::U32(number) => number.to_string(),
        Value::I32(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// The whole record as the schema sees it, unknown fields kept.
pub(super) fn dynamic(payload: &[u8]) -> Result<DynamicMessage, prost::DecodeError> {
    DynamicMessage::decode(schema::record_message(), payload)
}

/// The kind whose body the message holds.
pub(super) fn kind_of(message: &DynamicMessage) -> Option<Kind> {
    Kind::known().find(|kind| {
        kind.body_field()
            .is_some_and(|field| message.has_field(&field))
    })
}
