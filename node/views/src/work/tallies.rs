//! Counts of facets that are kept for each run, of its current records.
//!
//! Whoever asks how many records there are of each value, and asks for all records, would
//! need all sets of the log. Nearly all runs do not change any more, so what was counted in
//! one is kept until a step changes it. A run that entries in memory have to do with is
//! counted anew.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use parking_lot::Mutex;

/// How many current entries each value has in a run.
pub(crate) type Counted = BTreeMap<Vec<u8>, u64>;

/// Values that are kept of all runs: some 30 MB.
const MOST: usize = if cfg!(test) { 500 } else { 300_000 };

/// The counts that are kept.
#[derive(Default)]
pub(crate) struct Tallies(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// Changes whenever something that was kept is not true any more.
    changes: u64,
    kept: HashMap<(u32, u64), HashMap<Vec<u8>, Arc<Counted>>>,
    values: usize,
}

impl Tallies {
    /// What is kept of the values whose sets' names begin so, or the mark for [`Self::keep`].
    pub(crate) fn of(&self, run: (u32, u64), facet: &[u8]) -> Result<Arc<Counted>, u64> {
        let inner = self.0.lock();
        let kept = inner.kept.get(&run).and_then(|facets| facets.get(facet));
        kept.cloned().ok_or(inner.changes)
    }

    /// Keeps what was counted, unless something changed since the mark was given.
    pub(crate) fn keep(&self, run: (u32, u64), facet: &[u8], mark: u64, counted: &Arc<Counted>) {
        let mut inner = self.0.lock();
        if inner.changes != mark {
            return;
        }
        if inner.values + counted.len() + 1 > MOST {
            inner.kept.clear();
            inner.values = 0;
        }
        inner.values += counted.len() + 1;
        let facets = inner.kept.entry(run).or_default();
        facets.insert(facet.to_vec(), Arc::clone(counted));
    }

    /// A step changed these runs.
    pub(crate) fn changed(&self, runs: &BTreeSet<(u32, u64)>) {
        let mut inner = self.0.lock();
        inner.changes += 1;
        for run in runs {
            if let Some(facets) = inner.kept.remove(run) {
                let values: usize = facets.values().map(|counted| counted.len() + 1).sum();
                inner.values = inner.values.saturating_sub(values);
            }
        }
    }

    /// Anything may have changed.
    pub(crate) fn forget(&self) {
        let mut inner = self.0.lock();
        inner.changes += 1;
        inner.kept.clear();
        inner.values = 0;
    }
}
