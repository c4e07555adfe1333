//! Reading, checking and showing records.

use super::*;
use proptest::prelude::*;

fn text(language: &str, text: &str) -> api::Text {
    api::Text {
        language: language.to_owned(),
        text: text.to_owned(),
        kind: 0,
    }
}

fn date(text: &str) -> Option<api::Date> {
    Some(text.parse().unwrap())
}

fn plan() -> api::Record {
    api::Record {
        external_id: "nap-alb-1".to_owned(),
        title: vec![text("en", "First plan"), text("sq", "Plani i parë")],
        countries: vec!["ALB".to_owned()],
        sources: vec![api::Source {
            url: "https://www.peacewomen.org/x".to_owned(),
            ..Default::default()
        }],
        body: Some(api::record::Body::NationalActionPlan(
            api::NationalActionPlan {
                adopted: date("2018-09-11"),
                period: Some(api::Period {
                    start: date("2018"),
                    end: date("by 2020"),
                    ..Default::default()
                }),
                status_history: vec![api::StatusEntry {
                    status: api::PlanStatus::Superseded.into(),
                    ..Default::default()
                }],
                ..Default::default()
            },
        )),
        ..Default::default()
    }
}

fn errors(message: api::Record) -> Vec<String> {
    match Record::new(message).unwrap().check() {
        Ok(()) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

fn readable(kind: u32, payload: &[u8]) -> Record {
    match Record::read(kind, payload) {
        Reading::Readable(record) => *record,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sound_record_passes_and_comes_back_as_it_was() {
    let record = Record::new(plan()).unwrap();
    record.check().unwrap();
    let read = readable(1, record.payload());
    assert_eq!(read.message(), record.message());
    assert_eq!(read.payload(), record.payload());
    let header = read.header();
    assert_eq!(header, Header::read(record.payload()).unwrap());
    assert_eq!(header.external_id(), Some("nap-alb-1"));
    assert_eq!(header.title(&["sq"]), Some("Plani i parë"));
    assert_eq!(header.title(&["fr"]), Some("First plan"));
    assert_eq!(header.countries(), ["ALB"]);
}

#[test]
fn the_bytes_of_a_record_are_pinned() {
    let record = api::Record {
        external_id: "x-1".to_owned(),
        title: vec![text("en", "T")],
        countries: vec!["XKX".to_owned()],
        body: Some(api::record::Body::GoodPractice(Default::default())),
        ..Default::default()
    };
    let expected = concat!(
        "0a03782d31", // 1 external_id "x-1"
        "1207",       // 2 title
        "0a02656e",   //   1 language "en"
        "120154",     //   2 text "T"
        "2203584b58", // 4 countries "XKX"
        "ba0600",     // 103 good_practice, empty
    );
    assert_eq!(
        hex::encode(Record::new(record).unwrap().payload()),
        expected
    );
}

#[test]
fn broken_rules_are_named_with_their_fields() {
    let mut record = plan();
    record.title.clear();
    assert_eq!(errors(record), ["title: is missing"]);

    let mut record = plan();
    record.title.push(text("en", "Again"));
    assert_eq!(errors(record), ["title: holds two texts in en"]);

    let mut record = plan();
    record.title[0].language = "english_".to_owned();
    record.countries.push("ZZ".to_owned());
    record.sources.push(api::Source::default());
    record.licence = "x".repeat(501);
    let found = errors(record);
    assert_eq!(
        found,
        [
            "title[0].language: \"english_\" is not a well-formed BCP 47 language tag",
            "countries[1]: \"ZZ\" is no ISO 3166-1 alpha-3 code and no user-assigned one",
            "licence: 501 bytes; at most 500",
            "sources[1]: names no address, symbol or citation",
        ]
    );

    let mut record = plan();
    let Some(api::record::Body::NationalActionPlan(body)) = &mut record.body else {
        unreachable!()
    };
    body.period.as_mut().unwrap().end = date("2017");
    body.adopted = Some(api::Date::default());
    body.launched = Some(api::Date {
        value: "2018-02-30".to_owned(),
        ..Default::default()
    });
    body.status_history[0].status = 99;
    body.budget = Some(api::Budget {
        amounts: vec![api::Amount {
            value: "5 million".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    });
    assert_eq!(
        errors(record),
        [
            "national_action_plan.adopted: has no value and is not marked as not given",
            "national_action_plan.launched.value: \"2018-02-30\" is no date: 2018-02 has no day 30",
            "national_action_plan.period.end: ends 2017, before it starts 2018",
            "national_action_plan.status_history[0].status: 99 is no value of this field",
            "national_action_plan.budget.amounts[0].currency: is missing",
            "national_action_plan.budget.amounts[0].value: \"5 million\" is no decimal number such as 12.5",
        ]
    );
}

#[test]
fn what_steers_a_terminal_is_refused() {
    for evil in [
        "a\u{1b}[2Jb",
        "a\0b",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{2069}b",
        "a\u{9b}b",
    ] {
        let mut record = plan();
        record.title[0].text = evil.to_owned();
        assert_eq!(errors(record), ["title[0].text: holds a control character"]);
    }
    let mut record = plan();
    record.title[0].text = "خطة العمل الوطنية\nالثانية".to_owned();
    assert!(errors(record).is_empty());
}

#[test]
fn a_record_of_many_faults_is_answered_with_a_hundred() {
    let mut record = plan();
    record.sources = vec![api::Source::default(); 1_000];
    assert_eq!(errors(record).len(), 100);
    let mut record = plan();
    record.countries = vec!["ALB".to_owned(); 301];
    assert_eq!(errors(record), ["countries: 301 values; at most 300"]);
}

#[test]
fn an_unknown_kind_keeps_its_header() {
    let payload = Record::new(plan()).unwrap().payload().clone();
    let reading = Record::read(57, &payload);
    let Reading::NewerKind { kind, header } = &reading else {
        panic!("{reading:?}");
    };
    assert_eq!(kind.to_string(), "kind-57");
    assert_eq!(header.countries(), ["ALB"]);
    let shown = reading.to_json();
    assert_eq!(shown["external_id"], "nap-alb-1");
    assert_eq!(shown["unreadable"], "kind-57 needs newer software");
    assert!(!reading.is_readable());
}

#[test]
fn fields_of_a_newer_schema_are_shown_and_kept() {
    let mut payload = Record::new(plan()).unwrap().payload().to_vec();
    // Field 90, a varint, on the record; field 57, a text, inside the plan.
    payload.extend([0xd0, 0x05, 0x01]);
    payload.extend([0xaa, 0x06, 0x05, 0xca, 0x03, 0x02, b'h', b'i']);
    let record = readable(1, &payload);
    assert_eq!(record.unread_fields(), ["90", "national_action_plan.57"]);
    assert_eq!(record.payload().as_ref(), payload);
    let shown = record.to_json();
    assert_eq!(shown["unread_fields"][1], "national_action_plan.57");
    assert_eq!(
        shown["national_action_plan"]["adopted"]["value"],
        "2018-09-11"
    );
    record.check().unwrap();
}

#[test]
fn a_payload_of_another_kind_than_announced_is_malformed() {
    let payload = Record::new(plan()).unwrap().payload().clone();
    let Reading::Malformed(reason) = Record::read(3, &payload) else {
        panic!();
    };
    assert_eq!(
        reason,
        "announced as good-practice, but the payload is a national-action-plan"
    );
}

#[test]
fn a_record_reads_as_json_and_as_lines() {
    let record = Record::new(plan()).unwrap();
    assert_eq!(
        record.to_json(),
        json!({
            "external_id": "nap-alb-1",
            "title": [
                { "language": "en", "text": "First plan" },
                { "language": "sq", "text": "Plani i parë" },
            ],
            "countries": ["ALB"],
            "sources": [{ "url": "https://www.peacewomen.org/x" }],
            "national_action_plan": {
                "adopted": { "value": "2018-09-11" },
                "period": {
                    "start": { "value": "2018" },
                    "end": { "value": "2020", "sense": "DATE_SENSE_BY" },
                },
                "status_history": [{ "status": "PLAN_STATUS_SUPERSEDED" }],
            },
        })
    );
    let lines = record.to_lines();
    let lines: Vec<String> = lines
        .iter()
        .map(|(path, value)| format!("{path} = {value}"))
        .collect();
    assert_eq!(
        lines,
        [
            "external_id = nap-alb-1",
            "title.en = First plan",
            "title.sq = Plani i parë",
            "countries = ALB",
            "sources.url = https://www.peacewomen.org/x",
            "adopted = 2018-09-11",
            "period.start = 2018",
            "period.end = by 2020",
            "status_history.status = superseded",
        ]
    );
}

#[test]
fn json_comes_back_as_the_same_bytes() {
    let record = Record::new(plan()).unwrap();
    let text = record.to_json().to_string();
    assert_eq!(
        Record::from_json(&text).unwrap().payload(),
        record.payload()
    );
    for (text, reason) in [
        ("", "EOF while parsing"),
        ("{}", "the part of its kind is missing"),
        ("[]", "invalid type"),
        (r#"{"titel": []}"#, "unrecognized field name"),
        (r#"{"national_action_plan": {}} x"#, "trailing characters"),
        (r#"{"external_id": 5}"#, "invalid type"),
    ] {
        let error = Record::from_json(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let deep = "[".repeat(100_000);
    assert!(Record::from_json(&deep).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(kind in 0u32..6, bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let reading = Record::read(kind, &bytes);
        let _ = (reading.to_json(), reading.to_lines(), reading.header());
        if let Reading::Readable(record) = reading {
            let _ = (record.check(), record.unread_fields());
        }
        let _ = Header::read(&bytes);
    }

    #[test]
    fn changed_records_never_make_reading_panic(at in 0usize..120, to in any::<u8>()) {
        let mut payload = Record::new(plan()).unwrap().payload().to_vec();
        let at = at % payload.len();
        payload[at] = to;
        let reading = Record::read(1, &payload);
        let _ = (reading.to_json(), reading.to_lines());
        if let Reading::Readable(record) = reading {
            let _ = record.check();
        }
    }
}

/// Prints a rate; run with `--ignored --release --nocapture`.
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
#[test]
#[ignore = "a measurement"]
fn headers_are_read_fast() {
    let payload = Record::new(plan()).unwrap().payload().clone();
    let rounds = 2_000_000u32;
    let start = std::time::Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(Header::read(std::hint::black_box(&payload)).unwrap());
    }
    let rate = f64::from(rounds) / start.elapsed().as_secs_f64();
    println!("{rate:.0} headers/s of {} bytes", payload.len());
    assert!(rate > 1_000_000.0);
}

#[test]
fn every_text_is_shown_with_its_place() {
    let record = Record::from_json(
        r#"{"external_id": "a", "title": [{"language": "fr", "text": "T"}],
            "countries": ["KEN", "ALB"], "sources": [{"url": "https://a.example"}],
            "national_action_plan": {"period": {"start": {"value": "2018"}}}}"#,
    )
    .unwrap();
    let mut seen = Vec::new();
    record.each_text(&mut |text| seen.push(format!("{} = {}", text.path, text.text)));
    assert_eq!(
        seen,
        [
            "external_id = a",
            "title.fr = fr",
            "title.fr = T",
            "countries[0] = KEN",
            "countries[1] = ALB",
            "sources[0].url = https://a.example",
            "national_action_plan.period.start.value = 2018",
        ]
    );
}
