//! What the values of facets are called: codes of the vocabularies, and values of enums,
//! that the schema says of the fields behind a facet.

use std::collections::BTreeSet;

use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor};
use wpsx_proto::record::{
    Kind,
    schema::{record_message, short_value_name, use_of},
};
use wpsx_words::{Label, State};

use crate::texts::Voice;

/// The fields of records of a kind, or of any, that are counted under a facet.
pub(crate) fn fields(kind: Option<Kind>, facet: &str) -> Vec<FieldDescriptor> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for field in record_message().fields() {
        let is_body = field.containing_oneof().is_some();
        let other = |kind: Kind| kind.body_field().is_none_or(|body| body != field);
        if !(is_body && kind.is_some_and(other)) {
            look(&field, facet, &mut seen, &mut found);
        }
    }
    found
}

fn look(
    field: &FieldDescriptor,
    facet: &str,
    seen: &mut BTreeSet<String>,
    found: &mut Vec<FieldDescriptor>,
) {
    if use_of(field).facet == facet {
        found.push(field.clone());
    }
    let part: Option<MessageDescriptor> = field.kind().as_message().cloned();
    if let Some(part) = part.filter(|part| seen.insert(part.full_name().to_owned())) {
        for field in part.fields() {
            look(&field, facet, seen, found);
        }
    }
}

/// What a value is called: the first name that one of the fields has for it.
pub(crate) fn name<'a>(fields: &[FieldDescriptor], value: &str, voice: Voice<'a>) -> Label<'a> {
    let mut names = fields.iter().filter_map(|field| {
        if let FieldKind::Enum(values) = field.kind() {
            let is_it = |number: &i32| {
                let short = short_value_name(field, *number);
                short.is_some_and(|short| short.replace('_', "-") == value)
            };
            let number = values.values().map(|value| value.number()).find(is_it)?;
            return Some(voice.value(field, number));
        }
        let vocabulary = &use_of(field).vocabulary;
        let label = (!vocabulary.is_empty()).then(|| voice.code(vocabulary, value))?;
        (label.state != State::Missing).then_some(label)
    });
    names.next().unwrap_or_else(|| voice.code("", value))
}
