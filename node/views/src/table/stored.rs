//! What is stored: a table, and its rows by their tags, in blocks or in generations.

use std::ops::ControlFlow;

use super::{
    Table, TableError,
    batches::Batches,
    blocks::{self, RowChange},
    generation::Common,
    generations::Generations,
    memory::MemoryTable,
};
use crate::rows::{
    keys::{HISTORY, NAMES, ROWS},
    row::{all_of_name, all_of_record, all_of_row},
};

/// A table with its rows.
pub(crate) struct Stored {
    table: Box<dyn Table>,
    /// Those under random keys.
    generations: Vec<Generations>,
}

/// Nothing at all, in memory.
impl Default for Stored {
    fn default() -> Self {
        Self {
            table: Box::new(MemoryTable::default()),
            generations: Vec::new(),
        }
    }
}

impl Stored {
    /// The rows of a table, whatever a crash left of them.
    pub(crate) fn open(table: Box<dyn Table>) -> Result<Self, TableError> {
        let all = [
            (ROWS, all_of_record as Common),
            (HISTORY, all_of_row),
            (NAMES, all_of_name),
        ];
        let open = |(tag, common)| Generations::open(&*table, tag, common);
        let generations: Result<_, TableError> = all.into_iter().map(open).collect();
        Ok(Self {
            generations: generations?,
            table,
        })
    }

    /// The table itself: its single pairs.
    pub(crate) fn table(&self) -> &dyn Table {
        &*self.table
    }

    fn generations(&self, tag: u8) -> Option<&Generations> {
        let mut all = self.generations.iter();
        all.find(|generations| generations.tag() == tag)
    }

    /// The value of the row `key`.
    pub(crate) fn lookup(&self, tag: u8, key: &[u8]) -> Result<Option<Vec<u8>>, TableError> {
        match self.generations(tag) {
            Some(generations) => generations.lookup(&*self.table, key),
            None => blocks::lookup(&*self.table, &[tag], key),
        }
    }

    /// Calls `visit` with every row whose key starts with `prefix`, in order.
    pub(crate) fn scan(
        &self,
        tag: u8,
        prefix: &[u8],
        visit: impl FnMut(&[u8], &[u8]) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        match self.generations(tag) {
            Some(generations) => generations.scan(&*self.table, prefix, visit),
            None => blocks::scan(&*self.table, &[tag], prefix, visit),
        }
    }

    /// Calls `visit` with every row in `from..to` of a tag whose rows are in blocks, in order
    /// or backwards, until it breaks. It must not ask the table. Rows that are walked
    /// backwards have short keys.
    pub(crate) fn walk(
        &self,
        tag: u8,
        range: (&[u8], &[u8]),
        backwards: bool,
        visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, TableError>,
    ) -> Result<(), TableError> {
        blocks::walk(&*self.table, &[tag], range, backwards, visit)
    }

    /// Offers the rows named in `changes` (ascending, each once) to `decide`, with the
    /// value they have now, and writes what it says.
    pub(crate) fn merge<K: AsRef<[u8]>, C>(
        &self,
        batches: &mut Batches<'_>,
        tag: u8,
        changes: impl IntoIterator<Item = (K, C)>,
        decide: impl FnMut(&[u8], C, Option<&[u8]>) -> Result<RowChange, TableError>,
    ) -> Result<(), TableError> {
        match self.generations(tag) {
            Some(generations) => generations.merge(&*self.table, batches, changes, decide),
            None => blocks::merge(&*self.table, batches, &[tag], changes, decide),
        }
    }

    /// Merges generations that are due, as long as it may go on.
    pub(crate) fn tidy(&self, go_on: &dyn Fn() -> bool) -> Result<(), TableError> {
        let mut all = self.generations.iter();
        all.try_for_each(|generations| generations.tidy(&*self.table, go_on))
    }

    /// Writes all rows that are in generations anew, without what stood there before.
    pub(crate) fn retain_all(&self) -> Result<(), TableError> {
        let mut all = self.generations.iter();
        all.try_for_each(|generations| generations.retain(&*self.table, |_| true))
    }

    /// Writes the rows of a tag anew that are in generations, without those that do not stay
    /// and without what stood there before.
    pub(crate) fn retain(&self, tag: u8, stays: impl Fn(&[u8]) -> bool) -> Result<(), TableError> {
        let generations = self.generations(tag);
        generations.map_or(Ok(()), |all| all.retain(&*self.table, stays))
    }
}
