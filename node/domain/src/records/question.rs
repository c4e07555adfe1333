//! What is asked of records.

use std::{collections::BTreeMap, fmt, sync::Arc};

use wpsx_proto::{hash::Hash, origin::RecordId};
use wpsx_views::Reference;

/// In which order records are told: of titles the one in a language counts, else the author's,
/// else the English one, else the first; of countries the code of the first.
pub use wpsx_views::{Order, OrderBy};

use crate::{access::Sight, error::NodeError, served::ServedLog};

const MOST_VALUES: usize = 300;
/// Digits of a question's mark: enough that no two questions are confused by mistake.
const MARK: usize = 16;

/// Which records are wanted; an empty list leaves its side open, within what the
/// reader may see. All sides that are given must hold, with any of their values.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Any of these kinds, by their numbers in the schema.
    pub kinds: Vec<u32>,
    /// Any of these countries: codes in any case, or names.
    pub countries: Vec<String>,
    /// Any member of these regions and organisations, by codes or names, and what is an
    /// organisation's own, such as its plan.
    pub regions: Vec<String>,
    /// The date at which they have to be members, `2018-09-11` or less of it; empty: now.
    pub members_at: String,
    /// For each facet of the schema (`theme`, `pillar`, `status`, `language`, `type`…) any of
    /// its values. Of a history such as that of the status the last one counts.
    pub facets: BTreeMap<String, Vec<String>>,
    /// What covers any of the years from the first to the last.
    pub years: Option<(u16, u16)>,
    /// Changed at this time or later, in milliseconds since 1970.
    pub changed_since: Option<u64>,
    /// Only records of these logs.
    pub origins: Vec<String>,
    /// Only records of these publishers, by their names.
    pub publishers: Vec<String>,
    /// Any of these ids that their sources gave them.
    pub source_ids: Vec<String>,
    /// All of these words stand in titles, whatever their case and accents, or in what readers
    /// are shown for a title: of a series its indicator, its area and its years, of an
    /// organisation a name in another language.
    pub title: String,
    /// What refers to this record.
    pub refers_to: Option<Target>,
    /// Leaves out what is history: records whose newest entry came in a batch with
    /// `--backfill`. Whoever shows what changed last sets it together with the order
    /// [`OrderBy::Change`], and nothing else has to be done; what is shown anyway says for
    /// itself by [`Proven::backfill`](super::Proven::backfill) whether it is history. A node
    /// knows it of the batches that were handed in here, the newest 1,000 of each log: of
    /// what others publish, it takes all for news.
    pub news_only: bool,
    /// Of a text, its translations, annexes and amendments, only one.
    pub families_once: bool,
    /// Only records of which nothing is held here but that they are: their content stands with
    /// their publishers. No other side of a question finds them, but their kinds and their logs.
    pub unheld: bool,
    /// Also records that were withdrawn or erased.
    pub include_withdrawn: bool,
    /// The order of the answer.
    pub order: Order,
}

/// A record that others refer to, by those of its names that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its id.
    pub record: Option<RecordId>,
    /// The log that it stands in. Where it is empty, the external id is looked for in
    /// references that name no log.
    pub origin: String,
    /// Its source's id.
    pub external_id: String,
    /// Of an organisation: also what names it by its name or short form alone, as long as no
    /// other is called so here.
    pub by_name: bool,
    /// Those names, where they were looked for already.
    pub named: Named,
}

/// The references of those that name an organisation, once they are known: what is asked is the
/// same with them and without.
#[derive(Clone, Default)]
pub struct Named(pub(super) Option<Arc<[Reference]>>);

impl fmt::Debug for Named {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl PartialEq for Named {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Named {}

impl Question {
    /// Refuses a question with more values than one may have.
    ///
    /// # Errors
    /// Names the list that is too long.
    pub fn check(&self) -> Result<(), NodeError> {
        let facets = self.facets.values().map(Vec::len).sum::<usize>() + self.facets.len();
        for (field, count) in [
            ("kinds", self.kinds.len()),
            ("countries", self.countries.len()),
            ("regions", self.regions.len()),
            ("facets", facets),
            ("origins", self.origins.len()),
            ("publishers", self.publishers.len()),
            ("source_ids", self.source_ids.len()),
        ] {
            if count > MOST_VALUES {
                return Err(NodeError::invalid(field, "at most 300 values"));
            }
        }
        Ok(())
    }

    /// Tells this question from others, for as long as somebody pages through its answer.
    pub(super) fn mark(&self) -> String {
        let mut mark = Hash::of(format!("{self:?}").as_bytes()).to_string();
        mark.truncate(MARK);
        mark
    }

    /// The logs that `sight` admits and the question wants.
    pub(crate) fn logs(&self, sight: &Sight) -> Vec<ServedLog> {
        let mut logs = sight.logs();
        logs.retain(|log| self.wants(log));
        logs
    }

    /// Whether records of this log are wanted.
    pub(super) fn wants(&self, log: &ServedLog) -> bool {
        let is_any =
            |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == name);
        is_any(&self.origins, log.origin().as_str())
            && is_any(&self.publishers, log.identity().name().as_str())
    }
}
