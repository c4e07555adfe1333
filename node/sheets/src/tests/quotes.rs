//! Quotes that spreadsheets would not have written: no row is lost without a word.

use super::*;

const HEAD: &str = "external_id,kind,countries,title\n";

fn faults(rows: &str) -> Vec<String> {
    refused("x.csv", format!("{HEAD}{rows}").as_bytes())
}

#[test]
fn a_quote_that_is_never_closed_is_told_where_it_was_opened() {
    let told = |line: u64| {
        [format!(
            "x.csv:{line}:title: a quote is opened here and never closed; close it, or take it \
             out; the file may have been cut off"
        )]
    };
    let row = "x-1,good-practice,KEN,";
    for (rows, line) in [
        (
            format!("{row}\"Opening\nb,good-practice,KEN,B\nc,good-practice,UGA,C\n"),
            2,
        ),
        (format!("{row}T\r\nx-2,good-practice,KEN,\"A"), 3),
        (format!("{row}\"two\nlines\"\nx-2,good-practice,KEN,\""), 4),
    ] {
        assert_eq!(faults(&rows), told(line), "{rows}");
    }
}

#[test]
fn a_long_text_within_quotes_is_told_as_long_and_not_as_left_open() {
    let long = "text \"\"and\"\" more\n".repeat(150_000);
    let row = "x-1,good-practice,KEN,T\nx-2,good-practice,KEN,\"";
    for end in ["\"", "\"\n", "\"\r\nx-3,good-practice,KEN,\"C\"\n"] {
        assert_eq!(
            faults(&format!("{row}{long}{end}")),
            ["x.csv:3:title: a cell of more than 1 MiB; shorten it, or split the record"]
        );
    }
    let rows = "x-3,good-practice,KEN,C\n".repeat(150_000);
    for end in ["", "x-4,good-practice,KEN,\"D\"\nx-5,good-practice,KEN,E\n"] {
        let told = faults(&format!("{row}Opening\n{rows}{end}"));
        assert!(
            told[0].starts_with("x.csv:3:title: a quote is opened here"),
            "{told:?}"
        );
    }
}

#[test]
fn text_behind_a_closing_quote_is_refused_and_the_rows_after_it_are_read() {
    let behind = "goes on behind the quote that closes it; was a quote left open before it?";
    let row = "x-1,good-practice,KEN,";
    for text in [
        "\"B\" x",
        "\"B\"x",
        "\"B\" \"x\"",
        "\"Opening\nx-2,good-practice,KEN,\"B\"",
    ] {
        let faults = faults(&format!("{row}{text}\nx-3,good-practice,Nowhere,C\n"));
        let first = format!("x.csv:2:title: {behind}");
        assert!(faults[0].starts_with(&first), "{text}: {faults:?}");
        assert!(
            faults[1].contains("\"Nowhere\" is no ISO"),
            "{text}: {faults:?}"
        );
        assert_eq!(faults.len(), 2, "{text}: {faults:?}");
    }
}

#[test]
fn quotes_within_texts_and_spaces_around_quotes_are_read_as_they_are_meant() {
    let rows = "x-1,good-practice,KEN,\"the \"\"first\"\" plan\" \r\n\
                x-2,good-practice,\"KEN\" ,a \"second\" plan\r\
                x-3,good-practice,KEN,\"\"\"third\"\"\"\n";
    let imported = import("x.csv", format!("{HEAD}{rows}").as_bytes()).unwrap();
    for (id, title) in [
        ("x-1", "the \"first\" plan"),
        ("x-2", "a \"second\" plan"),
        ("x-3", "\"third\""),
    ] {
        let record = record(&imported, id);
        assert_eq!(record.message().title[0].text, title);
    }
}
