//! The sets of runs, combined: which entries match.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use crate::{
    question::{Counts, Logs},
    rows::{
        bits::Bits,
        offsets::RUN,
        set::{self, offset, run_of},
    },
    table::TableError,
    view::View,
    wanted::{Group, Wanted},
};

/// The entries that match, by log and run; runs without any are left out.
pub(crate) type Matches = BTreeMap<(u32, u64), Bits>;

/// What is asked of one log.
pub(crate) struct Matching<'a> {
    view: &'a View<'a>,
    wanted: &'a Wanted,
    log: u32,
    groups: Vec<Group>,
    /// The entries of runs whose payloads match.
    content: RefCell<HashMap<u64, Rc<Bits>>>,
}

impl<'a> Matching<'a> {
    pub(crate) fn new(view: &'a View<'a>, log: u32, wanted: &'a Wanted) -> Self {
        Self {
            view,
            wanted,
            log,
            groups: wanted.groups(log),
            content: RefCell::default(),
        }
    }

    /// The entries of one run that match, each the newest of its record.
    pub(crate) fn run(&self, run: u64) -> Result<Bits, TableError> {
        let here = self.view.run(self.log, run);
        let kinds = match &self.wanted.kinds {
            Some(kinds) => Some(here.group(kinds)?),
            None => None,
        };
        // Most logs have few of the kinds, and then nothing else is looked up.
        if kinds.as_ref().is_some_and(Bits::is_empty) {
            return Ok(Bits::default());
        }
        let only = match &self.wanted.only {
            None => None,
            Some(only) => match only.get(&(self.log, run)) {
                None => return Ok(Bits::default()),
                only => only,
            },
        };
        let mut found = if self.groups.is_empty() {
            match kinds {
                Some(kinds) => kinds,
                None => here.group(&Group::beginning(&[set::KINDS]))?,
            }
        } else {
            let mut found = (*self.content(run)?).clone();
            if self.wanted.ended {
                for (ended, stood) in here.links()? {
                    if self.content(run_of(stood))?.contains(offset(stood)) {
                        found.insert(offset(ended));
                    }
                }
            }
            if let Some(kinds) = &kinds {
                found.intersect(kinds);
            }
            found
        };
        if let Some(only) = only {
            found.intersect(only);
        }
        if let Some(since) = self.wanted.changed_since.filter(|_| !found.is_empty()) {
            found.intersect(&here.changed_since(since)?);
        }
        if found.is_empty() {
            return Ok(found);
        }
        for out in self.wanted.without.get(&self.log).into_iter().flatten() {
            let first = out.start.max(run * RUN);
            for index in first..out.end.min((run + 1) * RUN) {
                found.remove(offset(index));
            }
        }
        found.subtract(&here.old()?);
        if self.wanted.unheld {
            found.subtract(&here.set(set::HELD)?);
        }
        if !self.wanted.ended {
            found.subtract(&here.set(set::ENDED)?);
        }
        Ok(found)
    }

    /// The entries of one run whose payloads are in a set of each group.
    fn content(&self, run: u64) -> Result<Rc<Bits>, TableError> {
        if let Some(known) = self.content.borrow().get(&run) {
            return Ok(Rc::clone(known));
        }
        let here = self.view.run(self.log, run);
        let mut found: Option<Bits> = None;
        for group in &self.groups {
            match &mut found {
                None => found = Some(here.group(group)?),
                Some(found) if found.is_empty() => break,
                Some(found) => found.intersect(&here.group(group)?),
            }
        }
        let found = Rc::new(found.unwrap_or_default());
        self.content.borrow_mut().insert(run, Rc::clone(&found));
        Ok(found)
    }
}

impl View<'_> {
    /// All entries that match; none when nobody waits any more.
    pub(crate) fn matches(
        &self,
        logs: &Logs,
        wanted: &Wanted,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Option<Matches>, TableError> {
        let mut matches = Matches::new();
        for (log, end) in self.ends.iter().filter(|(log, _)| logs.contains(log)) {
            let matching = Matching::new(self, *log, wanted);
            for run in 0..end.div_ceil(RUN) {
                if !is_wanted() {
                    return Ok(None);
                }
                let found = matching.run(run)?;
                if !found.is_empty() {
                    matches.insert((*log, run), found);
                }
            }
        }
        Ok(Some(matches))
    }

    /// Entries in the order of their places, run by run.
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
            let matching = Matching::new(self, *log, wanted);
            let mut run = start / RUN;
            while run * RUN < *end {
                if !is_wanted() {
                    return Ok(found);
                }
                let matching = matching.run(run)?;
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

    pub(crate) fn counts(&self, log: u32, all: &Wanted) -> Result<Counts, TableError> {
        let matching = Matching::new(self, log, all);
        let mut counts = Counts::default();
        for run in 0..self.end(log).div_ceil(RUN) {
            counts.records += matching.run(run)?.len();
            counts.unreadable += self.run(log, run).set(set::UNREADABLE)?.len();
        }
        Ok(counts)
    }
}
