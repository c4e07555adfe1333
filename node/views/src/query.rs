//! What the views tell: the table, with the layers over it.
//!
//! The list of layers is taken before the table is read, so that an entry that
//! moves from one to the other meanwhile is seen at least once; seeing it twice is
//! the same. Lists and counts hold all layers while they look, and look again if
//! the table took an entry that came meanwhile, so that they see an entry together
//! with what it makes old, or neither.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use wpsx_proto::origin::RecordId;

use crate::{
    error::ViewsError,
    family,
    matching::Matches,
    page::Side,
    question::{Counts, Filter, Latest, Logs, Mark, Order, OrderBy, Tally},
    rows::{
        keys::{HISTORY, ROWS, index_of},
        offsets::RUN,
        row::{Newest, Row, RowKey},
        set::{offset, run_of},
    },
    table::{TableError, stored::Stored},
    tally,
    view::View,
    views::Views,
    wanted::Wanted,
    work::{
        poster::{linked, stands_at},
        shared::Layers,
    },
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
            &shared.stored(),
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
        shared.stored().scan(ROWS, record.as_bytes(), |key, row| {
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
        let found = self.look(|view| view.named(log, name))?;
        Ok(found.into_iter().map(RecordId::from_bytes).collect())
    }

    /// The entries of `record` in `log`, the oldest first.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn history(&self, log: u32, record: &RecordId) -> Result<Vec<u64>, ViewsError> {
        let shared = &self.poster.shared;
        if shared.end(log) == 0 {
            return Ok(Vec::new());
        }
        let layers = shared.layers();
        let key = RowKey::new(record.as_bytes(), log);
        let mut entries = BTreeSet::new();
        for layer in &layers {
            let layer = layer.read();
            let earlier = layer.earlier.range((key, 0)..=(key, u64::MAX));
            entries.extend(earlier.map(|(_, index)| *index));
            entries.extend(layer.rows.get(&key).map(|newest| newest.index));
        }
        if let Some(row) = shared.stored().lookup(ROWS, key.as_ref())? {
            let row = Row::from_bytes(&row)?;
            entries.extend([Some(row.index), row.before].into_iter().flatten());
        }
        shared.stored().scan(HISTORY, key.as_ref(), |row, _| {
            entries.insert(index_of(row)?);
            Ok(())
        })?;
        Ok(entries.into_iter().collect())
    }

    /// The entry of `record` in `log` before `index`, which ends it, that says what it was.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn stood(
        &self,
        log: u32,
        record: &RecordId,
        index: u64,
    ) -> Result<Option<u64>, ViewsError> {
        let shared = &self.poster.shared;
        if let Some(linked) = linked(shared, (log, index))? {
            return Ok(Some(linked));
        }
        let key = RowKey::new(record.as_bytes(), log);
        Ok(stands_at(shared, key, index)?)
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
        if limit == 0 || logs.is_empty() {
            return Ok(Vec::new());
        }
        if filter.families_once && self.has_families(logs)? {
            let marks = self.page(logs, filter, Order::default(), None, usize::MAX, is_wanted)?;
            let places = marks.into_iter().map(|mark| (mark.log, mark.index));
            let behind = places.filter(|place| after.is_none_or(|after| *place > after));
            return Ok(behind.take(limit).collect());
        }
        self.look(|view| {
            let wanted = wanted(view, logs, filter)?;
            view.list(logs, &wanted, after, limit, is_wanted)
        })
    }

    /// Up to `limit` entries of `logs` behind `after` in that order, of each record the
    /// newest entry, if it matches. When nobody waits any more, none.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn page(
        &self,
        logs: &Logs,
        filter: &Filter,
        order: Order,
        after: Option<&Mark>,
        limit: usize,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Mark>, ViewsError> {
        let side = after.map_or(Side::First, Side::Behind);
        self.side(logs, filter, order, side, limit, is_wanted)
    }

    /// The last entries, up to `limit`, before `edge` in that order, told in that order. When
    /// nobody waits any more, none.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn page_before(
        &self,
        logs: &Logs,
        filter: &Filter,
        order: Order,
        edge: &Mark,
        limit: usize,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Mark>, ViewsError> {
        let side = Side::Before(edge);
        let mut found = self.side(logs, filter, order, side, limit, is_wanted)?;
        found.reverse();
        Ok(found)
    }

    fn side(
        &self,
        logs: &Logs,
        filter: &Filter,
        order: Order,
        side: Side<'_>,
        limit: usize,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Mark>, ViewsError> {
        self.look(|view| {
            let Some(matches) = matches(view, logs, filter, is_wanted)? else {
                return Ok(Vec::new());
            };
            match order.by {
                OrderBy::Place => Ok(by_place(&matches, order, side, limit)),
                _ => view.page(&matches, order, side, limit),
            }
        })
    }

    /// How many entries match, each the newest of its record, and how many of them have
    /// each value of `facets`. None when nobody waits any more.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn tally(
        &self,
        logs: &Logs,
        filter: &Filter,
        facets: &[String],
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Option<Tally>, ViewsError> {
        let kept = Some(&self.poster.shared.tallies);
        let is_all = Wanted::new(filter).is_all() && filter.external_ids.is_empty();
        let is_all = is_all && !(filter.families_once && self.has_families(logs)?);
        let kept = kept.filter(|_| is_all);
        self.look(|view| {
            let Some(matches) = matches(view, logs, filter, is_wanted)? else {
                return Ok(None);
            };
            tally::count(view, &matches, facets, kept).map(Some)
        })
    }

    /// Whether an entry of `logs` is, or was, a member of a family: where none is, telling
    /// families once is telling all.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn has_families(&self, logs: &Logs) -> Result<bool, ViewsError> {
        self.look(|view| view.has_families(logs))
    }

    /// How much is in `log`.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn counts(&self, log: u32) -> Result<Counts, ViewsError> {
        let all = Wanted::new(&Filter::default());
        self.look(|view| view.counts(log, &all))
    }

    /// About how much is in `log`: what was counted last, where counting anew would cost
    /// more than a tenth of the time, or cannot be done.
    ///
    /// # Errors
    /// Whatever the table says, if it was never counted.
    pub fn kept_counts(&self, log: u32) -> Result<Counts, ViewsError> {
        let shared = &self.poster.shared;
        let mark = shared.gate().marks.get(&log).copied().unwrap_or_default();
        shared
            .kept
            .of(log, mark, &|| shared.now(), || self.counts(log))
    }

    fn look<T>(&self, ask: impl Fn(&View<'_>) -> Result<T, TableError>) -> Result<T, ViewsError> {
        let shared = &self.poster.shared;
        loop {
            let (ends, layers) = (shared.ends(), shared.layers());
            let answer = ask(&View::new(&shared.stored(), &layers, ends))?;
            // Layers go to the table in their order.
            let newest = layers.last();
            if newest.is_none_or(|newest| shared.layers().iter().any(|l| Arc::ptr_eq(l, newest))) {
                return Ok(answer);
            }
        }
    }
}

/// The filter as sets of this view.
fn wanted(view: &View<'_>, logs: &Logs, filter: &Filter) -> Result<Wanted, TableError> {
    let mut wanted = Wanted::new(filter);
    if filter.external_ids.is_empty() {
        return Ok(wanted);
    }
    let mut only = Matches::new();
    for log in logs {
        for name in &filter.external_ids {
            for record in view.named(*log, name)? {
                if let Some(index) = view.newest(&RowKey::new(&record, *log))? {
                    let run = only.entry((*log, run_of(index))).or_default();
                    run.insert(offset(index));
                }
            }
        }
    }
    wanted.only = Some(only);
    Ok(wanted)
}

fn matches(
    view: &View<'_>,
    logs: &Logs,
    filter: &Filter,
    is_wanted: &dyn Fn() -> bool,
) -> Result<Option<Matches>, TableError> {
    let wanted = wanted(view, logs, filter)?;
    let mut matches = view.matches(logs, &wanted, is_wanted)?;
    if let Some(matches) = &mut matches
        && filter.families_once
        && view.has_families(logs)?
    {
        family::once(view, logs, filter, matches)?;
    }
    Ok(matches)
}

/// The entries in the order of their places.
fn by_place(matches: &Matches, order: Order, side: Side<'_>, limit: usize) -> Vec<Mark> {
    let (after, is_falling) = match side {
        Side::First => (None, order.descending),
        Side::Behind(after) => (Some(after), order.descending),
        Side::Before(edge) => (Some(edge), !order.descending),
    };
    let places = matches.iter().flat_map(|((log, run), bits)| {
        let indexes = bits.iter_from(0).map(u64::from);
        indexes.map(move |offset| (*log, run * RUN + offset))
    });
    let behind = places.filter(|place| {
        let compared = after.map(|after| place.cmp(&(after.log, after.index)));
        compared.is_none_or(|compared| match is_falling {
            true => compared.is_lt(),
            false => compared.is_gt(),
        })
    });
    let mark = |(log, index)| Mark {
        last: false,
        value: Vec::new(),
        log,
        index,
    };
    if !is_falling {
        return behind.take(limit).map(mark).collect();
    }
    // The last ones, so that no more than these are held.
    let mut last = VecDeque::new();
    for place in behind {
        if last.len() == limit {
            last.pop_front();
        }
        last.push_back(place);
    }
    last.into_iter().rev().map(mark).collect()
}

fn in_layers(layers: &Layers, key: RowKey) -> Option<Newest> {
    layers
        .iter()
        .rev()
        .find_map(|layer| layer.read().rows.get(&key).copied())
}

fn latest(layers: &Layers, stored: &Stored, key: RowKey) -> Result<Option<Latest>, ViewsError> {
    if let Some(newest) = in_layers(layers, key) {
        return Ok(Some(Latest::of_newest(newest)));
    }
    let row = stored.lookup(ROWS, key.as_ref())?;
    Ok(row
        .map(|row| Row::from_bytes(&row))
        .transpose()?
        .map(|row| Latest::of_row(&row)))
}
