//! A blank table as a workbook: the table with drop-downs, what its columns are for, and
//! the codes to choose from.

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, Formula, Note, Workbook, Worksheet, XlsxError,
};
use wpsx_words::Language;

use super::{Blank, help, label, rule};
use crate::columns::{Column, Holds, Required};

/// Rows that have drop-downs.
const ROWS: u32 = 5_000;
/// The sheet of the codes.
const CODES: &str = "codes";
/// Characters of a drop-down's own list; a longer one stands on the sheet of codes.
const LONGEST_LIST: usize = 250;
/// Characters of a note.
const LONGEST_NOTE: usize = 1_000;

impl Blank<'_> {
    /// As a workbook.
    ///
    /// # Errors
    ///
    /// The disk is full.
    pub fn xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        workbook(self)
    }
}

fn workbook(blank: &Blank<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let mut codes = Codes::new()?;
    let mut table = book_sheet(blank, &blank.kind)?;
    fill_table(blank, &mut table, &mut codes)?;
    let mut explained = book_sheet(blank, blank.phrases.explanations)?;
    explain(blank, &mut explained)?;
    book.push_worksheet(table);
    book.push_worksheet(explained);
    book.push_worksheet(codes.sheet);
    book.save_to_buffer()
}

fn book_sheet(blank: &Blank<'_>, name: &str) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name.chars().take(31).collect::<String>())?;
    sheet.set_right_to_left(blank.language == Language::Arabic);
    sheet.set_freeze_panes(1, 1)?;
    Ok(sheet)
}

fn fill_table(
    blank: &Blank<'_>,
    sheet: &mut Worksheet,
    codes: &mut Codes,
) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@");
    let head = Format::new().set_bold().set_num_format("@");
    let example = Format::new().set_italic().set_num_format("@");
    for (at, (name, cell)) in (0..).zip(blank.header().iter().zip(blank.example())) {
        sheet.set_column_format(at, &text)?;
        sheet.set_column_width(at, 24)?;
        sheet.write_string_with_format(0, at, name, &head)?;
        sheet.write_string_with_format(1, at, &cell, &example)?;
    }
    for (at, column) in (1..).zip(&blank.columns) {
        let note = note(blank, column);
        sheet.insert_note(0, at, &Note::new(note).add_author_prefix(false))?;
        if let Some(choice) = choice(blank, column, codes)? {
            sheet.add_data_validation(1, at, ROWS, at, &choice)?;
        }
    }
    Ok(())
}

fn note(blank: &Blank<'_>, column: &Column) -> String {
    let note = format!(
        "{}\n{}\n{}",
        label(column, blank.language),
        help(column, blank.language),
        rule(column, blank.language)
    );
    note.chars().take(LONGEST_NOTE).collect()
}

/// The drop-down of a column. A code that a vocabulary does not have is legal, and so are
/// several in one cell: the spreadsheet may ask, and never refuses.
fn choice(
    blank: &Blank<'_>,
    column: &Column,
    codes: &mut Codes,
) -> Result<Option<DataValidation>, XlsxError> {
    let names: Vec<(String, String)> = match &column.holds {
        Holds::Choice(names) => names
            .iter()
            .map(|name| (name.clone(), String::new()))
            .collect(),
        Holds::YesNo => ["yes", "no"]
            .map(|name| (name.to_owned(), String::new()))
            .into(),
        _ => blank.codes(column),
    };
    if names.is_empty() {
        return Ok(None);
    }
    let own: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    let is_short =
        own.join(",").chars().count() <= LONGEST_LIST && own.iter().all(|name| !name.contains(','));
    let list = DataValidation::new();
    let list = if is_short && column.vocabulary.is_empty() {
        list.allow_list_strings(&own)?
    } else {
        list.allow_list_formula(codes.range(column, &names)?)
    };
    let is_closed = column.vocabulary.is_empty() && !column.several;
    Ok(Some(list.set_error_style(match is_closed {
        true => DataValidationErrorStyle::Stop,
        false => DataValidationErrorStyle::Information,
    })))
}

/// The sheet of codes, each list of them in a column with their names beside it.
struct Codes {
    sheet: Worksheet,
    columns: u16,
    /// Where the codes of a list stand.
    ranges: std::collections::HashMap<String, String>,
}

impl Codes {
    fn new() -> Result<Self, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(CODES)?;
        sheet.set_freeze_panes(1, 0)?;
        Ok(Self {
            sheet,
            columns: 0,
            ranges: std::collections::HashMap::new(),
        })
    }

    fn range(&mut self, column: &Column, names: &[(String, String)]) -> Result<Formula, XlsxError> {
        let list = match column.vocabulary.as_str() {
            "" => &column.path,
            vocabulary => vocabulary,
        };
        if let Some(range) = self.ranges.get(list) {
            return Ok(Formula::new(range));
        }
        let at = self.columns;
        let bold = Format::new().set_bold();
        self.sheet
            .write_string_with_format(0, at, format!("({list})"), &bold)?;
        let mut last = 0;
        for (row, (code, name)) in (1..).zip(names) {
            self.sheet.write_string(row, at, code)?;
            if !name.is_empty() {
                self.sheet.write_string(row, at + 1, name)?;
            }
            last = row;
        }
        self.columns += 2;
        let letter = rust_xlsxwriter::utility::column_number_to_name(at);
        let range = format!("={CODES}!${letter}$2:${letter}${}", last + 1);
        self.ranges.insert(list.to_owned(), range.clone());
        Ok(Formula::new(range))
    }
}

fn explain(blank: &Blank<'_>, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let phrases = blank.phrases;
    let wrapped = Format::new().set_text_wrap();
    let bold = Format::new().set_bold();
    for (at, width) in [(0, 34), (1, 34), (2, 14), (3, 50), (4, 70)] {
        sheet.set_column_width(at, width)?;
    }
    let head = [
        phrases.column,
        phrases.meaning,
        phrases.required,
        phrases.rule,
        phrases.help,
    ];
    for (at, text) in (0..).zip(head) {
        // In brackets: no header row of records looks so.
        sheet.write_string_with_format(0, at, format!("({text})"), &bold)?;
    }
    sheet.write_string_with_format(1, 4, phrases.intro, &wrapped)?;
    for (row, column) in (2..).zip(&blank.columns) {
        let required = match column.required {
            Required::No => "",
            Required::WithItsPart => phrases.with_its_part,
            Required::Always => phrases.yes,
        };
        let cells = [
            column.path.clone(),
            label(column, blank.language),
            required.to_owned(),
            rule(column, blank.language),
            help(column, blank.language),
        ];
        for (at, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, at, &cell, &wrapped)?;
        }
    }
    Ok(())
}
