//! The way back: from what stands at the head of a column, or in a cell, to the field or
//! value that is called so in one of the six languages.
//!
//! A name of the schema goes before any label. Within one kind no two labels of a language
//! are the same; two languages may use one word for two things, and then both are answered.

use prost_reflect::{EnumDescriptor, EnumValueDescriptor, FieldDescriptor, MessageDescriptor};
use wpsx_proto::record::{Kind, schema};

use super::{Words, fields::top_fields, short_name};
use crate::{Language, fold};

impl Words {
    /// The fields of a kind that are called so: those of every record, and the kind's own.
    #[must_use]
    pub fn fields_named(&self, kind: Kind, header: &str) -> Vec<FieldDescriptor> {
        let body = kind.body_field().map(|field| field.kind());
        let body = body.as_ref().and_then(|kind| kind.as_message());
        self.among(top_fields(&schema::record_message(), body), header)
    }

    /// The fields of a part that are called so.
    #[must_use]
    pub fn part_fields_named(
        &self,
        part: &MessageDescriptor,
        header: &str,
    ) -> Vec<FieldDescriptor> {
        self.among(part.fields().collect(), header)
    }

    /// Those of some fields that are called so.
    #[must_use]
    pub fn among(&self, fields: Vec<FieldDescriptor>, header: &str) -> Vec<FieldDescriptor> {
        let wanted = fold(header);
        if wanted.is_empty() {
            return Vec::new();
        }
        let by_name = |field: &&FieldDescriptor| fold(field.name()) == wanted;
        let exact: Vec<FieldDescriptor> = fields.iter().filter(by_name).cloned().collect();
        if !exact.is_empty() {
            return exact;
        }
        let is_called = |field: &FieldDescriptor| {
            let mut languages = Language::ALL.into_iter();
            languages.any(|language| fold(&self.label(field, language).text) == wanted)
        };
        fields.into_iter().filter(is_called).collect()
    }

    /// The values of an enum that are called so; the schema's own names count, long or short.
    #[must_use]
    pub fn values_named(&self, values: &EnumDescriptor, text: &str) -> Vec<EnumValueDescriptor> {
        let wanted = fold(text);
        if wanted.is_empty() {
            return Vec::new();
        }
        let by_name = |value: &EnumValueDescriptor| {
            fold(value.name()) == wanted || fold(short_name(value)) == wanted
        };
        let exact: Vec<EnumValueDescriptor> = values.values().filter(by_name).collect();
        if !exact.is_empty() {
            return exact;
        }
        let is_called = |value: &EnumValueDescriptor| {
            let mut languages = Language::ALL.into_iter();
            languages.any(|language| fold(&self.value_name(value, language).text) == wanted)
        };
        values.values().filter(is_called).collect()
    }

    /// The kinds that are called so, in the singular or the plural.
    #[must_use]
    pub fn kinds_named(&self, text: &str) -> Vec<Kind> {
        let wanted = fold(text);
        if wanted.is_empty() {
            return Vec::new();
        }
        let exact: Vec<Kind> = Kind::known()
            .filter(|kind| fold(&kind.to_string()) == wanted)
            .collect();
        if !exact.is_empty() {
            return exact;
        }
        let is_called = |kind: &Kind| {
            let mut languages = Language::ALL.into_iter();
            languages.any(|language| {
                fold(&self.kind_name(*kind, language).text) == wanted
                    || fold(&self.kind_plural(*kind, language).text) == wanted
            })
        };
        Kind::known().filter(is_called).collect()
    }
}
