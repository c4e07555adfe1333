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
        "x.csv:2:targets.0.value: \"1.500\" stands below \"1.234,5\" and means 1500; write 1500"
    );
    assert!(
        told[1].starts_with("x.csv:3:targets.0.value: \"1.234,5\""),
        "{told:?}"
    );
    // Where commas or tabs stand between cells, a point is a point.
    for (file, separator) in [("x.csv", ','), ("x.tsv", '\t')] {
        assert_eq!(faults(file, &table(separator, &["1.500"])), [""; 0]);
    }
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
