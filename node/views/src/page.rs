//! A part of the matching entries in an order.
//!
//! Of each run the best are taken that are still among the best of all: either by walking
//! its rows in that order, or, where few match, by looking up what each is put in order by.

use std::{collections::BTreeMap, ops::ControlFlow};

use crate::{
    matching::Matches,
    question::{Mark, Order, OrderBy},
    rows::{
        bits::Bits,
        keys::ORDERS,
        order::{self, of_order_key},
        set::{self, offset, run_of},
    },
    table::TableError,
    view::{Run, View, order_range},
};

/// Where no more than these match in a run, each is looked up.
const FEW: u64 = 64;

/// Which part of the matching entries is wanted.
#[derive(Clone, Copy)]
pub(crate) enum Side<'a> {
    /// The first.
    First,
    /// The first behind a place.
    Behind(&'a Mark),
    /// The last before a place, the last of them first.
    Before(&'a Mark),
}

impl<'a> Side<'a> {
    fn edge(self) -> Option<&'a Mark> {
        match self {
            Self::First => None,
            Self::Behind(edge) | Self::Before(edge) => Some(edge),
        }
    }

    fn is_backwards(self) -> bool {
        matches!(self, Self::Before(_))
    }
}

/// The best of what was seen, in order; backwards, where that is asked for.
struct Best<'a> {
    order: Order,
    side: Side<'a>,
    limit: usize,
    found: Vec<Mark>,
}

impl Best<'_> {
    fn compare(&self, a: &Mark, b: &Mark) -> std::cmp::Ordering {
        let rest = (&a.value, a.log, a.index).cmp(&(&b.value, b.log, b.index));
        let rest = match self.order.descending {
            true => rest.reverse(),
            false => rest,
        };
        // What has nothing to be put in order by comes last, either way.
        let forwards = a.last.cmp(&b.last).then(rest);
        match self.side.is_backwards() {
            true => forwards.reverse(),
            false => forwards,
        }
    }

    /// Larger values are wanted before smaller ones.
    fn is_falling(&self) -> bool {
        self.order.descending != self.side.is_backwards()
    }

    /// All that have something to be put in order by were told.
    fn is_past_valued(&self) -> bool {
        matches!(self.side, Side::Behind(edge) if edge.last)
    }

    /// Takes an entry if it is among the best, and says whether one behind it may be too.
    fn take(&mut self, mark: Mark) -> bool {
        let is_told = |edge: &Mark| self.compare(&mark, edge).is_le();
        if self.side.edge().is_some_and(is_told) {
            return true;
        }
        let place = match self
            .found
            .binary_search_by(|known| self.compare(known, &mark))
        {
            Ok(_) => return true,
            Err(place) => place,
        };
        if place == self.limit {
            return false;
        }
        self.found.insert(place, mark);
        self.found.truncate(self.limit);
        true
    }

    fn ends_with(&self, value: &[u8]) -> bool {
        self.found.last().is_some_and(|last| last.value == value)
    }

    /// Nothing without a value can be among the best any more.
    fn needs_only_valued(&self) -> bool {
        match self.side {
            Side::Before(edge) => !edge.last,
            _ => self.found.len() == self.limit && self.found.last().is_none_or(|last| !last.last),
        }
    }
}

impl View<'_> {
    /// A part of the matching entries, by the order with that number.
    pub(crate) fn page(
        &self,
        matches: &Matches,
        order: Order,
        side: Side<'_>,
        limit: usize,
    ) -> Result<Vec<Mark>, TableError> {
        let mut best = Best {
            order,
            side,
            limit,
            found: Vec::new(),
        };
        let (places, moved) = self.places(matches, order)?;
        for ((log, run), bits) in places {
            let here = self.run(log, run);
            take_run(here, bits, &moved, &mut best)?;
        }
        Ok(best.found)
    }

    /// Where the rows of matching entries are, and which entries those stand for that have
    /// them at another place: an ended record stands where it was published last.
    fn places(&self, matches: &Matches, order: Order) -> Result<(Matches, Moved), TableError> {
        let (mut places, mut moved) = (matches.clone(), Moved::new());
        if order.by == OrderBy::Change {
            return Ok((places, moved));
        }
        for ((log, run), bits) in matches {
            let here = self.run(*log, *run);
            let mut ended = here.set(set::ENDED)?;
            ended.intersect(bits);
            if ended.is_empty() {
                continue;
            }
            for (index, stood) in here.links()? {
                if !ended.contains(offset(index)) {
                    continue;
                }
                if let Some(bits) = places.get_mut(&(*log, *run)) {
                    bits.remove(offset(index));
                }
                let run = (*log, run_of(stood));
                places.entry(run).or_default().insert(offset(stood));
                moved.insert((*log, stood), index);
            }
        }
        Ok((places, moved))
    }

    /// The runs in which entries stand by which ended ones are found, and these.
    pub(crate) fn contents_of(&self, matches: &Matches) -> Result<Matches, TableError> {
        Ok(self.places(matches, Order::default())?.0)
    }
}

/// The entries that stand for others.
type Moved = BTreeMap<(u32, u64), u64>;

/// Takes the best of one run.
fn take_run(
    here: Run<'_>,
    mut bits: Bits,
    moved: &Moved,
    best: &mut Best<'_>,
) -> Result<(), TableError> {
    let orders = best.order.by.numbers();
    // What is in memory replaces what is stored.
    for (index, keys) in here.contents() {
        if bits.remove(offset(index)) {
            let change = here.view.changed(here.log, index, keys)?;
            best.take(mark(here, moved, keys.first_value(orders, change), index));
        }
    }
    for order in orders {
        let mut placed = bits.clone();
        if *order != order::CHANGE {
            placed.intersect(&here.set(&set::having(*order))?);
        }
        bits.subtract(&placed);
        take_order(here, *order, &placed, moved, best)?;
    }
    if best.needs_only_valued() {
        return Ok(());
    }
    let mut offsets: Vec<u16> = bits.iter_from(0).collect();
    if best.is_falling() {
        offsets.reverse();
    }
    for offset in offsets {
        let mark = mark(here, moved, Vec::new(), here.index(offset));
        if !best.take(mark) && moved.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Takes the best of those of one run that have a place in an order.
fn take_order(
    here: Run<'_>,
    number: u8,
    bits: &Bits,
    moved: &Moved,
    best: &mut Best<'_>,
) -> Result<(), TableError> {
    let mut left = bits.len();
    if best.is_past_valued() || left == 0 {
        // Nothing among them is wanted.
        return Ok(());
    }
    if left <= FEW {
        for offset in bits.iter_from(0) {
            let index = here.index(offset);
            let keys = here.view.stored_keys(here.log, index)?;
            let value = keys.value(number, keys.change);
            best.take(mark(here, moved, value, index));
        }
        return Ok(());
    }
    let (from, to) = rows(here, number, best);
    let stored = here.view.stored;
    stored.walk(ORDERS, (&from, &to), best.is_falling(), |row, _| {
        let (value, offset) = of_order_key(row)?;
        if !bits.contains(offset) {
            return Ok(ControlFlow::Continue(()));
        }
        left -= 1;
        let mark = mark(here, moved, value.to_vec(), here.index(offset));
        // Of equal ones, one that stands for another may come before its place.
        let may_follow = best.take(mark) || !moved.is_empty() && best.ends_with(value);
        Ok(match may_follow && left > 0 {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    })
}

/// Where an entry of a run, or the one that it stands for, has its place by a value.
fn mark(here: Run<'_>, moved: &Moved, value: Vec<u8>, index: u64) -> Mark {
    Mark {
        last: value.is_empty(),
        value,
        log: here.log,
        index: moved.get(&(here.log, index)).copied().unwrap_or(index),
    }
}

/// From and to of the rows that may be on the wanted side.
fn rows(here: Run<'_>, number: u8, best: &Best<'_>) -> (Vec<u8>, Vec<u8>) {
    let (mut from, mut to) = order_range(here.log, number, here.run);
    if let Some(edge) = best.side.edge().filter(|edge| !edge.last) {
        // Entries with the same value may be on either side.
        match best.is_falling() {
            true => to = [&from[..], &edge.value, &[1]].concat(),
            false => from.extend_from_slice(&edge.value),
        }
    }
    (from, to)
}
