//! A grid of cells as rows under a header row.
//!
//! People put titles above their header rows and leave rows and columns empty between
//! what they fill. The header row is the one that names most columns that are known; what
//! is empty is passed over, and what is passed over but not empty is said.

use std::{cell::RefCell, collections::VecDeque, rc::Rc, sync::Arc};

use super::{
    bad::{BadRow, shortened},
    cells::Cell,
    folding,
    grid::{Grid, GridFault, GridRow, MAX_ROW, too_long},
    marks::{ID_COLUMN, OF_RECORD, RECORD_ID_COLUMN, REVISION_COLUMN, as_meant},
    row::{Content, Opened, Opening, Row},
    table::{self, Table},
};

const MAX_COLUMNS: usize = 1_000;
/// Rows among which the header row is looked for.
const LOOK_AT: usize = 12;

/// Opens a grid. An error concerns its header row.
pub(super) fn open<'a>(mut grid: Grid<'a>, opening: &Opening<'_>) -> Result<Opened<'a>, BadRow> {
    let mut ahead = VecDeque::new();
    let mut filled = Vec::new();
    while filled.len() < LOOK_AT
        && let Some(row) = grid.next()
    {
        match row {
            Ok(row) if row.is_empty() => {}
            Ok(row) => {
                filled.push(row.clone());
                ahead.push_back(Ok(row));
            }
            Err(fault) => {
                ahead.push_back(Err(fault));
                break;
            }
        }
    }
    let at = header_of(&filled, opening.knows).unwrap_or(0);
    let (mut said, mut titles) = (Vec::new(), Vec::new());
    for title in filled.iter().take(at) {
        ahead.pop_front();
        let text: Vec<&str> = title.cells.iter().map(String::as_str).collect();
        let text = shortened(text.join(" ").trim());
        said.push(format!(
            "line {} is a title above the header row, and is not read: {text:?}",
            title.line
        ));
        titles.push(table::texts(title));
    }
    let (mut line, mut bad) = (1, Vec::new());
    let columns = match ahead.pop_front() {
        None => Vec::new(),
        Some(Err(fault)) => return Err(*fault.bad),
        Some(Ok(header)) => {
            titles.push(table::texts(&header));
            line = header.line;
            Columns::read(header, &mut bad)?
        }
    };
    let kept = opening.keep.then(|| {
        let id = columns
            .iter()
            .position(|column| column.name.as_deref().is_some_and(is_id));
        Rc::new(RefCell::new(Table::above(titles, id)))
    });
    let rows = Tabled {
        grid,
        ahead,
        columns,
        kept: kept.clone(),
    };
    let named = |column: &Column| column.name.clone().unwrap_or_default();
    let names: Vec<Arc<str>> = rows.columns.iter().map(named).collect();
    Ok(Opened {
        rows: Box::new(rows),
        said,
        sheet: String::new(),
        dates: 0,
        has_points: is_exported(&names),
        others: Vec::new(),
        kept,
        columns: names,
        header: line,
        bad,
    })
}

/// The table is one of ours, by the columns that nobody else writes.
fn is_exported(columns: &[Arc<str>]) -> bool {
    let has = |mark: &str| columns.iter().any(|name| folding::folded(name) == mark);
    let of_parts = || columns.iter().any(|name| name.starts_with(OF_RECORD));
    has(RECORD_ID_COLUMN) && (has(REVISION_COLUMN) || of_parts())
}

fn is_id(name: &str) -> bool {
    folding::folded(name) == ID_COLUMN
}

/// The place of the header row among the first rows: the one that names most columns that
/// are known. None names any.
pub(super) fn header_of(rows: &[GridRow], knows: &dyn Fn(&str) -> bool) -> Option<usize> {
    let mut best = None;
    let filled = rows.iter().filter(|row| !row.is_empty());
    for (at, row) in filled.take(LOOK_AT).enumerate() {
        let cells = row.cells.iter().filter(|cell| !cell.is_empty());
        let known = cells.filter(|cell| knows(cell)).count();
        let counts = known > 0 && known * 3 >= row.filled();
        if counts && best.is_none_or(|(_, most)| known > most) {
            best = Some((at, known));
        }
    }
    best.map(|(at, _)| at)
}

/// One column of a table.
struct Column {
    /// None: the header row leaves it empty, or has the name in another column.
    name: Option<Arc<str>>,
    /// Its name was refused: its cells are passed over.
    refused: bool,
    /// The column whose text goes on here: `summary.en+1` after `summary.en`.
    continues: Option<usize>,
}

struct Columns;

impl Columns {
    /// The columns; one whose name another one has is told, and passed over.
    fn read(header: GridRow, bad: &mut Vec<BadRow>) -> Result<Vec<Column>, BadRow> {
        let GridRow { line, cells, .. } = header;
        if cells.len() > MAX_COLUMNS {
            let reason = format!("{} columns; at most {MAX_COLUMNS}", cells.len());
            return Err(BadRow::at(line, "", reason).remedy("take out those that are not needed"));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(cells.len());
        for cell in cells {
            let cell = as_meant(&cell);
            let name: Option<Arc<str>> = (!cell.is_empty()).then(|| cell.into());
            let named = |other: &str| {
                columns
                    .iter()
                    .position(|column| column.name.as_deref() == Some(other))
            };
            let refused = name.as_deref().and_then(named).is_some();
            if refused {
                let twice = BadRow::at(line, cell, "the header row names it twice");
                bad.push(twice.remedy("give one of the two another name, or take it out"));
            }
            let name = name.filter(|_| !refused);
            let base = cell.rsplit_once('+').filter(|(_, number)| {
                !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            });
            let continues = base.and_then(|(base, _)| named(base));
            columns.push(Column {
                name,
                refused,
                continues,
            });
        }
        Ok(columns)
    }
}

struct Tabled<'a> {
    grid: Grid<'a>,
    /// Rows that were looked at to find the header row.
    ahead: VecDeque<Result<GridRow, GridFault>>,
    columns: Vec<Column>,
    kept: Option<Rc<RefCell<Table>>>,
}

impl Iterator for Tabled<'_> {
    type Item = Result<Row, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let row = self.ahead.pop_front().or_else(|| self.grid.next())?;
            match row {
                Err(fault) => return Some(Err(self.named(fault))),
                Ok(row) if row.is_empty() => {}
                Ok(row) => {
                    let kept = self
                        .kept
                        .as_ref()
                        .map(|table| table.borrow_mut().keep(&row));
                    return Some(self.row(row, kept));
                }
            }
        }
    }
}

impl Tabled<'_> {
    fn name_of(&self, at: usize) -> Option<&Arc<str>> {
        self.columns.get(at)?.name.as_ref()
    }

    fn named(&self, fault: GridFault) -> BadRow {
        let name = fault.column.and_then(|at| self.name_of(at));
        let mut bad = *fault.bad;
        if let Some(name) = name {
            bad.column = name.to_string();
        }
        bad
    }

    fn row(&self, row: GridRow, kept: Option<usize>) -> Result<Row, BadRow> {
        let GridRow {
            line,
            row: at,
            cells,
            numbers,
            ends_early,
        } = row;
        if cells.iter().map(String::len).sum::<usize>() > MAX_ROW {
            return Err(too_long(line));
        }
        let wide = cells
            .iter()
            .rposition(|cell| !cell.is_empty())
            .map_or(0, |at| at + 1);
        let (given, named) = (cells.len(), self.columns.len());
        if wide > named || (given < named && !ends_early) {
            let reason = format!("{given} cells where the header row has {named}");
            let remedy = "is a quote left open, or a cell with a comma without quotes?";
            return Err(BadRow::at(line, "", reason).remedy(remedy));
        }
        let mut texts = cells.into_iter().chain(std::iter::repeat(String::new()));
        let mut read: Vec<(Arc<str>, Cell)> = Vec::with_capacity(named);
        let mut places = vec![None; named];
        for (place, column) in self.columns.iter().enumerate() {
            let cell = texts.next().unwrap_or_default();
            let text = as_meant(&cell);
            let Some(name) = &column.name else {
                if text.is_empty() || column.refused {
                    continue;
                }
                let reason = format!("column {} has no name in the header row", place + 1);
                let bad = BadRow::at(line, "", reason).holding(text);
                return Err(bad.remedy("name it, or empty it"));
            };
            let before = column.continues.and_then(|base| places[base]);
            let whole = before.and_then(|at: usize| read.get_mut(at));
            if let Some((_, Cell::Text(whole) | Cell::Number(whole))) = whole {
                whole.push_str(text);
                continue;
            }
            places[place] = Some(read.len());
            let cell = match numbers.binary_search(&place) {
                Ok(_) => Cell::Number,
                Err(_) => Cell::Text,
            };
            read.push((Arc::clone(name), cell(text.to_owned())));
        }
        Ok(Row {
            line,
            at,
            content: Content::Cells(read),
            kept,
            from: Default::default(),
            beside: Vec::new(),
        })
    }
}
