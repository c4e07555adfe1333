//! A workbook as it is read, and what its two processes agree on.

use serde::{Deserialize, Serialize};

use crate::grid::{Grid, GridRow};

/// The hidden command that opens a workbook in a process of its own.
pub const READ_WORKBOOK: &str = "read-workbook";

/// Bytes of a workbook as it is stored.
pub(super) const MAX_FILE: usize = 32 << 20;

/// Areas of merged cells that are named.
const SHOWN_AREAS: usize = 5;

/// One sheet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) hidden: bool,
    /// Cells that are merged into one: the first areas of them.
    pub(crate) merged: Vec<Merged>,
    /// Without those that are empty.
    pub(crate) rows: Vec<GridRow>,
}

impl Sheet {
    pub(crate) fn into_grid<'a>(self) -> Grid<'a> {
        Box::new(self.rows.into_iter().map(Ok))
    }
}

/// Cells that are merged into one: the first of them has the value, and the others are empty.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Merged {
    /// `B2:B4`.
    pub(crate) area: String,
    /// Its last row, counted from 1.
    pub(crate) last: u64,
}

/// A workbook's sheets.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) sheets: Vec<Sheet>,
    /// Cells that the workbook says to be dates.
    pub(crate) dates: u64,
}

/// What is lost where cells below the header row are merged, in a sentence.
pub(crate) fn merged_below(areas: &[Merged], header: u64) -> Option<String> {
    let below = areas.iter().filter(|area| area.last > header);
    let mut named: Vec<&str> = below.map(|area| area.area.as_str()).collect();
    if named.len() > SHOWN_AREAS {
        named.truncate(SHOWN_AREAS);
        named.push("…");
    }
    (!named.is_empty()).then(|| {
        format!(
            "merged cells ({}) hold a value in their first cell alone; the others read as empty",
            named.join(", ")
        )
    })
}
