//! Records in JSON: a line each, or a document.

use super::*;

#[test]
fn json_lines_are_records_in_the_schema_s_own_form() {
    let good =
        r#"{"externalId":"p-1","title":[{"language":"fr","text":"Pratique"}],"goodPractice":{}}"#;
    let imported = import("x.jsonl", format!("\u{feff}{good}\r\n\n").as_bytes()).unwrap();
    assert_eq!(imported.drafts[0].external_id, "p-1");
    assert_eq!(imported.drafts[0].kind, 3);
    let text = [
        good,
        "{",
        r#"{"external_id":"p-2","title":[{"language":"fr","text":"P"}],"goodPractice":{"evidence":1}}"#,
        r#"{"external_id":"p-3","title":[{"language":"french!","text":"P"}],"goodPractice":{}}"#,
        r#"{"external_id":"p-4","title":[{"language":"fr","text":"P"}]}"#,
        r#"{"title":[{"language":"fr","text":"P"}],"goodPractice":{}}"#,
        "[1, 2]",
        r#""text""#,
        good,
    ]
    .join("\n");
    let lines = refused("x.jsonl", text.as_bytes());
    assert_eq!(lines.len(), 8, "{lines:#?}");
    for (line, (number, part)) in lines.iter().zip([
        (2, "EOF while parsing"),
        (3, "unrecognized field name 'evidence'"),
        (
            4,
            "title[0].language: \"french!\" is not a well-formed BCP 47",
        ),
        (5, "the part of its kind is missing"),
        (6, "external_id: is missing"),
        (7, "invalid type"),
        (8, "invalid type"),
        (9, "stands in line 1 too"),
    ]) {
        assert!(line.starts_with(&format!("x.jsonl:{number}:")), "{line}");
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn lines_of_a_json_document_are_counted() {
    let text = PRACTICES.replacen("\"BRA\"", "\"Brasilia\"", 1);
    let at = PRACTICES
        .lines()
        .position(|line| line.contains("\"seed-035\""))
        .unwrap();
    let lines = refused("x.json", text.as_bytes());
    assert_eq!(
        lines,
        [format!(
            "x.json:{at}:countries: \"Brasilia\" is no ISO 3166-1 alpha-3 code and no user-assigned one; write a code such as KEN, or the country's name in English, French, Spanish, Arabic, Russian or Chinese"
        )]
    );
    assert!(refused("x.json", b"{\"records\": 5}")[0].contains("x.json:1:13: invalid type"));
    assert!(refused("x.json", b"{}")[0].contains("the part of its kind is missing"));
    assert!(refused("x.json", b"[").len() == 1);
}

#[test]
fn the_same_in_several_records_of_one_line_is_counted_for_each() {
    let record = |id: &str| {
        format!(
            r#"{{"external_id":"{id}","title":[{{"language":"fr","text":"P"}}],"countries":["Brasilia"],"goodPractice":{{}}}}"#
        )
    };
    let text = format!("[{},{}]", record("a"), record("b"));
    assert_eq!(refused("x.json", text.as_bytes()).len(), 2);
}
