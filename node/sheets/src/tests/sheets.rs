//! Workbooks: what their cells and sheets say, and files that are none.

use rust_xlsxwriter::{ExcelDateTime, Format as Look, Formula, Workbook};

use super::*;

fn read_book(mut book: Workbook, options: &Options) -> Result<Imported, ImportErrors> {
    let bytes = book.save_to_buffer().unwrap();
    let options = Options {
        workbooks: Workbooks::Here,
        ..options.clone()
    };
    import_with("x.xlsx", &bytes, &options)
}

fn plans(book: &mut Workbook) -> &mut rust_xlsxwriter::Worksheet {
    let sheet = book.add_worksheet();
    let head = [
        "external_id",
        "kind",
        "title.en",
        "countries",
        "adopted",
        "edition.order",
    ];
    for (at, name) in (0..).zip(head) {
        sheet.write(0, at, name).unwrap();
    }
    for (at, cell) in (0..).zip(["p-1", "national-action-plan", "Plan", "Kenya"]) {
        sheet.write(1, at, cell).unwrap();
    }
    sheet.write(1, 5, 2).unwrap();
    sheet
}

#[test]
fn a_date_cell_is_a_date_and_a_whole_number_has_no_point() {
    let mut book = Workbook::new();
    let date = ExcelDateTime::from_ymd(2017, 4, 3).unwrap();
    let look = Look::new().set_num_format("dd/mm/yyyy");
    plans(&mut book)
        .write_with_format(1, 4, &date, &look)
        .unwrap();
    let imported = read_book(book, &Options::default()).unwrap();
    let said = lines(&record(&imported, "p-1"));
    assert!(said.contains("adopted = 2017-04-03\n"), "{said}");
    assert!(said.contains("edition.order = 2\n"), "{said}");
    let read: Vec<String> = imported
        .interpretations
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        read,
        [
            "a date cell → year-month-day, 1 cell",
            "Kenya → KEN, 1 cell"
        ]
    );
}

#[test]
fn a_number_that_may_be_two_months_and_a_share_are_read_as_they_are_shown() {
    let mut book = Workbook::new();
    plans(&mut book).write(1, 4, 2017.1).unwrap();
    let told = read_book(book, &Options::default())
        .unwrap_err()
        .to_string();
    assert!(told.contains("may mean 2017-01 or 2017-10"), "{told}");

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let cells = [
        "external_id",
        "kind",
        "title.en",
        "counted",
        "at_least",
        "unit",
        "note.en",
    ];
    for (at, cell) in (0..).zip(cells) {
        sheet.write(0, at, cell).unwrap();
    }
    for (at, cell) in (0..).zip(["c-1", "printed-count", "T", "plans", "", "percent"]) {
        sheet.write(1, at, cell).unwrap();
    }
    let percent = Look::new().set_num_format("0.0%");
    sheet.write_with_format(1, 4, 0.125, &percent).unwrap();
    sheet.write_with_format(1, 6, 0.07, &percent).unwrap();
    let imported = read_book(book, &Options::default()).unwrap();
    let said = lines(&record(&imported, "c-1"));
    assert!(
        said.contains("12.5") && said.contains("note.en = 7%"),
        "{said}"
    );
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
fn merged_cells_are_remarked() {
    let mut book = Workbook::new();
    let sheet = plans(&mut book);
    for (at, cell) in (0..).zip(["p-2", "national-action-plan", "T"]) {
        sheet.write(2, at, cell).unwrap();
    }
    sheet
        .merge_range(1, 3, 2, 3, "Kenya", &Look::new())
        .unwrap();
    let imported = read_book(book, &Options::default()).unwrap();
    assert_eq!(
        file_remarks(&imported),
        ["merged cells (D2:D3) hold a value in their first cell alone; the others read as empty"]
    );
}

#[test]
fn a_formula_that_failed_is_remarked() {
    let mut book = Workbook::new();
    let failed = Formula::new("=B9").set_result("#REF!");
    plans(&mut book).write_formula(1, 4, failed).unwrap();
    let imported = read_book(book, &Options::default()).unwrap();
    assert!(
        imported
            .remarks
            .iter()
            .any(|remark| remark.about == About::CellError)
    );
}

#[test]
fn a_second_sheet_holds_the_parts_of_records() {
    let mut book = Workbook::new();
    plans(&mut book);
    let parts = book.add_worksheet().set_name("status_history").unwrap();
    for (row, cells) in (0..).zip([
        ["External ID", "status", "date"],
        ["p-1", "adopted", "April 2017"],
        ["p-1", "in force", "2018"],
    ]) {
        for (at, cell) in (0..).zip(cells) {
            parts.write(row, at, cell).unwrap();
        }
    }
    book.add_worksheet()
        .set_name("Notes")
        .unwrap()
        .write(0, 0, "Ask the ministry")
        .unwrap();
    let imported = read_book(book, &Options::default()).unwrap();
    let said = lines(&record(&imported, "p-1"));
    assert!(
        said.contains("status_history.0.status = adopted\n"),
        "{said}"
    );
    assert!(said.contains("status_history.1.date = 2018\n"), "{said}");
    assert_eq!(file_remarks(&imported), ["the sheet \"Notes\" is not read"]);
    let wpsx_domain::publishing::Extent::Fields(fields) = &imported.drafts[0].extent else {
        panic!("a table speaks of fields");
    };
    assert!(
        fields
            .iter()
            .any(|field| field.as_str().ends_with("status_history"))
    );
}

#[test]
fn a_part_without_its_record_is_a_slip() {
    let mut book = Workbook::new();
    plans(&mut book);
    let parts = book.add_worksheet().set_name("status_history").unwrap();
    for (row, cells) in (0..).zip([["external_id", "status"], ["p-9", "adopted"]]) {
        for (at, cell) in (0..).zip(cells) {
            parts.write(row, at, cell).unwrap();
        }
    }
    // Some record has the list, so that the sheet is known to be one.
    let told = read_book(book, &Options::default())
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("no record of the first table has this id"),
        "{told}"
    );
}

#[test]
fn a_sheet_is_found_by_its_header_or_named() {
    let mut book = Workbook::new();
    book.add_worksheet()
        .set_name("About")
        .unwrap()
        .write(0, 0, "Read me")
        .unwrap();
    plans(&mut book).set_name("Plans").unwrap();
    assert_eq!(
        read_book(book, &Options::default()).unwrap().drafts.len(),
        1
    );
    let mut book = Workbook::new();
    plans(&mut book);
    plans(&mut book).set_name("Second").unwrap();
    let named = |sheet: &str| Options {
        sheet: Some(sheet.to_owned()),
        ..Options::default()
    };
    let bytes = book.save_to_buffer().unwrap();
    for (sheet, fits) in [("Second", true), ("2", true), ("Third", false)] {
        let options = Options {
            workbooks: Workbooks::Here,
            ..named(sheet)
        };
        let read = import_with("x.xlsx", &bytes, &options);
        assert_eq!(read.is_ok(), fits, "{sheet}: {read:?}");
    }
}

#[test]
fn workbooks_are_refused_where_nobody_opens_them_and_so_is_what_is_none() {
    let told = refused("x.xlsx", b"PK\x03\x04");
    assert!(told[0].contains("workbooks are not read here"), "{told:?}");
    let told = refused("x.xlsx", b"a,b\n1,2\n");
    assert!(told[0].contains("the file is no workbook"), "{told:?}");
    let options = Options {
        workbooks: Workbooks::Here,
        ..Options::default()
    };
    let error = import_with("x.ods", b"PK\x03\x04 torn", &options).unwrap_err();
    assert!(
        error.to_string().contains("the workbook cannot be read"),
        "{error}"
    );
}

/// A law with a text as its title and its summary.
fn law(id: &str, text: &str) -> Row {
    use prost::Message as _;
    use wpsx_proto::api::record::v1::{Law, Record, Text, record::Body};
    let texts = || {
        vec![Text {
            language: "en".to_owned(),
            text: text.to_owned(),
            ..Text::default()
        }]
    };
    let record = Record {
        external_id: id.to_owned(),
        title: texts(),
        summary: texts(),
        body: Some(Body::Law(Law::default())),
        ..Record::default()
    };
    Row {
        kind: 8,
        record_id: "00".repeat(16),
        payload: record.encode_to_vec().into(),
        ..Row::default()
    }
}

fn exported(rows: &[Row], bounds: Bounds) -> Result<Vec<u8>, ExportError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xlsx");
    let mut export = Export::new(Written::Xlsx)?.within(bounds);
    for row in rows {
        export.add(row)?;
    }
    export.write_to(&path)?;
    Ok(std::fs::read(path).unwrap())
}

#[test]
fn a_workbook_of_hostile_texts_is_written_and_reads_back() {
    let long = |part: &str| part.repeat(65_536 / part.len());
    let texts = [
        "=cmd|'/c calc'!A1".to_owned(),
        "'=already quoted".to_owned(),
        "_x0041_ is no A".to_owned(),
        long("w"),
        long("="),
        long("a "),
        long("a = "),
        long("\u{1f54a}"),
    ];
    let rows: Vec<Row> = texts.iter().map(|text| law("l-1", text)).collect();
    for (row, text) in rows.iter().zip(&texts) {
        let book = exported(std::slice::from_ref(row), Bounds::default()).unwrap();
        let options = Options {
            workbooks: Workbooks::Here,
            ..Options::default()
        };
        let imported = import_with("x.xlsx", &book, &options).unwrap();
        let read = record(&imported, "l-1");
        let shown: String = text.chars().take(20).collect();
        assert!(read.message().summary[0].text == *text, "{shown}");
        assert!(read.message().title[0].text == *text, "{shown}");
    }
    // All on one sheet, with what no import takes: signs that steer, and an id that no cell holds.
    let mut rows = rows;
    rows.push(law("l-2", "\u{202e}turned\u{2066} around"));
    rows.push(law("l-3", "a\u{0}\u{1}\u{8}\u{ffff}\r\n\u{85}b"));
    rows.push(law(&"i".repeat(40_000), "T"));
    let book = exported(&rows, Bounds::default()).unwrap();
    let mut book = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut sheet = book.by_name("xl/worksheets/sheet1.xml").unwrap();
    let cells = std::io::read_to_string(&mut sheet).unwrap();
    assert!(
        cells.contains("\u{202e}turned\u{2066} around"),
        "it is text"
    );
    assert!(cells.contains("a\\u0000\\u0001\\b"), "each sign is told");
    assert!(cells.contains("i [cut here: a cell holds 32,767 characters"));
    assert!(!cells.contains("<f>"), "nothing is a formula");
}

#[test]
fn an_export_takes_no_more_than_it_may() {
    let rows: Vec<Row> = (0..10).map(|n| law(&format!("l-{n}"), "T")).collect();
    let short = Bounds {
        rows: 10,
        ..Bounds::default()
    };
    let error = exported(&rows, short).unwrap_err();
    assert!(
        matches!(error, ExportError::TooLong { rows: 11, .. }),
        "{error}"
    );
    assert!(exported(&rows[1..], short).is_ok());
    let small = Bounds {
        bytes: 500,
        ..Bounds::default()
    };
    let error = exported(&rows, small).unwrap_err();
    assert!(
        matches!(error, ExportError::TooLarge { most: 500 }),
        "{error}"
    );
}

#[test]
fn an_export_ends_where_nobody_waits_for_it() {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };
    let asked = Arc::new(AtomicU64::new(0));
    let counter = asked.clone();
    let is_wanted = move || counter.fetch_add(1, Ordering::Relaxed) < 3;
    let mut export = Export::new(Written::Csv).unwrap().while_wanted(is_wanted);
    for n in 0..10 {
        export.add(&law(&format!("l-{n}"), "T")).unwrap();
    }
    let error = export.write_into(&mut Vec::new()).unwrap_err();
    assert!(matches!(error, ExportError::Unwanted), "{error}");
    assert_eq!(asked.load(Ordering::Relaxed), 4);
}

#[test]
fn a_row_of_a_part_names_its_record_to_people_and_an_import_reads_past_that() {
    let observations: Vec<String> = (0..90)
        .map(|n| format!(r#"{{"period": "{}", "value": "{n}"}}"#, 1930 + n))
        .collect();
    let series = |id: &str, language: &str, country: &str| {
        let record = Record::from_json(&format!(
            r#"{{"external_id": "{id}", "countries": ["{country}"],
                "title": [{{"language": "{language}", "text": "Seats {id}"}}],
                "series": {{"indicator_code": "UNSD:X", "observations": [{}]}}}}"#,
            observations.join(",")
        ))
        .unwrap();
        Row {
            kind: record.kind().number(),
            payload: record.payload().clone(),
            ..Row::default()
        }
    };
    let rows = [series("a", "en", "KEN"), series("b", "fr", "ALB")];
    let bytes = exported(&rows, Bounds::default()).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(Cursor::new(&bytes)).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "observations").unwrap();
    let cells = |at: u32| -> Vec<String> {
        let row = sheet.rows().nth(at as usize).unwrap();
        row.iter().map(ToString::to_string).collect()
    };
    let header = [
        "record_id",
        "external_id",
        "of_record.title",
        "of_record.countries",
        "of_record.indicator_code",
        "period",
        "value",
    ];
    assert_eq!(cells(0), header);
    assert_eq!(cells(1), ["", "a", "Seats a", "KEN", "UNSD:X", "1930", "0"]);
    assert_eq!(cells(91)[1..5], ["b", "Seats b", "ALB", "UNSD:X"]);
    let options = Options {
        workbooks: Workbooks::Here,
        ..Options::default()
    };
    let back = import_with("x.xlsx", &bytes, &options).unwrap();
    for (draft, row) in back.drafts.iter().zip(&rows) {
        assert_eq!(draft.payload, row.payload);
    }
    assert_eq!(back.drafts.len(), 2);
}
