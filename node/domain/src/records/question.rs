//! What is asked of records.

use wpsx_proto::hash::Hash;
use wpsx_views::Filter;

use crate::{access::Sight, error::NodeError, served::ServedLog};

const MOST_VALUES: usize = 300;
/// Digits of a question's mark: enough that no two questions are confused by mistake.
const MARK: usize = 16;

/// Which records are wanted; an empty list leaves its side open, within what the
/// reader may see.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Any of these kinds, by their numbers in the schema.
    pub kinds: Vec<u32>,
    /// Any of these countries.
    pub countries: Vec<String>,
    /// Only records of these logs.
    pub origins: Vec<String>,
    /// Also records that were withdrawn or erased.
    pub include_withdrawn: bool,
}

impl Question {
    /// Refuses a question with more values than one may have.
    ///
    /// # Errors
    /// Names the list that is too long.
    pub fn check(&self) -> Result<(), NodeError> {
        for (field, count) in [
            ("kinds", self.kinds.len()),
            ("countries", self.countries.len()),
            ("origins", self.origins.len()),
        ] {
            if count > MOST_VALUES {
                return Err(NodeError::invalid(field, "at most 300 values"));
            }
        }
        Ok(())
    }

    /// Tells this question from others, for as long as somebody pages through its answer.
    pub(super) fn mark(&self) -> String {
        let said = format!(
            "{:?} {:?} {:?} {}",
            self.kinds, self.countries, self.origins, self.include_withdrawn
        );
        let mut mark = Hash::of(said.as_bytes()).to_string();
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
        self.origins.is_empty() || self.origins.iter().any(|o| o == log.origin().as_str())
    }

    /// The question as the views take it.
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            kinds: self.kinds.clone(),
            countries: self.countries.clone(),
            include_withdrawn: self.include_withdrawn,
        }
    }
}
