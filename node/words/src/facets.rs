//! What is behind a facet: the fields that are counted under it, what their values are called,
//! and which values somebody may have meant.
//!
//! Everything follows from the schema, so a facet of a new kind needs no code here.

use std::collections::BTreeSet;

use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor};
use wpsx_proto::{
    api::record::v1::Basis,
    record::{
        Kind,
        schema::{record_message, short_value_name, use_of},
    },
};

use crate::{Label, Language, State, Vocabularies, Words, distance, fold};

/// The enum that says of a state whether somebody states it.
const BASIS: &str = "wpsx.record.v1.Basis";

/// The fields of records of a kind, or of any, that are counted under a facet.
#[must_use]
pub fn fields(kind: Option<Kind>, facet: &str) -> Vec<FieldDescriptor> {
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

/// Whether anybody has given the value a name: a vocabulary, or the schema. Codes that no
/// vocabulary has are those of records.
#[must_use]
pub fn has_name(facet: &str, value: &str, vocabularies: &Vocabularies) -> bool {
    let fields = fields(None, facet);
    let mut codes = fields
        .iter()
        .filter(|field| !use_of(field).vocabulary.is_empty());
    let is_own = |field: &FieldDescriptor| match field.kind() {
        FieldKind::Enum(_) => listed(field).any(|listed| listed == value),
        FieldKind::Bool => value == "yes",
        _ => false,
    };
    fields.is_empty()
        || fields.iter().any(is_own)
        || codes.any(|field| {
            let vocabulary = vocabularies.get_or_empty(&use_of(field).vocabulary);
            vocabulary.term(value).is_some()
        })
}

/// What a vocabulary calls a value of a facet, where one of the facet's knows it.
#[must_use]
pub fn coded<'a>(
    facet: &str,
    value: &str,
    language: Language,
    vocabularies: &'a Vocabularies,
) -> Option<Label<'a>> {
    let fields = fields(None, facet).into_iter();
    let names = fields.map(|field| vocabularies.label(&use_of(&field).vocabulary, value, language));
    names.into_iter().find(|name| name.state != State::Missing)
}

/// The facet, and its value, by which those records are told whose value of this facet nobody
/// stated: it was computed. None where values of the facet are stated alone.
#[must_use]
pub fn computed_by(facet: &str) -> Option<(String, String)> {
    let parts = fields(None, facet).into_iter();
    let beside = parts.flat_map(|field| field.parent_message().fields().collect::<Vec<_>>());
    let mut bases = beside.filter(|field| {
        let of = field.kind();
        let is_basis = of
            .as_enum()
            .is_some_and(|values| values.full_name() == BASIS);
        is_basis && !use_of(field).facet.is_empty() && use_of(field).facet != facet
    });
    let basis = bases.next()?;
    let computed = listed_name(&basis, Basis::Derived as i32)?;
    Some((use_of(&basis).facet.clone(), computed))
}

/// The values of a facet that may have been meant by one that nobody knows, the nearest first:
/// by their codes in any case, or by what they are called in any language.
#[must_use]
pub fn near(facet: &str, value: &str, vocabularies: &Vocabularies) -> Vec<String> {
    let asked = fold(value);
    let far = |name: String| distance(&asked, &fold(&name));
    let mut near = Vec::new();
    for field in fields(None, facet) {
        let codes = vocabularies.get_or_empty(&use_of(&field).vocabulary);
        near.extend(codes.offered().filter_map(|term| {
            let names = Language::ALL.into_iter().filter_map(|it| term.name(it));
            let names = names.chain([term.code.as_str()]).map(str::to_owned);
            Some((names.filter_map(far).min()?, term.code.clone()))
        }));
        near.extend(numbers(&field).filter_map(|number| {
            let code = listed_name(&field, number)?;
            let called = |it| Words::shipped().value_of(&field, number, it).text;
            let names = Language::ALL.map(|it| called(it).into_owned()).into_iter();
            let names = names.chain([code.clone()]);
            Some((names.filter_map(far).min()?, code))
        }));
    }
    near.sort_unstable();
    near.dedup_by(|(_, one), (_, other)| one == other);
    near.into_iter().map(|(_, code)| code).collect()
}

/// The values that the schema lists of a field, as questions name them.
pub fn listed(field: &FieldDescriptor) -> impl Iterator<Item = String> + use<'_> {
    numbers(field).filter_map(move |number| listed_name(field, number))
}

fn listed_name(field: &FieldDescriptor, number: i32) -> Option<String> {
    short_value_name(field, number).map(|name| name.replace('_', "-"))
}

/// The numbers of the values that the schema lists of a field.
fn numbers(field: &FieldDescriptor) -> impl Iterator<Item = i32> + use<> {
    let kind = field.kind();
    let values = kind.as_enum().map(|values| {
        let numbers: Vec<i32> = values.values().map(|value| value.number()).collect();
        numbers
    });
    values.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_may_be_computed_and_a_theme_is_always_stated() {
        let computed = Some(("status-basis".to_owned(), "derived".to_owned()));
        assert_eq!(computed_by("status"), computed);
        for facet in ["theme", "country", "status-basis", "no-facet"] {
            assert_eq!(computed_by(facet), None, "{facet}");
        }
    }

    #[test]
    fn a_value_that_nobody_knows_is_told_from_one_that_has_a_name_and_has_near_ones() {
        let all = Vocabularies::shipped();
        for (facet, value) in [
            ("theme", "mediation"),
            ("status", "in-force"),
            ("area", "404"),
        ] {
            assert!(has_name(facet, value, &all), "{facet} {value}");
        }
        assert!(!has_name("theme", "meditation", &all));
        assert_eq!(
            near("theme", "meditation", &all).first().unwrap(),
            "mediation"
        );
        let name = coded("country", "KEN", Language::French, &all);
        assert_eq!(name.unwrap().to_string(), "Kenya");
        assert!(coded("theme", "meditation", Language::English, &all).is_none());
    }
}
