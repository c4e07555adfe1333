//! Entries that were posted and are not in the table yet.
//!
//! A layer takes entries until it is full, then it is sealed and written to the
//! table in one step, sorted, while the next layer fills. Queries look at all
//! layers and at the table, so what was posted answers at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use foldhash::quality::RandomState;
use parking_lot::Mutex;
use wpsx_proto::{envelope::Operation, payload::SlotState};

use crate::{
    entry::{MAX_EXTERNAL_ID, ViewEntry},
    rows::{
        bits::Bits,
        offsets::Offsets,
        order::Keys,
        row::{Newest, RowKey},
        set::{self, offset, run_of},
    },
    table::TableError,
};

/// The sets of one run, by their names.
pub(crate) type Sets = HashMap<Box<[u8]>, Offsets, RandomState>;

/// A layer is sealed once it has this many records: seven eighths of a power of
/// two, the most that a hash map of that size holds.
const FULL: usize = (1 << 18) / 8 * 7;

/// Or once it takes about so many bytes.
pub(crate) const WEIGHT: usize = 6 << 20;

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
    /// The sets of each log and run.
    pub(crate) runs: BTreeMap<(u32, u64), Sets>,
    /// What entries are put in order by. They replace what lies below.
    pub(crate) contents: BTreeMap<(u32, u64), Keys>,
    /// Of entries that ended their record: the last before it that published it.
    pub(crate) links: BTreeMap<(u32, u64), u64>,
    /// Entries of records that have a later one here.
    pub(crate) earlier: BTreeSet<(RowKey, u64)>,
    below: Mutex<Below>,
    /// Slots that were emptied: they leave the sets that come from payloads.
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
        self.rows.len() >= FULL || self.weight >= WEIGHT
    }

    /// Takes a log's next entry. Where it ends its record, `below_stood` is what the record
    /// stood at in what lies below.
    pub(crate) fn post(&mut self, log: u32, entry: &ViewEntry, below_stood: Option<u64>) {
        self.count += 1;
        self.starts.entry(log).or_insert(entry.index);
        self.ends.insert(log, entry.index + 1);
        if !entry.readable {
            self.add(log, entry.index, set::UNREADABLE);
            return;
        }
        if entry.unknown_kind {
            self.add(log, entry.index, set::UNREADABLE);
        }
        let key = RowKey::new(entry.record_id.as_bytes(), log);
        let newest = Newest {
            index: entry.index,
            revision: entry.revision,
            operation: entry.operation.number(),
        };
        self.weight += 56;
        let stood = match self.rows.insert(key, newest) {
            Some(earlier) => {
                self.add(log, earlier.index, set::OLD);
                self.earlier.insert((key, earlier.index));
                self.weight += 48;
                let linked = self.links.get(&(log, earlier.index));
                Some(linked.copied().unwrap_or(earlier.index))
            }
            None => {
                let below = self.below.get_mut();
                below.fresh.push((key, entry.index));
                self.weight += 32;
                below_stood
            }
        };
        self.add(log, entry.index, &set::kind(entry.kind));
        if !entry.operation.publishes() {
            self.add(log, entry.index, set::ENDED);
            if let Some(stood) = stood.filter(|_| entry.operation != Operation::Erase) {
                self.links.insert((log, entry.index), stood);
                self.weight += 40;
            }
        }
        if entry.operation == Operation::Erase {
            self.name(key, entry.index, None);
        }
        if entry.state == SlotState::Erased {
            // A step that a crash cut may have told of it before it was erased.
            self.empty(log, key, entry);
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
        self.empty(log, key, entry);
    }

    /// What the payload of a slot said is not true any more.
    fn empty(&mut self, log: u32, key: RowKey, entry: &ViewEntry) {
        let index = entry.index;
        self.emptied.insert((log, index));
        let taken_here = self.contents.insert((log, index), Keys::bare(entry.change));
        if taken_here.is_some()
            && let Some(sets) = self.runs.get_mut(&(log, run_of(index)))
        {
            for (name, offsets) in sets {
                if set::is_content(name) {
                    offsets.remove(offset(index));
                }
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
        self.weight += 240;
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
        for set in entry.content.sets() {
            self.add(log, entry.index, set);
        }
        let keys = entry.content.keys(entry.change);
        self.weight += keys.weight();
        self.contents.insert((log, entry.index), keys);
        if let Some(name) = &entry.external_id
            && (1..=MAX_EXTERNAL_ID).contains(&name.len())
        {
            self.name(key, entry.index, Some(name.as_str().into()));
        }
    }

    fn add(&mut self, log: u32, index: u64, set: &[u8]) {
        let sets = self.runs.entry((log, run_of(index))).or_default();
        if let Some(offsets) = sets.get_mut(set) {
            if offsets.insert(offset(index)) {
                self.weight += 2;
            }
            return;
        }
        let mut offsets = Offsets::default();
        offsets.insert(offset(index));
        sets.insert(set.into(), offsets);
        self.weight += 96 + set.len();
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

    /// The sets of one run.
    pub(crate) fn sets(&self, log: u32, run: u64) -> Option<&Sets> {
        self.runs.get(&(log, run))
    }

    /// One of them.
    pub(crate) fn set(&self, log: u32, run: u64, name: &[u8]) -> Option<&Offsets> {
        self.sets(log, run)?.get(name)
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
                let run = (key.log(), run_of(old));
                let old_of_run = below.old.entry(run).or_default();
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
