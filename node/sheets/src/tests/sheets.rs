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
