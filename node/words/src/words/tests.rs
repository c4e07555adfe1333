//! Whether everything that the schema has is called something in each of the six
//! languages, and is found again by what it is called.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{EnumDescriptor, MessageDescriptor};
use wpsx_proto::record::schema;

use super::*;
use crate::{State, Vocabularies, fold};

/// Every message and enum that a record can hold.
fn reachable() -> (Vec<MessageDescriptor>, Vec<EnumDescriptor>) {
    let mut messages = BTreeMap::new();
    let mut enums = BTreeMap::new();
    let mut next = vec![schema::record_message()];
    while let Some(message) = next.pop() {
        for field in message.fields() {
            match field.kind() {
                FieldKind::Message(part) if !messages.contains_key(part.full_name()) => {
                    next.push(part);
                }
                FieldKind::Enum(values) => {
                    enums.insert(values.full_name().to_owned(), values);
                }
                _ => {}
            }
        }
        messages.insert(message.full_name().to_owned(), message);
    }
    (
        messages.into_values().collect(),
        enums.into_values().collect(),
    )
}

/// What is called something, with how to ask for it.
type Named<'a> = (String, Box<dyn Fn(Language) -> Label<'static> + 'a>);

fn everything_with_a_label() -> Vec<Named<'static>> {
    let words = Words::shipped();
    let mut named: Vec<Named<'static>> = Vec::new();
    let (messages, enums) = reachable();
    let mut facets = BTreeSet::new();
    let mut vocabularies: BTreeSet<String> =
        Vocabularies::shipped().names().map(str::to_owned).collect();
    for field in messages.iter().flat_map(MessageDescriptor::fields) {
        let used = schema::use_of(&field);
        facets.insert(used.facet.clone());
        vocabularies.insert(used.vocabulary.clone());
        let name = field.full_name().to_owned();
        named.push((
            name,
            Box::new(move |language| words.label(&field, language)),
        ));
    }
    for value in enums
        .iter()
        .flat_map(|values| values.values().collect::<Vec<_>>())
    {
        let name = value.full_name().to_owned();
        named.push((
            name,
            Box::new(move |language| words.value_name(&value, language)),
        ));
    }
    for kind in Kind::known() {
        named.push((
            format!("kind {kind}"),
            Box::new(move |language| words.kind_name(kind, language)),
        ));
        named.push((
            format!("several of kind {kind}"),
            Box::new(move |language| words.kind_plural(kind, language)),
        ));
    }
    for facet in facets.into_iter().filter(|facet| !facet.is_empty()) {
        named.push((
            format!("facet {facet}"),
            Box::new(move |language| words.facet_name(&facet, language)),
        ));
    }
    for vocabulary in vocabularies.into_iter().filter(|name| !name.is_empty()) {
        named.push((
            format!("vocabulary {vocabulary}"),
            Box::new(move |language| words.vocabulary_name(&vocabulary, language)),
        ));
    }
    named
}

#[test]
fn every_field_kind_value_facet_and_vocabulary_has_a_label_in_each_of_the_six_languages() {
    let mut missing = Vec::new();
    for (name, ask) in everything_with_a_label() {
        for language in Language::ALL {
            let label = ask(language);
            if label.is_fallback || label.state == State::Missing || label.text.is_empty() {
                missing.push(format!("{name} in {language}"));
            }
        }
    }
    assert!(missing.is_empty(), "without a label: {missing:#?}");
}

/// Everything that has help, with how to ask for it.
fn everything_with_help() -> Vec<Named<'static>> {
    let words = Words::shipped();
    let (messages, _) = reachable();
    let mut named: Vec<Named<'static>> = Vec::new();
    for field in messages.iter().flat_map(MessageDescriptor::fields) {
        let name = field.full_name().to_owned();
        named.push((name, Box::new(move |language| words.help(&field, language))));
    }
    for kind in Kind::known() {
        let name = format!("kind {kind}");
        named.push((
            name,
            Box::new(move |language| words.kind_help(kind, language)),
        ));
    }
    named
}

#[test]
fn every_field_and_kind_has_a_help_text_in_each_of_the_six_languages() {
    let mut missing = Vec::new();
    for (name, ask) in everything_with_help() {
        for language in Language::ALL {
            let help = ask(language);
            let is_sentence = help.text.ends_with(['.', '。']);
            if help.is_fallback || help.state == State::Missing || !is_sentence {
                missing.push(format!("{name} in {language}: {:?}", help.text));
            }
        }
    }
    assert!(missing.is_empty(), "without help: {missing:#?}");
}

#[test]
fn help_says_the_same_numbers_and_codes_in_every_language() {
    let mut differing = Vec::new();
    for (name, ask) in everything_with_help() {
        let english = examples(&ask(Language::English).text);
        for language in Language::ALL {
            let help = ask(language);
            if examples(&help.text) != english {
                differing.push(format!("{name} in {language}: {:?}", help.text));
            }
        }
    }
    assert!(differing.is_empty(), "other examples: {differing:#?}");
}

/// The numbers in a text, and the addresses, types of files and zones, in order of spelling.
fn examples(text: &str) -> Vec<String> {
    let is_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | ':' | '-');
    let words = text.split(|c| !is_code(c));
    let mut found = Vec::new();
    for word in words.map(|word| word.trim_matches([':', '-'])) {
        match word.contains('/') || word.starts_with("http") {
            true => found.push(word.to_owned()),
            false => found.extend(
                word.split(|c: char| !c.is_ascii_digit())
                    .map(str::to_owned)
                    .filter(|digits| !digits.is_empty()),
            ),
        }
    }
    found.sort();
    found
}

#[test]
fn within_a_kind_or_a_part_no_two_labels_of_a_language_are_the_same() {
    let (messages, _) = reachable();
    let record = schema::record_message();
    let mut groups: Vec<(String, Vec<FieldDescriptor>)> = messages
        .iter()
        .filter(|message| **message != record)
        .map(|message| (message.name().to_owned(), message.fields().collect()))
        .collect();
    for kind in Kind::known() {
        let body = kind.body_field().unwrap().kind();
        groups.push((kind.to_string(), top_fields(&record, body.as_message())));
    }
    let mut doubled = Vec::new();
    for (group, fields) in groups {
        for language in Language::ALL {
            let mut seen: BTreeMap<String, String> = BTreeMap::new();
            for field in &fields {
                let label = fold(&Words::shipped().label(field, language).text);
                if let Some(other) = seen.insert(label.clone(), field.full_name().to_owned()) {
                    doubled.push(format!(
                        "{group} in {language}: {label} is {other} and {}",
                        field.full_name()
                    ));
                }
            }
        }
    }
    assert!(doubled.is_empty(), "{doubled:#?}");
}

#[test]
fn within_an_enum_no_two_values_are_called_the_same() {
    let (_, enums) = reachable();
    for values in enums {
        for language in Language::ALL {
            let mut seen = BTreeSet::new();
            for value in values.values() {
                let label = fold(&Words::shipped().value_name(&value, language).text);
                assert!(seen.insert(label), "{} in {language}", value.full_name());
            }
        }
    }
}

#[test]
fn a_field_is_found_by_its_name_and_by_its_label_in_any_language() {
    let words = Words::shipped();
    for kind in Kind::known() {
        let body = kind.body_field().unwrap().kind();
        for field in top_fields(&schema::record_message(), body.as_message()) {
            assert!(words.fields_named(kind, field.name()).contains(&field));
            for language in Language::ALL {
                let label = words.label(&field, language).text.to_uppercase();
                let found = words.fields_named(kind, &label);
                assert!(found.contains(&field), "{kind} {label}: {found:?}");
            }
        }
    }
    let plan = Kind::NATIONAL_ACTION_PLAN;
    for header in [
        "Pays",
        "PAÍSES",
        "countries",
        " Länder",
        "国家",
        "Страны",
        "البلدان",
    ] {
        let found = words.fields_named(plan, header);
        let is_known = header != " Länder";
        assert_eq!(!found.is_empty(), is_known, "{header}");
        assert!(
            found.iter().all(|field| field.name() == "countries"),
            "{header}"
        );
    }
    assert!(words.fields_named(plan, " ").is_empty());
}

#[test]
fn a_value_is_found_by_its_name_and_by_what_it_is_called() {
    let words = Words::shipped();
    let (_, enums) = reachable();
    for values in &enums {
        for value in values.values() {
            for language in Language::ALL {
                let label = words.value_name(&value, language).text.to_lowercase();
                assert!(
                    words.values_named(values, &label).contains(&value),
                    "{label}"
                );
            }
        }
    }
    let status = enums
        .iter()
        .find(|values| values.name() == "PlanStatus")
        .unwrap();
    for text in [
        "in_force",
        "PLAN_STATUS_IN_FORCE",
        "In force",
        "en vigueur",
        "ДЕЙСТВУЕТ",
    ] {
        let found = words.values_named(status, text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].name(), "PLAN_STATUS_IN_FORCE");
    }
}

#[test]
fn a_kind_is_found_by_its_name_in_the_singular_and_the_plural() {
    let words = Words::shipped();
    for text in [
        "national-action-plan",
        "National action plans",
        "Plan d’action national",
        "国家行动计划",
    ] {
        assert_eq!(
            words.kinds_named(text),
            [Kind::NATIONAL_ACTION_PLAN],
            "{text}"
        );
    }
    for language in Language::ALL {
        let mut seen = BTreeSet::new();
        for kind in Kind::known() {
            let name = fold(&words.kind_name(kind, language).text);
            assert!(seen.insert(name), "{kind} in {language}");
        }
    }
}

#[test]
fn what_nobody_has_named_is_called_by_its_name_in_the_schema_and_says_so() {
    let words = Words::shipped();
    let label = words.facet_name("made-up_facet", Language::Arabic);
    assert_eq!(label.text, "Made up facet");
    assert_eq!((label.state, label.is_fallback), (State::Missing, true));
    assert_eq!(
        words.kind_name(Kind::new(57), Language::French).text,
        "Kind 57"
    );
}

#[test]
fn help_that_a_language_does_not_have_is_english_and_says_so() {
    let words = Words::default();
    let unfinished = Texts::read("-state = machine\nfield-title = Название");
    assert!(
        words.texts[Language::Russian.index()]
            .set(unfinished)
            .is_ok()
    );
    let title = schema::record_message().get_field_by_name("title").unwrap();
    let help = words.help(&title, Language::Russian);
    assert_eq!(help.marked(), format!("[en] {}", help.text));
    assert!(help.is_fallback);
    assert_eq!(help.language, Language::English);
    assert_eq!(help.text, words.help(&title, Language::English).text);
    assert_eq!(words.label(&title, Language::Russian).state, State::Machine);
    assert_eq!(
        words.label(&title, Language::English).state,
        State::Reviewed
    );
}

#[test]
fn the_fluent_files_are_well_formed_and_name_nothing_that_is_not_there() {
    let (messages, enums) = reachable();
    let fields: Vec<FieldDescriptor> = messages
        .iter()
        .flat_map(MessageDescriptor::fields)
        .collect();
    let mut known: BTreeSet<String> = fields.iter().flat_map(field_ids).collect();
    let values = enums
        .iter()
        .flat_map(|values| values.values().collect::<Vec<_>>());
    known.extend(values.map(|value| format!("value-{}", value.name())));
    known.extend(Kind::known().map(|kind| format!("kind-{kind}")));
    for used in fields.iter().map(schema::use_of) {
        known.insert(format!("facet-{}", used.facet));
        known.insert(format!("vocabulary-{}", used.vocabulary));
    }
    // What every kind is found by, whatever its fields.
    let common = ["kind", "publisher", "year", "organisation", "region"];
    known.extend(common.map(|facet| format!("facet-{facet}")));
    let vocabularies = Vocabularies::shipped();
    known.extend(
        vocabularies
            .names()
            .map(|name| format!("vocabulary-{name}")),
    );
    for (language, file) in Language::ALL.into_iter().zip(FILES) {
        let parsed = fluent_syntax::parser::parse(file);
        assert!(
            parsed.is_ok(),
            "{language}: {:?}",
            parsed.err().map(|(_, errors)| errors)
        );
        let texts = Texts::read(file);
        for id in texts.ids() {
            assert!(
                known.contains(id),
                "{language}: {id} names nothing of the schema"
            );
        }
        let stated = file.contains("-state = machine") || file.contains("-state = reviewed");
        assert!(
            stated,
            "{language} does not say whether its texts are reviewed"
        );
    }
}
