//! Codes: what the real data names things by, and what people write instead of a code.

use std::{collections::BTreeMap, sync::LazyLock};

use prost_reflect::{DynamicMessage, Value};
use wpsx_proto::record::schema::{record_message, use_of};
use wpsx_words::{Language, Vocabularies};

use super::{real::data, *};

/// Every file whose records are in the demo, but the largest.
const FILES: [&str; 15] = [
    "nap_editions.csv",
    "regional_action_plans.csv",
    "seed_records.json",
    "series.csv",
    "targets.csv",
    "peacekeeping_indicators.csv",
    "peacekeeping_country_mission_year.csv",
    "peacekeeping_snippets.csv",
    "peacekeeping_global_points.csv",
    "wps_resolutions.csv",
    "organisations.csv",
    "initiatives.csv",
    "wpsha_compact_points.csv",
    "nap_counts_over_time.csv",
    "network_timeline.csv",
];

/// The largest of them, which is read once.
static OBSERVATIONS: LazyLock<Imported> = LazyLock::new(|| data("observations.csv"));

/// The codes of vocabularies that a record has, with the fields that hold them.
fn codes(message: &DynamicMessage, found: &mut BTreeMap<(String, String), String>) {
    for (field, value) in message.fields() {
        let vocabulary = &use_of(&field).vocabulary;
        let values = match value {
            Value::List(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            match value {
                Value::Message(part) => codes(part, found),
                Value::String(code) if !vocabulary.is_empty() && !code.is_empty() => {
                    let place = || field.full_name().to_owned();
                    let key = (vocabulary.clone(), code.clone());
                    found.entry(key).or_insert_with(place);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_code_of_every_record_of_the_real_data_has_a_name_in_six_languages() {
    let mut found = BTreeMap::new();
    let others = FILES.map(data);
    for imported in others.iter().chain([&*OBSERVATIONS]) {
        for draft in &imported.drafts {
            let record = DynamicMessage::decode(record_message(), draft.payload.clone()).unwrap();
            codes(&record, &mut found);
        }
    }
    assert!(found.len() > 300, "{}", found.len());
    let all = Vocabularies::shipped();
    let mut nameless = Vec::new();
    for ((vocabulary, code), field) in &found {
        for language in Language::ALL {
            if all.label(vocabulary, code, language).is_fallback {
                nameless.push(format!("{code} of {vocabulary} in {language} ({field})"));
            }
        }
    }
    assert!(nameless.is_empty(), "{nameless:#?}");
}

#[test]
fn every_indicator_of_which_the_real_data_has_values_is_a_record_with_a_title() {
    let said = |imported: &Imported, body: &str, field: &str| -> Vec<(String, usize)> {
        let drafts = imported.drafts.iter().filter_map(|draft| {
            let record = DynamicMessage::decode(record_message(), draft.payload.clone()).unwrap();
            let titles = record.get_field_by_name("title")?.as_list()?.len();
            let body = record.get_field_by_name(body)?.as_message()?.clone();
            let code = body.get_field_by_name(field)?.as_str()?.to_owned();
            (!code.is_empty()).then_some((code, titles))
        });
        drafts.collect()
    };
    let files = FILES.map(data);
    let all = || files.iter().chain([&*OBSERVATIONS]);
    let of_kind = |body: &'static str, field: &'static str| -> BTreeMap<String, usize> {
        all().flat_map(|file| said(file, body, field)).collect()
    };
    let indicators = of_kind("indicator", "code");
    let measured = of_kind("series", "indicator_code");
    assert!(measured.len() > 40, "{measured:?}");
    let nameless = measured.keys();
    let nameless: Vec<_> = nameless
        .filter(|code| !indicators.contains_key(*code))
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
    // One that no source has worded is worded in six languages.
    assert_eq!(indicators["un-peacekeeping-personnel"], 6);
}

#[test]
fn a_name_that_looks_like_a_code_is_read_as_the_code_that_it_names() {
    let file = "external_id,kind,title.en,type,themes\n\
                a,event,A,event session,terrorism\n\
                b,event,B,event-session,our-own\n\
                c,event,C,session,cve\n";
    let imported = import("a.csv", file.as_bytes()).unwrap();
    let said = ["a", "b", "c"].map(|id| lines(&record(&imported, id)));
    for lines in &said {
        assert!(lines.contains("type = session\n"), "{lines}");
    }
    assert!(said[0].contains("themes = cve\n"), "{}", said[0]);
    // A code that no list has stays as it is.
    assert!(said[1].contains("themes = our-own\n"), "{}", said[1]);
}

#[test]
fn series_have_the_themes_that_their_source_states_and_no_others() {
    let themes = |file: &str, id: &str| record(&data(file), id).message().themes.clone();
    for (code, theme) in [
        ("unsd-sg-gen-parl", &["leadership"][..]),
        ("unsd-vc-htf-detvsx", &["trafficking"]),
        ("wpsi-index", &[]),
    ] {
        assert_eq!(themes("series.csv", &format!("indicator-{code}")), theme);
    }
    let of = |id: &str| record(&OBSERVATIONS, id).message().themes.clone();
    assert_eq!(of("series-unsd-sg-gen-parl-ken"), ["leadership"]);
    assert!(of("series-wpsi-index-ken").is_empty());
    let missions = data("peacekeeping_country_mission_year.csv");
    let ghana = record(&missions, "series-peacekeeping-gha");
    assert_eq!(ghana.message().themes, ["peacekeeping"]);
}

#[test]
fn a_series_has_the_themes_of_its_indicator() {
    let said = |record: &DynamicMessage, body: &str, field: &str| {
        let body = record.get_field_by_name(body)?;
        let code = body.as_message()?.get_field_by_name(field)?;
        let themes = record.get_field_by_name("themes")?.into_owned();
        Some((code.as_str()?.to_owned(), themes))
    };
    let all = |imported: &Imported, body: &str, field: &str| -> Vec<(String, Value)> {
        let drafts = imported.drafts.iter();
        let records = drafts
            .map(|draft| DynamicMessage::decode(record_message(), draft.payload.clone()).unwrap());
        let said = records.map(|record| said(&record, body, field).unwrap());
        said.collect()
    };
    let indicators: BTreeMap<_, _> = all(&data("series.csv"), "indicator", "code")
        .into_iter()
        .collect();
    let series = all(&OBSERVATIONS, "series", "indicator_code");
    assert!(series.len() > 5_000, "{}", series.len());
    for (code, themes) in series {
        assert_eq!(Some(&themes), indicators.get(&code), "{code}");
    }
}
