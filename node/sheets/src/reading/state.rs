//! What is known while a file is read: its records so far, and what is wrong with it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use wpsx_domain::publishing::Suspect;
use wpsx_proto::{origin::RecordId, record::Kind};

use super::way::Way;
use crate::{
    absent::absent_from_ids,
    bad::{BadRow, MAX_NAMED},
    context::OfRecords,
    errors::ImportErrors,
    examine::Examiner,
    foreign::Foreign,
    found::Finds,
    groups::Groups,
    imported::Imported,
    names::Renamed,
    options::Options,
    table::Table,
    template::Template,
    undecided::Undecided,
    whereabouts::Lists,
};

/// A file that is being read.
pub(super) struct Reading<'a> {
    pub(super) file: &'a str,
    pub(super) options: &'a Options,
    /// The line where each external id stands, and the record that is named beside it.
    pub(super) ids: HashMap<String, (u64, Option<RecordId>)>,
    /// The encoding that was said of the file.
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    pub(super) bad: Vec<BadRow>,
    pub(super) count: usize,
    pub(super) imported: Imported,
    pub(super) finds: Finds,
    /// The kind of rows that say none.
    pub(super) kind: Option<Kind>,
    pub(super) groups: Groups,
    pub(super) renamed: Renamed,
    /// The names of the columns, by their places.
    pub(super) columns: Vec<Arc<str>>,
    /// The line of the header row.
    pub(super) header: u64,
    /// Columns that are refused, each told once.
    pub(super) refused: HashSet<Arc<str>>,
    /// The name of the sheet of records; empty in what has no sheets.
    pub(super) sheet: String,
    pub(super) examiner: Examiner,
    pub(super) foreign: Foreign,
    pub(super) of_records: OfRecords,
    /// How its rows became records, once all of them are read.
    pub(super) way: Option<Way>,
    /// Where the parts of lists come from, by the numbers of the drafts.
    pub(super) lists: BTreeMap<usize, Lists>,
    /// Drafts that their publisher judges although the file is refused.
    pub(super) undecided: Vec<Undecided>,
    pub(super) kept: Option<Rc<RefCell<Table>>>,
    /// A point stands before decimals in the table of records.
    pub(super) has_points: bool,
}

impl Reading<'_> {
    /// Notes what is wrong; the first ones are told. Two rows of one id have the same parts in
    /// another table, and the same is wrong with them.
    pub(super) fn refuse(&mut self, bad: BadRow) {
        if bad.file.is_some() && self.bad.contains(&bad) {
            return;
        }
        self.count += 1;
        if self.bad.len() < MAX_NAMED {
            self.bad.push(bad);
        }
    }

    /// Notes a name in the header row that is refused; its cells are passed over.
    pub(super) fn refuse_column(&mut self, column: &str, reason: String, remedy: &str) {
        if self.refused.insert(column.into()) {
            let bad = BadRow::at(self.header, column, reason);
            self.refuse(bad.remedy(remedy));
        }
    }

    /// What is wrong is told at once, so contacts are told with the rest.
    pub(super) fn tell_suspects(&mut self) {
        let drafts = self.imported.drafts.iter_mut();
        let suspects = drafts.flat_map(|draft| std::mem::take(&mut draft.suspects));
        for Suspect { fault, .. } in suspects.collect::<Vec<_>>() {
            let Some(place) = fault.place else { continue };
            let bad = BadRow::at(place.line, &fault.column, fault.rule);
            let bad = bad.in_file(Some(&*place.file).filter(|file| *file != self.file));
            self.refuse(bad.holding(&fault.value).remedy(fault.remedy));
        }
        self.bad.sort_by_key(|bad| bad.line);
    }

    /// A slip in how ids are made would be told of every row.
    pub(super) fn check_ids_from(&self) -> Result<(), ImportErrors> {
        let Some(template) = &self.options.ids_from else {
            return Ok(());
        };
        let wrong = match Template::parse(template, None) {
            Ok(_) => absent_from_ids(template, &self.columns),
            Err(reason) => vec![format!("--ids-from: {reason}")],
        };
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(ImportErrors::Usage(wrong.join("\n"))),
        }
    }

    pub(super) fn refused(&self, bad: BadRow) -> ImportErrors {
        ImportErrors::Rows {
            file: self.file.to_owned(),
            bad: vec![bad],
            count: 1,
            said: self.finds.said(),
            undecided: Vec::new(),
        }
    }
}
