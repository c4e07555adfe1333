//! That the schema describes every kind and every field, and how it is read.

use std::collections::BTreeSet;

use proptest::prelude::*;
use regex::Regex;

use super::*;
use crate::{
    api::record::v1::{Form, PagePlace},
    record::{Kind, check_form, facet_names},
};

/// Every message that a record is made of.
fn messages() -> Vec<MessageDescriptor> {
    let mut found: Vec<MessageDescriptor> = vec![record_message()];
    let mut at = 0;
    while at < found.len() {
        let parts = found[at]
            .fields()
            .filter_map(|field| field.kind().as_message().cloned());
        for part in parts.collect::<Vec<_>>() {
            if !found.contains(&part) {
                found.push(part);
            }
        }
        at += 1;
    }
    found
}

fn fields() -> Vec<FieldDescriptor> {
    messages()
        .iter()
        .flat_map(|message| message.fields().collect::<Vec<_>>())
        .collect()
}

fn is(field: &FieldDescriptor, name: &str) -> bool {
    let message = field
        .kind()
        .as_message()
        .map(|message| message.name().to_owned());
    message.as_deref() == Some(name)
}

fn is_slug(text: &str) -> bool {
    check_form(Form::Code, text).is_ok()
}

#[test]
fn the_rules_of_the_schema_reach_the_program() {
    let record = record_message();
    let rules = |name: &str| FieldRules::of(&record.get_field_by_name(name).unwrap());
    assert_eq!(rules("countries").form, Form::Country);
    assert_eq!(rules("countries").max_items, 300);
    assert!(rules("title").required);
    assert_eq!(rules("external_id").max_bytes, 256);
    assert_eq!(rules("themes").form, Form::Code);
    assert_eq!(rules("themes").max_bytes, 100);
    assert_eq!(rules("note"), FieldRules::default());
    let reference = pool()
        .get_message_by_name("wpsx.record.v1.RecordReference")
        .unwrap();
    let id = reference.get_field_by_name("record_id").unwrap();
    assert_eq!(FieldRules::of(&id).bytes, Some(16));
    let themes = record.get_field_by_name("themes").unwrap();
    assert_eq!(use_of(&themes).vocabulary, "themes");
    assert_eq!(use_of(&themes).facet, "theme");
    let event = pool().get_message_by_name("wpsx.record.v1.Event").unwrap();
    assert_eq!(kind_use_of(&event).terms, ["schema:Event"]);
}

#[test]
fn the_kinds_have_their_numbers_and_bodies_for_ever() {
    let kinds: Vec<String> = Kind::known()
        .map(|kind| {
            let body = kind.body_field().unwrap();
            assert_eq!(body.containing_oneof().unwrap().name(), "body");
            assert_eq!(body.number(), 100 + kind.number());
            assert_eq!(body.name(), kind.to_string().replace('-', "_"));
            let message = body.kind().as_message().unwrap().name().to_owned();
            format!("{} {kind} {message}", kind.number())
        })
        .collect();
    let pinned = "1 national-action-plan NationalActionPlan
        2 regional-action-plan RegionalActionPlan
        3 good-practice GoodPractice
        4 plan-item PlanItem
        5 progress-report ProgressReport
        6 assessment Assessment
        7 policy Policy
        8 law Law
        9 document PublishedDocument
        10 event Event
        11 initiative Initiative
        12 organisation Organisation
        13 indicator Indicator
        14 series Series
        15 opportunity Opportunity
        16 call Call
        17 commitment Commitment
        18 decision Decision
        19 finding Finding
        20 claim ClaimByOther
        21 translation TranslationByOther
        22 printed-count PrintedCount";
    let pinned: Vec<&str> = pinned.lines().map(str::trim).collect();
    assert_eq!(kinds, pinned);
}

/// The messages whose fields have a place on a page of their own.
fn pages() -> Vec<MessageDescriptor> {
    let bodies = Kind::known().filter_map(|kind| kind.body_field()?.kind().as_message().cloned());
    bodies.chain([record_message()]).collect()
}

#[test]
fn every_field_of_every_kind_says_where_it_stands() {
    for page in pages() {
        for field in page
            .fields()
            .filter(|field| field.containing_oneof().is_none())
        {
            let said = use_of(&field);
            let name = field.full_name();
            assert_ne!(said.place(), PagePlace::Unspecified, "{name} has no place");
            let is_list_of_parts = field.is_list() && field.kind().as_message().is_some();
            if said.place() == PagePlace::Table {
                assert!(field.kind().as_message().is_some(), "{name} is no table");
            }
            if said.place() == PagePlace::Text {
                assert!(is(&field, "Text"), "{name} is no text");
            }
            if said.newest_last {
                assert!(is_list_of_parts, "{name} has no last part");
            }
        }
        if page != record_message() {
            let columns = page.fields().filter(|field| use_of(field).column).count();
            assert!(
                (1..=12).contains(&columns),
                "{} has {columns} columns",
                page.name()
            );
            assert!(!kind_use_of(&page).terms.is_empty(), "{}", page.name());
        }
    }
}

#[test]
fn every_use_of_a_field_makes_sense_for_its_type() {
    let kinds: BTreeSet<String> = Kind::known().map(|kind| kind.to_string()).collect();
    let prefixes = ["dct", "dcat", "schema", "iati", "foaf", "eli", "sdmx", "qb"];
    for field in fields() {
        let said = use_of(&field);
        let name = field.full_name();
        let is_time = is(&field, "Date") || is(&field, "Period");
        let rules = FieldRules::of(&field);
        for slug in [&said.vocabulary, &said.facet]
            .into_iter()
            .filter(|slug| !slug.is_empty())
        {
            assert!(is_slug(slug), "{name}: {slug}");
        }
        if rules.form == Form::Code {
            assert!(
                !said.vocabulary.is_empty(),
                "{name} has codes of no vocabulary"
            );
        }
        if !said.vocabulary.is_empty() || rules.form != Form::Unspecified {
            assert_eq!(field.kind(), FieldKind::String, "{name} holds no codes");
        }
        if !said.facet.is_empty() {
            assert!(
                facet_names().contains(&said.facet),
                "{name} is of no use as a facet"
            );
        }
        let dated = is_time || rules.form == Form::Date;
        assert!(!said.covers_time || dated, "{name} is no time");
        assert!(
            !said.extends_time || is(&field, "Date"),
            "{name} is no date"
        );
        let dates = is(&field, "Date") || is(&field, "Period");
        assert!(!said.cited_as_date || dates, "{name} dates no text");
        assert!(
            !said.cited_as_author || is(&field, "Body"),
            "{name} has written no text"
        );
        let ordered = is_time || ["title", "countries"].contains(&field.name());
        assert!(!said.sortable || ordered, "{name} has no order");
        let is_reference = is(&field, "RecordReference");
        assert!(
            said.refers_to.is_empty() || is_reference,
            "{name} refers to nothing"
        );
        assert!(
            !said.takes_over && !said.names_family || is_reference,
            "{name}"
        );
        for kind in &said.refers_to {
            assert!(
                kinds.contains(kind),
                "{name} refers to {kind}, which is no kind"
            );
        }
        for term in &said.terms {
            let (prefix, word) = term.split_once(':').unwrap_or_default();
            assert!(
                prefixes.contains(&prefix) && !word.is_empty(),
                "{name}: {term}"
            );
        }
        assert!(!said.full_text || is(&field, "Text") || field.kind() == FieldKind::String);
        assert!(
            said.unit.is_empty() || field.kind() == FieldKind::Uint32,
            "{name}"
        );
    }
}

#[test]
fn families_have_a_head_that_their_members_can_name() {
    let heads: BTreeSet<String> = Kind::known()
        .filter(|kind| {
            let body = kind.body_field().unwrap();
            kind_use_of(body.kind().as_message().unwrap()).has_families
        })
        .map(|kind| kind.to_string())
        .collect();
    let members = fields()
        .into_iter()
        .filter(|field| use_of(field).names_family);
    let named: BTreeSet<String> = members
        .flat_map(|field| use_of(&field).refers_to.clone())
        .collect();
    assert_eq!(named, heads);
}

/// What is written above a message, an enum or a field says what it is for; a field whose
/// name says it all needs no more than its label.
#[test]
fn every_message_and_every_enum_of_records_says_what_it_is() {
    let mut compiler = protox::Compiler::new(["."]).unwrap();
    compiler.include_source_info(true).include_imports(true);
    compiler.open_file("wpsx/record/v1/record.proto").unwrap();
    let files = compiler.file_descriptor_set().file;
    let files = files
        .into_iter()
        .filter(|file| file.package() == "wpsx.record.v1");
    let mut seen = 0;
    for file in files {
        let places = file.source_code_info.clone().unwrap_or_default().location;
        let comment = |path: &[i32]| {
            let place = places.iter().find(|place| place.path == path);
            place.is_some_and(|place| !place.leading_comments().trim().is_empty())
        };
        for (at, message) in file.message_type.iter().enumerate() {
            assert!(comment(&[4, at as i32]), "{}", message.name());
        }
        for (at, values) in file.enum_type.iter().enumerate() {
            assert!(comment(&[5, at as i32]), "{}", values.name());
        }
        seen += file.message_type.len();
    }
    assert!(seen > 50, "{seen}");
}

fn regex_of(form: Form) -> Option<Regex> {
    let said = PATTERNS.iter().find(|(known, _)| *known == form)?;
    Some(Regex::new(said.1).unwrap())
}

#[test]
fn every_pattern_of_the_schema_is_a_form_that_this_software_knows() {
    for field in fields() {
        let Some(pattern) = pattern_of(&field) else {
            continue;
        };
        let form = FieldRules::of(&field).form;
        let known = PATTERNS.iter().find(|(known, _)| *known == form);
        let name = field.full_name();
        assert_eq!(
            known.map(|(_, text)| *text),
            Some(pattern.as_str()),
            "{name}"
        );
    }
}

proptest! {
    #[test]
    fn a_pattern_takes_what_its_form_takes(
        text in r#"(https?://)?[A-Z]?[a-z0-9/.: ?#@<^\[\]()-]{0,12}|[0-9]{4}(-[0-9]{2}){0,2}|[0-9]{2}:[0-9]{2}|-?[0-9]{1,3}\.?[0-9]{0,2}"#
    ) {
        for (form, _) in PATTERNS {
            let fits = text.is_empty() || check_form(form, &text).is_ok();
            let matches = regex_of(form).unwrap().is_match(&text);
            // No pattern knows how many days a month has.
            let more_is_known = form == Form::Date && matches;
            prop_assert!(fits == matches || more_is_known, "{:?} {:?}", form, text);
        }
    }
}
