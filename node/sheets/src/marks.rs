//! What reading and writing agree on: which rows are examples, which texts are made safe
//! for spreadsheets, and which sheets hold the parts of records.
//!
//! A workbook has its records on its first sheet. Any further sheet whose name is the
//! path of a list of parts (`observations`, `status_history`) has one part a row: the
//! record's id under `external_id`, and the part's fields under their own paths
//! (`period`, `value`). Its rows are in order. Other sheets explain, and are not read.

/// An id that begins so is an example's: its row is never imported. What follows is for
/// people, in their language: `example: this row is not imported`.
pub const EXAMPLE: &str = "example:";

/// The column of the id on every sheet.
pub const ID_COLUMN: &str = "external_id";

/// The column of the exchange's own id of a record, as an export writes it.
pub const RECORD_ID_COLUMN: &str = "record_id";

/// The column of the revision that a row was exported from.
pub const REVISION_COLUMN: &str = "revision";

/// The column of the kind.
pub const KIND_COLUMN: &str = "kind";

/// The columns that say who published the revision of a row, in which log, when, the
/// address at which it stays, whether its record was taken back since, and why what it says is
/// not here. They are for people; an import reads past them.
pub const PROVENANCE_COLUMNS: [&str; 6] = [
    "publisher",
    "log_origin",
    "publish_time",
    "revision_address",
    "taken_back",
    "payload",
];

/// The same as they stand beside a record in JSON, as `wpsx get --json` has them.
pub(super) const PROVENANCE_NAMES: [&str; PROVENANCE_COLUMNS.len()] = [
    "publisher",
    "origin",
    "time",
    "page",
    "taken_back",
    "payload",
];

/// What columns of a table of parts begin with that say of which record a part is, beside its
/// ids: `of_record.title`. They are for people; an import reads past them.
pub(super) const OF_RECORD: &str = "of_record.";

/// The columns that every table of records may have and that are no fields.
pub(super) const SPECIAL: &[&str] = &[
    ID_COLUMN,
    RECORD_ID_COLUMN,
    REVISION_COLUMN,
    KIND_COLUMN,
    PROVENANCE_COLUMNS[0],
    PROVENANCE_COLUMNS[1],
    PROVENANCE_COLUMNS[2],
    PROVENANCE_COLUMNS[3],
    PROVENANCE_COLUMNS[4],
    PROVENANCE_COLUMNS[5],
];

/// The row is a template's example.
#[must_use]
pub fn is_example(id: &str) -> bool {
    let start = id.trim_start_matches(['\'', ' ']).get(..EXAMPLE.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(EXAMPLE))
}

/// A spreadsheet would run the text as a formula. A number with its sign is a number.
#[must_use]
pub fn is_formula_like(text: &str) -> bool {
    text.trim().parse::<f64>().is_err() && starts_formula(text)
}

/// By the signs that OWASP lists for CSV injection, those of full width among them, which
/// spreadsheets with East Asian settings read alike.
pub(crate) fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// What a cell's text was before an apostrophe was put before it, so that no spreadsheet
/// runs it. Each time that it was made safe put one more before it.
#[must_use]
pub fn as_meant(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if starts_formula(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_was_made_safe_is_read_as_it_was() {
        for (text, meant) in [
            ("'=1+1", "=1+1"),
            ("''=1", "'=1"),
            ("'+1", "+1"),
            ("'quoted'", "'quoted'"),
            ("'", "'"),
            ("=1", "=1"),
            ("'＝1", "＝1"),
            ("'\n=1", "\n=1"),
        ] {
            assert_eq!(as_meant(text), meant);
        }
        assert!(is_formula_like("=1") && is_formula_like("-5 tanks"));
        assert!(is_formula_like("＝1+1") && is_formula_like("＠x") && is_formula_like("\n=1"));
        assert!(!is_formula_like("-0.4") && !is_formula_like("a = b"));
    }

    #[test]
    fn an_example_says_so_in_its_id() {
        assert!(is_example("example: not imported") && is_example("'Example:1"));
        assert!(!is_example("an example: x") && !is_example("exa"));
    }
}
