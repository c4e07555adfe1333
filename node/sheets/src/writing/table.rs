//! Tables on their way into one file or several: the records, and the lists that have
//! a sheet or a file of their own.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;
use wpsx_proto::record::Kind;

use super::{
    csv_file::CsvTable,
    flat::whole_path,
    layout::{CellText, Layout, Placed},
    outcome::{ExportError, Written},
    parts::shown,
    safe::made_safe,
    spool::Row,
    xlsx_file::Workbook,
};
use crate::{
    lists::beside,
    marks::{
        ID_COLUMN, KIND_COLUMN, OF_RECORD, PROVENANCE_COLUMNS, RECORD_ID_COLUMN, REVISION_COLUMN,
    },
    shape::Shape,
};

/// The columns that every export begins with.
const FIRST: [&str; 4] = [RECORD_ID_COLUMN, REVISION_COLUMN, KIND_COLUMN, ID_COLUMN];
/// The columns that every table of parts begins with.
const WHOSE: [&str; 2] = [RECORD_ID_COLUMN, ID_COLUMN];
/// What a record is called, in the language that is looked for first; and where it is.
pub(super) const TITLE: &str = "title.en";
pub(super) const COUNTRIES: &str = "countries";
/// The name of the first sheet.
const RECORDS: &str = "records";

pub(super) struct Tables<'a> {
    into: Target<'a>,
    /// Of the sheet of records.
    columns: HashMap<String, usize>,
    width: usize,
    /// By the names of the lists.
    parts: HashMap<String, Parts>,
    /// Of the columns of records: those that rows of parts say too.
    of_record: Vec<String>,
    /// Rows that a sheet of a spreadsheet has, with the header row.
    longest_sheet: u64,
}

#[expect(
    clippy::large_enum_variant,
    reason = "there is one of it for each export"
)]
enum Target<'a> {
    One(
        Option<CsvTable<&'a mut dyn Write>>,
        Option<&'a mut dyn Write>,
    ),
    Csv {
        path: PathBuf,
        folder: PathBuf,
        tables: Vec<(PathBuf, CsvTable<NamedTempFile>)>,
    },
    Xlsx {
        path: PathBuf,
        folder: PathBuf,
        workbook: Box<Workbook>,
    },
}

struct Parts {
    sheet: usize,
    columns: HashMap<String, usize>,
    width: usize,
    rows: u64,
}

impl<'a> Tables<'a> {
    pub(super) fn new(form: Written, path: &Path, folder: &Path, longest_sheet: u64) -> Self {
        let (path, folder) = (path.to_owned(), folder.to_owned());
        let into = match form {
            Written::Xlsx => Target::Xlsx {
                path,
                folder,
                workbook: Box::default(),
            },
            Written::Csv | Written::JsonLines => Target::Csv {
                path,
                folder,
                tables: Vec::new(),
            },
        };
        Self {
            longest_sheet,
            ..Self::of(into)
        }
    }

    /// CSV without a place for a second file.
    pub(super) fn into_one(out: &'a mut dyn Write) -> Self {
        Self::of(Target::One(None, Some(out)))
    }

    fn of(into: Target<'a>) -> Self {
        Self {
            into,
            columns: HashMap::new(),
            width: 0,
            parts: HashMap::new(),
            of_record: Vec::new(),
            longest_sheet: u64::MAX,
        }
    }

    /// There is a place for lists beside the records.
    pub(super) fn takes_more(&self) -> bool {
        matches!(self.into, Target::Xlsx { .. } | Target::Csv { .. })
    }

    /// Rows of parts say of which record they are: its title, its countries, and of one kind
    /// what records of it are called by, listed with or counted under.
    pub(super) fn say_of_records(&mut self, kind: Option<&Shape>, layout: &Layout) {
        let header = layout.header();
        let own = kind.map(shown).unwrap_or_default();
        let all = [TITLE, COUNTRIES].map(str::to_owned).into_iter().chain(own);
        let is_there = |name: &String| header.contains(name) || name == TITLE;
        self.of_record = all.filter(is_there).collect();
    }

    /// Writes the header rows; `about`: the columns about the publishing that are filled.
    pub(super) fn start(
        &mut self,
        layout: &Layout,
        about: &[&str],
        rows: u64,
    ) -> Result<(), ExportError> {
        if matches!(self.into, Target::Xlsx { .. }) && rows >= self.longest_sheet {
            return Err(ExportError::TooLong {
                sheet: RECORDS.to_owned(),
                rows: rows + 1,
            });
        }
        let first = FIRST.iter().chain(about).map(ToString::to_string);
        let header: Vec<String> = first.chain(layout.header()).collect();
        self.columns = places(&header);
        self.width = header.len();
        self.sheet("", &header)?;
        for (at, (name, columns)) in layout.sheets().into_iter().enumerate() {
            let within = |path: &String| {
                let inner = path.strip_prefix(name.as_str()).unwrap_or(path);
                inner.trim_start_matches('.').to_owned()
            };
            let whose = || WHOSE.iter().map(ToString::to_string);
            let whose: Vec<String> = whose()
                .chain(self.of_record.iter().map(of_record))
                .collect();
            let within = columns.iter().map(within);
            let header: Vec<String> = whose.iter().cloned().chain(within).collect();
            self.sheet(&name, &header)?;
            let paths: Vec<String> = whose.into_iter().chain(columns).collect();
            let parts = Parts {
                sheet: at + 1,
                columns: places(&paths),
                width: paths.len(),
                rows: 1,
            };
            self.parts.insert(name, parts);
        }
        Ok(())
    }

    fn sheet(&mut self, name: &str, header: &[String]) -> Result<(), ExportError> {
        match &mut self.into {
            Target::One(table, out) => {
                if let Some(out) = out.take() {
                    *table = Some(CsvTable::new(out, header)?);
                }
            }
            Target::Csv {
                path,
                folder,
                tables,
            } => {
                let file = NamedTempFile::new_in(folder)?;
                let path = beside(path, name);
                tables.push((path, CsvTable::new(file, header)?));
            }
            Target::Xlsx { workbook, .. } => {
                let name = if name.is_empty() { RECORDS } else { name };
                workbook.sheet(name, header)?;
            }
        }
        Ok(())
    }

    /// Writes a record's row, and those of its parts.
    pub(super) fn row(
        &mut self,
        row: &Row,
        external_id: &str,
        placed: Placed,
    ) -> Result<(), ExportError> {
        let revision = match row.revision {
            0 => String::new(),
            revision => revision.to_string(),
        };
        let first = [
            row.record_id.clone(),
            revision,
            Kind::new(row.kind).to_string(),
            external_id.to_owned(),
        ];
        let first = FIRST.iter().zip(first);
        let first = first.map(|(name, text)| ((*name).to_owned(), text, false));
        let about = PROVENANCE_COLUMNS.iter().zip(row.published.cells());
        let about = about.map(|(name, text)| ((*name).to_owned(), text.to_owned(), false));
        let said = |name: &String| {
            let mut cells = placed.cells.iter();
            let own = cells.find(|(column, ..)| column == name);
            let title = || placed.cells.iter().find(|(column, ..)| is_title(column));
            let (_, text, number) = own.or_else(|| title().filter(|_| name == TITLE))?;
            Some((of_record(name), text.clone(), *number))
        };
        let of_record: Vec<_> = match placed.parts.is_empty() {
            true => Vec::new(),
            false => self.of_record.iter().filter_map(said).collect(),
        };
        let cells = first.chain(about).chain(placed.cells);
        let cells = in_places(cells, &self.columns, self.width);
        self.write(0, &cells)?;
        for (name, parts) in placed.parts {
            for part in parts {
                let Some(sheet) = self.parts.get_mut(&name) else {
                    continue;
                };
                sheet.rows += 1;
                if sheet.rows > self.longest_sheet && matches!(self.into, Target::Xlsx { .. }) {
                    let rows = sheet.rows;
                    return Err(ExportError::TooLong { sheet: name, rows });
                }
                let ids = WHOSE.iter().zip([&row.record_id, external_id]);
                let ids = ids.map(|(name, id)| ((*name).to_owned(), id.to_owned(), false));
                let cells = ids.chain(of_record.iter().cloned()).chain(part);
                let cells = in_places(cells, &sheet.columns, sheet.width);
                let at = sheet.sheet;
                self.write(at, &cells)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, sheet: usize, cells: &[CellText]) -> Result<(), ExportError> {
        match &mut self.into {
            Target::One(table, _) => {
                if let Some(table) = table {
                    table.row(cells)?;
                }
            }
            Target::Csv { tables, .. } => {
                if let Some((_, table)) = tables.get_mut(sheet) {
                    table.row(cells)?;
                }
            }
            Target::Xlsx { workbook, .. } => workbook.row(sheet, cells)?,
        }
        Ok(())
    }

    /// Says on a last sheet what the workbook is; other forms have no place for it.
    pub(super) fn explain(&mut self, readme: &[[String; 2]]) -> Result<(), ExportError> {
        match &mut self.into {
            Target::Xlsx { workbook, .. } if !readme.is_empty() => workbook.explain(readme),
            _ => Ok(()),
        }
    }

    /// The files with their names, complete and not yet in their places.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, NamedTempFile)>, ExportError> {
        match self.into {
            Target::One(table, _) => {
                if let Some(table) = table {
                    table.finish()?;
                }
                Ok(Vec::new())
            }
            Target::Csv { tables, .. } => tables
                .into_iter()
                .map(|(path, table)| Ok((path, table.finish()?)))
                .collect(),
            Target::Xlsx {
                path,
                folder,
                workbook,
            } => {
                let mut file = NamedTempFile::new_in(folder)?;
                workbook.write_to(file.as_file_mut())?;
                Ok(vec![(path, file)])
            }
        }
    }
}

/// The column of a table of parts that says this of the record.
pub(super) fn of_record(name: &String) -> String {
    match name == TITLE {
        true => format!("{OF_RECORD}title"),
        false => format!("{OF_RECORD}{name}"),
    }
}

/// A title, in whatever language.
pub(super) fn is_title(column: &str) -> bool {
    let language = column.strip_prefix("title.");
    language.is_some_and(|language| !language.contains(['.', '+']) && column != whole_path("title"))
}

fn places(header: &[String]) -> HashMap<String, usize> {
    let numbered = header.iter().enumerate();
    numbered.map(|(at, name)| (name.clone(), at)).collect()
}

fn in_places(
    cells: impl Iterator<Item = (String, String, bool)>,
    columns: &HashMap<String, usize>,
    width: usize,
) -> Vec<CellText> {
    let mut row = vec![(String::new(), false); width];
    for (name, text, number) in cells {
        if let Some(cell) = columns.get(&name).and_then(|at| row.get_mut(*at)) {
            *cell = (made_safe(&text), number);
        }
    }
    row
}
