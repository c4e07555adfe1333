//! What the shipped vocabularies must be, and what an operator's files may do.

use std::fs;

use super::*;
use crate::{Language, State};

fn one(text: &str) -> (String, How) {
    match Vocabularies::shipped().countries().find(text) {
        Found::One { term, how } => (term.code.clone(), how),
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn codes_that_changed_and_short_forms_are_todays_code() {
    for (text, code, how) in [
        ("ROM", "ROU", How::Former),
        ("rom", "ROU", How::Former),
        ("TMP", "TLS", How::Former),
        ("ZAR", "COD", How::Former),
        ("Zaire", "COD", How::Former),
        ("UK", "GBR", How::Alias),
        ("u.k.", "GBR", How::Alias),
        ("DRC", "COD", How::Alias),
        ("RDC", "COD", How::Alias),
        ("Kosovo", "XKX", How::Alias),
        ("xkx", "XKX", How::CodeWrittenOtherwise),
        ("Côte d'Ivoire", "CIV", How::Name(Language::English)),
        ("cote divoire", "CIV", How::Name(Language::English)),
        ("Ivory Coast", "CIV", How::Alias),
        ("Netherlands", "NLD", How::Alias),
        ("Taiwan", "TWN", How::Alias),
        ("台湾", "TWN", How::Alias),
        ("ايران", "IRN", How::Alias),
        ("Россия", "RUS", How::Alias),
        ("英国", "GBR", How::Alias),
        ("The Gambia", "GMB", How::Name(Language::English)),
        ("Gambia (the)", "GMB", How::Name(Language::English)),
        ("826", "GBR", How::Alias),
        ("gb", "GBR", How::Alias),
        ("Sudáfrica", "ZAF", How::Name(Language::Spanish)),
        ("Republic of the Congo", "COG", How::Alias),
        ("ALB", "ALB", How::Code),
    ] {
        assert_eq!(one(text), (code.to_owned(), how), "{text}");
    }
    let all = Vocabularies::shipped();
    assert_eq!(all.countries().today("TMP"), "TLS");
    assert_eq!(all.countries().today("XKX"), "XKX");
    assert_eq!(all.countries().today("QQQ"), "QQQ");
}

#[test]
fn countries_and_areas_are_called_as_the_united_nations_call_them() {
    for (code, names) in [
        ("BOL", "Bolivia (Plurinational State of)"),
        ("CIV", "Côte d’Ivoire"),
        ("CPV", "Cabo Verde"),
        ("CZE", "Czechia"),
        ("FLK", "Falkland Islands (Malvinas)"),
        ("HKG", "China, Hong Kong Special Administrative Region"),
        ("IRN", "Iran (Islamic Republic of)"),
        ("KOR", "Republic of Korea"),
        ("LAO", "Lao People's Democratic Republic"),
        ("MAC", "China, Macao Special Administrative Region"),
        ("MDA", "Republic of Moldova"),
        ("NLD", "Netherlands (Kingdom of the)"),
        ("PRK", "Democratic People's Republic of Korea"),
        ("PSE", "State of Palestine"),
        ("RUS", "Russian Federation"),
        ("SWZ", "Eswatini"),
        ("SYR", "Syrian Arab Republic"),
        ("TLS", "Timor-Leste"),
        ("TUR", "Türkiye"),
        ("TWN", "Taiwan (Province of China)"),
        ("TZA", "United Republic of Tanzania"),
        ("VNM", "Viet Nam"),
        ("XKX", "Kosovo (Security Council resolution 1244 (1999))"),
    ] {
        let all = Vocabularies::shipped();
        let called = all.label("countries", code, Language::English);
        assert_eq!(called.text, names, "{code}");
        for language in Language::ALL {
            let called = all.label("countries", code, language);
            assert!(!called.is_fallback, "{code} in {language}");
        }
    }
}

#[test]
fn a_country_is_called_the_same_as_a_country_and_as_an_area_of_m49() {
    let all = Vocabularies::shipped();
    let countries = all.get_or_empty("countries");
    for country in countries.offered() {
        let area = country.attribute("m49");
        if all.get_or_empty("m49").term(area).is_some() {
            for language in Language::ALL {
                let [one, other] = [("countries", country.code.as_str()), ("m49", area)]
                    .map(|(vocabulary, code)| all.label(vocabulary, code, language).text);
                assert_eq!(one, other, "{} in {language}", country.code);
            }
        }
    }
}

#[test]
fn every_organisation_and_region_has_a_name_in_every_language() {
    let all = Vocabularies::shipped();
    for vocabulary in ["groups", "organisations", "m49"] {
        for term in all.get_or_empty(vocabulary).terms() {
            for language in Language::ALL {
                let called = all.label(vocabulary, &term.code, language);
                assert!(
                    !called.is_fallback,
                    "{vocabulary}: {} in {language}",
                    term.code
                );
            }
        }
    }
}

#[test]
fn every_shipped_file_is_read_without_a_fault() {
    for (name, text) in shipped::TABLES {
        let rows = table::read(name, text).unwrap_or_else(|faults| panic!("{faults:?}"));
        assert!(!rows.is_empty(), "{name}");
        for row in rows {
            assert!(
                row.name(Language::English).is_some(),
                "{name}: {}",
                row.code
            );
        }
    }
    // As many rows as the data they are from, with 12 corrections.
    assert_eq!(shipped::memberships().len(), 1_595 + 12);
}

#[test]
fn every_vocabulary_that_the_schema_names_is_there() {
    let all = Vocabularies::shipped();
    let mut named = 0;
    for message in wpsx_proto::record::schema::pool().all_messages() {
        for field in message.fields() {
            let said = wpsx_proto::record::schema::use_of(&field);
            let names = [&said.vocabulary, &said.named_by].into_iter();
            for vocabulary in names.filter(|name| !name.is_empty()) {
                named += 1;
                assert!(all.get(vocabulary).is_some(), "{vocabulary}");
            }
        }
    }
    assert!(named > 30, "{named}");
}

#[test]
fn every_code_has_the_form_that_its_fields_ask_for() {
    use wpsx_proto::{api::record::v1::Form, record::check_form, record::schema};
    let all = Vocabularies::shipped();
    for message in schema::pool().all_messages() {
        for field in message.fields() {
            let form = schema::FieldRules::of(&field).form;
            let vocabulary = all.get_or_empty(&schema::use_of(&field).vocabulary);
            for term in vocabulary.terms().iter().filter(|term| term.is_offered()) {
                let checked = match form {
                    Form::Unspecified => Ok(()),
                    form => check_form(form, &term.code),
                };
                assert!(checked.is_ok(), "{}: {checked:?}", field.full_name());
            }
        }
    }
}

#[test]
fn a_name_in_any_language_is_found_back_to_its_code() {
    let all = Vocabularies::shipped();
    for name in all.names() {
        let vocabulary = all.get_or_empty(name);
        for term in vocabulary.terms() {
            let today = vocabulary.today(term);
            let names = Language::ALL
                .into_iter()
                .filter_map(|language| term.name(language));
            for text in names.chain([term.code.as_str()]) {
                let fits = match vocabulary.find(&text.to_uppercase()) {
                    Found::One { term, .. } => term.code == today.code,
                    // Two things of one name: both are answered, and neither is guessed.
                    Found::Several(terms) => terms.iter().any(|term| term.code == today.code),
                    Found::Nothing => false,
                };
                let found = vocabulary.find(text);
                assert!(fits, "{name}: {text} is {found:?}, not {}", today.code);
                let is_ambiguous = matches!(found, Found::Several(_));
                // The short name of one of the two Congos is what people call either.
                let may_be = name != "countries" || today.code == "COG";
                assert!(!is_ambiguous || may_be, "{text}");
            }
        }
    }
}

#[test]
fn the_countries_are_those_that_a_record_may_name_and_have_six_names_each() {
    let all = Vocabularies::shipped();
    let countries = all.get_or_empty("countries");
    let offered: Vec<&Term> = countries.offered().collect();
    assert_eq!(offered.len(), 249 + 1);
    for term in offered {
        let code: wpsx_proto::record::CountryCode = term.code.parse().unwrap();
        assert_eq!(code.is_user_assigned(), term.has_flag("user-assigned"));
        assert_eq!(code.is_user_assigned(), term.code == "XKX");
        for language in Language::ALL {
            let label = countries.label(&term.code, language);
            assert!(!label.is_fallback, "{} in {language}", term.code);
        }
        // The table in the protocol's package, which checks forms, says the same.
        if let Some(name) = code.name() {
            let names = Language::ALL.map(|language| term.name(language).unwrap_or_default());
            let is_known = names.contains(&name)
                || countries
                    .find(name)
                    .term()
                    .is_some_and(|found| found.code == term.code);
            assert!(
                is_known,
                "{} is {name} in one table and {names:?} in the other",
                term.code
            );
        }
    }
    for term in all.get_or_empty("currencies").terms() {
        assert!(wpsx_proto::record::is_currency(&term.code), "{}", term.code);
    }
}

#[test]
fn a_short_form_that_two_countries_share_is_answered_with_both() {
    let all = Vocabularies::shipped();
    for (text, codes) in [
        ("Korea", ["KOR", "PRK"]),
        ("Congo", ["COG", "COD"]),
        ("Virgin Islands", ["VGB", "VIR"]),
    ] {
        let Found::Several(terms) = all.countries().find(text) else {
            panic!("{text} is taken for one country");
        };
        let found: Vec<&str> = terms.iter().map(|term| term.code.as_str()).collect();
        assert_eq!(found, codes, "{text}");
    }
}

#[test]
fn every_code_that_is_no_proper_name_is_called_something_in_each_of_the_six_languages() {
    let all = Vocabularies::shipped();
    let proper = ["countries", "currencies", "languages"];
    let mut missing = Vec::new();
    for name in all.names().filter(|name| !proper.contains(name)) {
        for term in all.get(name).unwrap().terms() {
            for language in Language::ALL {
                if term.name(language).is_none_or(str::is_empty) {
                    missing.push(format!("{name} {} in {language}", term.code));
                }
            }
        }
    }
    assert!(missing.is_empty(), "without a name: {missing:#?}");
}

#[test]
fn an_unknown_code_is_shown_as_a_code_and_a_missing_name_in_english() {
    let all = Vocabularies::shipped();
    let label = all.label("themes", "lunar-bases", Language::French);
    assert_eq!(label.text, "lunar-bases");
    assert_eq!((label.state, label.is_fallback), (State::Missing, true));
    assert_eq!(all.label("no-such-list", "x", Language::French).text, "x");
    assert_eq!(all.countries().find("Atlantis"), Found::Nothing);

    let spoken = all.label("languages", "hif", Language::Arabic);
    assert!(spoken.is_fallback && spoken.language == Language::English);
    assert_eq!(spoken.marked(), "[en] Fiji Hindi");
    let theme = all.label("themes", "mediation", Language::Arabic);
    assert_eq!((theme.state, theme.is_fallback), (State::Machine, false));
    let country = all.label("countries", "ALB", Language::Arabic);
    assert_eq!(country.state, State::Reviewed);
}

#[test]
fn the_members_of_an_organisation_are_those_of_the_date() {
    let all = Vocabularies::shipped();
    let members = |group: &str, at| all.countries().members(group, at).unwrap();
    // The seed document counts 28 members of the European Union in September 2017.
    let then = members("EU", Some("2017-09-21"));
    assert_eq!(then.countries.len(), 28);
    assert_eq!(
        then.unverified,
        ["GBR"],
        "no stored source says so of the United Kingdom"
    );
    let now = members("union européenne", None);
    assert_eq!(now.countries.len(), 27);
    assert!(now.unverified.is_empty() && now.seen == ["2026-11-23"]);
    assert_eq!(members("EU", Some("2026-11-28")).countries.len(), 27);
    assert!(
        !members("NATO", Some("2016"))
            .countries
            .contains(&"MNE".to_owned())
    );
    assert!(
        members("NATO", Some("2018"))
            .countries
            .contains(&"MNE".to_owned())
    );
    assert_eq!(members("Western Balkans", None).unverified.len(), 6);
}

#[test]
fn the_countries_of_a_region_are_those_below_it() {
    let all = Vocabularies::shipped();
    let members = |group: &str| all.countries().members(group, None).unwrap().countries;
    let eastern = members("014");
    assert!(eastern.contains(&"KEN".to_owned()) && !eastern.contains(&"NGA".to_owned()));
    let africa = members("Africa");
    assert!(africa.len() > 50 && eastern.iter().all(|code| africa.contains(code)));
    assert!(members("001").len() >= 248);
    assert_eq!(members("Sub-Saharan Africa"), members("202"));
    assert!(members("Southern Europe").contains(&"XKX".to_owned()));
    let unknown = all.countries().members("Atlantis", None).unwrap_err();
    assert!(unknown.to_string().contains("Atlantis"), "{unknown}");
    let undated = all
        .countries()
        .members("EU", Some("yesterday"))
        .unwrap_err();
    assert!(undated.to_string().contains("2018-09-11"), "{undated}");
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn an_operator_adds_and_changes_rows_without_a_release() {
    let folder = folder(&[
        ("themes.csv", b"code,en,fr,aliases\nlunar-bases,Lunar bases,Bases lunaires,moon\npolice,,La police,constables\n"),
        ("house-codes.csv", b"\xef\xbb\xbfcode,en\na1,First\n"),
        ("memberships.csv", b"organisation,country,role,from,to,seen,source\nMOON,ALB,member,2020,,,treaty\n"),
        ("groups.csv", b"code,en\nMOON,Moon Treaty\n"),
        ("README.txt", b"not a vocabulary"),
    ]);
    let all = Vocabularies::with_folder(folder.path()).unwrap();
    let themes = all.get_or_empty("themes");
    assert_eq!(themes.find("MOON").term().unwrap().code, "lunar-bases");
    assert_eq!(
        all.label("themes", "lunar-bases", Language::French).text,
        "Bases lunaires"
    );
    // A filled cell changes the shipped row; an empty one leaves it.
    assert_eq!(
        all.label("themes", "police", Language::French).text,
        "La police"
    );
    assert_eq!(
        all.label("themes", "police", Language::French).state,
        State::Reviewed
    );
    assert_eq!(
        all.label("themes", "police", Language::English).text,
        "Police"
    );
    assert_eq!(themes.find("constables").term().unwrap().code, "police");
    assert_eq!(
        all.label("house-codes", "a1", Language::English).text,
        "First"
    );
    let moon = all.countries().members("Moon Treaty", None).unwrap();
    assert_eq!(moon.countries, ["ALB"]);
    // Those of the program stay as they are.
    assert!(Vocabularies::shipped().get("house-codes").is_none());
    let nothing = Vocabularies::with_folder(&folder.path().join("none")).unwrap();
    assert!(nothing.get("themes").is_some());
}

#[test]
fn bad_files_of_an_operator_are_refused_with_every_fault_at_its_line() {
    let folder = folder(&[
        ("a.csv", b"code,en,alises\nx,X,y\n"),
        ("b.csv", b"en\nX\n"),
        (
            "c.csv",
            b"code,en,since\nx y,X,soon\nz,Z,\nz,Again,\n,Nothing,\n",
        ),
        ("d.csv", b"code,en\nx,\xff\n"),
        ("e.csv", b"code,en\nx,X,too many\n"),
        ("f.csv", b"code,en,fr\nx,X,\"A\ny,Y,B\nz,Z,C\n"),
        (
            "memberships.csv",
            b"organisation,country,role,from,to,seen,source\nEU,Albania,member,,,,\n",
        ),
    ]);
    let bad = Vocabularies::with_folder(folder.path()).unwrap_err();
    let said = bad.to_string();
    for part in [
        "a.csv, line 1: there is no column \"alises\"",
        "columns are code, aliases",
        "b.csv, line 1: there is no column \"code\"",
        "c.csv, line 2: \"x y\" is no code",
        "c.csv, line 2: since: a date is written 2018",
        "c.csv, line 4: the code \"z\" stands in line 3 already",
        "c.csv, line 5: the row has no code",
        "d.csv: byte 10 is not UTF-8",
        "e.csv, line 2",
        "f.csv, line 2: fr: a line end in a cell; is a quote left open?",
        "memberships.csv, line 2: \"Albania\" is no ISO 3166-1",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
}

#[test]
fn replacements_in_a_circle_end() {
    let folder = folder(&[("themes.csv", b"code,en,replaced_by\na,A,b\nb,B,a\n")]);
    let all = Vocabularies::with_folder(folder.path()).unwrap();
    let themes = all.get_or_empty("themes");
    assert!(themes.find("a").term().is_some());
}

#[test]
fn a_term_is_found_by_each_word_of_its_names_in_every_language_and_by_no_alias() {
    let all = Vocabularies::shipped();
    let countries = all.get_or_empty("countries");
    let found = |word: &str| -> Vec<&str> {
        let terms = countries.with_word(word);
        terms.map(|term| term.code.as_str()).collect()
    };
    for word in ["kenya", "кения", "كينيا"] {
        assert_eq!(found(word), ["KEN"], "{word}");
    }
    assert!(found("allemagne").contains(&"DEU") && found("国").len() > 5);
    assert_eq!(
        found("ken"),
        Vec::<&str>::new(),
        "a code is no word of a name"
    );
}
