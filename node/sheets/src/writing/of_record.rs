//! What rows of parts say of the record that they are of, as an export writes it.

use std::collections::HashMap;

use super::{
    flat::{Flattener, Said},
    parts::shown,
    table::{COUNTRIES, TITLE, is_title, of_record},
};
use crate::shape::Shape;

/// The cells about records of one kind.
pub(crate) struct OfRecord {
    flattener: Flattener,
    paths: Vec<String>,
}

impl OfRecord {
    pub(crate) fn new(shape: Shape) -> Self {
        let own = shown(&shape).into_iter();
        let paths = [TITLE, COUNTRIES].map(str::to_owned).into_iter().chain(own);
        Self {
            paths: paths.collect(),
            flattener: Flattener::new(shape),
        }
    }

    /// They, by the names of their columns; none of a record that cannot be read.
    pub(crate) fn cells(&mut self, payload: &[u8]) -> HashMap<String, String> {
        let Ok(record) = self.flattener.record(payload) else {
            return HashMap::new();
        };
        let cells = record.fields.iter().filter_map(|flat| match &flat.said {
            Said::Cells(cells) => Some(cells),
            _ => None,
        });
        let cells: Vec<_> = cells.flatten().collect();
        let said = |path: &String| {
            let own = cells.iter().find(|cell| cell.path == *path);
            let title = || cells.iter().find(|cell| is_title(&cell.path));
            let cell = own.or_else(|| title().filter(|_| path == TITLE))?;
            Some((of_record(path), cell.text.clone()))
        };
        self.paths.iter().filter_map(said).collect()
    }
}
