//! Questions about records, each within what a [`Sight`] admits, answered from the
//! views and proven from the logs.
//!
//! The exchange service, the administration and whatever shows records answer from
//! here, so that a reader and an operator see the same thing.

mod asking;
mod bodies;
mod called;
mod history;
mod list;
mod position;
mod proven;
mod question;
mod run;
mod state;
#[cfg(test)]
mod testing;
mod watch;
mod whole;

use std::{collections::BTreeMap, sync::Arc};

use wpsx_proto::{
    checkpoint::VerifiedCheckpoint, index::LeafIndex, origin::RecordId, record::Record,
};
use wpsx_store::Store;
use wpsx_views::{Filter, Logs, Reference};
use wpsx_words::Vocabularies;

use self::bodies::Among;
pub use self::{
    bodies::{BodyNamed, KnownOrganisation},
    called::BODIES,
    history::History,
    list::{MOST_RECORDS, Page, Part, USUAL_RECORDS},
    position::Position,
    proven::Proven,
    question::{Named, Order, OrderBy, Question, Target},
    watch::{Watch, WatchedEntry},
    whole::Whole,
};
use crate::{access::Sight, error::NodeError, index::Index, served::ServedLog, work::Wanted};

/// How much of one log is current, and how much needs newer software.
pub use wpsx_views::Counts;
/// How many records match, in all and by values.
pub use wpsx_views::Tally;

/// What counts by publishers are asked for under. It is no facet of the schema: who publishes
/// a record is said by the log that it stands in.
pub const PUBLISHER: &str = "publisher";

/// The least digits of an id that say which record is meant.
pub const LEAST_DIGITS: usize = 6;

/// The records of all logs of a node.
#[derive(Clone, Debug)]
pub struct Records {
    store: Store,
    index: Index,
    vocabularies: Arc<Vocabularies>,
}

impl Records {
    /// The records in `store`, found through `index`.
    pub fn new(store: Store, index: Index) -> Self {
        Self {
            store,
            index,
            vocabularies: Vocabularies::shipped(),
        }
    }

    /// With the vocabularies of this node, by which countries and regions are called.
    #[must_use]
    pub fn with_vocabularies(self, vocabularies: Arc<Vocabularies>) -> Self {
        Self {
            vocabularies,
            ..self
        }
    }

    /// The index that finds them.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// One record's newest entry and the head that it is proven against, in the first
    /// log that has it; `origin` names the log where that is not empty. Blocks.
    ///
    /// # Errors
    /// No log that `sight` admits has the record.
    pub fn get(
        &self,
        sight: &Sight,
        id: &RecordId,
        origin: &str,
    ) -> Result<(Proven, Arc<VerifiedCheckpoint>), NodeError> {
        let (log, head, index) = self.newest(sight, id, origin)?;
        let proven = Proven::of(&log, &head, LeafIndex::new(index))?;
        Ok((proven, head))
    }

    /// A part of the revisions of one record, the newest first, in the log that
    /// [`Self::get`] finds it in. Blocks.
    ///
    /// # Errors
    /// As [`Self::get`], and for a token that is not of this history.
    pub fn history(
        &self,
        sight: &Sight,
        id: &RecordId,
        origin: &str,
        part: &Part,
        wanted: &Wanted,
    ) -> Result<History, NodeError> {
        let (log, head, _) = self.newest(sight, id, origin)?;
        let entries = self.index.views().history(log.number(), id)?;
        history::history(&log, head, entries, part, wanted)
    }

    /// One revision of a record, as [`Self::get`] gives the newest. Blocks.
    ///
    /// # Errors
    /// As [`Self::get`], and where the record has no such revision.
    pub fn revision(
        &self,
        sight: &Sight,
        id: &RecordId,
        origin: &str,
        revision: u32,
    ) -> Result<(Proven, Arc<VerifiedCheckpoint>), NodeError> {
        let (log, head, _) = self.newest(sight, id, origin)?;
        let mut entries = self.index.views().history(log.number(), id)?;
        entries.retain(|index| *index < head.size().value());
        let found = history::of_revision(&log, &entries, revision)?;
        let index = found.ok_or_else(|| NodeError::not_found("revision", revision))?;
        let proven = Proven::of(&log, &head, index)?;
        Ok((proven, head))
    }

    /// The first `most` records whose ids begin with these hexadecimal digits. Blocks.
    ///
    /// # Errors
    /// Fewer than [`LEAST_DIGITS`], or something else than digits.
    pub fn beginning(
        &self,
        sight: &Sight,
        digits: &str,
        most: usize,
    ) -> Result<Vec<RecordId>, NodeError> {
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if digits.len() < LEAST_DIGITS || !digits.bytes().all(is_digit) {
            let reason = "at least 6 hexadecimal digits in lower case";
            return Err(NodeError::invalid("prefix", reason));
        }
        let logs = Question::default().logs(sight);
        let numbers: Logs = logs.iter().map(ServedLog::number).collect();
        Ok(self.index.views().beginning(&numbers, digits, most)?)
    }

    /// The log that a record is answered from, its head, and where its newest entry is.
    fn newest(
        &self,
        sight: &Sight,
        id: &RecordId,
        origin: &str,
    ) -> Result<(ServedLog, Arc<VerifiedCheckpoint>, u64), NodeError> {
        let missing = || NodeError::not_found("record", id);
        let question = Question {
            origins: (!origin.is_empty())
                .then(|| origin.to_owned())
                .into_iter()
                .collect(),
            ..Question::default()
        };
        let logs = question.logs(sight);
        let numbers: Logs = logs.iter().map(ServedLog::number).collect();
        for (number, latest) in self.index.views().find(&numbers, id)? {
            let Some(log) = logs.iter().find(|log| log.number() == number) else {
                continue;
            };
            let head = log.head().ok_or_else(missing)?;
            return Ok((log.clone(), head, latest.index));
        }
        Err(missing())
    }

    /// Records that the question wants, a part of them at a time. Blocks.
    ///
    /// # Errors
    /// A question or a token that is not well-formed, or nobody waits any more.
    pub fn list(
        &self,
        sight: &Sight,
        question: &Question,
        part: &Part,
        wanted: &Wanted,
    ) -> Result<Page, NodeError> {
        let seen = question.logs(sight);
        let filter = self.filter(sight, question, &seen)?;
        list::list(self.index.views(), seen, question, &filter, part, wanted)
    }

    /// The next records of a question, of which each is told once whatever is published
    /// meanwhile, about so many; where few are left, it may be none. Blocks.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn more(
        &self,
        sight: &Sight,
        whole: &mut Whole,
        size: u32,
        wanted: &Wanted,
    ) -> Result<Vec<Proven>, NodeError> {
        let list = |question: &Question, part: &Part| self.list(sight, question, part, wanted);
        whole.next(self.index.views(), sight, size, list)
    }

    /// Whether a record that `sight` admits is, or was, a member of a family: where none is,
    /// families once is each text. Blocks.
    ///
    /// # Errors
    /// The views cannot be read.
    pub fn has_families(&self, sight: &Sight) -> Result<bool, NodeError> {
        let numbers = sight.logs().iter().map(ServedLog::number).collect();
        Ok(self.index.views().has_families(&numbers)?)
    }

    /// How many records the question wants, in all, by kind, and by each value of `facets`,
    /// [`PUBLISHER`] among them: exactly those that `sight` admits. Its order does not matter.
    /// Blocks.
    ///
    /// # Errors
    /// A question that is not well-formed, a facet that the schema does not have, or nobody
    /// waits any more.
    pub fn tally(
        &self,
        sight: &Sight,
        question: &Question,
        facets: &[String],
        wanted: &Wanted,
    ) -> Result<Tally, NodeError> {
        let mut of_schema = facets.to_vec();
        of_schema.retain(|facet| facet != PUBLISHER);
        for facet in &of_schema {
            asking::check_facet(facet)?;
        }
        let seen = question.logs(sight);
        let filter = self.filter(sight, question, &seen)?;
        let numbers: Logs = seen.iter().map(ServedLog::number).collect();
        let is_wanted = || !wanted.is_gone();
        let tally = self
            .index
            .views()
            .tally(&numbers, &filter, &of_schema, &is_wanted)?;
        let Some(mut tally) = tally else {
            return wanted.check().map(|()| Tally::default());
        };
        if of_schema.len() < facets.len() {
            let counted = by_publisher(&tally, &seen);
            tally.facets.insert(PUBLISHER.to_owned(), counted);
        }
        Ok(tally)
    }

    /// The newest entry of the one organisation that a body is by its name; none where nobody is
    /// called so here, or several are. Blocks.
    ///
    /// # Errors
    /// The views or a log cannot be read.
    pub fn organisation(
        &self,
        sight: &Sight,
        body: &BodyNamed,
    ) -> Result<Option<Proven>, NodeError> {
        let seen = sight.logs();
        let among = Among {
            seen: &seen,
            views: self.index.views(),
            vocabularies: &self.vocabularies,
        };
        let Some((number, index)) = among.meant(body)? else {
            return Ok(None);
        };
        let log = seen.iter().find(|log| log.number() == number);
        log.map(|log| Proven::read(log, None, LeafIndex::new(index)))
            .transpose()
    }

    /// A target whose names are looked for now, and not with each question about it. Blocks.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn settled(&self, sight: &Sight, target: Target) -> Result<Target, NodeError> {
        let seen = sight.logs();
        let among = Among {
            seen: &seen,
            views: self.index.views(),
            vocabularies: &self.vocabularies,
        };
        let mut filter = Filter::default();
        asking::refers_to(&target, among, &mut filter)?;
        let is_name = |it: &Reference| matches!(it, Reference::Body { .. });
        let names = filter.refers_to.into_iter().filter(is_name);
        Ok(Target {
            named: Named(Some(names.collect())),
            ..target
        })
    }

    /// What the record of an organisation says of who it is, as the vocabularies know it.
    pub fn known(&self, record: &Record) -> KnownOrganisation {
        KnownOrganisation::of(record, &self.vocabularies)
    }

    fn filter(
        &self,
        sight: &Sight,
        question: &Question,
        seen: &[ServedLog],
    ) -> Result<Filter, NodeError> {
        let (views, vocabularies) = (self.index.views(), &self.vocabularies);
        let filter = asking::filter(question, seen, views, vocabularies)?;
        Ok(Filter {
            called: called::called(question, sight, views, vocabularies)?,
            ..filter
        })
    }

    /// How many records there are in the log, if `sight` admits it. Blocks.
    ///
    /// # Errors
    /// The views cannot be read.
    pub fn count(&self, sight: &Sight, log: &ServedLog) -> Result<Counts, NodeError> {
        match sight.log(log.origin()) {
            Some(log) => Ok(self.index.views().counts(log.number())?),
            None => Ok(Counts::default()),
        }
    }

    /// The same for who asks often, or for nothing: as it was counted last, where counting
    /// anew would cost more than a tenth of the time, or cannot be done. Blocks.
    ///
    /// # Errors
    /// The views cannot be read, and never could.
    pub fn kept_count(&self, sight: &Sight, log: &ServedLog) -> Result<Counts, NodeError> {
        match sight.log(log.origin()) {
            Some(log) => Ok(self.index.views().kept_counts(log.number())?),
            None => Ok(Counts::default()),
        }
    }

    /// What comes from now on, or from the position of a [`Page`] on.
    ///
    /// # Errors
    /// A question that is not well-formed.
    pub fn watch(
        &self,
        sight: Sight,
        question: Question,
        from: Option<Position>,
    ) -> Result<Watch, NodeError> {
        let filter = self.filter(&sight, &question, &question.logs(&sight))?;
        let views = self.index.views().clone();
        Watch::begin(&self.store, views, sight, question, filter, from)
    }
}

/// How many of the records each publisher has, in all of its logs that are seen.
fn by_publisher(tally: &Tally, seen: &[ServedLog]) -> BTreeMap<String, u64> {
    let mut counted = BTreeMap::new();
    for log in seen {
        let count = tally.logs.get(&log.number()).copied().unwrap_or_default();
        if count > 0 {
            let name = log.identity().name().to_string();
            *counted.entry(name).or_default() += count;
        }
    }
    counted
}

/// A request's record id.
///
/// # Errors
/// Not 16 bytes.
pub fn record_id(bytes: &[u8]) -> Result<RecordId, NodeError> {
    let bytes: [u8; 16] = bytes
        .try_into()
        .map_err(|_| NodeError::invalid("record_id", "must be 16 bytes"))?;
    Ok(RecordId::from_bytes(bytes))
}
