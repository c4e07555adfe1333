//! A filter as the sets that it names.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use wpsx_proto::record::words;
use wpsx_store::StoredEntry;

use crate::{
    content::{YEAR, year_value},
    entry::ViewEntry,
    question::{Filter, Sign, Way},
    rows::{bits::Bits, set},
};

/// Sets that are united.
#[derive(Clone)]
pub(crate) enum Group {
    /// These.
    Any(BTreeSet<Vec<u8>>),
    /// All from one name to another, both included.
    Span(Vec<u8>, Vec<u8>),
    /// Those that are in all groups of any of these.
    Either(Vec<Vec<Group>>),
}

impl Group {
    /// All sets whose names begin so.
    pub(crate) fn beginning(name: &[u8]) -> Self {
        Self::Span(name.to_vec(), [name, &[u8::MAX; 4]].concat())
    }

    /// One set.
    pub(crate) fn one(set: Vec<u8>) -> Self {
        Self::Any([set].into())
    }

    /// Whether a set is one of those that are united.
    pub(crate) fn has(&self, set: &[u8]) -> bool {
        match self {
            Self::Any(sets) => sets.contains(set),
            Self::Span(from, to) => (from.as_slice()..=to.as_slice()).contains(&set),
            Self::Either(_) => false,
        }
    }

    /// Whether what is in these sets is in the group.
    pub(crate) fn holds(&self, sets: &[&[u8]]) -> bool {
        match self {
            Self::Either(any) => any.iter().any(|all| all.iter().all(|one| one.holds(sets))),
            group => sets.iter().any(|set| group.has(set)),
        }
    }
}

/// What a filter asks for. An entry matches that is in a set of each group.
pub(crate) struct Wanted {
    /// None: any kind.
    pub(crate) kinds: Option<Group>,
    /// Of sets that come from payloads.
    pub(crate) content: Vec<Group>,
    /// The words of titles, each with what else is called so.
    words: Vec<(Vec<u8>, Vec<Way>)>,
    /// Of each of these, one way.
    ways: Vec<Vec<Way>>,
    /// References that count in one log alone; each log has a group of them and of the last
    /// of `content`.
    pub(crate) within: Vec<(u32, Vec<u8>)>,
    pub(crate) changed_since: Option<u64>,
    /// Only these, by log and run.
    pub(crate) only: Option<BTreeMap<(u32, u64), Bits>>,
    /// None of these, by log.
    pub(crate) without: BTreeMap<u32, Vec<Range<u64>>>,
    /// None whose payload is here.
    pub(crate) unheld: bool,
    pub(crate) ended: bool,
}

impl Wanted {
    /// Without the external ids, which the views have to be asked for.
    pub(crate) fn new(filter: &Filter) -> Self {
        let mut content = Vec::new();
        for (facet, values) in &filter.values {
            let sets = values.iter().map(|value| set::value(facet, value));
            content.push(Group::Any(sets.collect()));
        }
        if let Some((first, last)) = filter.years {
            let year = |year| set::value(YEAR, &year_value(year));
            content.push(Group::Span(year(first), year(last)));
        }
        let words = words(&filter.words).into_iter().map(|word| {
            let called = filter.called.iter().filter(|(by, _)| *by == word);
            let called = called.map(|(_, called)| called.clone()).collect();
            (set::word(&word), called)
        });
        if !filter.refers_to.is_empty() || !filter.refers_within.is_empty() {
            let sets = filter.refers_to.iter().map(|to| to.set());
            content.push(Group::Any(sets.collect()));
        }
        let within = filter.refers_within.iter();
        let within = within.map(|(log, to)| (*log, to.set())).collect();
        let kinds = filter.kinds.iter().map(|kind| set::kind(*kind));
        Self {
            kinds: (!filter.kinds.is_empty()).then(|| Group::Any(kinds.collect())),
            content,
            words: words.collect(),
            ways: filter.ways.clone(),
            within,
            changed_since: filter.changed_since,
            only: None,
            without: filter.without.clone(),
            unheld: filter.unheld,
            ended: filter.include_withdrawn,
        }
    }

    /// The groups that count in a log.
    pub(crate) fn groups(&self, log: u32) -> Vec<Group> {
        let mut groups = self.content.clone();
        let within = self.within.iter().filter(|(within, _)| *within == log);
        if let Some(Group::Any(references)) = groups.last_mut() {
            references.extend(within.map(|(_, set)| set.clone()));
        }
        let words = self.words.iter();
        groups.extend(words.map(|(word, called)| called_so(word, called, log)));
        let ways = self.ways.iter();
        groups
            .extend(ways.map(|ways| Group::Either(ways.iter().map(|it| it.groups(log)).collect())));
        groups
    }

    /// Whether it asks for all current records.
    pub(crate) fn is_all(&self) -> bool {
        self.kinds.is_none()
            && self.content.is_empty()
            && self.words.is_empty()
            && self.ways.is_empty()
            && self.changed_since.is_none()
            && self.only.is_none()
            && self.without.is_empty()
            && !self.unheld
            && !self.ended
    }
}

/// What has a word in a title, or is called so otherwise.
fn called_so(word: &[u8], called: &[Way], log: u32) -> Group {
    let title = Group::one(word.to_vec());
    if called.is_empty() {
        return title;
    }
    let otherwise = called.iter().map(|called| called.groups(log));
    Group::Either([vec![title]].into_iter().chain(otherwise).collect())
}

impl Way {
    /// The groups that count in a log, each of which what is meant is in.
    fn groups(&self, log: u32) -> Vec<Group> {
        let groups = self.by.iter().map(|signs| {
            let sets = signs.iter().filter_map(|sign| sign.set(log));
            Group::Any(sets.collect())
        });
        // A run has few kinds: those without this one are done with at once.
        let kind = self.kind.map(|kind| Group::one(set::kind(kind)));
        kind.into_iter().chain(groups).collect()
    }
}

impl Sign {
    /// The set of those that it is a sign of, in a log where it is one.
    fn set(&self, log: u32) -> Option<Vec<u8>> {
        match self {
            Self::Word(word) => Some(set::word(word)),
            Self::Value(facet, value) => Some(set::value(facet, value)),
            Self::Year(year) => Some(set::value(YEAR, &year_value(*year))),
            Self::RefersTo(to) => Some(to.set()),
            Self::RefersWithin(within, to) => (*within == log).then(|| to.set()),
        }
    }
}

/// Whether what a stored entry says is wanted, whatever became of its record. `stood` is
/// the entry before it whose payload counts, where it has ended its record.
pub fn admits(filter: &Filter, log: u32, entry: &StoredEntry, stood: Option<&StoredEntry>) -> bool {
    let wanted = Wanted::new(filter);
    let said = ViewEntry::of(entry, u64::MAX);
    let is_kind = |kinds: &Group| kinds.has(&set::kind(said.kind));
    let is_out = |out: &Vec<Range<u64>>| out.iter().any(|out| out.contains(&entry.index));
    if !said.readable
        || wanted.without.get(&log).is_some_and(is_out)
        || !wanted.kinds.as_ref().is_none_or(is_kind)
        || wanted
            .changed_since
            .is_some_and(|since| said.change < since)
        || wanted.unheld && said.is_held()
    {
        return false;
    }
    let last = stood.map(|stood| ViewEntry::of(stood, u64::MAX));
    let said = last.as_ref().unwrap_or(&said);
    let has = |id: &String| said.external_id.as_ref() == Some(id);
    let mut groups = wanted.groups(log).into_iter();
    let kind = set::kind(said.kind);
    let sets: Vec<&[u8]> = said.content.sets().chain([kind.as_slice()]).collect();
    (filter.external_ids.is_empty() || normal(&filter.external_ids).iter().any(has))
        && groups.all(|group| group.holds(&sets))
}

fn normal(ids: &[String]) -> Vec<String> {
    let normal = |id: &String| wpsx_proto::record::normal_external_id(id).into_owned();
    ids.iter().map(normal).collect()
}
