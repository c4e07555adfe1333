//! What is said twice, and what a file does not speak of.

use super::*;
use wpsx_domain::publishing::Extent;

#[test]
fn a_field_that_the_header_row_names_in_two_ways_is_refused() {
    for (head, column, first) in [
        ("title.en,title.EN", "title.EN", "title.en"),
        (
            "title.sr-latn,title.sr-Latn",
            "title.sr-Latn",
            "title.sr-latn",
        ),
        (
            "title.en,period.start,national_action_plan.period.start",
            "national_action_plan.period.start",
            "period.start",
        ),
    ] {
        let cells = ",2018".repeat(head.split(',').count());
        let file = format!("external_id,kind,{head}\na,national-action-plan{cells}\n");
        let told = refused("a.csv", file.as_bytes());
        let wanted = format!("a.csv:1:{column}: the header row names the same field as {first};");
        assert!(told.len() == 1 && told[0].starts_with(&wanted), "{told:?}");
    }
    // Places of one list, and texts of several languages, are not the same.
    let file = "external_id,kind,title.en,title.fr,countries,sources.0.url,sources.1.url\n\
                a,good-practice,A,B,KEN,https://a.example,https://b.example\n";
    import("a.csv", file.as_bytes()).unwrap();
}

#[test]
fn a_json_key_that_stands_twice_is_refused_with_its_place() {
    let twice = "\n{\"external_id\": \"a\", \"kind\": 1, \"external_id\": \"b\"}\n";
    let inner = "{\"external_id\": \"a\", \"x\": [{\"y\": 1, \"y\": 1.5}], \"z\": null}";
    for (file, text, line, column) in [
        ("a.jsonl", twice.to_owned(), 2, 46),
        ("a.jsonl", inner.to_owned(), 1, 41),
        ("a.json", format!("[\n{inner}\n]"), 2, 41),
    ] {
        let told = refused(file, text.as_bytes());
        let [said] = told.as_slice() else {
            panic!("{told:?}");
        };
        let place = said.strip_prefix(&format!("{file}:{line}:")).unwrap();
        let (at, reason) = place.split_once(": ").unwrap();
        assert!(at.parse::<u64>().unwrap().abs_diff(column) <= 3, "{said}");
        assert!(reason.contains("stands twice;"), "{said}");
    }
}

#[test]
fn a_table_speaks_of_the_fields_of_its_columns_alone() {
    let fields = |file: &str, text: &str| {
        let imported = import(file, text.as_bytes()).unwrap();
        imported.drafts[0].extent.paths()
    };
    let head = "external_id,kind,title.en,countries,period.start,sources.0.url";
    let row = "a,national-action-plan,A,KEN,,https://a.example";
    assert_eq!(
        fields("a.csv", &format!("{head}\n{row}\n")),
        [
            "countries",
            "external_id",
            "national_action_plan.period.start",
            "sources",
            "title.en.text"
        ]
    );
    // A record in its own JSON form is the whole record.
    let plan = record(
        &import("a.csv", format!("{head}\n{row}\n").as_bytes()).unwrap(),
        "a",
    );
    let json = plan.to_json().to_string();
    assert_eq!(fields("a.jsonl", &json), ["*"]);
}

#[test]
fn a_profile_speaks_of_a_joined_list_only_with_the_file_that_is_joined() {
    let spoken = |claims: bool| {
        let input = Box::new(Cursor::new(EDITIONS.as_bytes().to_vec()));
        let beside = |_: &str| -> std::io::Result<Option<Box<dyn BufRead>>> {
            Ok(claims.then(|| Box::new(CLAIMS.as_bytes()) as Box<dyn BufRead>))
        };
        let options = Options::default();
        let imported = read_from("nap_editions.csv", Format::Csv, input, &options, &beside);
        match &imported.unwrap().drafts[0].extent {
            Extent::Whole | Extent::Known => false,
            Extent::Fields(fields) => fields.iter().any(|field| field.as_str() == "claims"),
        }
    };
    assert!(spoken(true));
    assert!(!spoken(false));
}
