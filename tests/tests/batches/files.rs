//! Files as people hand them in, written here without what the node writes files with.

use std::{
    fs,
    io::{Cursor, Read as _, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// The rows of a CSV file.
pub(crate) fn rows_of(path: &Path) -> Result<Vec<Vec<String>>> {
    let text = fs::read_to_string(path)?;
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut ahead = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut quoted = false;
    while let Some(c) = ahead.next() {
        match c {
            '"' if quoted && ahead.peek() == Some(&'"') => cell.extend(ahead.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    Ok(rows)
}

/// Writes rows as CSV.
pub(crate) fn write_rows(path: &Path, rows: &[Vec<String>]) -> Result<()> {
    let mut text = String::new();
    for row in rows {
        let cells = row
            .iter()
            .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        text.push_str(&cells.collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    }
    Ok(fs::write(path, text)?)
}

/// Writes an XLSX file anew with one text of its cells in place of another.
pub(crate) fn replace_in_book(path: &Path, from: &str, to: &str) -> Result<()> {
    let mut old = ZipArchive::new(Cursor::new(fs::read(path)?))?;
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    let mut replaced = false;
    for at in 0..old.len() {
        let mut part = old.by_index(at)?;
        let mut text = String::new();
        let name = part.name()?.into_owned();
        part.read_to_string(&mut text)?;
        replaced |= text.contains(from);
        new.start_file(name, SimpleFileOptions::default())?;
        new.write_all(text.replace(from, to).as_bytes())?;
    }
    anyhow::ensure!(replaced, "no cell of {} says {from}", path.display());
    Ok(fs::write(path, new.finish()?.into_inner())?)
}

const NAMES: &str = r#"xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0""#;

/// Writes an ODS file with these sheets, whose cells are text.
pub(crate) fn write_ods(path: &Path, sheets: &[(String, Vec<Vec<String>>)]) -> Result<()> {
    let mut content = format!(
        "<?xml version=\"1.0\"?><office:document-content {NAMES}><office:body><office:spreadsheet>"
    );
    for (name, rows) in sheets {
        content.push_str(&format!("<table:table table:name=\"{}\">", escaped(name)));
        for row in rows {
            content.push_str("<table:table-row>");
            for cell in row {
                if cell.is_empty() {
                    content.push_str("<table:table-cell/>");
                    continue;
                }
                content.push_str("<table:table-cell office:value-type=\"string\">");
                for line in cell.split('\n') {
                    content.push_str(&format!("<text:p>{}</text:p>", escaped(line)));
                }
                content.push_str("</table:table-cell>");
            }
            content.push_str("</table:table-row>");
        }
        content.push_str("</table:table>");
    }
    content.push_str("</office:spreadsheet></office:body></office:document-content>");
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = format!(
        "<?xml version=\"1.0\"?><manifest:manifest \
         xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\">\
         <manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"{kind}\"/>\
         </manifest:manifest>"
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text, options) in [
        ("mimetype", kind, stored),
        (
            "META-INF/manifest.xml",
            manifest.as_str(),
            SimpleFileOptions::default(),
        ),
        (
            "content.xml",
            content.as_str(),
            SimpleFileOptions::default(),
        ),
    ] {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(fs::write(path, zip.finish()?.into_inner())?)
}

/// A CSV export, with the files beside it, as the sheets of an ODS file.
pub(crate) fn ods_of_csv(csv: &Path, ods: &Path) -> Result<()> {
    let stem = csv
        .file_stem()
        .context("a name")?
        .to_string_lossy()
        .into_owned();
    let mut sheets = vec![("records".to_owned(), rows_of(csv)?)];
    for file in fs::read_dir(csv.parent().context("a folder")?)? {
        let file = file?.path();
        let name = file
            .file_name()
            .context("a name")?
            .to_string_lossy()
            .into_owned();
        let list = name.strip_prefix(&format!("{stem}."));
        let list = list.and_then(|rest| rest.strip_suffix(".csv"));
        if let Some(list) = list.filter(|list| !list.is_empty()) {
            sheets.push((list.to_owned(), rows_of(&file)?));
        }
    }
    write_ods(ods, &sheets)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
