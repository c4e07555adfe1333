//! What refers to a record, counted exactly and told by kinds. The counts, the records on a
//! page and the list that a page links to are answers to one question.

use std::collections::BTreeMap;

use wpsx_domain::{
    NodeError, Wanted,
    records::{Order, OrderBy, Part, Question, Target},
};
use wpsx_proto::{origin::RecordId, record::Kind};

use crate::{
    address::{Address, refers_to},
    item::Item,
    observatory::Observatory,
};

/// What refers to one record.
pub(crate) struct Referring {
    target: Target,
    counts: BTreeMap<u32, u64>,
}

impl Referring {
    /// Counts what refers to a record. Blocks.
    pub(crate) fn to(
        site: &Observatory,
        record: RecordId,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let target = site.records.settled(&site.sight(), refers_to(record))?;
        let question = Question {
            refers_to: Some(target.clone()),
            ..Question::default()
        };
        let tally = site.records.tally(&site.sight(), &question, &[], wanted)?;
        Ok(Self {
            target,
            counts: tally.kinds,
        })
    }

    /// The kinds that there are, with how many of each.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (Kind, u64)> {
        let counts = self.counts.iter().filter(|(_, count)| **count > 0);
        counts.map(|(kind, count)| (Kind::new(*kind), *count))
    }

    pub(crate) fn count(&self, kind: Kind) -> u64 {
        self.counts.get(&kind.number()).copied().unwrap_or_default()
    }

    /// The newest of one kind. Blocks.
    pub(crate) fn of_kind(
        &self,
        site: &Observatory,
        kind: Kind,
        most: u32,
        wanted: &Wanted,
    ) -> Result<Vec<Item>, NodeError> {
        let newest = Order {
            by: OrderBy::Change,
            descending: true,
        };
        self.ordered(site, kind, newest, most, wanted)
    }

    /// Those of one kind in the order of their countries. Blocks.
    pub(crate) fn by_country(
        &self,
        site: &Observatory,
        kind: Kind,
        most: u32,
        wanted: &Wanted,
    ) -> Result<Vec<Item>, NodeError> {
        let order = Order {
            by: OrderBy::Country,
            descending: false,
        };
        self.ordered(site, kind, order, most, wanted)
    }

    fn ordered(
        &self,
        site: &Observatory,
        kind: Kind,
        order: Order,
        most: u32,
        wanted: &Wanted,
    ) -> Result<Vec<Item>, NodeError> {
        if self.count(kind) == 0 {
            return Ok(Vec::new());
        }
        let question = Question {
            kinds: vec![kind.number()],
            refers_to: Some(self.target.clone()),
            order,
            ..Question::default()
        };
        let part = Part::shown(most);
        let page = site.records.list(&site.sight(), &question, &part, wanted)?;
        Ok(page.entries.iter().filter_map(Item::of).collect())
    }

    /// The address of the list of all of one kind, without the language.
    pub(crate) fn list(&self, kind: Kind) -> String {
        let address = Address {
            kind: Some(kind),
            refers_to: Some(self.target.clone()),
            ..Address::default()
        };
        format!("{kind}{}", address.query())
    }
}
