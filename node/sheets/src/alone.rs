//! A table of parts that is handed in without the records that they are parts of.

use std::path::{Path, PathBuf};

use wpsx_proto::record::Kind;

use super::{
    folding::folded,
    groups::{is_part, names_record},
    lists,
    marks::{KIND_COLUMN, OF_RECORD},
    shape::Shape,
};

/// A table whose rows are parts of records.
pub(super) struct Alone {
    /// The path of the list.
    list: String,
    /// The file of the records, where the name of this one tells it.
    records: Option<PathBuf>,
}

impl Alone {
    /// The table is one of parts: it says whose they are and no kind, and its columns are those
    /// of a list. `sheet` is its name in a workbook.
    pub(super) fn of<'c>(
        file: &Path,
        sheet: &str,
        columns: impl Iterator<Item = &'c str> + Clone,
    ) -> Option<Self> {
        let mut named = columns.clone();
        let mut kinds = columns.clone();
        let is_of_records =
            !named.any(names_record) || kinds.any(|column| folded(column) == KIND_COLUMN);
        if is_of_records {
            return None;
        }
        let says_whose = columns.clone().any(|column| column.starts_with(OF_RECORD));
        let parts: Vec<&str> = columns.filter(|column| is_part(column)).collect();
        let (records, called) = name_of(file, sheet);
        let all = Kind::known().filter_map(|kind| Some((kind, Shape::of(kind)?)));
        let all: Vec<(Kind, Shape)> = all.collect();
        let fit = |(kind, shape): &(Kind, Shape), list: &str| {
            let fits = |column: &&&str| lists::part_of(shape, *kind, list, column).is_ok();
            parts.iter().filter(fits).count()
        };
        let called = called.as_deref();
        let named = all.iter().filter_map(|of| {
            let list = lists::named(&of.1, of.0, called?)?;
            Some((fit(of, &list), list))
        });
        if let Some((fit, list)) = named.max_by_key(|(fit, _)| *fit)
            && (says_whose || fit * 2 > parts.len())
        {
            return Some(Self { list, records });
        }
        if !says_whose {
            return None;
        }
        let lists = all.iter().flat_map(|of| {
            let lists = lists::of(&of.1).into_iter();
            lists.map(move |list| (fit(of, &list), list))
        });
        let (_, list) = lists.max_by_key(|(fit, _)| *fit)?;
        Some(Self {
            list,
            records: None,
        })
    }

    /// What it is, and what to hand in instead. `is_there`: whether a file is beside it.
    pub(super) fn told(&self, file: &str, is_there: impl Fn(&Path) -> bool) -> String {
        let what = format!(
            "{file} has {} of records and not the records: each row is a part of one",
            self.list
        );
        match &self.records {
            Some(records) if is_there(records) => format!(
                "{what}; hand in the file of the records, with which it is read: wpsx import {}",
                records.display()
            ),
            Some(records) => format!(
                "{what}; put the file of the records beside it, {}, and hand that one in, with which \
                 it is read; wpsx export writes both",
                records.display()
            ),
            None => format!(
                "{what}; hand in the file of the records that it was written with, under the names \
                 that wpsx export gave the two: RECORDS.csv and RECORDS.{}.csv",
                self.list
            ),
        }
    }
}

/// What a table of parts would be called by its name, and the file of its records.
fn name_of(file: &Path, sheet: &str) -> (Option<PathBuf>, Option<String>) {
    if !sheet.is_empty() {
        return (None, Some(sheet.to_owned()));
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let Some((records, list)) = stem.rsplit_once('.') else {
        return (None, None);
    };
    let end = file.extension().unwrap_or_default().to_string_lossy();
    let records = file.with_file_name(format!("{records}.{end}"));
    (Some(records), Some(list.to_owned()))
}
