//! What an exported workbook says of itself on its last sheet: its source, licence, date and
//! method, how to cite it, and what its columns are. No import reads it.

use std::collections::BTreeSet;

use super::words::rfc3339;

/// The rows about an export of so many records of these logs, made now.
pub(super) fn rows(origins: &BTreeSet<String>, records: u64, now: u64) -> Vec<[String; 2]> {
    let logs: Vec<&str> = origins.iter().map(String::as_str).collect();
    let made = rfc3339(now);
    let made = made.split('T').next().unwrap_or_default();
    let rows = [
        ("Source", format!("the logs {}", logs.join(", "))),
        ("Records", records.to_string()),
        ("As of", made.to_owned()),
        (
            "Licence",
            "Each record says its own licence and how its source asks to be named (the columns \
             licence and attribution). Where it says none, ask its publisher."
                .to_owned(),
        ),
        (
            "Method",
            "The records as their publishers signed them, in their newest revisions. Nothing is \
             estimated, converted or filled in; an empty cell means that nobody said anything."
                .to_owned(),
        ),
        (
            "How to cite",
            "Name the author of the text, and after it the publisher, the log, the time, the \
             record's id and the revision of the row (the columns publisher, log_origin, \
             publish_time, record_id and revision)."
                .to_owned(),
        ),
        (
            "Columns",
            "Columns have the names of the schema's fields (wpsx fields KIND). An import finds a \
             record again by record_id, and notices by revision that somebody was faster; it \
             reads past publisher, log_origin and publish_time."
                .to_owned(),
        ),
    ];
    rows.map(|(word, text)| [word.to_owned(), text]).into()
}
