//! What is found of records, and of what only looks like one.

use proptest::prelude::*;

use super::*;
use crate::record::{Kind, Record, schema::use_of};

fn traits(json: &str) -> Traits {
    let record = Record::from_json(json).unwrap();
    Traits::read(record.kind().number(), record.payload()).unwrap()
}

fn values(traits: &Traits, facet: &str) -> Vec<String> {
    traits.values(facet).map(str::to_owned).collect()
}

const PLAN: &str = r#"{
    "external_id": "nap-alb-1",
    "title": [{"language": "en", "text": "First plan"}],
    "countries": ["ALB", "ALB", "alb", "XKX"],
    "themes": ["crsv", "Not a code"],
    "languages": ["SR-latn", "english_"],
    "pillars": [
        {"core": "CORE_PILLAR_RELIEF_RECOVERY"},
        {"code": "justice", "name": [{"language": "en", "text": "Justice"}]}
    ],
    "relations": [
        {"kind": "RELATION_KIND_SUCCEEDS", "record": {"external_id": " nap-alb-0"}},
        {"kind": "RELATION_KIND_SEE_ALSO", "record": {"citation": "in words alone"}}
    ],
    "takes_over": [{"origin": "a.example/wpsx/public", "record_id": "AAECAwQFBgcICQoLDA0ODw=="}],
    "national_action_plan": {
        "adopted": {"value": "2018-09-11"},
        "period": {"start": {"value": "2018"}, "end": {"value": "2020", "sense": "DATE_SENSE_BY"}},
        "extensions": [{"until": {"value": "2023"}, "decided": {"value": "2021-01"}}],
        "status_history": [
            {"status": "PLAN_STATUS_ADOPTED", "basis": "BASIS_STATED"},
            {"status": "PLAN_STATUS_IN_FORCE", "basis": "BASIS_DERIVED"}
        ],
        "civil_society": [{"roles": ["CIVIL_SOCIETY_ROLE_CONSULTED", "CIVIL_SOCIETY_ROLE_DRAFTED"]}]
    }
}"#;

#[test]
fn a_record_is_found_by_its_codes_and_the_last_of_its_states() {
    let found = traits(PLAN);
    assert_eq!(values(&found, "country"), ["ALB", "XKX"]);
    assert_eq!(values(&found, "theme"), ["crsv"]);
    assert_eq!(values(&found, "language"), ["sr-Latn"]);
    assert_eq!(values(&found, "pillar"), ["justice", "relief-recovery"]);
    assert_eq!(values(&found, "status"), ["in-force"]);
    assert_eq!(values(&found, "status-basis"), ["derived"]);
    assert_eq!(values(&found, "civil-society"), ["consulted", "drafted"]);
    for facet in found.facets() {
        assert!(facet_names().contains(facet.name), "{facet:?}");
    }
}

#[test]
fn an_extension_covers_the_years_between() {
    let found = traits(PLAN);
    assert_eq!(
        found.years().collect::<Vec<_>>(),
        [2018, 2019, 2020, 2021, 2022, 2023]
    );
}

#[test]
fn the_date_of_the_record_sorts_before_those_of_its_kind() {
    assert_eq!(traits(PLAN).date().unwrap().to_string(), "2018-09-11");
    let dated = PLAN.replacen('{', r#"{"date": {"value": "2017-04"},"#, 1);
    assert_eq!(traits(&dated).date().unwrap().to_string(), "2017-04");
    let undated = r#"{"date": {"sense": "DATE_SENSE_NOT_GIVEN"}, "event": {}}"#;
    assert_eq!(traits(undated).date(), None);
}

#[test]
fn each_date_and_period_that_a_kind_covers_can_put_its_records_in_order() {
    let date = |json: &str| traits(json).date().map(|date| date.to_string());
    let plan = r#"{"title": [{"language": "en", "text": "T"}], "national_action_plan": {LAUNCHED
        "period": {"start": {"value": "2023"}, "end": {"value": "2033"}}}}"#;
    assert_eq!(date(&plan.replace("LAUNCHED", "")).as_deref(), Some("2023"));
    let launched = r#""launched": {"value": "2024-01"},"#;
    assert_eq!(
        date(&plan.replace("LAUNCHED", launched)).as_deref(),
        Some("2024-01")
    );
    for kind in Kind::known() {
        let body = kind.body_field().unwrap().kind();
        for field in body.as_message().unwrap().fields() {
            let (said, part) = (use_of(&field), field.kind());
            let name = part.as_message().map(|part| part.name().to_owned());
            let tells_time = matches!(name.as_deref(), Some("Date" | "Period"));
            assert!(
                !(tells_time && said.covers_time) || said.sortable,
                "{}",
                field.full_name()
            );
        }
    }
}

#[test]
fn references_say_where_they_stand_and_what_they_mean() {
    let found = traits(PLAN);
    let [before, taken] = found.references() else {
        panic!("{found:?}");
    };
    assert_eq!(before.path, "relations.record");
    assert_eq!(before.external_id.as_deref(), Some("nap-alb-0"));
    assert_eq!(before.sense, Sense::Plain);
    assert_eq!(taken.path, "takes_over");
    assert_eq!(taken.origin.as_deref(), Some("a.example/wpsx/public"));
    assert_eq!(taken.sense, Sense::TakesOver);
    let annex = traits(r#"{"document": {"family": {"external_id": "res-1325"}}}"#);
    assert_eq!(annex.references()[0].path, "document.family");
    assert_eq!(annex.references()[0].sense, Sense::Family);
}

#[test]
fn a_period_without_an_end_that_is_known_covers_its_start_alone() {
    let event = |period: &str| {
        traits(&format!(r#"{{"event": {{"period": {period}}}}}"#))
            .years()
            .collect::<Vec<_>>()
    };
    assert_eq!(event(r#"{"start": {"value": "2016"}}"#), [2016]);
    assert_eq!(event(r#"{"end": {"value": "2016"}}"#), [2016]);
    let open = event(r#"{"start": {"value": "2016"}, "open_ended": true}"#);
    assert_eq!((open[0], open[open.len() - 1]), (2016, *YEARS.end()));
    let for_ever = event(r#"{"start": {"value": "0001"}, "end": {"value": "9999"}}"#);
    assert_eq!(for_ever.len(), YEARS.count());
    let backwards = event(r#"{"start": {"value": "2020"}, "end": {"value": "2010"}}"#);
    assert!(backwards.is_empty());
}

#[test]
fn a_record_of_a_kind_that_is_not_known_is_found_by_what_all_kinds_share() {
    let record = Record::from_json(PLAN).unwrap();
    let found = Traits::read(57, record.payload()).unwrap();
    assert_eq!(values(&found, "country"), ["ALB", "XKX"]);
    assert_eq!(values(&found, "status"), Vec::<String>::new());
    assert_eq!(found.years().count(), 0);
}

#[test]
fn whatever_is_sent_gives_a_bounded_number_of_traits() {
    let many = |item: &str, times| vec![item; times].join(",");
    let relation = r#"{"record": {"external_id": "x"}}"#;
    let places: String = (0..3_000).map(|n| format!("\"t{n}\",")).collect();
    let found = traits(&format!(
        r#"{{"relations": [{}], "themes": [{}], "languages": ["{}"], "event": {{}}}}"#,
        many(relation, 5_000),
        places.trim_end_matches(','),
        "a".repeat(1_000),
    ));
    assert_eq!(found.references().len(), MAX_REFERENCES);
    assert_eq!(found.facets().len(), MAX_FACET_VALUES);
    // A value of an enum that newer software has.
    let newer = [0xf2, 0x06, 0x02, 0x10, 0x63];
    assert_eq!(values(&Traits::read(10, &newer).unwrap(), "status"), ["99"]);
}

#[test]
fn bodies_are_told_by_their_names_else_by_their_short_forms() {
    let found = traits(
        r#"{"organisations": [{"name": [{"language": "en", "text": "European Union"}], "acronym": "EU"}],
            "event": {"organisers": [{"acronym": "AU"}, {"country": "KEN"},
                {"name": [{"language": "en", "text": "Ministry"}], "country": "KEN", "record": {"external_id": "m"}}]}}"#,
    );
    let body = |name: &str, country: &str, has_record, is_of_whole| NamedBody {
        names: vec![name.to_owned()],
        country: country.to_owned(),
        has_record,
        is_of_whole,
    };
    let expected = [
        body("European Union", "", false, true),
        body("AU", "", false, false),
        body("Ministry", "KEN", true, false),
    ];
    assert_eq!(found.bodies(), expected);
    let short = traits(r#"{"organisation": {"acronym": "WILPF"}}"#);
    assert_eq!(short.titles(), ["WILPF"]);
}

#[test]
fn what_readers_are_shown_for_a_title_is_what_the_schema_marks_and_is_bounded() {
    let text = |text: &str| format!(r#"{{"language": "en", "text": "{text}"}}"#);
    let areas: Vec<String> = (0..200).map(|n| text(&format!("Area {n}"))).collect();
    let series = |areas: &str| {
        let json = format!(
            r#"{{"external_id": "s", "title": [{{"language": "en", "text": "Codes"}}],
                "series": {{"indicator": {{"external_id": "i", "citation": "Seats held"}},
                    "area_name": [{areas}], "place": {{"name": [{}]}}}}}}"#,
            text("Kisumu")
        );
        let record = Record::from_json(&json).unwrap();
        Traits::read(record.kind().number(), record.payload()).unwrap()
    };
    let found = series(&text("Lake region"));
    assert_eq!(found.titles(), ["Seats held", "Lake region", "Kisumu"]);
    assert_eq!(found.references().len(), 1);
    assert_eq!(series(&areas.join(", ")).titles().len(), MAX_TITLE_PARTS);
    let plan = Record::from_json(PLAN).unwrap();
    let found = Traits::read(1, plan.payload()).unwrap();
    assert_eq!(found.titles(), [""; 0]);
}

proptest! {
    #[test]
    fn no_bytes_make_the_walk_panic(kind in 0u32..30, bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Traits::read(kind, &bytes);
    }

    #[test]
    fn changed_records_never_make_the_walk_panic(at in 0usize..400, to in any::<u8>()) {
        let mut payload = Record::from_json(PLAN).unwrap().payload().to_vec();
        let at = at % payload.len();
        payload[at] = to;
        let _ = Traits::read(1, &payload);
    }
}

/// Prints a rate; run with `--ignored --release --nocapture`.
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
#[test]
#[ignore = "a measurement"]
fn traits_are_read_fast() {
    let record = Record::from_json(PLAN).unwrap();
    let rounds = 200_000u32;
    let start = std::time::Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(Traits::read(1, std::hint::black_box(record.payload())).unwrap());
    }
    let rate = f64::from(rounds) / start.elapsed().as_secs_f64();
    println!("{rate:.0} records/s of {} bytes", record.payload().len());
    assert!(rate > 100_000.0);
}
