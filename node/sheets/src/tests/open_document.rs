//! Workbooks of LibreOffice: what their cells show, where it is not what they store.

use std::io::{Cursor, Write as _};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

/// A workbook of one sheet with these rows, as LibreOffice packs it.
fn book(rows: &str) -> Vec<u8> {
    let content = format!(
        r#"<office:document-content><office:body><office:spreadsheet>
           <table:table table:name="Sheet1">{rows}</table:table>
           </office:spreadsheet></office:body></office:document-content>"#
    );
    let content = content.replace(">\n", ">").replace("  <", "<");
    let mimetype = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = "<manifest:manifest/>";
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("mimetype", mimetype),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content.as_str()),
    ] {
        let plain = SimpleFileOptions::default();
        let stored = plain.compression_method(zip::CompressionMethod::Stored);
        archive.start_file(name, stored).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn row(cells: &[String]) -> String {
    format!("<table:table-row>{}</table:table-row>", cells.concat())
}

fn text(text: &str) -> String {
    spanned(text, "")
}

fn spanned(text: &str, attributes: &str) -> String {
    format!(
        r#"<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>"#
    )
}

fn number(value: &str, form: &str) -> String {
    format!(
        r#"<table:table-cell office:value-type="{form}" office:value="{value}"><text:p>shown</text:p></table:table-cell>"#
    )
}

fn read(rows: &[String]) -> Imported {
    let options = Options {
        workbooks: Workbooks::Here,
        ..Options::default()
    };
    import_with("x.ods", &book(&rows.concat()), &options).unwrap()
}

#[test]
fn a_share_is_read_as_it_is_shown_and_a_number_as_it_is_stored() {
    let header = [
        "external_id",
        "kind",
        "title.en",
        "counted",
        "at_least",
        "unit",
    ];
    let record = |id: &str, count: String| {
        let mut cells = [id, "printed-count", "T", "plans"].map(text).to_vec();
        cells.extend([count, text("percent")]);
        row(&cells)
    };
    let imported = read(&[
        row(&header.map(text)),
        record("c-1", number("0.125", "percentage")),
        record("c-2", number("0.125", "float")),
    ]);
    assert!(lines(&super::record(&imported, "c-1")).contains("= 12.5\n"));
    assert!(lines(&super::record(&imported, "c-2")).contains("= 0.125\n"));
    let read: Vec<String> = imported
        .interpretations
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        read.contains(&"12.5% → 12.5, 1 cell".to_owned()),
        "{read:?}"
    );
}

#[test]
fn merged_cells_are_remarked_but_for_titles_above_the_header_row() {
    let header = ["external_id", "kind", "title.en", "countries"];
    let covered = "<table:covered-table-cell/>".to_owned();
    let plan = |id: &str, country: String| {
        let mut cells = [id, "national-action-plan", "T"].map(text).to_vec();
        cells.push(country);
        row(&cells)
    };
    let imported = read(&[
        row(&[
            spanned("All plans", r#"table:number-columns-spanned="2""#),
            covered.clone(),
        ]),
        row(&header.map(text)),
        plan("p-1", spanned("Kenya", r#"table:number-rows-spanned="2""#)),
        plan("p-2", covered),
    ]);
    let remarks = file_remarks(&imported);
    assert_eq!(
        remarks.last().unwrap(),
        "merged cells (D3:D4) hold a value in their first cell alone; the others read as empty"
    );
    assert_eq!(remarks.len(), 2, "{remarks:?}");
}
