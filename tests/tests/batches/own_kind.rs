//! A kind that the schema gains is one message, and nothing else: a node has it in its
//! templates, imports, lists and exports.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use wpsx_proto::record::{Kind, schema};
use wpsx_sheets::{Options, Workbooks, read};
use wpsx_tests::federation::TestNode;

use super::{
    batch, became,
    files::{replace_in_book, rows_of, write_rows},
    publish,
};
use wpsx_domain::publishing::Became;

const KIND: &str = r#"
// A house that takes people in.
message SafeHouse {
  option (kind_use) = {terms: ["schema:Place"]};

  // What sort of house it is.
  string type = 1 [
    (buf.validate.field).string = {max_bytes: 100, pattern: "^([a-z0-9]+(-[a-z0-9]+)*)?$"},
    (use) = {vocabulary: "house-types", facet: "house-type", place: PAGE_PLACE_HEADING, column: true}
  ];
  Date opened = 2 [(use) = {sortable: true, covers_time: true, place: PAGE_PLACE_HEADING}];
  RecordReference run_by = 3 [(use) = {refers_to: ["organisation"], place: PAGE_PLACE_ASIDE}];
  // Who opens the door.
  string telephone = 4 [(use) = {personal: true, place: PAGE_PLACE_ASIDE}];
  repeated Room rooms = 5 [(use) = {place: PAGE_PLACE_TABLE}];
}

// One of its rooms.
message Room {
  repeated Text name = 1;
  uint32 beds = 2;
}
"#;

/// The schemas of the protocol with one kind more.
fn schemas() -> Result<Vec<u8>> {
    let protocol = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let root = tempfile::tempdir()?;
    let folder = root.path().join("wpsx/record/v1");
    fs::create_dir_all(&folder)?;
    let record = fs::read_to_string(protocol.join("wpsx/record/v1/record.proto"))?;
    let record = record
        .replace(
            "  KIND_UNSPECIFIED = 0;",
            "  KIND_UNSPECIFIED = 0;\n  KIND_SAFE_HOUSE = 57;",
        )
        .replace(
            "  oneof body {",
            "  oneof body {\n    SafeHouse safe_house = 157;",
        );
    fs::write(folder.join("record.proto"), record + KIND)?;
    let mut compiler = protox::Compiler::new([root.path(), &protocol])?;
    compiler.include_imports(true);
    let file = folder.join("record.proto");
    Ok(compiler.open_file(file)?.encode_file_descriptor_set())
}

#[test]
fn a_kind_that_is_added_is_in_templates_imports_lists_and_exports() -> Result<()> {
    // A process reads by one set of schemas, so this needs another one.
    let done = Command::new(std::env::current_exe()?)
        .args(["own_kind::in_a_process_of_its_own", "--exact", "--ignored"])
        .output()?;
    let told = String::from_utf8_lossy(&done.stdout);
    ensure!(done.status.success() && told.contains("1 passed"), "{told}");
    Ok(())
}

#[test]
#[ignore = "the test before it starts it, in a process of its own"]
fn in_a_process_of_its_own() -> Result<()> {
    schema::read_by(&schemas()?)?;
    let kind: Kind = "safe-house".parse()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(goes_in_and_out(kind))
}

async fn goes_in_and_out(kind: Kind) -> Result<()> {
    let node = TestNode::start("a").await?;
    let file = |name: &str| node.folder().join(name);
    let at = |name: &str| file(name).display().to_string();

    // Its template has its columns, but for what tells of a person.
    node.typed(&["template", "safe-house", "--out", &at("new.csv")])
        .await?;
    let mut rows = rows_of(&file("new.csv"))?;
    for column in [
        "title.en",
        "type",
        "opened",
        "run_by.external_id",
        "rooms.0.beds",
    ] {
        ensure!(
            rows[0].iter().any(|name| name == column),
            "{column}: {:?}",
            rows[0]
        );
    }
    ensure!(!rows[0].iter().any(|name| name == "telephone"));
    let fields = node.typed(&["fields", "safe-house"]).await?;
    ensure!(fields.contains("opened (date)"), "{fields}");

    rows[1][0] = "house-1".to_owned();
    write_rows(&file("new.csv"), &rows)?;
    let import = ["import", &at("new.csv"), "--kind", "safe-house"];
    let told = node.typed(&import).await?;
    ensure!(told.contains("published 1 new record"), "{told}");
    ensure!(node.typed(&import).await?.contains("nothing to do"));
    let book = at("new.xlsx");
    node.typed(&["template", "safe-house", "--out", &book])
        .await?;
    replace_in_book(
        &file("new.xlsx"),
        "example: this row is not imported",
        "house-2",
    )?;
    let options = Options {
        kind: Some(kind),
        workbooks: Workbooks::Here,
        ..Options::default()
    };
    let drafts = read(&file("new.xlsx"), &options)?.drafts;
    ensure!(became(&publish(&node, batch(), drafts).await?) == [Became::New]);

    let listed = node.typed(&["list", "--kind", "safe-house"]).await?;
    ensure!(listed.matches("safe-house").count() == 2, "{listed}");

    for form in ["csv", "xlsx", "jsonl"] {
        let export = at(&format!("out.{form}"));
        node.typed(&["export", "--kind", "safe-house", "--out", &export])
            .await?;
        let drafts = read(Path::new(&export), &options)?.drafts;
        ensure!(drafts.len() == 2);
        let told = publish(&node, batch(), drafts).await?;
        ensure!(became(&told) == [Became::Unchanged; 2], "{form}");
    }
    let lines = fs::read_to_string(file("out.jsonl"))?;
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().context("a line")?)?;
    ensure!(first["kind"] == "safe-house", "{first}");
    ensure!(
        first["record"]["safe_house"]["opened"]["value"] == "2024-05-31",
        "{first}"
    );

    // What the schema marks as personal never enters, whatever the file says.
    let row = "external_id,kind,title.en,telephone\nx,safe-house,T,at the door\n";
    fs::write(file("personal.csv"), row)?;
    let refused = node.typed(&["import", &at("personal.csv")]).await;
    let refused = refused.err().context("it is personal")?.to_string();
    let told = "2:telephone: tells of a person, and everybody reads this log; leave it empty";
    ensure!(refused.contains(told), "{refused}");
    Ok(())
}
