//! The table with the layers over it: single sets, links and keys of one run.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::ControlFlow,
};

use parking_lot::RwLockReadGuard;
use wpsx_proto::record::normal_external_id;

use crate::{
    content::is_reference,
    layer::Layer,
    rows::{
        bits::Bits,
        keys::{CONTENTS, LINKS, NAMES, ORDERS, ROWS, SETS, entry_key, index_of},
        offsets::{Offsets, RUN},
        order::{self, Keys, of_order_key, order_prefix},
        row::{Row, RowKey, name_prefix, record_of_name},
        set::{self, BEFORE_NAME, offset, set_key},
    },
    table::{TableError, stored::Stored},
    wanted::Group,
    work::shared::Layers,
};

/// A group with more sets than this reads all sets of a run instead of each by its key.
const FEW_SETS: usize = 16;

/// The table with the layers over it, which take nothing while this is there.
pub(crate) struct View<'a> {
    pub(crate) stored: &'a Stored,
    pub(crate) layers: Vec<RwLockReadGuard<'a, Layer>>,
    /// The next index of each log.
    pub(crate) ends: BTreeMap<u32, u64>,
}

impl<'a> View<'a> {
    pub(crate) fn new(
        stored: &'a Stored,
        layers: &'a Layers,
        mut ends: BTreeMap<u32, u64>,
    ) -> Self {
        let layers: Vec<_> = layers.iter().map(|layer| layer.read()).collect();
        // What came since `ends` was taken.
        for (log, end) in layers.iter().flat_map(|layer| &layer.ends) {
            let known = ends.entry(*log).or_default();
            *known = (*known).max(*end);
        }
        Self {
            stored,
            layers,
            ends,
        }
    }

    /// The next index of a log.
    pub(crate) fn end(&self, log: u32) -> u64 {
        self.ends.get(&log).copied().unwrap_or(0)
    }

    pub(crate) fn run(&self, log: u32, run: u64) -> Run<'_> {
        Run {
            view: self,
            log,
            run,
        }
    }

    /// The newest entry of a record in a log.
    pub(crate) fn newest(&self, key: &RowKey) -> Result<Option<u64>, TableError> {
        if let Some(newest) = self
            .layers
            .iter()
            .rev()
            .find_map(|layer| layer.rows.get(key))
        {
            return Ok(Some(newest.index));
        }
        let row = self.stored.lookup(ROWS, key.as_ref())?;
        let row = row.map(|row| Row::from_bytes(&row)).transpose()?;
        Ok(row.map(|row| row.index))
    }

    /// The records that have this external id in a log, the one that got it last at the end.
    pub(crate) fn named(&self, log: u32, name: &str) -> Result<Vec<[u8; 16]>, TableError> {
        let name = &*normal_external_id(name);
        let mut records = BTreeSet::new();
        for layer in &self.layers {
            records.extend(layer.records_named(log, name));
        }
        self.stored.scan(NAMES, &name_prefix(log, name), |key, _| {
            records.insert(record_of_name(key)?);
            Ok(())
        })?;
        let mut found = Vec::new();
        for record in records {
            // The record itself has the last word: it may have been erased or renamed since.
            let key = RowKey::new(&record, log);
            let row = match self.stored.lookup(ROWS, key.as_ref())? {
                Some(row) => Row::from_bytes(&row)?.name,
                None => None,
            };
            let layers = self.layers.iter();
            let named = layers.fold(row, |named, layer| layer.rename(&key, named));
            if let Some((index, _)) = named.filter(|(_, named)| named == name) {
                found.push((index, record));
            }
        }
        found.sort_unstable_by_key(|(index, _)| *index);
        Ok(found.into_iter().map(|(_, record)| record).collect())
    }

    /// What an entry is put in order by.
    pub(crate) fn keys(&self, log: u32, index: u64) -> Result<Keys, TableError> {
        let place = (log, index);
        let mut layers = self.layers.iter().rev();
        if let Some(keys) = layers.find_map(|layer| layer.contents.get(&place)) {
            return Ok(keys.clone());
        }
        self.stored_keys(log, index)
    }

    /// When an entry changed that layers say something of: one that is stored too had been
    /// seen before.
    pub(crate) fn changed(&self, log: u32, index: u64, keys: &Keys) -> Result<u64, TableError> {
        let starts = self
            .layers
            .iter()
            .filter_map(|layer| layer.starts.get(&log));
        if starts.min().is_some_and(|start| index >= *start) {
            return Ok(keys.change);
        }
        let stored = self.stored_keys(log, index)?;
        Ok(match stored == Keys::default() {
            true => keys.change,
            false => keys.change.min(stored.change),
        })
    }

    pub(crate) fn stored_keys(&self, log: u32, index: u64) -> Result<Keys, TableError> {
        let row = self.stored.lookup(CONTENTS, &entry_key(log, index))?;
        row.map_or_else(|| Ok(Keys::default()), |row| Keys::from_bytes(&row))
    }
}

/// Takes the name and the stored form of a set.
type VisitSet<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<(), TableError>;

/// One run of one log, seen through the layers and the table.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) view: &'a View<'a>,
    pub(crate) log: u32,
    pub(crate) run: u64,
}

impl<'a> Run<'a> {
    /// The index at an offset.
    pub(crate) fn index(&self, offset: u16) -> u64 {
        self.run * RUN + u64::from(offset)
    }

    /// One set.
    pub(crate) fn set(&self, name: &[u8]) -> Result<Bits, TableError> {
        let mut bits = Bits::default();
        self.add(name, &mut bits)?;
        Ok(bits)
    }

    fn add(&self, name: &[u8], bits: &mut Bits) -> Result<(), TableError> {
        let mut found = Bits::default();
        let key = set_key(self.log, self.run, name);
        if let Some(bytes) = self.view.stored.lookup(SETS, &key)? {
            found.unite(&Offsets::from_bytes(&bytes)?);
        }
        for layer in &self.view.layers {
            self.subtract_emptied(layer, name, &mut found);
            if let Some(offsets) = layer.set(self.log, self.run, name) {
                found.unite(offsets);
            }
        }
        bits.join(&found);
        Ok(())
    }

    /// Takes out of a set what a layer emptied, if the set comes from payloads.
    fn subtract_emptied(&self, layer: &Layer, name: &[u8], bits: &mut Bits) {
        if set::is_content(name) {
            let first = self.run * RUN;
            let emptied = (self.log, first)..(self.log, first + RUN);
            for (_, index) in layer.emptied.range(emptied) {
                bits.remove(offset(*index));
            }
        }
    }

    /// All sets of a group together.
    pub(crate) fn group(&self, group: &Group) -> Result<Bits, TableError> {
        let mut bits = Bits::default();
        match group {
            Group::Either(any) => {
                for groups in any {
                    bits.join(&self.all_of(groups)?);
                }
                Ok(bits)
            }
            // A run may have as many sets of references as records: none is looked through.
            Group::Any(sets)
                if sets.len() <= FEW_SETS || sets.iter().all(|set| is_reference(set)) =>
            {
                for name in sets {
                    self.add(name, &mut bits)?;
                }
                Ok(bits)
            }
            Group::Any(sets) => {
                if let (Some(first), Some(last)) = (sets.first(), sets.last()) {
                    self.unite(group, first, last, &mut bits)?;
                }
                Ok(bits)
            }
            Group::Span(first, last) => {
                self.unite(group, first, last, &mut bits)?;
                Ok(bits)
            }
        }
    }

    /// What is in all of these.
    fn all_of(&self, groups: &[Group]) -> Result<Bits, TableError> {
        let Some((first, others)) = groups.split_first() else {
            return Ok(Bits::default());
        };
        let mut found = self.group(first)?;
        for group in others {
            if found.is_empty() {
                break;
            }
            found.intersect(&self.group(group)?);
        }
        Ok(found)
    }

    fn unite(
        &self,
        group: &Group,
        first: &[u8],
        last: &[u8],
        bits: &mut Bits,
    ) -> Result<(), TableError> {
        self.scan_sets(first, last, &mut |name, bytes| {
            if group.has(name) {
                bits.unite(&Offsets::from_bytes(bytes)?);
            }
            Ok(())
        })?;
        for layer in &self.view.layers {
            // A group has sets of payloads, or others.
            self.subtract_emptied(layer, first, bits);
            let sets = layer.sets(self.log, self.run);
            for (name, offsets) in sets.into_iter().flatten() {
                if group.has(name) {
                    bits.unite(offsets);
                }
            }
        }
        Ok(())
    }

    /// The stored sets from one name to another, both included.
    pub(crate) fn scan_sets(
        &self,
        first: &[u8],
        last: &[u8],
        visit: VisitSet<'_>,
    ) -> Result<(), TableError> {
        let from = set_key(self.log, self.run, first);
        let mut to = set_key(self.log, self.run, last);
        to.push(0);
        self.view
            .stored
            .walk(SETS, (&from, &to), false, |key, bytes| {
                visit(key.get(BEFORE_NAME..).unwrap_or_default(), bytes)?;
                Ok(ControlFlow::Continue(()))
            })
    }

    /// Entries of which a later one of the same record is there.
    pub(crate) fn old(&self) -> Result<Bits, TableError> {
        let mut old = self.set(set::OLD)?;
        for (layer, below) in self.view.layers.iter().zip(0..) {
            let below = &self.view.layers[..below];
            let made_old = layer.made_old(self.log, self.run, |key, before| {
                newest_before(self.view.stored, below, key, before)
            })?;
            old.join(&made_old);
        }
        Ok(old)
    }

    /// Whether nothing in memory has to do with this run.
    pub(crate) fn is_calm(&self) -> Result<bool, TableError> {
        let first = self.run * RUN;
        let places = (self.log, first)..(self.log, first + RUN);
        for (layer, below) in self.view.layers.iter().zip(0..) {
            let below = &self.view.layers[..below];
            let made_old = layer.made_old(self.log, self.run, |key, before| {
                newest_before(self.view.stored, below, key, before)
            })?;
            if layer.sets(self.log, self.run).is_some()
                || layer.emptied.range(places.clone()).next().is_some()
                || !made_old.is_empty()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// For entries of this run that ended their records, by which one each is found.
    pub(crate) fn links(&self) -> Result<BTreeMap<u64, u64>, TableError> {
        let first = self.run * RUN;
        let mut links = BTreeMap::new();
        // Without the two bytes that tell entries of one run apart.
        let prefix = &entry_key(self.log, first)[..10];
        self.view.stored.scan(LINKS, prefix, |key, value| {
            links.insert(index_of(key)?, index_of(value)?);
            Ok(())
        })?;
        for layer in &self.view.layers {
            let places = (self.log, first)..(self.log, first + RUN);
            let here = layer.links.range(places);
            links.extend(here.map(|((_, index), to)| (*index, *to)));
        }
        Ok(links)
    }

    /// The entries that changed at that time or later.
    pub(crate) fn changed_since(&self, since: u64) -> Result<Bits, TableError> {
        let mut bits = Bits::default();
        let (first, end) = order_range(self.log, order::CHANGE, self.run);
        let from = [&first[..], &since.to_be_bytes()].concat();
        self.view
            .stored
            .walk(ORDERS, (&from, &end), false, |row, _| {
                bits.insert(of_order_key(row)?.1);
                Ok(ControlFlow::Continue(()))
            })?;
        for (index, keys) in self.contents() {
            match self.view.changed(self.log, index, keys)? >= since {
                true => bits.insert(offset(index)),
                false => bits.remove(offset(index)),
            };
        }
        Ok(bits)
    }

    /// What layers say of the entries of this run.
    pub(crate) fn contents(&self) -> HashMap<u64, &'a Keys> {
        let first = self.run * RUN;
        let mut contents = HashMap::new();
        for layer in &self.view.layers {
            let places = (self.log, first)..(self.log, first + RUN);
            let here = layer.contents.range(places);
            contents.extend(here.map(|((_, index), keys)| (*index, keys)));
        }
        contents
    }
}

/// From and to of the rows of a run in an order.
pub(crate) fn order_range(log: u32, order: u8, run: u64) -> (Vec<u8>, Vec<u8>) {
    (
        order_prefix(log, order, run),
        order_prefix(log, order, run + 1),
    )
}

/// The newest entry of a record before an index: in the layers below, or in the table.
fn newest_before(
    stored: &Stored,
    below: &[RwLockReadGuard<'_, Layer>],
    key: &RowKey,
    before: u64,
) -> Result<Option<u64>, TableError> {
    if let Some(newest) = below.iter().rev().find_map(|layer| layer.rows.get(key)) {
        return Ok(Some(newest.index));
    }
    let Some(row) = stored.lookup(ROWS, key.as_ref())? else {
        return Ok(None);
    };
    Ok(Row::from_bytes(&row)?.newest_before(before))
}
