//! Numbers whose sign may stand before decimals or between thousands: `1.500` in a file from a
//! place where a comma stands before decimals, `1,500` anywhere.
//!
//! Such a cell is not guessed at. A point with three digits behind it says nothing yet: the other
//! cells of its column are asked, and it is refused with both readings if they do not tell.
//!
//! Three things say of a file as a whole that a point stands before decimals in it. Commas
//! between its cells: who writes decimals with a comma has semicolons there. That it is JSON. And
//! the columns of an export: ours has a point everywhere, in a workbook too, where what a
//! spreadsheet's number would not keep (`1.500`) is text, and must come back as it went. Tabs and
//! the text of workbooks are written everywhere, and say nothing; a number that a workbook holds
//! as one is no text, and is not asked about. Not taken: to ask the record whether it says `1.5`
//! already. The same cell would be sound in one file and not in the next.

use std::collections::BTreeMap;

use super::bad::{BadRow, MAX_NAMED};

/// What to do about it.
pub(super) const REMEDY: &str = "write the one that is meant";

/// The columns of numbers of a file and of those beside it.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// The table that is read: its name in messages, none for that of the records; and whether a
    /// point stands before decimals in it.
    table: (Option<Box<str>>, bool),
    columns: BTreeMap<(Option<Box<str>>, String), Column>,
}

/// What the cells of one column tell.
#[derive(Debug, Default)]
struct Column {
    /// A point stands before decimals.
    point: bool,
    /// One of the cells in which a comma does.
    comma: Option<String>,
    /// Cells that say neither, and how many there are.
    open: Vec<(u64, String)>,
    count: usize,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// `1.500` or `1,500`: a group of three behind its only sign.
    Either(char),
    /// A point before decimals: `1.5`, `1,234.5`.
    Point,
    /// A comma before decimals: `1,5`, `1.234,5`; or points between thousands.
    Comma,
    /// Digits alone, or no number.
    Neither,
}

impl Numbers {
    /// Turns to a table; none is that of the records.
    pub(super) fn turn_to(&mut self, table: Option<&str>, has_points: bool) {
        self.table = (table.map(Into::into), has_points);
    }

    /// The table that is read.
    pub(super) fn table(&self) -> (Option<Box<str>>, bool) {
        self.table.clone()
    }

    /// Takes a cell that should be a number, with its line and column; why it is refused where it
    /// may be either of two.
    pub(super) fn take(&mut self, text: &str, place: &dyn Fn() -> (u64, String)) -> Option<String> {
        let number = text.trim_end_matches(['%', '％', '٪', ' ']);
        let written = written(number);
        match written {
            Written::Neither => return None,
            Written::Either(',') => return Some(either(text, number, ',')),
            // What the file tells as a whole no cell of it can make unclear.
            _ if self.table.1 => return None,
            Written::Either(_) | Written::Point | Written::Comma => {}
        }
        let (line, column) = place();
        // What is joined is told with its file already.
        let own = self.table.0.as_deref();
        let own = own.and_then(|table| column.strip_prefix(table)?.strip_prefix(':'));
        let column = own.map_or_else(|| column.clone(), str::to_owned);
        let column = self
            .columns
            .entry((self.table.0.clone(), column))
            .or_default();
        match written {
            Written::Point => column.point = true,
            Written::Comma => column.comma = Some(text.to_owned()),
            _ => {
                column.count += 1;
                if column.open.len() < MAX_NAMED {
                    column.open.push((line, text.to_owned()));
                }
            }
        }
        None
    }

    /// The cells that no other one of their columns explains, and how many more there are.
    pub(super) fn unexplained(&mut self) -> (Vec<BadRow>, usize) {
        let (mut told, mut more) = (Vec::new(), 0);
        for ((table, name), column) in std::mem::take(&mut self.columns) {
            if column.point && column.comma.is_none() {
                continue;
            }
            more += column.count - column.open.len();
            for (line, text) in column.open {
                let number = text.trim_end_matches(['%', '％', '٪', ' ']);
                let meant = number.replace('.', "");
                let (reason, remedy) = match &column.comma {
                    Some(comma) if !column.point => (
                        format!("{text:?} stands in a column with {comma:?} and means {meant}"),
                        format!("write {meant}"),
                    ),
                    _ => (either(&text, number, '.'), REMEDY.to_owned()),
                };
                let bad = BadRow::at(line, &name, reason).in_file(table.as_deref());
                told.push(bad.holding(&text).remedy(remedy));
            }
        }
        (told, more)
    }
}

/// Both readings of a number, as of an unclear date.
fn either(text: &str, number: &str, sign: char) -> String {
    let decimal = number.replace(sign, ".");
    let decimal = decimal.trim_end_matches('0').trim_end_matches('.');
    let whole = number.replace(sign, "");
    format!("{text:?} may mean {decimal} or {whole}")
}

fn written(number: &str) -> Written {
    let digits = number.strip_prefix(['-', '+', '−']).unwrap_or(number);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || ".,".contains(c));
    let Some(at) = digits.rfind(['.', ',']).filter(|_| is_number) else {
        return Written::Neither;
    };
    let (whole, behind) = (&digits[..at], &digits[at + 1..]);
    let sign = char::from(digits.as_bytes()[at]);
    let other = if sign == '.' { ',' } else { '.' };
    // A number in thousands does not begin with zero.
    let is_group = behind.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
    match (sign, whole.contains(sign), whole.contains(other)) {
        (_, false, false) if is_group => Written::Either(sign),
        // Several of one sign stand between thousands.
        ('.', false, _) | (',', true, _) => Written::Point,
        _ => Written::Comma,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_which_sign_stands_before_its_decimals_or_does_not() {
        for (text, expected) in [
            ("1.500", Written::Either('.')),
            ("-27.125", Written::Either('.')),
            ("1,500", Written::Either(',')),
            ("999,000", Written::Either(',')),
            ("0.125", Written::Point),
            ("1.5", Written::Point),
            ("1234.567", Written::Point),
            ("1,234.5", Written::Point),
            ("1,234,567", Written::Point),
            ("0,125", Written::Comma),
            ("12,5", Written::Comma),
            ("1.234,5", Written::Comma),
            ("1.234.567", Written::Comma),
            ("1500", Written::Neither),
            ("", Written::Neither),
            ("v1.500", Written::Neither),
            ("1.", Written::Neither),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
        assert_eq!(
            either("1.500", "1.500", '.'),
            "\"1.500\" may mean 1.5 or 1500"
        );
        assert_eq!(
            either("2,000", "2,000", ','),
            "\"2,000\" may mean 2 or 2000"
        );
    }
}
