//! Which columns the records of one file need, and what stands on a sheet of its own.
//!
//! All records are seen once before the first row is written. A list with many parts
//! gets a sheet of its own with a row for each; a field that is too wide even for that
//! stands in one cell as a whole.

use std::collections::BTreeMap;

use super::{
    flat::{Cell, Flat, FlatRecord, Said, numbered, whole_path},
    safe,
};

/// Columns of one field before it gets another place.
const WIDEST_FIELD: usize = 80;
/// Columns of one sheet; a reader takes 1,000.
const WIDEST_SHEET: usize = 900;

/// What the columns of a file were found to be.
#[derive(Default)]
pub(super) struct Layout {
    fields: BTreeMap<u32, Field>,
}

#[derive(Default)]
struct Field {
    name: String,
    /// By their keys: paths, and in how many pieces their longest text stands.
    columns: BTreeMap<String, Column>,
    /// Of a list of parts: the columns of a part that has a row.
    of_parts: BTreeMap<String, Column>,
    whole: Option<Column>,
    /// Pieces of the longest whole, should that be its place.
    pieces_of_whole: usize,
    place: Place,
    too_wide_for_parts: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Columns,
    Sheet,
    Whole,
}

/// One cell as it is written: what it says, and whether software may count with it.
pub(super) type CellText = (String, bool);

#[derive(Clone, Debug)]
struct Column {
    path: String,
    pieces: usize,
}

/// Column, text, and whether the text is kept as it stands.
type Cells = Vec<(String, String, bool)>;

/// What a record says where: on the sheet of records, and on those of its parts.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) cells: Cells,
    /// By the field's name: the cells of each part.
    pub(super) parts: Vec<(String, Vec<Cells>)>,
}

impl Layout {
    /// Makes room for a record.
    pub(super) fn add(&mut self, record: &FlatRecord) {
        for flat in &record.fields {
            let field = self.fields.entry(flat.order).or_default();
            field.name.clone_from(&flat.name);
            field.add(flat);
        }
    }

    /// Decides where each field stands. `sheets`: there may be sheets beside the first.
    pub(super) fn settle(&mut self, sheets: bool) {
        for field in self.fields.values_mut() {
            if field.columns.len() > WIDEST_FIELD {
                field.step_aside(sheets);
            }
        }
        while self.header().len() > WIDEST_SHEET {
            let widest = self
                .fields
                .values_mut()
                .filter(|field| field.place == Place::Columns)
                .max_by_key(|field| field.width());
            match widest {
                Some(field) => field.step_aside(sheets),
                None => return,
            }
        }
    }

    /// The columns of the sheet of records, after those that every export has.
    pub(super) fn header(&self) -> Vec<String> {
        self.fields.values().flat_map(Field::header).collect()
    }

    /// The fields with a sheet of their own, and its columns.
    pub(super) fn sheets(&self) -> Vec<(String, Vec<String>)> {
        self.fields
            .values()
            .filter(|field| field.place == Place::Sheet)
            .map(|field| {
                let columns = field.of_parts.values().flat_map(Column::names);
                (field.name.clone(), columns.collect())
            })
            .collect()
    }

    /// The record's cells in their places.
    pub(super) fn place(&self, record: FlatRecord) -> Placed {
        let mut placed = Placed::default();
        for flat in record.fields {
            let place = self
                .fields
                .get(&flat.order)
                .map_or(Place::Columns, |field| field.place);
            let whole = whole_path(&flat.name);
            match (flat.said, place) {
                (Said::Cells(cells), Place::Columns | Place::Sheet) if fits(&cells) => {
                    placed.cells.extend(cells.into_iter().flat_map(in_pieces));
                }
                (Said::Parts(parts), Place::Columns) if parts.iter().all(|part| fits(part)) => {
                    for (at, part) in parts.into_iter().enumerate() {
                        for mut cell in part {
                            cell.path = numbered(&flat.name, &cell.path, at);
                            placed.cells.extend(in_pieces(cell));
                        }
                    }
                }
                (Said::Parts(parts), Place::Sheet) if parts.iter().all(|part| fits(part)) => {
                    let parts = parts
                        .into_iter()
                        .map(|part| part.into_iter().flat_map(in_pieces).collect());
                    placed.parts.push((flat.name, parts.collect()));
                }
                _ => placed.cells.extend(in_pieces(Cell {
                    key: String::new(),
                    path: whole,
                    text: flat.whole,
                    number: false,
                })),
            }
        }
        placed
    }
}

impl Field {
    fn add(&mut self, flat: &Flat) {
        let whole = pieces(&flat.whole).unwrap_or(1);
        self.pieces_of_whole = self.pieces_of_whole.max(whole);
        match &flat.said {
            Said::Cells(cells) if fits(cells) => {
                for cell in cells {
                    note(&mut self.columns, &cell.key, &cell.path, &cell.text);
                }
            }
            Said::Parts(parts) if parts.iter().all(|part| fits(part)) => {
                for (at, part) in parts.iter().enumerate() {
                    for cell in part {
                        let key = format!("{at:06}{}", cell.key);
                        let path = numbered(&flat.name, &cell.path, at);
                        note(&mut self.columns, &key, &path, &cell.text);
                        note(&mut self.of_parts, &cell.key, &cell.path, &cell.text);
                    }
                }
            }
            _ => {
                let column = self.whole.get_or_insert_with(|| Column {
                    path: whole_path(&flat.name),
                    pieces: 1,
                });
                column.pieces = column.pieces.max(whole);
            }
        }
        self.too_wide_for_parts = self.of_parts.len() > WIDEST_FIELD;
    }

    /// Leaves the columns of the sheet of records.
    fn step_aside(&mut self, sheets: bool) {
        if sheets && !self.of_parts.is_empty() && !self.too_wide_for_parts {
            self.place = Place::Sheet;
        } else {
            self.place = Place::Whole;
            self.whole = Some(Column {
                path: whole_path(&self.name),
                pieces: self.pieces_of_whole.max(1),
            });
        }
    }

    fn width(&self) -> usize {
        self.columns.values().map(|column| column.pieces).sum()
    }

    fn header(&self) -> Vec<String> {
        let own = self
            .columns
            .values()
            .filter(|_| self.place == Place::Columns);
        own.chain(&self.whole).flat_map(Column::names).collect()
    }
}

impl Column {
    /// `summary.en`, and `summary.en+1` where the text goes on.
    fn names(&self) -> Vec<String> {
        let further = (1..self.pieces).map(|at| format!("{}+{at}", self.path));
        std::iter::once(self.path.clone()).chain(further).collect()
    }
}

/// Remembers a column; one more than a field may have tells that it is too wide.
fn note(columns: &mut BTreeMap<String, Column>, key: &str, path: &str, text: &str) {
    let full = columns.len() > WIDEST_FIELD;
    if let Some(column) = columns.get_mut(key) {
        column.pieces = column.pieces.max(pieces(text).unwrap_or(1));
    } else if !full {
        let column = Column {
            path: path.to_owned(),
            pieces: pieces(text).unwrap_or(1),
        };
        columns.insert(key.to_owned(), column);
    }
}

fn pieces(text: &str) -> Option<usize> {
    safe::pieces(text).map(|pieces| pieces.len())
}

/// Every text can be cut into cells where it is too long for one.
fn fits(cells: &[Cell]) -> bool {
    cells.iter().all(|cell| pieces(&cell.text).is_some())
}

fn in_pieces(cell: Cell) -> Vec<(String, String, bool)> {
    let Some(pieces) = safe::pieces(&cell.text) else {
        return vec![(cell.path, cell.text, false)];
    };
    let name = |at: usize| match at {
        0 => cell.path.clone(),
        at => format!("{}+{at}", cell.path),
    };
    pieces
        .iter()
        .enumerate()
        .map(|(at, piece)| (name(at), (*piece).to_owned(), cell.number))
        .collect()
}
