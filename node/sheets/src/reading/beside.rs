//! The files beside a table that hold the lists which have no room in its columns, as an
//! export writes them: they are read with it.

use std::path::Path;

use super::state::Reading;
use crate::{
    alone::Alone, errors::ImportErrors, format::Format, groups::names_record, lists,
    options::Beside, row::Opening, rows, spot,
};

impl Reading<'_> {
    /// Parts that are handed in without their records are told as what they are.
    pub(super) fn check_alone(&self, beside: &Beside<'_>) -> Result<(), ImportErrors> {
        let columns = self.columns.iter().map(|column| &**column);
        let Some(alone) = Alone::of(Path::new(self.file), &self.sheet, columns) else {
            return Ok(());
        };
        let is_there = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            matches!(beside(&name), Ok(Some(_)))
        };
        Err(ImportErrors::Usage(alone.told(self.file, is_there)))
    }

    pub(super) fn read_beside(&mut self, beside: &Beside<'_>) -> Result<(), ImportErrors> {
        let table = Path::new(self.file);
        if Format::of(table) != Some(Format::Csv) {
            return Ok(());
        }
        for (list, path) in lists::all_beside(table) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let input = beside(&name).map_err(|source| ImportErrors::Unreadable {
                file: path.display().to_string(),
                source,
            })?;
            let Some(input) = input else {
                continue;
            };
            let told = spot::Beside {
                name: name.to_string(),
                told: path.display().to_string(),
            };
            let opening = Opening {
                encoding: self.encoding,
                sheet: None,
                workbooks: &self.options.workbooks,
                knows: &names_record,
                keep: false,
            };
            let opened = match rows::open(Format::Csv, input, &opening) {
                Ok(opened) => opened,
                Err(mut bad) => {
                    bad.file = Some(told.told.as_str().into());
                    self.refuse(bad);
                    continue;
                }
            };
            if !opened.columns.iter().any(|column| names_record(column)) {
                let without = "beside the file is not read: it has no column external_id";
                self.finds.say(format!("{name} {without}"));
                continue;
            }
            let read = "beside the file is read with it: each row is one of the";
            self.finds.say(format!("{name} {read} {list}"));
            let mut bad = Vec::new();
            self.groups.add(told, list, opened, &mut bad);
            bad.into_iter().for_each(|bad| self.refuse(bad));
        }
        Ok(())
    }
}
