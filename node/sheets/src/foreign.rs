//! Columns of other kinds, in a table of several: a row says nothing in them.

use std::{collections::HashMap, sync::Arc};

use wpsx_proto::record::Kind;

use super::{
    bad::BadRow,
    cells::{Cell, key_of, text_of},
    marks::KIND_COLUMN,
    names,
};

/// For each kind the columns that it lacks and others have.
#[derive(Default)]
pub(super) struct Foreign(HashMap<Kind, Vec<Arc<str>>>);

impl Foreign {
    /// The cells of a row without those of columns that other kinds have and its own has not, and
    /// what is wrong with those: they are filled. A row that does not say its kind is of a table
    /// of one kind, whose columns all are meant for it.
    pub(super) fn without(
        &mut self,
        kind: Kind,
        line: u64,
        mut cells: Vec<(Arc<str>, Cell)>,
    ) -> (Vec<(Arc<str>, Cell)>, Vec<BadRow>) {
        if key_of(&cells, KIND_COLUMN).is_empty() {
            return (cells, Vec::new());
        }
        let foreign = self.0.entry(kind).or_insert_with(|| {
            let columns = cells.iter().map(|(column, _)| column);
            let foreign = columns.filter(|column| is_foreign(kind, column));
            foreign.map(Arc::clone).collect()
        });
        let filled = foreign
            .iter()
            .map(|column| (column, text_of(&cells, column)));
        let filled = filled.filter(|(_, text)| !text.is_empty());
        let bad = filled.map(|(column, text)| {
            let reason = format!("is filled, and a record of the kind {kind} has no such field");
            let bad = BadRow::at(line, column, reason).holding(&text);
            bad.remedy(format!(
                "empty it, or correct the kind; wpsx fields {kind} lists what it has"
            ))
        });
        let bad = bad.collect();
        cells.retain(|(column, _)| !foreign.contains(column));
        (cells, bad)
    }
}

fn is_foreign(kind: Kind, column: &str) -> bool {
    let mut others = Kind::known().filter(|other| *other != kind);
    !names::is_special(column)
        && names::path_of(kind, column).is_none()
        && others.any(|other| names::path_of(other, column).is_some())
}
