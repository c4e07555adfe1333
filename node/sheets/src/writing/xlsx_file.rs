//! Tables as the sheets of a workbook, written row by row into temporary files.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
};

use rust_xlsxwriter::{Format, Workbook as Book, Worksheet};

use super::{
    layout::CellText,
    outcome::ExportError,
    safe::{held, made_safe},
};
use crate::lists::LONGEST_NAME;

/// Wider columns are cut on the screen, not in the file.
const COLUMN_WIDTH: f64 = 22.0;
/// Sentences are wrapped within so much.
const TEXT_WIDTH: f64 = 100.0;
/// The sheet that explains.
const README: &str = "readme";
/// Decimal digits that a spreadsheet's numbers keep.
const DIGITS_KEPT: usize = 15;

/// A workbook whose cells are text, but for numbers that come back as they are. So a
/// spreadsheet makes no date of `2018-09` and no formula of a minus sign.
pub(super) struct Workbook {
    book: Book,
    sheets: Vec<(Worksheet, u32)>,
    text: Format,
    head: Format,
}

impl Default for Workbook {
    fn default() -> Self {
        Self {
            book: Book::new(),
            sheets: Vec::new(),
            text: Format::new().set_num_format("@"),
            head: Format::new().set_num_format("@").set_bold(),
        }
    }
}

impl Workbook {
    pub(super) fn sheet(&mut self, name: &str, header: &[String]) -> Result<(), ExportError> {
        let mut sheet = self.book.new_worksheet_with_constant_memory()?;
        sheet.set_name(name.chars().take(LONGEST_NAME).collect::<String>())?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0..).zip(header) {
            sheet.set_column_format(column, &self.text)?;
            sheet.set_column_width(column, COLUMN_WIDTH)?;
            sheet.write_string_with_format(0, column, name, &self.head)?;
        }
        self.sheets.push((sheet, 1));
        Ok(())
    }

    /// A last sheet with words beside what they stand for.
    pub(super) fn explain(&mut self, readme: &[[String; 2]]) -> Result<(), ExportError> {
        let mut sheet = self.book.new_worksheet_with_constant_memory()?;
        sheet.set_name(README)?;
        sheet.set_column_width(0, COLUMN_WIDTH)?;
        sheet.set_column_width(1, TEXT_WIDTH)?;
        let wrapped = Format::new().set_num_format("@").set_text_wrap();
        for (row, [word, text]) in (0..).zip(readme) {
            sheet.write_string_with_format(row, 0, held(word), &self.head)?;
            sheet.write_string_with_format(row, 1, held(&made_safe(text)), &wrapped)?;
        }
        self.sheets.push((sheet, 0));
        Ok(())
    }

    pub(super) fn row(&mut self, at: usize, cells: &[CellText]) -> Result<(), ExportError> {
        let Some((sheet, row)) = self.sheets.get_mut(at) else {
            return Ok(());
        };
        for (column, (text, number)) in (0..).zip(cells) {
            match exact_number(text).filter(|_| *number) {
                _ if text.is_empty() => {}
                Some(number) => {
                    sheet.write_number(*row, column, number)?;
                }
                None => {
                    sheet.write_string_with_format(*row, column, held(text), &self.text)?;
                }
            }
        }
        *row += 1;
        Ok(())
    }

    pub(super) fn write_to(mut self, file: &mut File) -> Result<(), ExportError> {
        for (sheet, _) in self.sheets {
            self.book.push_worksheet(sheet);
        }
        let mut out = BufWriter::new(file);
        self.book.save_to_writer(&mut out)?;
        out.flush()?;
        Ok(())
    }
}

/// The number, if a spreadsheet gives back the very same text.
fn exact_number(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let number: f64 = text.parse().ok()?;
    (digits <= DIGITS_KEPT && number.to_string() == text).then_some(number)
}
