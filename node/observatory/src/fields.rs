//! Fields of records by their names, empty where a record does not fill them.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as Type, ReflectMessage as _, Value};
use wpsx_proto::{
    api::record::v1::Form,
    record::{
        Reading, Record,
        schema::{FieldRules, record_message},
    },
};

/// All that a record says.
pub(crate) fn message_of(record: &Record) -> Option<DynamicMessage> {
    DynamicMessage::decode(record_message(), record.payload().clone()).ok()
}

/// What every kind of record says, without the long lists of its own kind.
pub(crate) fn outline_of(record: &Record) -> Option<DynamicMessage> {
    match Record::outline(record.kind().number(), record.payload()) {
        Reading::Readable(record) => message_of(&record),
        _ => None,
    }
}

/// What a record's kind adds.
pub(crate) fn body_of(record: &Record) -> Option<DynamicMessage> {
    // Taken, and not copied: a series has hundreds of observations.
    match message_of(record)?.take_field(&record.kind().body_field()?)? {
        Value::Message(body) => Some(body),
        _ => None,
    }
}

/// A field that is filled, with its value.
pub(crate) fn filled(message: &DynamicMessage, name: &str) -> Option<(FieldDescriptor, Value)> {
    let field = message.descriptor().get_field_by_name(name)?;
    let value = message
        .has_field(&field)
        .then(|| message.get_field(&field).into_owned())?;
    Some((field, value))
}

/// A text.
pub(crate) fn string(message: &DynamicMessage, name: &str) -> String {
    match filled(message, name) {
        Some((_, Value::String(text))) => text,
        _ => String::new(),
    }
}

/// A part.
pub(crate) fn part(message: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    match filled(message, name)? {
        (_, Value::Message(part)) => Some(part),
        _ => None,
    }
}

/// The parts of a list.
pub(crate) fn parts(message: &DynamicMessage, name: &str) -> Vec<DynamicMessage> {
    let values = match filled(message, name) {
        Some((_, Value::List(values))) => values,
        _ => Vec::new(),
    };
    let parts = values.into_iter().filter_map(|value| match value {
        Value::Message(part) => Some(part),
        _ => None,
    });
    parts.collect()
}

/// Whether a field holds numbers or amounts, which people compare: digits in groups, each
/// number at the end of its cell. A year is none.
pub(crate) fn is_quantity(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Type::String => matches!(FieldRules::of(field).form, Form::Number | Form::Decimal),
        Type::Message(part) => part.full_name() == "wpsx.record.v1.Amount",
        Type::Uint32 | Type::Uint64 | Type::Int32 | Type::Int64 => true,
        _ => false,
    }
}

/// Whether something is said to be so.
pub(crate) fn is_true(message: &DynamicMessage, name: &str) -> bool {
    matches!(filled(message, name), Some((_, Value::Bool(true))))
}

/// The field of an enum, and its value where it says anything.
pub(crate) fn stated(message: &DynamicMessage, name: &str) -> Option<(FieldDescriptor, i32)> {
    let (field, value) = filled(message, name)?;
    let number = value.as_enum_number().filter(|number| *number != 0)?;
    Some((field, number))
}

/// What a body is called, or its short form where it has no name.
pub(crate) fn names_in(body: &DynamicMessage) -> Vec<String> {
    let names = parts(body, "name").into_iter();
    let mut names: Vec<String> = names.map(|name| string(&name, "text")).collect();
    names.retain(|name| !name.is_empty());
    if names.is_empty() {
        names.extend(Some(string(body, "acronym")).filter(|it| !it.is_empty()));
    }
    names
}
