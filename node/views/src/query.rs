//! What the views tell: the table, with the layers over it.
//!
//! The list of layers is taken before the table is read, so that an entry that
//! moves from one to the other meanwhile is seen at least once; seeing it twice is
//! the same. Lists and counts hold all layers while they look, and look again if
//! the table took an entry that came meanwhile, so that they see an entry together
//! with what it makes old, or neither.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, RwLockReadGuard};

use wpsx_proto::envelope::Operation;
use wpsx_proto::origin::RecordId;

use crate::layer::{Layer, Newest};
use crate::rows::keys::{
    Country, NAMES, Posting, ROWS, Row, RowKey, Set, name_prefix, offset, record_of_name,
    sets_of_run,
};
use crate::rows::offsets::{Bits, Offsets, RUN};
use crate::table::{Table, TableError};
use crate::work::poster::{Layers, read};
use crate::{Counts, Filter, Latest, OperationMeaning as _, Views, ViewsError, table::blocks};

/// A filter with more values than this reads all sets of a run instead of each by its key.
const FEW_VALUES: usize = 16;

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

    /// The newest entry of `record` in each log that has one, by log number.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn find(&self, record: &RecordId) -> Result<Vec<(u32, Latest)>, ViewsError> {
        let shared = &self.poster.shared;
        let (logs, layers) = (shared.ends(), shared.layers());
        let mut found = std::collections::BTreeMap::new();
        blocks::scan(&**shared.table(), ROWS, record.as_bytes(), |key, row| {
            let log = RowKey::from_bytes(key)?.log();
            if logs.contains_key(&log) {
                found.insert(log, Latest::of_row(&Row::from_bytes(row)?));
            }
            Ok(())
        })?;
        for log in logs.keys() {
            if let Some(newest) = in_layers(&layers, RowKey::new(record.as_bytes(), *log)) {
                found.insert(*log, Latest::of_newest(newest));
            }
        }
        Ok(found.into_iter().collect())
    }

    /// The records that have this external id in `log`, the one that got it last at
    /// the end. A withdrawn record keeps its external id, an erased one does not.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn by_external_id(&self, log: u32, name: &str) -> Result<Vec<RecordId>, ViewsError> {
        let shared = &self.poster.shared;
        let layers = shared.layers();
        let mut records = BTreeSet::new();
        for layer in &layers {
            records.extend(read(layer).records_named(log, name));
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
                .fold(row, |named, layer| read(layer).rename(&key, named));
            if let Some((index, _)) = named.filter(|(_, named)| named == name) {
                found.push((index, RecordId::from_bytes(record)));
            }
        }
        found.sort_unstable_by_key(|(index, _)| *index);
        Ok(found.into_iter().map(|(_, record)| record).collect())
    }

    /// Up to `limit` entries after `after`, ordered by log number and index: of each
    /// record the newest entry, if it matches. A record that gets a new entry while
    /// somebody pages moves to that entry's place; no entry comes twice.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn list(
        &self,
        filter: &Filter,
        after: Option<(u32, u64)>,
        limit: usize,
    ) -> Result<Vec<(u32, u64)>, ViewsError> {
        let wanted = Wanted::new(filter);
        if limit == 0 || wanted.nothing {
            return Ok(Vec::new());
        }
        self.look(|view| view.list(&wanted, after, limit))
    }

    /// How much is in `log`.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn counts(&self, log: u32) -> Result<Counts, ViewsError> {
        self.look(|view| view.counts(log))
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

impl Latest {
    fn of_newest(newest: Newest) -> Self {
        Self::of(newest.index, newest.revision, newest.operation)
    }

    fn of_row(row: &Row) -> Self {
        Self::of(row.index, row.revision, row.operation)
    }

    fn of(index: u64, revision: u32, operation: i32) -> Self {
        let operation = Operation::from(operation);
        let current = operation.is_current();
        Self {
            index,
            revision,
            operation,
            current,
        }
    }
}

fn in_layers(layers: &Layers, key: RowKey) -> Option<Newest> {
    layers
        .iter()
        .rev()
        .find_map(|layer| read(layer).rows.get(&key).copied())
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

/// The newest entry of a record before an index: in the layers below, or in the table.
fn newest_before(
    table: &dyn Table,
    below: &[RwLockReadGuard<'_, Layer>],
    key: &RowKey,
    before: u64,
) -> Result<Option<u64>, TableError> {
    if let Some(newest) = below.iter().rev().find_map(|layer| layer.rows.get(key)) {
        return Ok(Some(newest.index));
    }
    let Some(row) = blocks::lookup(table, ROWS, key.as_ref())? else {
        return Ok(None);
    };
    let row = Row::from_bytes(&row)?;
    // A step that goes on, or one that a crash cut, may have written the row already.
    Ok([Some(row.index), row.before]
        .into_iter()
        .flatten()
        .find(|index| *index < before))
}

/// A filter, each value once.
struct Wanted {
    kinds: BTreeSet<Set>,
    countries: BTreeSet<Set>,
    logs: BTreeSet<u32>,
    ended: bool,
    /// It asks for countries that no record can have.
    nothing: bool,
}

impl Wanted {
    fn new(filter: &Filter) -> Self {
        let countries: BTreeSet<Set> = filter
            .countries
            .iter()
            .filter_map(|code| Country::new(code).map(Set::Country))
            .collect();
        Self {
            nothing: countries.is_empty() && !filter.countries.is_empty(),
            kinds: filter.kinds.iter().map(|kind| Set::Kind(*kind)).collect(),
            countries,
            logs: filter.logs.iter().copied().collect(),
            ended: filter.include_withdrawn,
        }
    }
}

/// The table with the layers over it, which take nothing while this is there.
struct View<'a> {
    table: &'a dyn Table,
    layers: Vec<RwLockReadGuard<'a, Layer>>,
    /// The next index of each log.
    ends: BTreeMap<u32, u64>,
}

impl<'a> View<'a> {
    fn new(table: &'a dyn Table, layers: &'a Layers, mut ends: BTreeMap<u32, u64>) -> Self {
        let layers: Vec<_> = layers.iter().map(|layer| read(layer)).collect();
        // What came since `ends` was taken.
        for (log, end) in layers.iter().flat_map(|layer| &layer.ends) {
            let known = ends.entry(*log).or_default();
            *known = (*known).max(*end);
        }
        Self {
            table,
            layers,
            ends,
        }
    }

    fn list(
        &self,
        wanted: &Wanted,
        after: Option<(u32, u64)>,
        limit: usize,
    ) -> Result<Vec<(u32, u64)>, TableError> {
        let mut found = Vec::new();
        let first = after.map_or(0, |(log, _)| log);
        for (log, end) in self.ends.range(first..) {
            if !wanted.logs.is_empty() && !wanted.logs.contains(log) {
                continue;
            }
            let start = match after {
                Some((after, index)) if after == *log => index.saturating_add(1),
                _ => 0,
            };
            let mut run = start / RUN;
            while run * RUN < *end {
                let matching = self.run(*log, run).matching(wanted)?;
                let from = offset(start.max(run * RUN));
                for offset in matching.iter_from(from) {
                    let index = run * RUN + u64::from(offset);
                    if index >= *end {
                        break;
                    }
                    found.push((*log, index));
                    if found.len() == limit {
                        return Ok(found);
                    }
                }
                run += 1;
            }
        }
        Ok(found)
    }

    fn counts(&self, log: u32) -> Result<Counts, TableError> {
        let end = self.ends.get(&log).copied().unwrap_or(0);
        let all = Wanted::new(&Filter::default());
        let mut counts = Counts::default();
        for run in 0..end.div_ceil(RUN) {
            let run = self.run(log, run);
            counts.records += run.matching(&all)?.len();
            counts.unreadable += run.set(Set::Unreadable)?.len();
        }
        Ok(counts)
    }

    fn run(&self, log: u32, run: u64) -> Run<'_> {
        Run {
            layers: &self.layers,
            table: self.table,
            log,
            run,
        }
    }
}

/// One run of one log, seen through the layers and the table.
struct Run<'a> {
    layers: &'a [RwLockReadGuard<'a, Layer>],
    table: &'a dyn Table,
    log: u32,
    run: u64,
}

impl Run<'_> {
    /// The entries that match, the newest of their records.
    fn matching(&self, wanted: &Wanted) -> Result<Bits, TableError> {
        // The country is nearly always the rarest.
        let mut found = if wanted.countries.is_empty() {
            self.any(Set::KINDS, &wanted.kinds)?
        } else {
            let mut found = self.any(Set::COUNTRIES, &wanted.countries)?;
            if !found.is_empty() && !wanted.kinds.is_empty() {
                found.intersect(&self.any(Set::KINDS, &wanted.kinds)?);
            }
            found
        };
        if found.is_empty() {
            return Ok(found);
        }
        let mut hidden = self.set(Set::Old)?;
        for (layer, below) in self.layers.iter().zip(0..) {
            let below = &self.layers[..below];
            let made_old = layer.made_old(self.log, self.run, |key, before| {
                newest_before(self.table, below, key, before)
            })?;
            hidden.join(&made_old);
        }
        found.subtract(&hidden);
        if !wanted.ended {
            found.subtract(&self.set(Set::Ended)?);
        }
        Ok(found)
    }

    /// One set.
    fn set(&self, set: Set) -> Result<Bits, TableError> {
        let mut bits = Bits::default();
        self.add(set, &mut bits)?;
        Ok(bits)
    }

    fn add(&self, set: Set, bits: &mut Bits) -> Result<(), TableError> {
        let posting = Posting {
            log: self.log,
            run: self.run,
            set,
        };
        let mut found = Bits::default();
        if let Some(bytes) = self.table.get(&posting.key())? {
            found.unite(&Offsets::from_bytes(&bytes)?);
        }
        for layer in self.layers {
            if matches!(set, Set::Country(_)) {
                found.subtract(&self.emptied(layer));
            }
            if let Some(offsets) = layer.offsets(&posting) {
                found.unite(offsets);
            }
        }
        bits.join(&found);
        Ok(())
    }

    /// The slots of this run that a layer emptied.
    fn emptied(&self, layer: &Layer) -> Bits {
        let first = self.run * RUN;
        let mut emptied = Offsets::default();
        for (_, index) in layer
            .emptied
            .range((self.log, first)..(self.log, first + RUN))
        {
            emptied.insert(offset(*index));
        }
        let mut bits = Bits::default();
        bits.unite(&emptied);
        bits
    }

    /// All of `sets` together; all kinds if there are none.
    fn any(&self, tag: u8, sets: &BTreeSet<Set>) -> Result<Bits, TableError> {
        let mut bits = Bits::default();
        if (1..=FEW_VALUES).contains(&sets.len()) {
            for set in sets {
                self.add(*set, &mut bits)?;
            }
            return Ok(bits);
        }
        let keys: BTreeSet<Vec<u8>> = sets
            .iter()
            .map(|set| {
                Posting {
                    log: self.log,
                    run: self.run,
                    set: *set,
                }
                .key()
            })
            .collect();
        let (from, to) = sets_of_run(self.log, self.run, tag);
        let mut outcome = Ok(());
        self.table.scan(&from, &to, &mut |key, value| {
            if !keys.is_empty() && !keys.contains(key) {
                return ControlFlow::Continue(());
            }
            match Offsets::from_bytes(value) {
                Ok(offsets) => {
                    bits.unite(&offsets);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    outcome = Err(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        outcome?;
        for layer in self.layers {
            if tag == Set::COUNTRIES {
                bits.subtract(&self.emptied(layer));
            }
            for (set, offsets) in layer.sets_of_run(self.log, self.run) {
                let asked = if sets.is_empty() {
                    matches!(set, Set::Kind(_))
                } else {
                    sets.contains(set)
                };
                if asked {
                    bits.unite(offsets);
                }
            }
        }
        Ok(bits)
    }
}
