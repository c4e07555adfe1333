//! The sets of runs, combined: which entries match.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use parking_lot::RwLockReadGuard;

use crate::{
    layer::Layer,
    question::{Counts, Filter, Logs},
    rows::{
        bits::Bits,
        keys::ROWS,
        offsets::{Offsets, RUN},
        row::{Row, RowKey},
        set::{Country, Posting, Set, offset, sets_of_run},
    },
    table::{Table, TableError, blocks},
    work::shared::Layers,
};

/// A filter with more values than this reads all sets of a run instead of each by its key.
const FEW_VALUES: usize = 16;

/// A filter, each value once.
pub(crate) struct Wanted {
    kinds: BTreeSet<Set>,
    countries: BTreeSet<Set>,
    ended: bool,
    /// It asks for countries that no record can have.
    pub(crate) nothing: bool,
}

impl Wanted {
    pub(crate) fn new(filter: &Filter) -> Self {
        let countries: BTreeSet<Set> = filter
            .countries
            .iter()
            .filter_map(|code| Country::new(code).map(Set::Country))
            .collect();
        Self {
            nothing: countries.is_empty() && !filter.countries.is_empty(),
            kinds: filter.kinds.iter().map(|kind| Set::Kind(*kind)).collect(),
            countries,
            ended: filter.include_withdrawn,
        }
    }
}

/// The table with the layers over it, which take nothing while this is there.
pub(crate) struct View<'a> {
    table: &'a dyn Table,
    layers: Vec<RwLockReadGuard<'a, Layer>>,
    /// The next index of each log.
    ends: BTreeMap<u32, u64>,
}

impl<'a> View<'a> {
    pub(crate) fn new(
        table: &'a dyn Table,
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
            table,
            layers,
            ends,
        }
    }

    pub(crate) fn list(
        &self,
        logs: &Logs,
        wanted: &Wanted,
        after: Option<(u32, u64)>,
        limit: usize,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<(u32, u64)>, TableError> {
        let mut found = Vec::new();
        let first = after.map_or(0, |(log, _)| log);
        for (log, end) in self.ends.range(first..) {
            if !logs.contains(log) {
                continue;
            }
            let start = match after {
                Some((after, index)) if after == *log => index.saturating_add(1),
                _ => 0,
            };
            let mut run = start / RUN;
            while run * RUN < *end {
                if !is_wanted() {
                    return Ok(found);
                }
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

    pub(crate) fn counts(&self, log: u32) -> Result<Counts, TableError> {
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
