//! What the views tell: the table, with the layers over it.
//!
//! The list of layers is taken before the table is read, so that an entry that
//! moves from one to the other meanwhile is seen at least once; seeing it twice is
//! the same. Lists and counts hold all layers while they look, and look again if
//! the table took an entry that came meanwhile, so that they see an entry together
//! with what it makes old, or neither.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use wpsx_proto::{origin::RecordId, record::normal_external_id};

use crate::{
    error::ViewsError,
    question::{Counts, Filter, Latest, Logs},
    rows::{
        keys::{NAMES, ROWS},
        row::{Newest, Row, RowKey, name_prefix, record_of_name},
    },
    table::{Table, TableError, blocks},
    view::{View, Wanted},
    views::Views,
    work::shared::Layers,
};

impl Views {
    /// The newest entry of `record` in `log`.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn latest(&self, log: u32, record: &RecordId) -> Result<Option<Latest>, ViewsError> {
        let shared = &self.poster.shared;
        latest(
            &shared.layers(),
            &**shared.table(),
            RowKey::new(record.as_bytes(), log),
        )
    }

    /// The newest entry of `record` in each of `logs` that has one, by log number.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn find(&self, logs: &Logs, record: &RecordId) -> Result<Vec<(u32, Latest)>, ViewsError> {
        let shared = &self.poster.shared;
        let (mut ends, layers) = (shared.ends(), shared.layers());
        // A log that was forgotten may have rows left.
        ends.retain(|log, _| logs.contains(log));
        let mut found = BTreeMap::new();
        blocks::scan(&**shared.table(), ROWS, record.as_bytes(), |key, row| {
            let log = RowKey::from_bytes(key)?.log();
            if ends.contains_key(&log) {
                found.insert(log, Latest::of_row(&Row::from_bytes(row)?));
            }
            Ok(())
        })?;
        for log in ends.keys() {
            if let Some(newest) = in_layers(&layers, RowKey::new(record.as_bytes(), *log)) {
                found.insert(*log, Latest::of_newest(newest));
            }
        }
        Ok(found.into_iter().collect())
    }

    /// The records that have this external id in `log`, however it is written, the one that
    /// got it last at the end. A withdrawn record keeps its external id, an erased one does not.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn by_external_id(&self, log: u32, name: &str) -> Result<Vec<RecordId>, ViewsError> {
        let name = &*normal_external_id(name);
        let shared = &self.poster.shared;
        let layers = shared.layers();
        let mut records = BTreeSet::new();
        for layer in &layers {
            records.extend(layer.read().records_named(log, name));
        }
        blocks::scan(
            &**shared.table(),
            NAMES,
            &name_prefix(log, name),
            |key, _| {
                records.insert(record_of_name(key)?);
                Ok(())
            },
        )?;
        let mut found = Vec::new();
        for record in records {
            // The record itself has the last word: it may have been erased or renamed since.
            let key = RowKey::new(&record, log);
            let row = match blocks::lookup(&**shared.table(), ROWS, key.as_ref())? {
                Some(row) => Row::from_bytes(&row)?.name,
                None => None,
            };
            let named = layers
                .iter()
                .fold(row, |named, layer| layer.read().rename(&key, named));
            if let Some((index, _)) = named.filter(|(_, named)| named == name) {
                found.push((index, RecordId::from_bytes(record)));
            }
        }
        found.sort_unstable_by_key(|(index, _)| *index);
        Ok(found.into_iter().map(|(_, record)| record).collect())
    }

    /// Up to `limit` entries of `logs` after `after`, ordered by log number and index: of
    /// each record the newest entry, if it matches. A record that gets a new entry while
    /// somebody pages moves to that entry's place; no entry comes twice.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn list(
        &self,
        logs: &Logs,
        filter: &Filter,
        after: Option<(u32, u64)>,
        limit: usize,
    ) -> Result<Vec<(u32, u64)>, ViewsError> {
        self.list_while(logs, filter, after, limit, &|| true)
    }

    /// The same for as long as `wanted` says so, which is asked again and again: after
    /// that it gives what it has.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn list_while(
        &self,
        logs: &Logs,
        filter: &Filter,
        after: Option<(u32, u64)>,
        limit: usize,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<(u32, u64)>, ViewsError> {
        let wanted = Wanted::new(filter);
        if limit == 0 || wanted.nothing || logs.is_empty() {
            return Ok(Vec::new());
        }
        self.look(|view| view.list(logs, &wanted, after, limit, is_wanted))
    }

    /// How much is in `log`.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn counts(&self, log: u32) -> Result<Counts, ViewsError> {
        self.look(|view| view.counts(log))
    }

    /// About how much is in `log`: what was counted last, where counting anew would cost
    /// more than a tenth of the time, or cannot be done.
    ///
    /// # Errors
    /// Whatever the table says, if it was never counted.
    pub fn kept_counts(&self, log: u32) -> Result<Counts, ViewsError> {
        let shared = &self.poster.shared;
        let mark = shared.gate().marks.get(&log).copied().unwrap_or_default();
        shared.kept.of(log, mark, || self.counts(log))
    }

    fn look<T>(&self, ask: impl Fn(&View<'_>) -> Result<T, TableError>) -> Result<T, ViewsError> {
        let shared = &self.poster.shared;
        loop {
            let (ends, layers) = (shared.ends(), shared.layers());
            let answer = ask(&View::new(&**shared.table(), &layers, ends))?;
            // Layers go to the table in their order.
            let newest = layers.last();
            if newest.is_none_or(|newest| shared.layers().iter().any(|l| Arc::ptr_eq(l, newest))) {
                return Ok(answer);
            }
        }
    }
}

fn in_layers(layers: &Layers, key: RowKey) -> Option<Newest> {
    layers
        .iter()
        .rev()
        .find_map(|layer| layer.read().rows.get(&key).copied())
}

fn latest(layers: &Layers, table: &dyn Table, key: RowKey) -> Result<Option<Latest>, ViewsError> {
    if let Some(newest) = in_layers(layers, key) {
        return Ok(Some(Latest::of_newest(newest)));
    }
    let row = blocks::lookup(table, ROWS, key.as_ref())?;
    Ok(row
        .map(|row| Row::from_bytes(&row))
        .transpose()?
        .map(|row| Latest::of_row(&row)))
}
