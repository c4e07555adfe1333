//! Which facets a list has, and what their values are called on a page: codes of the
//! vocabularies, and values of enums, that the schema says of the fields behind a facet.
//!
//! Counting a facet costs a look at each of its values in each run of each log, so a list is
//! counted by no more than [`MOST`]: those that every kind has first, then the kind's own in
//! the order of the schema.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use maud::Markup;
use prost_reflect::{FieldDescriptor, Kind as FieldKind};
use wpsx_domain::records::PUBLISHER;
use wpsx_proto::record::{
    Kind, facet_names,
    schema::{short_value_name, use_of},
};
use wpsx_words::{
    Label, State, Vocabularies,
    facets::{fields, listed, near},
};

use crate::{
    term::IN_PREPARATION,
    texts::{self, Voice},
};

/// Facets that one list is counted by.
const MOST: usize = 11;
/// Values that are offered in the place of another.
const MOST_INSTEAD: usize = 12;
/// Those that are looked at first, in the order in which they are shown. Publishers cost
/// nothing: the records of each stand together.
const FIRST: [&str; 7] = [
    STATES, "type", "country", PUBLISHER, "theme", "pillar", "language",
];

/// What the names of states of plans begin with.
const PREFIX: &str = "PLAN_STATUS_";
/// The facet of the states of records.
const STATES: &str = "status";

/// Whether a facet is one of states, each of which was said as of its own date.
pub(crate) fn is_of_states(facet: &str) -> bool {
    facet == STATES
}

/// The states of plans that are not in use yet, as an address asks for them.
pub(crate) fn in_preparation() -> Vec<(String, String)> {
    let names = IN_PREPARATION.iter().map(|state| state.as_str_name());
    let codes = names.map(|name| name.trim_start_matches(PREFIX).to_ascii_lowercase());
    codes
        .map(|code| (STATES.to_owned(), code.replace('_', "-")))
        .collect()
}

/// All that an address can ask values of: the facets of the schema, and the publisher.
pub(crate) fn names() -> Vec<&'static str> {
    let of_schema = facet_names().iter().map(String::as_str);
    of_schema.chain([PUBLISHER]).collect()
}

/// The facets that a list of a kind, or of all, is counted by.
pub(crate) fn of_list(kind: Option<Kind>) -> &'static [&'static str] {
    static ALL: LazyLock<HashMap<Option<u32>, Vec<&'static str>>> = LazyLock::new(|| {
        let kinds = Kind::known().map(Some).chain([None]);
        let of = |kind: Option<Kind>| (kind.map(Kind::number), found(kind));
        kinds.map(of).collect()
    });
    let kind = kind.map(Kind::number);
    ALL.get(&kind).map(Vec::as_slice).unwrap_or_default()
}

fn found(kind: Option<Kind>) -> Vec<&'static str> {
    let names = || facet_names().iter().map(String::as_str);
    // Each record has a publisher, whatever its kind.
    let has = |name: &&str| *name == PUBLISHER || !fields(kind, name).is_empty();
    let first = FIRST.into_iter().filter(has);
    // Of all kinds at once only those count that many kinds have.
    let own = names().filter(|name| kind.is_some() && !FIRST.contains(name));
    first.chain(own.filter(has)).take(MOST).collect()
}

/// Whether records can have the value: of a facet whose values the schema lists, it is one of
/// them. A code of a vocabulary may be newer than ours.
pub(crate) fn is_possible(kind: Option<Kind>, facet: &str, value: &str) -> bool {
    let fields = fields(kind, facet);
    let possible = fields.iter().map(|field| match field.kind() {
        FieldKind::Enum(_) => listed(field).any(|listed| listed == value),
        FieldKind::Bool => value == "yes",
        _ => true,
    });
    possible.reduce(|one, other| one || other).unwrap_or(true)
}

/// The values that records of a kind could have of a facet, as far as the schema and the
/// vocabularies list them.
pub(crate) fn possible(
    kind: Option<Kind>,
    facet: &str,
    vocabularies: &Vocabularies,
) -> Vec<String> {
    let fields = fields(kind, facet);
    let values = fields.iter().flat_map(|field| {
        let codes = vocabularies.get_or_empty(&use_of(field).vocabulary);
        let codes = codes.offered().map(|term| term.code.clone());
        let yes = (field.kind() == FieldKind::Bool).then(|| "yes".to_owned());
        listed(field).chain(codes).chain(yes).collect::<Vec<_>>()
    });
    let mut seen = BTreeSet::new();
    values.filter(|value| seen.insert(value.clone())).collect()
}

/// A value that was asked for by another name than its facet's; where the facet has none such,
/// those that it may have.
pub(crate) fn instead(
    kind: Option<Kind>,
    facet: &str,
    value: String,
    vocabularies: &Vocabularies,
) -> Vec<String> {
    let possible = possible(kind, facet, vocabularies);
    if possible.is_empty() || possible.contains(&value) {
        return vec![value];
    }
    let near = near(facet, &value, vocabularies);
    let offered = if near.is_empty() { possible } else { near };
    offered.into_iter().take(MOST_INSTEAD).collect()
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
        if field.kind() == FieldKind::Bool {
            let yes = voice.say(&texts::YES);
            return (value == "yes").then(|| voice.own(yes));
        }
        let vocabulary = &use_of(field).vocabulary;
        let label = (!vocabulary.is_empty()).then(|| voice.code(vocabulary, value))?;
        (label.state != State::Missing).then_some(label)
    });
    names.next().unwrap_or_else(|| voice.code("", value))
}

/// The same on a page; a value that has no name is marked as a code.
pub(crate) fn shown(fields: &[FieldDescriptor], value: &str, voice: Voice<'_>) -> Markup {
    let name = name(fields, value, voice);
    if name.state != State::Missing {
        return voice.shown(&name);
    }
    let mut vocabularies = fields.iter().map(|field| use_of(field).vocabulary.as_str());
    let vocabulary = vocabularies.find(|name| !name.is_empty());
    voice.unnamed(vocabulary.unwrap_or_default(), value)
}

#[cfg(test)]
mod tests {
    use wpsx_words::{Language, Words};

    use super::*;

    /// Facets whose codes are another body's, which has named some of them in English or
    /// French alone: a page shows such a name as what it is.
    const FOREIGN: [&str; 4] = ["language", "area", "sector", "policy-marker"];

    /// The values that records of the schema can have of a field.
    fn possible(field: &FieldDescriptor, vocabularies: &Vocabularies) -> Vec<String> {
        let vocabulary = vocabularies.get_or_empty(&use_of(field).vocabulary);
        // A code of the past may have its English name alone.
        let codes = vocabulary.offered().map(|term| term.code.clone());
        match field.kind() {
            FieldKind::Enum(values) => {
                let numbers = values.values().map(|value| value.number());
                let short = numbers.filter_map(|number| short_value_name(field, number));
                short.map(|name| name.replace('_', "-")).collect()
            }
            FieldKind::Bool => vec!["yes".to_owned()],
            _ => codes.collect(),
        }
    }

    #[test]
    fn every_facet_of_every_list_and_each_of_its_values_has_a_name_in_six_languages() {
        let vocabularies = Vocabularies::shipped();
        for language in Language::ALL {
            let voice = Voice {
                language,
                words: Words::shipped(),
                vocabularies: &vocabularies,
            };
            for kind in Kind::known().map(Some).chain([None]) {
                let facets = of_list(kind);
                assert!(facets.contains(&"country") && facets.len() <= MOST);
                for facet in facets {
                    let name = voice.words.facet_name(facet, language);
                    assert!(!name.is_fallback, "{facet} in {language}");
                    let fields = fields(kind, facet);
                    let values = fields
                        .iter()
                        .flat_map(|field| possible(field, &vocabularies));
                    for value in values {
                        let name = super::name(&fields, &value, voice);
                        assert_ne!(name.state, State::Missing, "{facet} {value}");
                        let is_own = !name.is_fallback || FOREIGN.contains(facet);
                        assert!(is_own, "{facet} {value} in {language}: {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_list_has_the_facets_of_its_kind_and_no_others() {
        let events = of_list(Some("event".parse().unwrap()));
        assert!(events.contains(&"status") && events.contains(&"participants"));
        assert!(!events.contains(&"evidence") && !of_list(None).contains(&"evidence"));
        assert!(of_list(Some(Kind::GOOD_PRACTICE)).contains(&"evidence"));
    }
}
