//! The place of a text as people find it: the line of a file, or the cell of a
//! spreadsheet, `C12`, with the sheet before it where it is not the first one.

use std::collections::BTreeSet;

use super::{
    bad::{BadRow, WithoutRemedy},
    remark::Place,
};

/// Where a text of a record stands in what was read.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// The sheet, or the file beside the one that is read; none: that of the records.
    pub(super) sheet: Option<Beside>,
    pub(super) place: Place,
    /// Its cell, such as `C12`; none in what is no table.
    pub(super) cell: Option<String>,
}

/// Another table than that of the records.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    /// The name that goes before the cell.
    pub(super) name: String,
    /// In messages: the file's name, or that it is a sheet.
    pub(super) told: String,
}

impl Spot {
    /// How the cell is named to let it through: as it is found, or else by its line.
    pub(super) fn name(&self) -> String {
        match (&self.cell, &self.sheet) {
            (Some(cell), Some(sheet)) => format!("{}!{cell}", sheet.name),
            (Some(cell), None) => cell.clone(),
            (None, _) => self.place.to_string(),
        }
    }

    /// The cell is among those that were named, in any of the ways to name it. `own` is
    /// the name of the sheet of records.
    pub(super) fn is_among(&self, named: &BTreeSet<String>, own: &str) -> bool {
        let mut names = vec![self.name()];
        match (&self.sheet, &self.cell) {
            (None, Some(cell)) => {
                names.push(self.place.to_string());
                names.push(format!("{own}!{cell}"));
            }
            (None, None) => {}
            (Some(sheet), _) => names.push(format!("{}!{}", sheet.name, self.place)),
        }
        let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        named.iter().any(|said| names.contains(&plain(said)))
    }

    /// Something wrong there.
    pub(super) fn bad(&self, reason: String) -> WithoutRemedy {
        let sheet = self.sheet.as_ref().map(|sheet| sheet.told.as_str());
        BadRow::at(self.place.line, &self.place.column, reason).in_file(sheet)
    }
}

/// A cell by the places of its column, from 0, and of its row, from 1: `C12`.
pub(super) fn cell(column: usize, row: u64) -> Option<String> {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).ok()?;
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    (row > 0).then(|| format!("{letters}{row}"))
}

/// A cell's name without what spreadsheets write around it: `'Our plans'!$C$12`.
fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| !matches!(c, '$' | '\'' | ' '));
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        for (column, row, name) in [(0, 1, "A1"), (25, 2, "Z2"), (26, 3, "AA3"), (701, 4, "ZZ4")] {
            assert_eq!(cell(column, row).as_deref(), Some(name));
        }
        assert_eq!(cell(702, 5).as_deref(), Some("AAA5"));
        assert_eq!(cell(0, 0), None);
    }

    #[test]
    fn a_cell_is_let_through_by_any_of_its_names_and_no_other_is() {
        let spot = Spot {
            sheet: None,
            place: Place {
                line: 14,
                column: "note.en".to_owned(),
            },
            cell: Some("C12".to_owned()),
        };
        let among = |name: &str| spot.is_among(&BTreeSet::from([name.to_owned()]), "Our plans");
        for name in ["C12", "c12", "$C$12", "'Our plans'!$C$12", "14:note.en"] {
            assert!(among(name), "{name}");
        }
        for name in ["C1", "C121", "C14", "12:note.en", "Other!C12", ""] {
            assert!(!among(name), "{name}");
        }
        let beside = Spot {
            sheet: Some(Beside {
                name: "facts".to_owned(),
                told: "sheet \"facts\"".to_owned(),
            }),
            ..spot.clone()
        };
        let among = |name: &str| beside.is_among(&BTreeSet::from([name.to_owned()]), "Our plans");
        assert!(among("facts!C12") && among("facts!14:note.en"));
        assert!(!among("C12") && !among("14:note.en"));
    }
}
