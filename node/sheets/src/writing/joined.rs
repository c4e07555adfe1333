//! Lists of parts in columns without numbers: each has one value of all parts, in their
//! order, `adopted | in_force` under `status_history.status`. How many parts there are is no
//! matter, so the schema alone says the columns; an import gives each value to its part.
//!
//! What is itself several in a part has a column for each of the first parts,
//! `facts.0.values`: there the bar is between the values of one.

use std::collections::BTreeMap;

use super::flat::{Cell, Flat, Said, numbered};
use crate::{columns::Column, several};

/// Parts that have a column of their own for what is several in them.
const NUMBERED: usize = 5;

/// A field of a record in such columns.
#[derive(Default)]
pub(super) struct Joined {
    /// By their names.
    pub(super) cells: Vec<(String, String)>,
    /// They say all that the field says.
    pub(super) is_all: bool,
}

/// The names that a column of the schema has here; none of what is several within lists in
/// lists.
pub(super) fn names(column: &Column) -> Vec<String> {
    let Some((plain, 0)) = without_number(&column.path) else {
        return vec![column.path.clone()];
    };
    let is_nested = without_number(&plain).is_some();
    match (column.several, is_nested) {
        (false, _) => vec![plain],
        (true, true) => Vec::new(),
        (true, false) => {
            let (list, rest) = column.path.split_once(".0").unwrap_or_default();
            let numbered = (0..NUMBERED).map(|at| format!("{list}.{at}{rest}"));
            numbered.collect()
        }
    }
}

/// What a field says, in those columns that there are. Of a list all is said, or nothing: its
/// parts are known by their order alone.
pub(super) fn joined(flat: &Flat, is_column: impl Fn(&str) -> bool) -> Joined {
    match &flat.said {
        Said::Whole => Joined::default(),
        Said::Parts(parts) => {
            let parts = parts.iter().enumerate();
            let cells = parts.flat_map(|(at, part)| part.iter().map(move |cell| (at, cell)));
            let placed = cells.map(|(at, cell)| {
                let own = numbered(&flat.name, &cell.path, at);
                match is_column(&own) {
                    true => (own, None, cell),
                    false => (cell.path.clone(), Some(at), cell),
                }
            });
            let cells = together(placed, &is_column);
            Joined {
                is_all: cells.is_some(),
                cells: cells.unwrap_or_default(),
            }
        }
        Said::Cells(cells) => {
            let (single, in_lists): (Vec<&Cell>, Vec<&Cell>) = cells
                .iter()
                .partition(|cell| is_column(&cell.path) || without_number(&cell.path).is_none());
            // Each is put, also beside one that has no column.
            let there = single.iter().filter(|cell| is_column(&cell.path));
            let mut joined: Vec<_> = there.map(|it| (it.path.clone(), it.text.clone())).collect();
            let is_all = joined.len() == single.len();
            let placed = in_lists.into_iter().filter_map(|cell| {
                let (plain, at) = without_number(&cell.path)?;
                Some((plain, Some(at), cell))
            });
            let lists = together(placed, &is_column);
            let is_all = is_all && lists.is_some();
            joined.extend(lists.unwrap_or_default());
            Joined {
                cells: joined,
                is_all,
            }
        }
    }
}

/// The cells of each column in one; none where one has no column, or cannot be told apart
/// from another.
fn together<'a>(
    cells: impl Iterator<Item = (String, Option<usize>, &'a Cell)>,
    is_column: impl Fn(&str) -> bool,
) -> Option<Vec<(String, String)>> {
    let mut columns: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut own = Vec::new();
    for (name, at, cell) in cells {
        let Some(at) = at else {
            own.push((name, cell.text.clone()));
            continue;
        };
        if !is_column(&name) {
            return None;
        }
        let values = columns.entry(name).or_default();
        values.resize(values.len().max(at + 1), "");
        if let Some(value) = values.get_mut(at) {
            *value = &cell.text;
        }
    }
    for (name, values) in columns {
        own.push((name, several::together(&values)?));
    }
    Some(own)
}

/// A path without the number of a part in its first list, and that number.
fn without_number(path: &str) -> Option<(String, usize)> {
    let mut start = 0;
    for name in path.split('.') {
        if let Ok(at) = name.parse() {
            let (before, behind) = (&path[..start], &path[start + name.len()..]);
            let before = before.strip_suffix('.').unwrap_or(before);
            return Some((format!("{before}{behind}"), at));
        }
        start += name.len() + 1;
    }
    None
}
