//! The rows of a file, whatever its form: cells under the names of their columns, or
//! objects of JSON.

use super::{
    bad::BadRow,
    csv_grid,
    format::Format,
    input::{self, Input},
    json,
    row::{Opened, Opening},
    tabled,
    workbook::{self, Sheet, merged_below},
};

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
            let (grid, separator) = csv_grid::open(input)?;
            let mut opened = tabled::open(grid, opening)?;
            // What is ours and has semicolons now was saved by a program that puts a comma before
            // decimals, and may have written its numbers anew.
            opened.has_points = match separator {
                csv_grid::COMMA => true,
                csv_grid::SEMICOLON => false,
                _ => opened.has_points,
            };
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
    let areas = sheet.merged.clone();
    let mut opened = tabled::open(sheet.into_grid(), opening)?;
    opened.said.extend(merged_below(&areas, opened.header));
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
        BadRow::at(1, "", reason).remedy(format!("its sheets are {}", names.join(", ")))
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
        .ok_or_else(|| {
            let bad = BadRow::at(1, "", "the workbook holds no rows");
            bad.remedy("write a header row and rows on a sheet that is not hidden")
        })
}
