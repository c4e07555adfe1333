//! A kind of record is one message of the schema, and nothing else: this process reads
//! records by schemas that have one more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{fs, path::Path};

use wpsx_proto::record::{
    Kind, Reading, Record, Traits,
    schema::{self, SchemaError},
};

const KIND: &str = r#"
// A house that takes people in.
message SafeHouse {
  option (kind_use) = {terms: ["schema:Place"]};

  string type = 1 [
    (buf.validate.field).string = {max_bytes: 100, pattern: "^([a-z0-9]+(-[a-z0-9]+)*)?$"},
    (use) = {vocabulary: "house-types", facet: "house-type", place: PAGE_PLACE_HEADING, column: true}
  ];
  Date opened = 2 [(use) = {sortable: true, covers_time: true, place: PAGE_PLACE_HEADING}];
  RecordReference run_by = 3 [(use) = {refers_to: ["organisation"], place: PAGE_PLACE_ASIDE}];
  // Who opens the door.
  string telephone = 4 [(use) = {personal: true, place: PAGE_PLACE_ASIDE}];
}
"#;

/// The schemas of the protocol with one kind more.
fn schemas() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-schemas/wpsx/record/v1");
    fs::create_dir_all(&folder).unwrap();
    let record = fs::read_to_string("wpsx/record/v1/record.proto").unwrap();
    let record = record
        .replace(
            "  KIND_UNSPECIFIED = 0;",
            "  KIND_UNSPECIFIED = 0;\n  KIND_SAFE_HOUSE = 57;",
        )
        .replace(
            "  oneof body {",
            "  oneof body {\n    SafeHouse safe_house = 157;",
        );
    fs::write(folder.join("record.proto"), record + KIND).unwrap();
    let root = folder.ancestors().nth(3).unwrap();
    let mut compiler = protox::Compiler::new([root, Path::new(".")]).unwrap();
    compiler.include_imports(true);
    compiler
        .open_file(folder.join("record.proto"))
        .unwrap()
        .encode_file_descriptor_set()
}

#[test]
fn a_kind_that_the_schema_gains_is_read_checked_found_and_shown() {
    schema::read_by(&schemas()).unwrap();
    assert!(matches!(
        schema::read_by(&schemas()),
        Err(SchemaError::Late)
    ));
    let kind: Kind = "safe-house".parse().unwrap();
    assert_eq!(kind.number(), 57);

    let json = |house: &str, more: &str| {
        let text = format!(
            r#"{{"title": [{{"language": "en", "text": "The house"}}], "safe_house": {{
                "type": "{house}", "opened": {{"value": "2019-04"}},
                "run_by": {{"external_id": "org-1"}} {more}}}}}"#
        );
        Record::from_json(&text).unwrap()
    };
    let record = json("shelter", "");
    record.check().unwrap();
    assert_eq!(record.kind(), kind);
    let Reading::Readable(read) = Record::read(57, record.payload()) else {
        panic!("the kind is known");
    };
    assert_eq!(read.to_json()["safe_house"]["type"], "shelter");
    assert!(
        read.to_lines()
            .contains(&("opened".to_owned(), "2019-04".to_owned()))
    );

    let traits = Traits::read(57, record.payload()).unwrap();
    assert_eq!(traits.values("house-type").collect::<Vec<_>>(), ["shelter"]);
    assert_eq!(traits.years().collect::<Vec<_>>(), [2019]);
    assert_eq!(traits.references()[0].path, "safe_house.run_by");

    let licensed = record.with(|shared| shared.licence = "CC0-1.0".to_owned());
    let licensed = licensed.unwrap().to_json();
    assert_eq!(licensed["licence"], "CC0-1.0");
    assert_eq!(licensed["safe_house"]["type"], "shelter");

    let wrong = json("A house", "").check().unwrap_err();
    assert_eq!(wrong[0].field, "safe_house.type");

    // A field that tells of a person never enters a log that everybody reads.
    let personal = json("shelter", r#", "telephone": "at the door""#)
        .check()
        .unwrap_err();
    assert_eq!(
        personal[0].to_string(),
        "safe_house.telephone: tells of a person, and everybody reads this log; leave it empty"
    );
}
