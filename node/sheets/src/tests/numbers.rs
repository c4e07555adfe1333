//! Numbers that may be either of two are refused with both, unless their column tells.

use super::*;

fn faults(file: &str, text: &str) -> Vec<String> {
    let options = Options {
        kind: Some("indicator".parse().unwrap()),
        ..Options::default()
    };
    match import_with(file, text.as_bytes(), &options) {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

/// A table of indicators with these cells as values of their targets.
fn table(separator: char, cells: &[&str]) -> String {
    let mut text = format!("external_id{separator}title{separator}targets.0.value\n");
    for (n, cell) in cells.iter().enumerate() {
        text.push_str(&format!("i{n}{separator}T{separator}{cell}\n"));
    }
    text
}

#[test]
fn a_point_before_three_digits_says_nothing_between_semicolons() {
    let told = faults("x.csv", &table(';', &["1.500", "20"]));
    assert_eq!(
        told,
        ["x.csv:2:targets.0.value: \"1.500\" may mean 1.5 or 1500; write the one that is meant"]
    );
    // Another cell of the column tells, wherever it stands.
    for cells in [["1.500", "1.5"], ["27.25", "1.500"], ["1.500", "0.125"]] {
        assert_eq!(faults("x.csv", &table(';', &cells)), [""; 0], "{cells:?}");
    }
    let told = faults("x.csv", &table(';', &["1.500", "1.234,5"]));
    assert_eq!(
        told[0],
        "x.csv:2:targets.0.value: \"1.500\" stands in a column with \"1.234,5\" and means 1500; write 1500"
    );
    assert!(
        told[1].starts_with("x.csv:3:targets.0.value: \"1.234,5\""),
        "{told:?}"
    );
    // Tabs are written everywhere; commas only where a point stands before decimals.
    let told = faults("x.tsv", &table('\t', &["1.500", "20"]));
    assert!(
        told[0].contains("\"1.500\" may mean 1.5 or 1500"),
        "{told:?}"
    );
    assert_eq!(faults("x.tsv", &table('\t', &["1.500", "0.5"])), [""; 0]);
    assert_eq!(faults("x.csv", &table(',', &["1.500"])), [""; 0]);
    // One slip there is one fault.
    let told = faults("x.csv", &table(',', &["1.500", "\"12,5\""]));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("\"12,5\""), "{told:?}");
}

#[test]
fn what_is_exported_has_a_point_and_comes_back_as_it_went() {
    let exported = |separator: char, mark: &str| {
        let id = "00112233445566778899aabbccddeeff";
        let row = ["record_id", mark, "kind", "title.en", "targets.0.value"];
        let row = row.map(str::to_owned).join(&separator.to_string());
        let cells = [id, "1", "indicator", "T", "1.500"].join(&separator.to_string());
        faults("x.tsv", &format!("{row}\n{cells}\n"))
    };
    assert_eq!(exported('\t', "revision"), [""; 0]);
    assert_eq!(exported(',', "revision"), [""; 0]);
    // With semicolons it was saved by another program.
    assert_eq!(exported(';', "revision").len(), 1);
    // One of the two columns is nobody's mark.
    assert_eq!(exported('\t', "external_id").len(), 1);
}

#[test]
fn a_workbook_s_text_is_asked_about_and_its_numbers_are_not() {
    let book = |cells: [&dyn Fn(&mut rust_xlsxwriter::Worksheet); 2]| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, name) in (0..).zip(["external_id", "title.en", "targets.0.value"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        for (row, cell) in (1..).zip(cells) {
            sheet.write_string(row, 0, format!("i{row}")).unwrap();
            sheet.write_string(row, 1, "T").unwrap();
            cell(sheet);
        }
        let options = Options {
            kind: Some("indicator".parse().unwrap()),
            workbooks: Workbooks::Here,
            ..Options::default()
        };
        let book = book.save_to_buffer().unwrap();
        import_with("x.xlsx", &book, &options)
    };
    let number = |sheet: &mut rust_xlsxwriter::Worksheet| {
        sheet.write_number(1, 2, 1.125).unwrap();
    };
    let whole = |sheet: &mut rust_xlsxwriter::Worksheet| {
        sheet.write_number(2, 2, 1_500.0).unwrap();
    };
    let text = |sheet: &mut rust_xlsxwriter::Worksheet| {
        sheet.write_string(2, 2, "1.500").unwrap();
    };
    assert!(book([&number, &whole]).is_ok());
    // A number has no sign that a text could be read by.
    let told = book([&number, &text]).unwrap_err().to_string();
    assert!(
        told.contains("x.xlsx:3:targets.0.value: \"1.500\" may mean 1.5 or 1500"),
        "{told}"
    );
}

#[test]
fn a_comma_before_three_digits_is_refused_with_both_readings_everywhere() {
    for (file, separator, cell) in [
        ("x.csv", ',', "\"1,500\""),
        ("x.tsv", '\t', "1,500"),
        ("x.csv", ';', "1,500"),
    ] {
        let told = faults(file, &table(separator, &[cell]));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("\"1,500\" may mean 1.5 or 1500; write"),
            "{told:?}"
        );
    }
}
