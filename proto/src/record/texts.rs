//! Every text of a record, with its place: for whoever looks through all of them.

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};

/// One text of a record.
#[derive(Clone, Copy, Debug)]
pub struct TextOf<'a> {
    /// Where it stands: `title.en`, `countries[0]`, `sources[1].url`.
    pub path: &'a str,
    /// The field that holds it.
    pub field: &'a FieldDescriptor,
    /// The text.
    pub text: &'a str,
}

/// Shows every text of a message that is not empty.
pub(super) fn walk(path: &str, message: &DynamicMessage, see: &mut dyn FnMut(TextOf<'_>)) {
    for (field, value) in message.fields() {
        let path = match path {
            "" => field.name().to_owned(),
            path => format!("{path}.{}", field.name()),
        };
        match value {
            Value::List(values) => {
                for (at, value) in values.iter().enumerate() {
                    let path = match language_of(value) {
                        Some(language) => format!("{path}.{language}"),
                        None => format!("{path}[{at}]"),
                    };
                    one(&path, &field, value, see);
                }
            }
            value => one(&path, &field, value, see),
        }
    }
}

fn one(path: &str, field: &FieldDescriptor, value: &Value, see: &mut dyn FnMut(TextOf<'_>)) {
    match value {
        Value::String(text) if !text.is_empty() => see(TextOf { path, field, text }),
        Value::Message(inner) if language_of(value).is_some() => {
            for field in inner.descriptor().fields() {
                one(path, &field, &inner.get_field(&field), see);
            }
        }
        Value::Message(inner) => walk(path, inner, see),
        _ => {}
    }
}

/// The language, where the value is a text in one.
fn language_of(value: &Value) -> Option<String> {
    let message = value.as_message()?;
    if message.descriptor().name() != "Text" {
        return None;
    }
    let language = message.get_field_by_name("language")?;
    language.as_str().map(str::to_owned)
}
