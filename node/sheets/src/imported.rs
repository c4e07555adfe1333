//! What a file was found to hold.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use wpsx_domain::publishing::Draft;
use wpsx_proto::record::Record;

use super::{
    bad::BadRow,
    context::{self, ContextCell, OfRecords},
    examine::{Examiner, Whole},
    found::{Finds, Interpretation},
    noted::Remarks,
    remark::Remark,
    table::Table,
    undecided::{self, BrokenRules},
    whereabouts::Whereabouts,
    writing::Row,
};

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// One for each record, in the order of the file.
    pub drafts: Vec<Draft>,
    /// Rows that the profile leaves out, such as those of other kinds.
    pub skipped: usize,
    /// Example rows of a template, which are never imported.
    pub examples: usize,
    /// Each way in which a cell was understood as something else than it says, once.
    pub interpretations: Vec<Interpretation>,
    /// What someone who imports should know; nothing of it stops the import.
    pub remarks: Vec<Remark>,
    /// The e-mail addresses and telephone numbers that were let through.
    pub let_through: BTreeSet<String>,
    /// The table with its ids filled in, where it was asked for.
    pub table: Option<Table>,
    pub(super) noted: Remarks,
    pub(super) broken: BrokenRules,
    pub(super) whereabouts: Option<Arc<Whereabouts>>,
    /// What is to be remarked of records as a whole, by the numbers of their drafts.
    pub(super) wholes: BTreeMap<usize, Whole>,
    /// Cells that are for people, by the numbers of the drafts.
    pub(super) context: BTreeMap<usize, Vec<ContextCell>>,
}

impl Imported {
    /// A fault that the publisher of the drafts finds in one of them, with its number, as it
    /// stands in the file; none where what was read is not known any more.
    #[must_use]
    pub fn fault(&self, n: usize, draft: &Draft, field: &str, rule: &str) -> Option<BadRow> {
        let broken = self.broken.get(&n);
        let broken = broken.and_then(|broken| undecided::of(broken, field, rule));
        if let Some(broken) = broken {
            return Some(broken.bad.clone());
        }
        let whereabouts = self.whereabouts.as_ref()?;
        Some(whereabouts.fault(n, draft, field, rule))
    }

    /// Remarks what somebody has changed in columns that no import reads. `exported` is the row
    /// of an export of a draft's record, `names` what its publisher may be called there.
    pub fn remark_unread(&mut self, names: &[String], exported: impl Fn(usize) -> Option<Row>) {
        let (mut of_records, mut finds) = (OfRecords::default(), Finds::default());
        for (n, cells) in &self.context {
            if let Some(row) = exported(*n) {
                context::remark(cells, &row, names, &mut of_records, &mut finds);
            }
        }
        self.context.clear();
        self.add_remarks(finds);
    }

    fn add_remarks(&mut self, finds: Finds) {
        let (_, more) = finds.into_parts();
        self.remarks.extend(more.told(|_| true));
        self.remarks.sort_by_key(|remark| remark.about);
    }

    /// Leaves the remarks that concern the file, or the drafts that are told of by their numbers,
    /// and adds what can be remarked of records as they will be alone, which their publisher
    /// gives by the same numbers ([`Draft::show`]).
    pub fn remark(
        &mut self,
        drafts: &[Draft],
        is_told: impl Fn(usize) -> bool,
        record_of: impl Fn(usize) -> Option<Record>,
    ) {
        let (mut told, mut untold) = (HashSet::new(), HashSet::new());
        for (n, place) in drafts.iter().map(|draft| &draft.place).enumerate() {
            let line = place.as_ref().map_or(0, |place| place.line);
            match is_told(n) {
                true => told.insert(line),
                false => untold.insert(line),
            };
        }
        let is_line_told = |line| told.contains(&line) || !untold.contains(&line);
        self.remarks = self.noted.told(is_line_told);
        let (mut examiner, mut finds) = (Examiner::default(), Finds::default());
        for (n, whole) in std::mem::take(&mut self.wholes) {
            let Some(record) = record_of(n) else {
                continue;
            };
            match is_told(n) {
                true => examiner.remark(&record, whole, &mut finds),
                false => examiner.remark(&record, whole, &mut Finds::default()),
            }
        }
        self.add_remarks(finds);
    }
}
