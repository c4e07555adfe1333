//! Paths of fields, and what cells say.

use super::*;
use wpsx_proto::record::{Record, schema::record_message};

fn filled(cells: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let mut message = DynamicMessage::new(record_message());
    for (path, cell) in cells {
        let target = Target::find(Kind::NATIONAL_ACTION_PLAN, path)?;
        let values: Vec<String> = if target.takes_several() {
            cell.split(" | ").map(str::to_owned).collect()
        } else {
            vec![(*cell).to_owned()]
        };
        target.fill(&mut message, &values)?;
    }
    drop_empty_items(&mut message);
    let record = Record::new(message.transcode_to().map_err(|e| e.to_string())?)
        .map_err(|e| e.to_string())?;
    Ok(record
        .to_lines()
        .into_iter()
        .map(|(path, value)| format!("{path} = {value}"))
        .collect())
}

#[test]
fn paths_lead_to_every_shape_of_field() {
    let cells = [
        ("title.en", "First plan | not a list"),
        ("title.sr-latn", "Prvi plan"),
        ("title.en.kind", "descriptive"),
        ("countries", "ALB | XKX"),
        ("pillars", "relief-recovery | local-one"),
        (
            "sources",
            "https://a.example | S/RES/1325 (2000) | in words",
        ),
        ("sources.locator", " | page 3"),
        ("adopted", "by 2018-09"),
        ("national_action_plan.period.start", "2018"),
        ("period.open_ended", "yes"),
        ("lead_bodies.name.en", "defence | interior"),
        ("budget.amounts", "about EUR 40000000"),
        ("civil_society.roles", "consulted | monitors"),
        ("status_history.0.status", "in force"),
    ];
    let lines = filled(&cells).unwrap();
    assert_eq!(
        lines,
        [
            "title.en = First plan | not a list",
            "title.sr-Latn = Prvi plan",
            "countries = ALB | XKX",
            "pillars.0.core = relief_recovery",
            "pillars.1.code = local-one",
            "sources.0.url = https://a.example",
            "sources.1.symbol = S/RES/1325 (2000)",
            "sources.1.locator = page 3",
            "sources.2.citation = in words",
            "lead_bodies.0.name.en = defence",
            "lead_bodies.1.name.en = interior",
            "adopted = by 2018-09",
            "period.start = 2018",
            "period.open_ended = yes",
            "status_history.status = in_force",
            "budget.amounts.currency = EUR",
            "budget.amounts.value = 40000000",
            "budget.amounts.approximate = yes",
            "civil_society.roles = consulted | monitors",
        ]
    );
}

#[test]
fn parts_that_no_cell_fills_are_left_out() {
    let lines = filled(&[
        ("sources.2.url", "https://a.example"),
        ("edition.order", "1"),
    ]);
    assert_eq!(
        lines.unwrap(),
        ["sources.url = https://a.example", "edition.order = 1"]
    );
}

#[test]
fn a_wrong_path_is_explained() {
    for (path, reason) in [
        ("titel", "has no field \"titel\""),
        ("country", "has no field \"country\""),
        ("source", "did you mean sources?"),
        ("title", "needs a language, such as title.en"),
        ("title.english language", "not a well-formed BCP 47"),
        ("period", "name one of them: period.start, period.end"),
        ("period.begin", "has no part \"begin\""),
        ("countries.x", "countries has no part \"x\""),
        ("sources.100.url", "at most 99"),
        ("", "has no field \"\""),
        ("period..start", "has no part \"\""),
    ] {
        let error = Target::find(Kind::NATIONAL_ACTION_PLAN, path).unwrap_err();
        assert!(error.contains(reason), "{path}: {error}");
    }
    assert!(Target::find(Kind::GOOD_PRACTICE, "adopted").is_err());
}

#[test]
fn a_wrong_cell_is_explained() {
    for (path, cell, reason) in [
        ("countries", "ALB | Albania", "\"Albania\" is no ISO 3166-1"),
        ("adopted", "11.09.2018", "is no date"),
        ("period.open_ended", "maybe", "neither yes nor no"),
        ("edition.order", "first", "no whole number"),
        ("budget.amounts", "EUR", "no amount"),
        ("budget.amounts", "EURO 5", "no ISO 4217 code"),
        (
            "scope",
            "everywhere",
            "none of domestic, international, both",
        ),
        ("themes", "Peace Keeping", "is no code"),
        ("pillars", "Peace Keeping", "is no code"),
    ] {
        let error = filled(&[(path, cell)]).unwrap_err();
        assert!(error.contains(reason), "{path}: {error}");
    }
}
