use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};
use wpsx_proto::record::{Kind, Record, schema::use_of};
use wpsx_words::{Language, Vocabularies, Words};

use super::*;

fn said<T>(language: Language, work: impl FnOnce(Voice<'_>) -> T) -> T {
    let vocabularies: Arc<Vocabularies> = Vocabularies::shipped();
    work(Voice {
        language,
        words: Words::shipped(),
        vocabularies: &vocabularies,
    })
}

fn citation(title: &str) -> Citation {
    Citation {
        authors: vec!["Ministry of x & y".to_owned()],
        dated: "2019-05".parse().ok(),
        reference_type: "LEGAL".to_owned(),
        kind: "Law".to_owned(),
        title: short(title, LONGEST_TITLE),
        language: "en".to_owned(),
        worded: Worded::Original,
        translation: None,
        translated: None,
        in_custody: false,
        publisher: "Secretariat".to_owned(),
        site: "Site".to_owned(),
        published: "2026-11-28".to_owned(),
        revision: 2,
        id: "0011".to_owned(),
        hash: Hash::of(b""),
        notice: String::new(),
        address: "https://o.example/en/record/0011/2".to_owned(),
    }
}

/// The three forms of a citation: the sentence, BibTeX, RIS.
fn forms(cited: &Citation, language: Language) -> [String; 3] {
    said(language, |voice| {
        [cited.line(voice), cited.bibtex(voice), cited.ris(voice)]
    })
}

#[test]
fn a_citation_names_whose_text_it_is_and_who_published_it_here_with_date_hash_and_address() {
    let cited = citation("A plan");
    for text in forms(&cited, Language::English) {
        for part in [
            "Ministry of x",
            "A plan",
            "2019",
            "Published in Site by Secretariat on 28 November 2026, revision 2.",
            "/0011/2",
            "e3b0c44298fc1c14",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
    let [line, bibtex, ris] = forms(&cited, Language::English);
    assert!(line.starts_with("Ministry of x & y (2019). A plan. Law. Published in"));
    assert!(bibtex.starts_with("@misc{wpsx-0011-2,\n"), "{bibtex}");
    assert!(
        bibtex.contains("author = {{Ministry of x \\& y}}"),
        "{bibtex}"
    );
    assert!(ris.starts_with("TY  - LEGAL\r\n") && ris.ends_with("ER  - \r\n"));
    assert!(
        ris.contains("\r\nPY  - 2019\r\nDA  - 2019/05//\r\n"),
        "{ris}"
    );
    assert!(
        ris.contains("\r\nPB  - Secretariat\r\n") && ris.contains("28 November 2026"),
        "{ris}"
    );
    let kept = Citation {
        in_custody: true,
        ..citation("A plan")
    };
    let [_, _, kept] = forms(&kept, Language::English);
    assert!(!kept.contains("PB  - "), "{kept}");
    // The publisher has not written it, a revision of the record is no edition of the text, and
    // nobody knows when a reader looked at it.
    for field in ["AU  - Secretariat", "DP  - ", "ET  - ", "Y2  - "] {
        assert!(!ris.contains(field), "{field} is in {ris}");
    }
    for field in ["version", "edition", "howpublished"] {
        assert!(!bibtex.contains(field), "{field} is in {bibtex}");
    }
}

#[test]
fn what_nobody_says_is_said_to_be_unknown_as_each_form_has_it() {
    let cited = Citation {
        authors: Vec::new(),
        dated: None,
        ..citation("A paper")
    };
    let [line, bibtex, ris] = forms(&cited, Language::English);
    assert!(line.starts_with("A paper. (n.d.). Law."), "{line}");
    let shown = said(Language::English, |voice| cited.shown(voice).into_string());
    let begins = "<p class=\"citation\"><bdi lang=\"en\" dir=\"ltr\">A paper.</bdi> (<bdi>n.d.</bdi>).<br>Law.";
    assert!(shown.starts_with(begins), "{shown}");
    assert!(!bibtex.contains("author") && bibtex.contains("key = {A paper}"));
    assert!(
        !bibtex.contains(" year = ") && !bibtex.contains(" date = "),
        "{bibtex}"
    );
    assert!(!ris.contains("AU  - ") && !ris.contains("PY  - "), "{ris}");
    // Nobody answers for it as an institution.
    let report = Citation {
        authors: Vec::new(),
        reference_type: "RPRT".to_owned(),
        ..citation("A report")
    };
    let [_, bibtex, _] = forms(&report, Language::English);
    assert!(bibtex.starts_with("@misc{") && !bibtex.contains("institution"));
    let [line, ..] = forms(&cited, Language::French);
    assert!(line.starts_with("A paper. (s. d.)."), "{line}");
    // A title in brackets is not ordered among signs.
    let worded = Citation {
        worded: Worded::ByPublisher,
        ..cited
    };
    let [line, bibtex, _] = forms(&worded, Language::English);
    assert!(line.starts_with("[A paper]. (n.d.). Law."), "{line}");
    assert!(bibtex.contains("key = {A paper}") && bibtex.contains("title = {{[A paper]}}"));
}

#[test]
fn a_site_with_a_notice_says_it_in_every_citation() {
    let cited = Citation {
        notice: "A trial; do not cite".to_owned(),
        ..citation("A plan")
    };
    for text in forms(&cited, Language::English) {
        assert!(text.contains("A trial; do not cite."), "{text}");
    }
    let shown = said(Language::English, |voice| cited.shown(voice).into_string());
    assert!(
        shown.contains("<strong>A trial; do not cite</strong>"),
        "{shown}"
    );
}

/// A record that fills every field by which it is cited.
fn filled(kind: Kind) -> Record {
    let body_field = kind.body_field().unwrap();
    let message = body_field.kind().as_message().cloned().unwrap();
    let mut body = Map::new();
    for field in message.fields() {
        let value = match (use_of(&field), field.kind().as_message()) {
            (said, _) if said.cited_as_author => {
                json!([{"name": [{"language": "en", "text": "Ministry of A"}], "country": "KEN"},
                    {"acronym": "ABC"}])
            }
            (said, Some(part)) if said.cited_as_date && part.name() == "Period" => {
                json!({"start": {"value": "2018-02"}, "end": {"value": "2022"}})
            }
            (said, _) if said.cited_as_date => json!({"value": "2019-05-03"}),
            _ => continue,
        };
        body.insert(field.name().to_owned(), value);
    }
    let record = json!({
        "external_id": "x",
        "title": [{"language": "en", "text": "A title"}],
        "countries": ["ALB"],
        "date": {"value": "2017"},
        body_field.name(): Value::Object(body),
    });
    Record::from_json(&record.to_string()).unwrap_or_else(|error| panic!("{kind}: {error}"))
}

#[test]
fn each_kind_is_cited_by_its_author_its_year_and_its_type_in_all_three_forms() {
    let bodies = &["Kenya, Ministry of A", "ABC"][..];
    let expected: BTreeMap<&str, (&str, &str, &[&str], &str)> = BTreeMap::from([
        (
            "national-action-plan",
            ("GOVDOC", "techreport", &["Albania"][..], "2019"),
        ),
        (
            "regional-action-plan",
            ("RPRT", "techreport", bodies, "2019"),
        ),
        ("good-practice", ("RPRT", "techreport", bodies, "2017")),
        ("plan-item", ("ELEC", "misc", &["Albania"], "2017")),
        ("progress-report", ("RPRT", "techreport", bodies, "2017")),
        ("assessment", ("RPRT", "techreport", bodies, "2019")),
        ("policy", ("GOVDOC", "techreport", bodies, "2019")),
        ("law", ("LEGAL", "misc", &["Albania"], "2019")),
        ("document", ("RPRT", "techreport", bodies, "2019")),
        ("event", ("CONF", "misc", bodies, "2018")),
        ("initiative", ("ELEC", "misc", &[], "2017")),
        ("organisation", ("ELEC", "misc", &[], "2017")),
        ("indicator", ("DATA", "misc", bodies, "2017")),
        ("series", ("DATA", "misc", &[], "2017")),
        ("opportunity", ("ELEC", "misc", bodies, "2017")),
        ("call", ("ELEC", "misc", bodies, "2018")),
        ("commitment", ("ELEC", "misc", bodies, "2019")),
        ("decision", ("ELEC", "misc", bodies, "2019")),
        ("finding", ("ELEC", "misc", bodies, "2019")),
        ("claim", ("ELEC", "misc", bodies, "2019")),
        ("translation", ("ELEC", "misc", bodies, "2019")),
        ("printed-count", ("DATA", "misc", bodies, "2019")),
    ]);
    assert_eq!(expected.len(), Kind::known().count());
    for kind in Kind::known() {
        let text = said(Language::English, |voice| {
            Text::of(&filled(kind), None, voice)
        });
        let cited = Citation {
            authors: text.authors,
            dated: text.date,
            reference_type: text.reference_type,
            ..citation("A title")
        };
        let (ty, entry, authors, year) = expected[kind.to_string().as_str()];
        assert_eq!(cited.authors, authors, "{kind}");
        let [line, bibtex, ris] = forms(&cited, Language::English);
        let begins = match authors {
            [] => format!("A title. ({year}). "),
            authors => format!("{} ({year}). A title.", authors.join("; ")),
        };
        assert!(line.starts_with(&begins), "{kind}: {line}");
        assert!(
            bibtex.starts_with(&format!("@{entry}{{")),
            "{kind}: {bibtex}"
        );
        assert!(
            bibtex.contains(&format!("year = {{{year}}}")),
            "{kind}: {bibtex}"
        );
        let named: Vec<String> = authors.iter().map(|name| format!("{{{name}}}")).collect();
        let named = format!("author = {{{}}}", named.join(" and "));
        assert_eq!(
            bibtex.contains(&named),
            !authors.is_empty(),
            "{kind}: {bibtex}"
        );
        assert!(ris.starts_with(&format!("TY  - {ty}\r\n")), "{kind}: {ris}");
        assert!(
            ris.contains(&format!("\r\nPY  - {year}\r\n")),
            "{kind}: {ris}"
        );
        for name in authors {
            assert!(
                ris.contains(&format!("\r\nAU  - {name}\r\n")),
                "{kind}: {ris}"
            );
        }
    }
}

#[test]
fn a_text_in_custody_is_its_owners_and_not_its_keepers() {
    let record = Record::from_json(
        r#"{"external_id": "p", "title": [{"language": "en", "text": "P"}],
            "custody": {"countries": ["NOR"]}, "policy": {}}"#,
    )
    .unwrap();
    let cited = said(Language::French, |voice| Text::of(&record, None, voice));
    assert_eq!(cited.authors, ["Norvège"]);
    assert_eq!(cited.date, None);
}

#[test]
fn figures_are_those_of_whom_their_source_asks_to_name_and_the_years_they_are_of_date_no_text() {
    let record = Record::from_json(
        r#"{"external_id": "s", "countries": ["NOR"], "attribution": "Institute of x",
            "title": [{"language": "en", "text": "S", "kind": "TEXT_KIND_DESCRIPTIVE"}],
            "custody": {"countries": ["NOR"]},
            "series": {"period": {"start": {"value": "2010"}, "end": {"value": "2021"}}}}"#,
    )
    .unwrap();
    let cited = said(Language::English, |voice| Text::of(&record, None, voice));
    assert_eq!(cited.authors, ["Institute of x"]);
    assert_eq!(cited.date, None);
}

#[test]
fn a_title_that_its_keeper_worded_is_not_cited_as_its_authors() {
    let titled = |kind: &str| {
        let record = Record::from_json(&format!(
            r#"{{"external_id": "p", "countries": ["NOR"],
                "title": [{{"language": "en", "text": "Plan of Norway", "kind": "TEXT_KIND_{kind}"}}],
                "custody": {{"countries": ["NOR"]}}, "national_action_plan": {{}}}}"#
        ))
        .unwrap();
        let text = said(Language::English, |voice| Text::of(&record, None, voice));
        Citation {
            worded: match kind {
                "ORIGINAL" => Worded::Original,
                _ => Worded::ByPublisher,
            },
            in_custody: text.in_custody,
            authors: text.authors,
            ..citation("Plan of Norway")
        }
    };
    let worded = titled("DESCRIPTIVE");
    for text in forms(&worded, Language::English) {
        for part in [
            "Norway",
            "[Plan of Norway]",
            "Title in the words of Secretariat",
            "Held in custody by Secretariat in Site",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains("Published in"), "{text}");
    }
    let [_, _, ris] = forms(&worded, Language::English);
    assert!(!ris.contains("LA  - "), "{ris}");
    for text in forms(&titled("ORIGINAL"), Language::English) {
        assert!(
            !text.contains('[') && !text.contains("in the words of"),
            "{text}"
        );
        assert!(text.contains("Held in custody by"), "{text}");
    }
}

#[test]
fn a_translation_is_cited_beside_its_authors_title_and_as_what_it_is() {
    let beside = Citation {
        language: "fr".to_owned(),
        translation: Some("National plan".to_owned()),
        translated: Some("Machine translation".to_owned()),
        ..citation("Plan national")
    };
    let [line, bibtex, ris] = forms(&beside, Language::English);
    let both = "Plan national [National plan; Machine translation]";
    assert!(
        line.contains(both) && bibtex.contains(both),
        "{line} {bibtex}"
    );
    let lines = "\r\nTI  - Plan national\r\nTT  - National plan\r\n";
    assert!(ris.contains(lines) && ris.contains("LA  - fr"), "{ris}");
    assert!(
        ris.contains("N1  - National plan; Machine translation."),
        "{ris}"
    );
    // Where the author's is not known, how the title came to be is said all the same.
    let alone = Citation {
        worded: Worded::Otherwise,
        translated: Some("Machine translation".to_owned()),
        ..citation("National plan")
    };
    for text in forms(&alone, Language::English) {
        assert!(
            text.contains("National plan [Machine translation]"),
            "{text}"
        );
    }
}

#[test]
fn a_date_that_was_only_planned_dates_no_text() {
    let record = Record::from_json(
        r#"{"external_id": "p", "title": [{"language": "en", "text": "P"}],
            "national_action_plan": {"adopted": {"value": "2020", "sense": "DATE_SENSE_PLANNED"},
                "launched": {"value": "2021"}}}"#,
    )
    .unwrap();
    let cited = said(Language::English, |voice| Text::of(&record, None, voice));
    assert_eq!(cited.date, "2021".parse().ok());
}

#[test]
fn a_policy_that_is_not_written_yet_and_a_date_by_or_around_which_something_was_date_nothing() {
    let dated = |date: &str, body: &str| {
        let record = Record::from_json(&format!(
            r#"{{"external_id": "p", "date": {{"value": "2017" {date}}},
                "title": [{{"language": "en", "text": "P"}}], {body}}}"#
        ))
        .unwrap();
        let cited = said(Language::English, |voice| Text::of(&record, None, voice));
        cited.date.map(|date| date.to_string())
    };
    let state = |code: &str| format!(r#""policy": {{"states": [{{"state": "{code}"}}]}}"#);
    assert_eq!(dated("", &state("in-force")).as_deref(), Some("2017"));
    assert_eq!(dated("", &state("in-development")), None);
    for sense in ["BY", "ABOUT", "PLANNED"] {
        let sense = format!(r#", "sense": "DATE_SENSE_{sense}""#);
        assert_eq!(dated(&sense, r#""law": {}"#), None, "{sense}");
    }
}

#[test]
fn no_plan_is_of_a_year_that_it_is_only_for_or_that_is_to_come() {
    let dated = |plan: &str| {
        let record = Record::from_json(&format!(
            r#"{{"external_id": "p", "date": {{"value": "2019"}},
                "title": [{{"language": "en", "text": "P"}}],
                "national_action_plan": {{"period": {{"start": {{"value": "2018"}}}}, {plan}}}}}"#
        ))
        .unwrap();
        let cited = said(Language::English, |voice| {
            Text::of(&record, Some("2026-11-30"), voice)
        });
        cited.date.map(|date| date.to_string())
    };
    for (plan, date) in [
        (r#""edition": {}"#, Some("2019")),
        (r#""adopted": {"value": "2017-03"}"#, Some("2017-03")),
        (r#""adopted": {"value": "2026"}"#, Some("2026")),
        (
            r#""adopted": {"value": "2027"}, "launched": {"value": "2026-12"}"#,
            Some("2019"),
        ),
        (
            r#""status_history": [{"status": "PLAN_STATUS_IN_DEVELOPMENT"}]"#,
            None,
        ),
        (
            r#""status_history": [{"status": "PLAN_STATUS_LAUNCHED", "date": {"value": "2016-05"}}]"#,
            Some("2016-05"),
        ),
        (
            r#""adopted": {"value": "2027"}, "status_history": [{"status": "PLAN_STATUS_ANNOUNCED"}]"#,
            None,
        ),
    ] {
        assert_eq!(dated(plan).as_deref(), date, "{plan}");
    }
}

#[test]
fn in_a_citation_each_part_keeps_its_own_direction() {
    let cited = citation("A plan, edition 2");
    let shown = said(Language::Arabic, |voice| cited.shown(voice).into_string());
    for part in [
        "<bdi lang=\"en\" dir=\"ltr\">A plan, edition 2.</bdi><br>",
        "<bdi dir=\"ltr\"><a class=\"bare\" href=\"https://o.example/en/record/0011/2\">",
        "<bdi dir=\"ltr\">SHA-256 <code>",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
}

#[test]
fn no_title_closes_its_field() {
    let cited = citation("}}\n}\r\nER  - \\input{/etc/passwd} @misc{x, %");
    let [_, text, ris] = forms(&cited, Language::English);
    let (mut depth, mut least_inside) = (0_i32, i32::MAX);
    let body = &text[..text.trim_end().len() - 1];
    for c in body.chars() {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if depth > 0 {
            least_inside = least_inside.min(depth);
        }
        assert!(depth >= 0 && !(c == '}' && depth == 0), "{text}");
    }
    assert_eq!((depth, least_inside), (1, 1), "{text}");
    let lines: Vec<&str> = ris.split("\r\n").collect();
    let ends = lines.iter().filter(|line| line.starts_with("ER")).count();
    assert_eq!(ends, 1);
    assert!(lines.iter().all(|line| !line.contains(['\r', '\n'])));
}
