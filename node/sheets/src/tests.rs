//! Real files, and files that nobody should have made.

mod at_once;
mod codes;
mod columns;
mod first_map;
mod json;
mod mappings;
mod messy;
mod numbers;
mod open_document;
mod partial;
mod quotes;
mod real;
mod remedies;
mod sheets;
mod spots;

use std::{collections::HashSet, io::Cursor};

use proptest::prelude::*;
use wpsx_proto::record::{Kind, Reading as RecordReading, Record};

use super::*;

const EDITIONS: &str = include_str!("../../data/nap_editions.csv");
const CLAIMS: &str = include_str!("../../data/nap_conflicting_claims.csv");
const REGIONAL: &str = include_str!("../../data/regional_action_plans.csv");
const PRACTICES: &str = include_str!("../../data/seed_good_practices.json");

const HEAD: &str = "external_id,kind,title.en,countries,period.start,period.end\n";

fn import(file: &str, bytes: &[u8]) -> Result<Imported, ImportErrors> {
    import_with(file, bytes, &Options::default())
}

fn import_with(file: &str, bytes: &[u8], options: &Options) -> Result<Imported, ImportErrors> {
    let format = Format::of(Path::new(file)).unwrap();
    let input = Box::new(Cursor::new(bytes.to_vec()));
    read_from(file, format, input, options, &|name| {
        Ok((name == "nap_conflicting_claims.csv")
            .then(|| Box::new(CLAIMS.as_bytes()) as Box<dyn BufRead>))
    })
}

/// Drafts without their places in a file.
fn placeless(drafts: Vec<Draft>) -> Vec<Draft> {
    let nowhere = |draft| Draft {
        place: None,
        ..draft
    };
    drafts.into_iter().map(nowhere).collect()
}

/// What is said of the file as a whole.
fn file_remarks(imported: &Imported) -> Vec<String> {
    let of_file = imported.remarks.iter().filter(|r| r.about == About::File);
    of_file.map(ToString::to_string).collect()
}

/// What an import refuses, as it is printed.
fn refused(file: &str, bytes: &[u8]) -> Vec<String> {
    match import(file, bytes) {
        Ok(imported) => panic!("{} drafts", imported.drafts.len()),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

fn record(imported: &Imported, id: &str) -> Record {
    let draft = imported
        .drafts
        .iter()
        .find(|draft| draft.external_id == id)
        .unwrap();
    match Record::read(draft.kind, &draft.payload) {
        RecordReading::Readable(record) => *record,
        other => panic!("{other:?}"),
    }
}

fn lines(record: &Record) -> String {
    record
        .to_lines()
        .iter()
        .map(|(path, value)| format!("{path} = {value}\n"))
        .collect()
}

#[test]
fn every_real_plan_goes_in_with_its_claims() {
    let imported = import("nap_editions.csv", EDITIONS.as_bytes()).unwrap();
    assert_eq!(imported.drafts.len(), 213);
    let remarks: Vec<String> = imported.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        ["XKX is a code that ISO 3166-1 leaves to its users (once, at 211:country_iso3)"]
    );
    assert_eq!(imported.skipped, 0);
    let mut countries = HashSet::new();
    let mut claims = 0;
    for draft in &imported.drafts {
        assert_eq!(draft.kind, 1);
        let record = record(&imported, &draft.external_id);
        record.check().unwrap();
        countries.extend(record.message().countries.clone());
        claims += record.message().claims.len();
    }
    assert_eq!(countries.len(), 109);
    assert_eq!(claims, 2 * 23);
    assert!(countries.contains("XKX"));
}

#[test]
fn a_plan_says_what_its_row_says() {
    let imported = import("nap_editions.csv", EDITIONS.as_bytes()).unwrap();
    assert_eq!(
        lines(&record(&imported, "nap-alb-1")),
        "external_id = nap-alb-1\n\
         title.en = Albania: national action plan on women, peace and security, edition 1\n\
         title.fr = Albanie\u{a0}: plan d’action national pour les femmes, la paix et la sécurité, édition 1\n\
         title.es = Albania: plan de acción nacional sobre las mujeres, la paz y la seguridad, edición 1\n\
         title.ru = Албания: национальный план действий «Женщины, мир и безопасность», издание 1\n\
         title.ar = ألبانيا: خطة العمل الوطنية بشأن المرأة والسلام والأمن، الطبعة 1\n\
         title.zh = 阿尔巴尼亚：妇女、和平与安全国家行动计划，第1版\n\
         countries = ALB\n\
         sources.0.url = https://www.peacewomen.org/action-plan/national-action-plan-albania\n\
         sources.1.url = https://documents.pub/document/security-council-resolution-1325-on-women-peace-and-of-the-republic-of-albania.html\n\
         claims.0.field = period.end\n\
         claims.0.value = 2020\n\
         claims.0.sources.url = https://www.peacewomen.org/action-plan/national-action-plan-albania\n\
         claims.1.field = period.end\n\
         claims.1.value = 2022\n\
         claims.1.sources.citation = securitywomen.org Albania page (older version)\n\
         note.en = Council of Ministers decision no. 524\n\
         edition.order = 1\n\
         lead_bodies.0.name.en = government\n\
         lead_bodies.1.name.en = interior (proposal)\n\
         adopted = 2018-09-11\n\
         period.start = 2018\n\
         period.end = 2020\n\
         status_history.status = superseded\n\
         status_history.basis = derived\n\
         status_history.as_of = 2026-11-23\n\
         budget.state = dedicated\n\
         civil_society.roles = involved\n\
         monitoring.framework = present\n"
    );
}

#[test]
fn the_regional_plans_and_the_practices_go_in() {
    let plans = import("regional_action_plans.csv", REGIONAL.as_bytes()).unwrap();
    let ids: Vec<&str> = plans
        .drafts
        .iter()
        .map(|draft| draft.external_id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "rap-asean-asean-regional-plan-of-action-on-women-peace-and-security",
            "rap-eu-eu-action-plan-on-women-peace-and-security",
            "rap-eu-regional-action-plan-predecessor",
            "rap-au-continental-results-framework-monitoring-and-reporting-on-women-peace-and-security",
            "rap-sadc-sadc-strategy-on-women-peace-and-security",
            "rap-las-regional-strategy-protection-of-arab-women-peace-and-security",
            "rap-ecowas-subregional-plan-of-action-on-resolution-1325-with-unowa",
            "rap-nato-multi-year-strategy-on-women-peace-and-security",
        ]
    );
    assert!(lines(&record(&plans, ids[7])).contains("adopted = planned 2024-07\n"));

    let practices = import("seed_good_practices.json", PRACTICES.as_bytes()).unwrap();
    assert_eq!(practices.drafts.len(), 15);
    let practice = lines(&record(&practices, "seed-040"));
    assert!(
        practice.contains("source_kind = good_practice\n"),
        "{practice}"
    );
    assert!(practice.contains("facts.name = aims\n"), "{practice}");
    assert!(practice.contains("facts.values = transparency | accountability | expertise\n"));
    let practice = lines(&record(&practices, "seed-035"));
    assert!(practice.contains("places.country = HTI\n"), "{practice}");
    assert!(
        practice.contains("date = 2017-09-21 (date reported)\n"),
        "{practice}"
    );
    assert!(
        practice.contains("evidence_level = reported\n"),
        "{practice}"
    );
}

#[test]
fn the_same_row_always_gives_the_same_bytes() {
    let once = import("nap_editions.csv", EDITIONS.as_bytes()).unwrap();
    let again = import("nap_editions.csv", EDITIONS.as_bytes()).unwrap();
    assert_eq!(once.drafts, again.drafts);
    // So does the record in JSON, as `get --json` shows it.
    let shown: String = once
        .drafts
        .iter()
        .map(|draft| record(&once, &draft.external_id).to_json().to_string() + "\n")
        .collect();
    let from_json = import("plans.jsonl", shown.as_bytes()).unwrap();
    // A table speaks of its columns alone, and a record in JSON of all of itself.
    let whole = once.drafts.into_iter().map(|draft| Draft {
        extent: wpsx_domain::publishing::Extent::Known,
        ..draft
    });
    assert_eq!(placeless(whole.collect()), placeless(from_json.drafts));
}

#[test]
fn marks_and_line_ends_and_separators_of_other_systems_are_read() {
    let plain = import(
        "x.csv",
        format!("{HEAD}x-1,good-practice,T,ALB | XKX,2018,\n").as_bytes(),
    );
    let plain = placeless(plain.unwrap().drafts);
    assert_eq!(plain.len(), 1);
    for text in [
        format!("\u{feff}{HEAD}x-1,good-practice,T,ALB | XKX,2018,").replace('\n', "\r\n"),
        format!("{HEAD}\n\nx-1, good-practice ,T,\"ALB | XKX\",2018,\n\n"),
        format!("{HEAD}x-1,good-practice,T,ALB | XKX,2018,\n").replace(',', ";"),
        format!("{HEAD}x-1,good-practice,T,ALB | XKX,2018,\n").replace(',', "\t"),
    ] {
        assert_eq!(
            placeless(import("x.csv", text.as_bytes()).unwrap().drafts),
            plain,
            "{text}"
        );
    }
}

#[test]
fn a_kind_is_not_overruled_unseen() {
    let text = format!("{HEAD}x-1,good-practice,T,ALB,2018,\n");
    let options = |kind| Options {
        kind: Some(kind),
        ..Options::default()
    };
    let read = |kind| import_with("x.csv", text.as_bytes(), &options(kind));
    assert_eq!(read(Kind::GOOD_PRACTICE).unwrap().drafts.len(), 1);
    let refused = read(Kind::NATIONAL_ACTION_PLAN).unwrap_err().to_string();
    let reason = "is good-practice here and national-action-plan on the command line";
    assert_eq!(
        refused,
        format!("x.csv:2:kind: {reason}; correct one of the two")
    );
}

#[test]
fn a_cell_with_another_separator_is_told_the_right_one() {
    let text = format!("{HEAD}x-1,good-practice,T,ALB;XKX,2018,\n");
    let advice = "\"ALB;XKX\" is no ISO 3166-1 alpha-3 code and no user-assigned one; \
                  several values have \" | \" between them; \
                  write a code such as KEN, or the country's name in English, French, Spanish, Arabic, Russian or Chinese";
    let comma = text.replace(',', "\t").replace(';', ",");
    assert_eq!(
        refused("x.csv", text.as_bytes()),
        [format!("x.csv:2:countries: {advice}")]
    );
    assert_eq!(
        refused("x.tsv", comma.as_bytes()),
        [format!(
            "x.tsv:2:countries: {}",
            advice.replace("B;X", "B,X")
        )]
    );
}

#[test]
fn every_bad_row_is_named_and_then_nothing_goes_in() {
    let text = format!(
        "{HEAD}\
         x-1,national-action-plan,T,ALB,2018,2020\n\
         x-2,national-action-plan,T,Nowhere,2018,2020\n\
         x-3,national-action-plan,,ALB,2018-13,2020\n\
         x-4,national-action-plan,\"two\r\nlines\",ALB,2020,2018\n\
         x-1,national-action-plan,T,ALB,,\n\
         ,national-action-plan,T,ALB,,\n\
         x-5,national-action-plan,,ALB,,\n\
         x-6,tale,T,ALB,,\n\
         x-7,,T,ALB,,\n\
         x-8,good-practice,T,ALB\n\
         x-9,kind-57,T,ALB,,\n"
    );
    let known: Vec<String> = Kind::known().map(|kind| kind.to_string()).collect();
    let known = known.join(", ");
    let no_kind = format!(
        "plans.csv:10:kind: there is no kind \"tale\"; known are {known}; write one of these"
    );
    let without = format!(
        "plans.csv:11:kind: is missing; known are {known}; say it with --kind, or in a column"
    );
    assert_eq!(
        refused("plans.csv", text.as_bytes()),
        [
            "plans.csv:3:countries: \"Nowhere\" is no ISO 3166-1 alpha-3 code and no user-assigned one; write a code such as KEN, or the country's name in English, French, Spanish, Arabic, Russian or Chinese",
            "plans.csv:4:period.start: \"2018-13\" is no date: there is no month 13; write 2017-04-03, 2017-04, April 2017 or 2017",
            "plans.csv:4:title.en: is missing; fill it in",
            "plans.csv:5:period.end: ends 2018, before it starts 2020; correct one of the two dates",
            "plans.csv:7:external_id: \"x-1\" stands in line 2 too; give each record an id of its own",
            "plans.csv:8:external_id: is missing; a second import finds the record by it; fill it in, or name columns that make it: --ids-from",
            "plans.csv:9:title.en: is missing; fill it in",
            no_kind.as_str(),
            without.as_str(),
            "plans.csv:12: 4 cells where the header row has 6; is a quote left open, or a cell with a comma without quotes?",
            "plans.csv:13:kind: kind-57 needs newer software; update the software that imports, or leave the row out",
        ]
    );
}

#[test]
fn lines_are_counted_as_editors_count_them() {
    let text = "\u{feff}external_id,kind,title.en\r\n\r\n\
                x-1,good-practice,\"two\r\nlines\"\r\n\
                x-2\r\n\r\n\r\n\
                x-3\r\n";
    let lines = refused("x.csv", text.as_bytes());
    assert!(lines[0].starts_with("x.csv:5: 1 cells"), "{lines:?}");
    assert!(lines[1].starts_with("x.csv:8: 1 cells"), "{lines:?}");
    let lines = refused("x.csv", text.replace('\r', "").as_bytes());
    assert!(lines[0].starts_with("x.csv:5: 1 cells"), "{lines:?}");
    assert!(lines[1].starts_with("x.csv:8: 1 cells"), "{lines:?}");
}

#[test]
fn a_wrong_header_row_is_explained_once() {
    let text = "external_id,titel.en,countrys\nx-1,T,ALB\nx-2,T,ALB\n";
    let options = Options {
        kind: Some(Kind::GOOD_PRACTICE),
        ..Options::default()
    };
    let error = import_with("x.csv", text.as_bytes(), &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "x.csv:1:titel.en: a good-practice has no field \"titel\"; did you mean title?; \
         correct it, or take the column out; wpsx fields good-practice lists them\n\
         x.csv:1:countrys: a good-practice has no field \"countrys\"; did you mean countries?; \
         correct it, or take the column out; wpsx fields good-practice lists them"
    );
    assert_eq!(
        refused("x.csv", b"a,b,a\n1,2,3\n")[0],
        "x.csv:1:a: the header row names it twice; give one of the two another name, or take it out"
    );
    assert_eq!(
        refused("x.csv", b"a,,b\n1,2,3\n"),
        ["x.csv:2: column 2 has no name in the header row; name it, or empty it"]
    );
}

#[test]
fn a_hundred_bad_rows_are_named_and_the_rest_counted() {
    let rows = (0..250).map(|n| format!("x{n},good-practice,T,Nowhere {n},,\n"));
    let text = HEAD.to_owned() + &rows.collect::<String>();
    let lines = refused("x.csv", text.as_bytes());
    assert_eq!(lines.len(), 101);
    assert_eq!(lines[100], "… and 150 more");
    // What is wrong in all of them alike is one line, and those that it is so in.
    let alike = text.lines().map(|row| match row.rsplit_once("Nowhere") {
        Some((start, _)) => format!("{start}Nowhere,,\n"),
        None => format!("{row}\n"),
    });
    let lines = refused("x.csv", alike.collect::<String>().as_bytes());
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(
        lines[1..],
        [
            "      the same in lines 3, 4, 5, 6, 7, 8, 9, 10 and 91 more",
            "… and 150 more"
        ]
    );
}

#[test]
fn a_column_that_a_profile_does_not_know_is_not_lost_unseen() {
    let text = EDITIONS
        .replacen("nap_id,", "nap_id,sex_of_minister,", 1)
        .replace("\nnap-", "\nnap-x,nap-");
    let lines = refused("x.csv", text.as_bytes());
    assert_eq!(
        lines[0],
        "x.csv:1:sex_of_minister: the profile nap-editions does not know this column; say in the \
         profile where it goes, or list it under [[ignored]]"
    );
    assert!(
        lines[1..]
            .iter()
            .all(|line| !line.contains("sex_of_minister"))
    );
    let text = PRACTICES.replacen("\"section\"", "\"colour\": \"red\", \"section\"", 1);
    let lines = refused("x.json", text.as_bytes());
    assert!(lines[0].contains("colour: the profile"), "{lines:?}");
}

#[test]
fn a_claim_on_no_plan_is_a_slip() {
    let text = EDITIONS.replace("nap-alb-1", "nap-alb-9");
    assert_eq!(
        refused("plans.csv", text.as_bytes()),
        [
            "nap_conflicting_claims.csv:20:nap_id: plans.csv has no row with \"nap-alb-1\"; add its row there, or take this one out"
        ]
    );
}

#[test]
fn a_value_without_a_translation_is_refused() {
    let text = EDITIONS.replacen(
        ",yes,no,yes,six objectives",
        ",perhaps,no,yes,six objectives",
        1,
    );
    assert_eq!(
        refused("plans.csv", text.as_bytes()),
        [
            "plans.csv:3:dedicated_budget: \"perhaps\" is none of no, yes; write one of them, or add it to the `values` of the profile"
        ]
    );
}

#[test]
fn rows_of_other_kinds_are_counted() {
    let text = PRACTICES.replacen("\"good_practice\"", "\"law\"", 2);
    let imported = import("x.json", text.as_bytes()).unwrap();
    assert_eq!((imported.drafts.len(), imported.skipped), (13, 2));
}

#[test]
fn other_encodings_and_files_are_named() {
    let latin = b"external_id,kind,title.en,countries\nx-1,good-practice,Plan\nx-2,good-practice,caf\xe9,FRA\n";
    let lines = refused("x.csv", latin);
    assert_eq!(
        lines[1],
        "x.csv:3:title.en: not UTF-8 after \"caf\": byte 0xe9, perhaps Windows-1252; save the file as UTF-8, or say --encoding windows-1252"
    );
    for (bytes, reason) in [
        (&b""[..], "the file is empty"),
        (b"PK\x03\x04xxxx", "a workbook"),
        (b"\xd0\xcf\x11\xe0xxxx", "an old workbook"),
        (b"\x1f\x8b\x08\0", "compressed"),
        (b"external_id,kind\n", "holds no rows"),
        (b"\xef\xbb\xbf", "holds no rows"),
    ] {
        for file in ["x.csv", "x.jsonl"] {
            if file == "x.jsonl" && reason == "holds no rows" {
                continue;
            }
            let lines = refused(file, bytes);
            assert!(lines[0].contains(reason), "{file} {bytes:?}: {lines:?}");
        }
    }
}

#[test]
fn a_row_without_end_is_refused_before_it_fills_the_memory() {
    let mut text = format!("{HEAD}x-1,good-practice,\"");
    text.push_str(&"endless ".repeat(1 << 20));
    let lines = refused("x.csv", text.as_bytes());
    assert_eq!(
        lines,
        [
            "x.csv:2:title.en: a quote is opened here and never closed; close it, or take it \
             out; the file may have been cut off"
        ]
    );

    let line = "{\"x\":\"".to_owned() + &"y".repeat(3 << 20);
    let lines = refused("x.jsonl", line.as_bytes());
    assert!(
        lines[0].starts_with("x.jsonl:1: a line of more than 1 MiB"),
        "{lines:?}"
    );

    // A header row without an end.
    let lines = refused("x.csv", "a,".repeat(2 << 20).as_bytes());
    assert!(lines[0].contains("more than 1 MiB"), "{lines:?}");
    let lines = refused(
        "x.csv",
        (0..2_000)
            .map(|n| format!("c{n},"))
            .collect::<String>()
            .as_bytes(),
    );
    assert!(lines[0].contains("columns; at most 1000"), "{lines:?}");
}

#[test]
fn a_batch_has_a_bound() {
    let text = HEAD.to_owned() + &"not even a row\n".repeat(MAX_ROWS + 1);
    let lines = refused("x.csv", text.as_bytes());
    assert_eq!(
        lines,
        ["x.csv:100002: more than 100000 rows; split the file"]
    );
}

/// So that a second import of a sorted file changes nothing.
#[test]
fn the_order_of_the_rows_changes_no_record() {
    let reversed = |text: &str| {
        let (head, rows) = text.split_once('\n').unwrap();
        let rows: Vec<&str> = rows.lines().rev().collect();
        format!("{head}\n{}\n", rows.join("\n"))
    };
    for (file, text) in [
        ("regional_action_plans.csv", REGIONAL),
        ("nap_editions.csv", EDITIONS),
    ] {
        let drafts = |text: &str| {
            let mut drafts = placeless(import(file, text.as_bytes()).unwrap().drafts);
            drafts.sort_by(|a, b| a.external_id.cmp(&b.external_id));
            drafts
        };
        assert_ne!(reversed(text), text);
        assert_eq!(drafts(&reversed(text)), drafts(text), "{file}");
    }
}

/// One of them would silently replace the other.
#[test]
fn two_regional_plans_of_one_name_are_refused() {
    let row = "EU,European Union,One plan,in force,,2019,2024,,https://a.example/\n";
    let head = REGIONAL.lines().next().unwrap();
    let error = import("plans.csv", format!("{head}\n{row}{row}").as_bytes()).unwrap_err();
    assert!(
        error.to_string().contains("stands in line 2 too"),
        "{error}"
    );
}

#[test]
fn a_file_on_disk_is_read_with_the_one_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nap_editions.csv");
    std::fs::write(&path, EDITIONS).unwrap();
    let alone = read(&path, &Options::default()).unwrap();
    assert_eq!(
        file_remarks(&alone),
        ["nap_conflicting_claims.csv is not beside the file: nothing was joined"]
    );
    std::fs::write(folder.path().join("nap_conflicting_claims.csv"), CLAIMS).unwrap();
    assert_eq!(read_file(&path, &Options::default()).unwrap().len(), 213);

    let options = |profile: &str| Options {
        profile: Some(profile.to_owned()),
        ..Options::default()
    };
    let error = read(&path, &options("nap")).unwrap_err().to_string();
    assert!(
        error.starts_with("there is no profile \"nap\"; known are nap-editions,"),
        "{error}"
    );
    let own = folder.path().join("own.toml");
    std::fs::write(&own, "name='own'\nkind='tale'\ntells=[]\nexternal_id='{a}'").unwrap();
    let error = read(&path, &options(own.to_str().unwrap()))
        .unwrap_err()
        .to_string();
    assert!(error.contains("there is no kind \"tale\""), "{error}");
    assert!(read(&folder.path().join("no.csv"), &Options::default()).is_err());
    let error = read(&folder.path().join("plans.doc"), &Options::default()).unwrap_err();
    assert!(error.to_string().contains("known are .csv"), "{error}");
    std::fs::create_dir(folder.path().join("dir.csv")).unwrap();
    assert!(read(&folder.path().join("dir.csv"), &Options::default()).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_an_import_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), which in 0usize..3) {
        let _ = import(["x.csv", "x.jsonl", "x.json"][which], &bytes);
    }

    #[test]
    fn no_cells_make_an_import_panic(cells in prop::collection::vec("[^\0]{0,20}", 6)) {
        let mut text = HEAD.as_bytes().to_vec();
        let mut row = csv::Writer::from_writer(&mut text);
        row.write_record(&cells).unwrap();
        row.flush().unwrap();
        drop(row);
        let _ = import("x.csv", &text);
    }
}
