//! Workbooks are opened by the program itself, in a process of its own with bounds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{
    io::{Cursor, Write as _},
    path::PathBuf,
};

use wpsx_sheets::{Format, ImportErrors, Imported, Options, Workbooks, read_from};
use zip::{ZipWriter, write::SimpleFileOptions};

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Plans" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const PARTS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const SHEET: &str = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>external_id</t></is></c><c r="B1" t="inlineStr"><is><t>kind</t></is></c><c r="C1" t="inlineStr"><is><t>title.en</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c><c r="B2" t="inlineStr"><is><t>good-practice</t></is></c><c r="C2" t="s"><v>0</v></c></row></sheetData></worksheet>"#;

/// A workbook whose list of texts holds this one so many times.
fn workbook(text: &str, times: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, text) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", PARTS),
        ("xl/worksheets/sheet1.xml", SHEET),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.start_file("xl/sharedStrings.xml", options).unwrap();
    zip.write_all(b"<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">")
        .unwrap();
    let entry = format!("<si><t>{text}</t></si>");
    for _ in 0..times {
        zip.write_all(entry.as_bytes()).unwrap();
    }
    zip.write_all(b"</sst>").unwrap();
    zip.finish().unwrap().into_inner()
}

fn read(bytes: &[u8], program: PathBuf) -> Result<Imported, ImportErrors> {
    let options = Options {
        workbooks: Workbooks::Program(program),
        ..Options::default()
    };
    let input = Box::new(Cursor::new(bytes.to_vec()));
    read_from("plans.xlsx", Format::Workbook, input, &options, &|_| {
        Ok(None)
    })
}

fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_wpsx").into()
}

#[test]
fn a_workbook_is_opened_in_a_process_of_its_own() {
    let imported = read(&workbook("A practice", 1), program()).unwrap();
    assert_eq!(imported.drafts.len(), 1);
    assert_eq!(imported.drafts[0].external_id, "a");
}

#[test]
fn a_file_that_unpacks_to_more_than_it_may_is_refused() {
    let bomb = workbook(&"a".repeat(1 << 20), 600);
    assert!(bomb.len() < 2 << 20, "{} bytes", bomb.len());
    let told = read(&bomb, program()).unwrap_err().to_string();
    assert!(
        told.contains("more memory or time to unpack than it may"),
        "{told}"
    );
}

#[cfg(unix)]
#[test]
fn a_process_that_answers_nonsense_or_nothing_is_not_believed() {
    let book = workbook("A practice", 1);
    for (program, reason) in [
        ("/usr/bin/yes", "was not understood by its reader"),
        ("/bin/true", "was not read to its end"),
        ("/nowhere/at/all", "does not start"),
    ] {
        let told = read(&book, program.into()).unwrap_err().to_string();
        assert!(told.contains(reason), "{program}: {told}");
    }
}
