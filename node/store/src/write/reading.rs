//! What the journal holds when a store is opened, and whether it is all that it held.
//!
//! A tail that was not acknowledged is cut. What was acknowledged and cannot be read is a
//! doubt: the groups before it are used, and what follows it is not, because a change of
//! a log may be missing between. The files are moved aside once all that was used is in
//! its own place ([`Reading::set_aside`]); they are never removed.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::live::Live;
use crate::{
    backend::JournalFiles,
    error::StoreError,
    format::segment::{self, End},
};

/// One segment as it was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) name: String,
    /// The number and body of each group that is to be applied.
    pub(crate) groups: Vec<(u64, Bytes)>,
    /// It holds something else that must not be lost.
    pub(crate) is_spoiled: bool,
}

/// The journal as it was found.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) found: Vec<Found>,
    /// What of that which was acknowledged cannot be read, if anything.
    pub(crate) doubt: Option<String>,
    /// Files that are no segments: they are left.
    pub(crate) strangers: Vec<String>,
    pub(crate) last_sequence: u64,
    pub(crate) last_group: u64,
}

/// Reads all segments in order, cuts a torn tail, and makes durable what it gives: what
/// was found may not be on the disk yet.
pub(crate) fn read(files: &dyn JournalFiles, live: &Live) -> Result<Reading, StoreError> {
    let mut reading = Reading::default();
    let mut torn: Option<Tail> = None;
    let live = live.names();
    let (segments, others) = segments(files)?;
    reading.strangers = others;
    for name in segments.union(&live) {
        let path = files.path_of(name).display().to_string();
        let must_be_there = live.contains(name);
        if !segments.contains(name) {
            reading.doubts(format!("{path} is missing"));
            continue;
        }
        let bytes = files.read(name)?;
        let parsed = segment::parse(&bytes).and_then(|parsed| {
            let is_named = segment::name(parsed.sequence) == *name;
            is_named
                .then_some(parsed)
                .ok_or_else(|| "it is the copy of another segment".to_owned())
        });
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(_) if !must_be_there => {
                reading.strangers.push(name.clone());
                continue;
            }
            Err(reason) => {
                reading.doubts(format!("{path}: {reason}"));
                reading.found.push(Found {
                    name: name.clone(),
                    groups: Vec::new(),
                    is_spoiled: true,
                });
                continue;
            }
        };
        reading.last_sequence = reading.last_sequence.max(parsed.sequence);
        if let Some((last, _)) = parsed.groups.last() {
            reading.last_group = reading.last_group.max(*last);
            if let Some(torn) = torn.take() {
                reading.spoil(&torn.name);
                let before = files.path_of(&torn.name).display().to_string();
                reading.doubts(format!(
                    "{before}: a group in it is damaged, and others follow"
                ));
            }
        }
        let mut found = Found {
            name: name.clone(),
            groups: parsed.groups,
            is_spoiled: false,
        };
        if reading.doubt.is_some() {
            found.is_spoiled = !found.groups.is_empty();
            found.groups.clear();
        }
        match parsed.end {
            End::Whole => {}
            End::Torn { at, long } => {
                let bytes = bytes.slice(at as usize..);
                torn = Some(Tail {
                    name: name.clone(),
                    at,
                    aside: long.then_some(bytes),
                });
            }
            End::Damaged(reason) => {
                found.is_spoiled = true;
                reading.doubts(format!("{path}: {reason}"));
            }
        }
        reading.found.push(found);
    }
    if let Some(torn) = torn.filter(|torn| !reading.is_spoiled(&torn.name)) {
        torn.cut(files)?;
    }
    let mut used = reading
        .found
        .iter()
        .filter(|segment| !segment.groups.is_empty());
    used.try_for_each(|segment| files.sync(&segment.name))?;
    Ok(reading)
}

/// The names of the segments, and of all other files. What was being made when a crash
/// came is removed: nothing was written to it.
fn segments(files: &dyn JournalFiles) -> Result<(BTreeSet<String>, Vec<String>), StoreError> {
    let all = files.list()?.into_iter();
    let (segments, others): (BTreeSet<String>, BTreeSet<String>) =
        all.partition(|name| segment::number_of(name).is_some());
    let is_ours = |name: &&String| {
        let made = name.strip_suffix(".tmp");
        made.is_some_and(|made| segment::number_of(made).is_some())
    };
    let unfinished: Vec<String> = others.iter().filter(is_ours).cloned().collect();
    if !unfinished.is_empty() {
        files.remove(&unfinished)?;
    }
    let others = others.into_iter().filter(|name| !unfinished.contains(name));
    Ok((segments, others.collect()))
}

impl Reading {
    /// The segments that may go once what is in them is elsewhere.
    pub(crate) fn used(&self) -> impl Iterator<Item = String> {
        let found = self.found.iter().filter(|segment| !segment.is_spoiled);
        found.map(|segment| segment.name.clone())
    }

    fn doubts(&mut self, reason: String) {
        self.doubt.get_or_insert(reason);
    }

    fn spoil(&mut self, name: &str) {
        let mut found = self.found.iter_mut();
        if let Some(segment) = found.find(|segment| segment.name == name) {
            segment.is_spoiled = true;
        }
    }

    fn is_spoiled(&self, name: &str) -> bool {
        let mut found = self.found.iter();
        found.any(|segment| segment.name == name && segment.is_spoiled)
    }

    /// Moves the segments aside that hold what was not used. All that was used of them
    /// is in its own place.
    pub(crate) fn set_aside(
        &self,
        files: &dyn JournalFiles,
        live: &Live,
    ) -> Result<(), StoreError> {
        for segment in self.found.iter().filter(|segment| segment.is_spoiled) {
            let to = free(files, &segment.name, "damaged")?;
            files.rename(&segment.name, &to)?;
            live.remove(std::slice::from_ref(&segment.name))?;
        }
        // Those that are missing are not missed a second time.
        let found: BTreeSet<String> = self.found.iter().map(|found| found.name.clone()).collect();
        let missing: Vec<String> = live.names().difference(&found).cloned().collect();
        live.remove(&missing)
    }
}

/// A tail that was not acknowledged.
struct Tail {
    name: String,
    at: u64,
    /// Its bytes, where it may have been acknowledged all the same: if the power failed
    /// before the mark was on the disk, and the disk then lost what it had said to have.
    aside: Option<Bytes>,
}

impl Tail {
    fn cut(self, files: &dyn JournalFiles) -> Result<(), StoreError> {
        let kept = match &self.aside {
            Some(bytes) => {
                let name = free(files, &self.name, "torn")?;
                files.create(&name, bytes)?;
                files.path_of(&name).display().to_string()
            }
            None => "not kept".to_owned(),
        };
        tracing::warn!(
            path = %files.path_of(&self.name).display(), offset = self.at, kept,
            "the last write was interrupted and had not been acknowledged: cut"
        );
        files.cut(&self.name, self.at)
    }
}

/// A name that no file has: `<segment>.<what>`, or that with a number.
fn free(files: &dyn JournalFiles, segment: &str, what: &str) -> Result<String, StoreError> {
    let taken = files.list()?;
    let first = format!("{segment}.{what}");
    let more = (2u64..).map(|number| format!("{first}-{number}"));
    let mut names = std::iter::once(first.clone()).chain(more);
    Ok(names.find(|name| !taken.contains(name)).unwrap_or(first))
}

#[cfg(test)]
mod tests;
