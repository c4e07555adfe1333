//! Entries that were posted and are not in the table yet.
//!
//! A layer takes entries until it is full, then it is sealed and written to the
//! table in one step, sorted, while the next layer fills. Queries look at all
//! layers and at the table, so what was posted answers at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use parking_lot::Mutex;
use wpsx_proto::{envelope::Operation, payload::SlotState};

use crate::{
    entry::{MAX_COUNTRIES, MAX_EXTERNAL_ID, ViewEntry},
    rows::{
        bits::Bits,
        offsets::Offsets,
        row::{Newest, RowKey},
        set::{Country, Posting, Set, offset},
    },
    table::TableError,
};

/// A layer is sealed once it has this many records: seven eighths of a power of
/// two, the most that a hash map of that size holds.
const FULL: usize = (1 << 18) / 8 * 7;

/// The external id that an entry gave its record, or took from it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) index: u64,
    pub(crate) name: Option<Arc<str>>,
}

/// One layer. See the module.
#[derive(Default)]
pub(crate) struct Layer {
    pub(crate) rows: HashMap<RowKey, Newest>,
    pub(crate) names: HashMap<RowKey, Named>,
    by_name: BTreeSet<(u32, Arc<str>, [u8; 16])>,
    pub(crate) postings: BTreeMap<Posting, Offsets>,
    below: Mutex<Below>,
    /// Slots that were emptied: they leave the lists of countries.
    pub(crate) emptied: BTreeSet<(u32, u64)>,
    /// The same with their records: an external id that this entry gave goes,
    /// before `names` gives any.
    pub(crate) dropped: HashSet<(RowKey, u64)>,
    /// For each log with entries here, the index of the first.
    pub(crate) starts: BTreeMap<u32, u64>,
    /// And the index after the last.
    pub(crate) ends: BTreeMap<u32, u64>,
    /// Whether slots were refilled, which positions say nothing about.
    pub(crate) refilled: bool,
    /// How many posts and refills were taken up to here, over all layers.
    pub(crate) upto: u64,
    /// How many of them are in this layer.
    pub(crate) count: u64,
    /// About how many bytes this takes.
    pub(crate) weight: usize,
}

impl Layer {
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= FULL || self.weight >= FULL * 96
    }

    /// Takes a log's next entry.
    pub(crate) fn post(&mut self, log: u32, entry: &ViewEntry) {
        self.count += 1;
        self.starts.entry(log).or_insert(entry.index);
        self.ends.insert(log, entry.index + 1);
        if !entry.readable {
            self.add(log, entry.index, Set::Unreadable);
            return;
        }
        if entry.unknown_kind {
            self.add(log, entry.index, Set::Unreadable);
        }
        let key = RowKey::new(entry.record_id.as_bytes(), log);
        let newest = Newest {
            index: entry.index,
            revision: entry.revision,
            operation: entry.operation.number(),
        };
        self.weight += 56;
        match self.rows.insert(key, newest) {
            Some(earlier) => self.add(log, earlier.index, Set::Old),
            None => {
                let below = self.below.get_mut();
                below.fresh.push((key, entry.index));
                self.weight += 32;
            }
        }
        self.add(log, entry.index, Set::Kind(entry.kind));
        if !entry.operation.publishes() {
            self.add(log, entry.index, Set::Ended);
        }
        if entry.operation == Operation::Erase {
            self.name(key, entry.index, None);
        }
        if entry.state == SlotState::Erased {
            // A step that a crash cut may have told of it before it was erased.
            self.empty(log, key, entry.index);
        }
        self.add_content(log, key, entry);
    }

    /// Takes the new state of a slot that was posted before.
    pub(crate) fn refill(&mut self, log: u32, entry: &ViewEntry) {
        self.count += 1;
        self.refilled = true;
        if !entry.readable {
            return;
        }
        let key = RowKey::new(entry.record_id.as_bytes(), log);
        if entry.is_full() {
            self.emptied.remove(&(log, entry.index));
            self.add_content(log, key, entry);
            return;
        }
        self.empty(log, key, entry.index);
    }

    /// What the payload of a slot said is not true any more.
    fn empty(&mut self, log: u32, key: RowKey, index: u64) {
        self.emptied.insert((log, index));
        let run = Posting::of(log, index, Set::Old).run;
        for (posting, offsets) in self.postings.range_mut(
            Posting {
                log,
                run,
                set: Set::Kind(0),
            }..Posting {
                log,
                run: run + 1,
                set: Set::Old,
            },
        ) {
            if matches!(posting.set, Set::Country(_)) {
                offsets.remove(offset(index));
            }
        }
        if self
            .names
            .get(&key)
            .is_some_and(|named| named.index == index)
        {
            self.names.remove(&key);
        }
        self.dropped.insert((key, index));
        self.weight += 160;
    }

    /// What becomes of an external id, given by the entry at its index, in this layer.
    pub(crate) fn rename(
        &self,
        key: &RowKey,
        before: Option<(u64, String)>,
    ) -> Option<(u64, String)> {
        let name = before.filter(|(index, _)| !self.dropped.contains(&(*key, *index)));
        match self.names.get(key) {
            Some(named) if name.as_ref().is_none_or(|(index, _)| *index <= named.index) => {
                let name = named.name.as_ref()?;
                Some((named.index, name.to_string()))
            }
            _ => name,
        }
    }

    /// Takes what only the payload says.
    fn add_content(&mut self, log: u32, key: RowKey, entry: &ViewEntry) {
        for code in entry.countries.iter().take(MAX_COUNTRIES) {
            if let Some(country) = Country::new(code) {
                self.add(log, entry.index, Set::Country(country));
            }
        }
        if let Some(name) = &entry.external_id
            && (1..=MAX_EXTERNAL_ID).contains(&name.len())
        {
            self.name(key, entry.index, Some(name.as_str().into()));
        }
    }

    fn add(&mut self, log: u32, index: u64, set: Set) {
        let posting = Posting::of(log, index, set);
        let offsets = self.postings.entry(posting).or_insert_with(|| {
            self.weight += 96;
            Offsets::default()
        });
        if offsets.insert(offset(index)) {
            self.weight += 2;
        }
    }

    fn name(&mut self, key: RowKey, index: u64, name: Option<Arc<str>>) {
        if self
            .names
            .get(&key)
            .is_some_and(|named| named.index > index)
        {
            return;
        }
        if let Some(name) = &name {
            self.by_name
                .insert((key.log(), Arc::clone(name), key.record()));
            self.weight += 96 + name.len();
        }
        self.weight += 64;
        self.names.insert(key, Named { index, name });
    }

    /// The records that took the external id in this layer, and may have lost it.
    pub(crate) fn records_named(&self, log: u32, name: &str) -> impl Iterator<Item = [u8; 16]> {
        let name: Arc<str> = name.into();
        let range = (log, Arc::clone(&name), [0; 16])..=(log, name, [0xff; 16]);
        self.by_name.range(range).map(|(_, _, record)| *record)
    }

    /// The offsets of this layer's entries of a set in one run.
    pub(crate) fn offsets(&self, posting: &Posting) -> Option<&Offsets> {
        self.postings.get(posting)
    }

    /// The sets of one run, of the kind that `tag` names.
    pub(crate) fn sets_of_run(&self, log: u32, run: u64) -> impl Iterator<Item = (&Set, &Offsets)> {
        self.postings
            .range(
                Posting {
                    log,
                    run,
                    set: Set::Old,
                }..Posting {
                    log,
                    run: run + 1,
                    set: Set::Old,
                },
            )
            .map(|(posting, offsets)| (&posting.set, offsets))
    }

    /// The entries of one run that entries of this layer made old. `newest_below`
    /// gives the newest entry of a record before an index, from what lies below.
    pub(crate) fn made_old(
        &self,
        log: u32,
        run: u64,
        newest_below: impl Fn(&RowKey, u64) -> Result<Option<u64>, TableError>,
    ) -> Result<Bits, TableError> {
        let mut below = self.below.lock();
        let below = &mut *below;
        // Sorted as the table is, so that neighbours are read together.
        below.fresh.sort_unstable_by_key(|(key, _)| *key);
        while let Some((key, first)) = below.fresh.last() {
            if let Some(old) = newest_below(key, *first)? {
                let run = Posting::of(key.log(), old, Set::Old).run;
                let old_of_run = below.old.entry((key.log(), run)).or_default();
                old_of_run.insert(offset(old));
            }
            below.fresh.pop();
        }
        let mut bits = Bits::default();
        if let Some(offsets) = below.old.get(&(log, run)) {
            bits.unite(offsets);
        }
        Ok(bits)
    }
}

/// What of the layers below, and of the table, is old since this layer. It is looked
/// up when somebody asks, so that a bulk load that nobody watches does not pay for it.
#[derive(Default)]
struct Below {
    /// Each record of the layer that was not looked up yet, and its first entry here.
    fresh: Vec<(RowKey, u64)>,
    old: BTreeMap<(u32, u64), Offsets>,
}
