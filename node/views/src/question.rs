//! What can be asked, and what is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use wpsx_proto::envelope::Operation;
use wpsx_words::Language;

use crate::{
    content::Reference,
    rows::{
        order,
        row::{Newest, Row},
    },
};

/// The logs that are asked, by number. None of them: nothing is told.
pub type Logs = BTreeSet<u32>;

/// The newest entry of a record in one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its index.
    pub index: u64,
    /// Its revision.
    pub revision: u32,
    /// What it did.
    pub operation: Operation,
    /// Whether the record is current: published, and not withdrawn, erased or superseded since.
    pub current: bool,
}

/// Which records to list. What is empty asks for nothing in particular; all that is given
/// must hold. Which logs are asked is said apart, and never by leaving something out.
///
/// A record whose payload is a hole has no values. One that is withdrawn is found by those
/// that it had last.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Any of these kinds.
    pub kinds: Vec<u32>,
    /// For each of these, any of the values of the facet. A facet that stands here twice has
    /// to have one of either.
    pub values: Vec<(String, Vec<String>)>,
    /// Any of the years from the first to the last.
    pub years: Option<(u16, u16)>,
    /// All words of this text, in titles.
    pub words: String,
    /// What else is called by one of these words, which is written as
    /// [`words`](wpsx_proto::record::words) gives it.
    pub called: Vec<(String, Way)>,
    /// Of each of these, one way.
    pub ways: Vec<Vec<Way>>,
    /// A reference to any of these.
    pub refers_to: Vec<Reference>,
    /// The same for references within one log, which name it or no log.
    pub refers_within: Vec<(u32, Reference)>,
    /// Changed at this time or later.
    pub changed_since: Option<u64>,
    /// Any of these external ids.
    pub external_ids: Vec<String>,
    /// Entries that are left out, by the numbers of their logs.
    pub without: BTreeMap<u32, Vec<Range<u64>>>,
    /// Of a family only its head, or where that does not match the first that does.
    pub families_once: bool,
    /// The numbers of the logs that heads of families may be in, by their origins.
    pub origins: BTreeMap<String, u32>,
    /// Only records whose payload is not here, and so what they say.
    pub unheld: bool,
    /// Also records whose newest entry ended them.
    pub include_withdrawn: bool,
}

/// A way in which records can be meant: those of a kind, with one of each of these groups of
/// signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The kind; none: any.
    pub kind: Option<u32>,
    /// Groups of signs, of each of which one has to be there.
    pub by: Vec<Vec<Sign>>,
}

/// What an entry is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A word of a title.
    Word(String),
    /// A value of a facet.
    Value(String, String),
    /// A year that it covers.
    Year(u16),
    /// A reference to a record.
    RefersTo(Reference),
    /// The same for references within the log of this number, which name it or no log.
    RefersWithin(u32, Reference),
}

/// In which order records are told. Those that have nothing to be put in order by come last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// What they are put in order by.
    pub by: OrderBy,
    /// The last first.
    pub descending: bool,
}

/// What records are put in order by; those that are equal by log and index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderBy {
    /// Log and index.
    #[default]
    Place,
    /// When they changed.
    Change,
    /// Their date.
    Date,
    /// Their title: that in this language, else as its author wrote it, else that in English, else
    /// the first.
    Title(Language),
    /// The code of their first country.
    Country,
}

impl OrderBy {
    /// By the title in English.
    pub const TITLE: Self = Self::Title(Language::English);

    /// Its numbers in rows, of which the first counts that an entry has a place in; none for
    /// the order of places.
    pub(crate) const fn numbers(self) -> &'static [u8] {
        match self {
            Self::Place => &[],
            Self::Change => &[order::CHANGE],
            Self::Date => &[order::DATE],
            Self::Title(language) => order::titles(language),
            Self::Country => &[order::COUNTRY],
        }
    }
}

/// Where an entry stands in an order: what the next page begins after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// It has nothing to be put in order by.
    pub last: bool,
    /// What it is put in order by.
    pub value: Vec<u8>,
    /// Its log.
    pub log: u32,
    /// Its index.
    pub index: u64,
}

/// How much is in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Current records.
    pub records: u64,
    /// Entries that this software cannot read: their leaf, or records of their kind.
    pub unreadable: u64,
}

/// How many records match, in all and by values of facets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that match.
    pub total: u64,
    /// For each facet that was asked for, its values that occur, and how many match.
    pub facets: BTreeMap<String, BTreeMap<String, u64>>,
    /// And by kinds.
    pub kinds: BTreeMap<u32, u64>,
    /// And by the numbers of the logs that they stand in.
    pub logs: BTreeMap<u32, u64>,
}

impl Latest {
    pub(crate) fn of_newest(newest: Newest) -> Self {
        Self::of(newest.index, newest.revision, newest.operation)
    }

    pub(crate) fn of_row(row: &Row) -> Self {
        Self::of(row.index, row.revision, row.operation)
    }

    fn of(index: u64, revision: u32, operation: i32) -> Self {
        let operation = Operation::from(operation);
        let current = operation.publishes();
        Self {
            index,
            revision,
            operation,
            current,
        }
    }
}
