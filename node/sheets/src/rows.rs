//! The rows of a file, whatever its form: cells under the names of their columns, or
//! objects of JSON.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use super::{
    bad::BadRow,
    cells::Cell,
    csv_grid,
    format::Format,
    input::{self, Input},
    json,
    options::Workbooks,
    table::Table,
    tabled,
    workbook::{self, Sheet},
};

pub(super) use super::json::cells_of;

/// What one row holds under each of its columns.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Where it starts, counted from 1.
    pub(super) line: u64,
    pub(super) content: Content,
    /// Its place in the table that is kept.
    pub(super) kept: Option<usize>,
    /// The record that it was exported from, and its revision; may be empty.
    pub(super) from: (String, String),
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Cells(Vec<(Arc<str>, Cell)>),
    /// One JSON object, as it stands in the file.
    Object(String),
}

pub(super) type Rows<'a> = Box<dyn Iterator<Item = Result<Row, BadRow>> + 'a>;

/// How a file is opened.
pub(super) struct Opening<'o> {
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    pub(super) sheet: Option<&'o str>,
    pub(super) workbooks: &'o Workbooks,
    /// The text is the name of a column that can be read.
    pub(super) knows: &'o dyn Fn(&str) -> bool,
    pub(super) keep: bool,
}

/// A file whose rows can be read.
pub(super) struct Opened<'a> {
    pub(super) rows: Rows<'a>,
    /// What should be known of the file as a whole.
    pub(super) said: Vec<String>,
    /// The name of the sheet that they are on.
    pub(super) sheet: String,
    /// Cells that the workbook says to be dates.
    pub(super) dates: u64,
    /// The other sheets of a workbook.
    pub(super) others: Vec<Sheet>,
    pub(super) kept: Option<Rc<RefCell<Table>>>,
}

impl<'a> Opened<'a> {
    fn of_objects(rows: Rows<'a>, said: Vec<String>) -> Self {
        Self {
            rows,
            said,
            sheet: String::new(),
            dates: 0,
            others: Vec::new(),
            kept: None,
        }
    }
}

/// Opens a file's rows. An error concerns the file as a whole.
pub(super) fn open<'a>(
    format: Format,
    input: Input<'a>,
    opening: &Opening<'_>,
) -> Result<Opened<'a>, BadRow> {
    if format == Format::Workbook {
        return open_workbook(input, opening);
    }
    let (input, encoding) = input::text(input, opening.encoding)?;
    let said: Vec<String> = encoding
        .map(|name| format!("the file is read as {name}"))
        .into_iter()
        .collect();
    match format {
        Format::JsonLines => Ok(Opened::of_objects(json::lines(input), said)),
        Format::Json => {
            let rows = json::document(input)?.into_iter().map(Ok);
            Ok(Opened::of_objects(Box::new(rows), said))
        }
        Format::Csv | Format::Workbook => {
            let mut opened = tabled::open(csv_grid::open(input)?, opening)?;
            opened.said.splice(0..0, said);
            Ok(opened)
        }
    }
}

fn open_workbook<'a>(input: Input<'a>, opening: &Opening<'_>) -> Result<Opened<'a>, BadRow> {
    let mut book = workbook::open(input, opening.workbooks)?;
    let at = match opening.sheet {
        Some(name) => named(&book.sheets, name)?,
        None => first_understood(&book.sheets, opening)?,
    };
    let sheet = book.sheets.remove(at);
    let name = sheet.name.clone();
    let mut opened = tabled::open(sheet.into_grid(), opening)?;
    opened.sheet = name;
    opened.dates = book.dates;
    opened.others = book.sheets;
    Ok(opened)
}

fn named(sheets: &[Sheet], name: &str) -> Result<usize, BadRow> {
    let by_name = sheets.iter().position(|sheet| sheet.name == name);
    let by_number = || {
        let number = name.parse::<usize>().ok()?.checked_sub(1)?;
        (number < sheets.len()).then_some(number)
    };
    by_name.or_else(by_number).ok_or_else(|| {
        let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        let reason = format!("there is no sheet {name:?}");
        BadRow::new(1, "", reason).remedy(format!("its sheets are {}", names.join(", ")))
    })
}

/// The first visible sheet whose header row is understood, or else the first visible one.
fn first_understood(sheets: &[Sheet], opening: &Opening<'_>) -> Result<usize, BadRow> {
    let visible = || sheets.iter().enumerate().filter(|(_, sheet)| !sheet.hidden);
    let filled = |sheet: &Sheet| sheet.rows.iter().any(|row| !row.is_empty());
    visible()
        .find(|(_, sheet)| tabled::header_of(&sheet.rows, opening.knows).is_some())
        .or_else(|| visible().find(|(_, sheet)| filled(sheet)))
        .map(|(at, _)| at)
        .ok_or_else(|| BadRow::new(1, "", "the workbook holds no rows"))
}
