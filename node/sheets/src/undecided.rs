//! What a file cannot decide by itself: whether a row breaks a rule that its record, with the
//! rest of what it says, would keep. Who publishes the records judges them; here stands where
//! in the file each fault is.

use std::{collections::BTreeMap, sync::Arc};

use wpsx_domain::publishing::{Draft, is_of_record};

use super::{bad::BadRow, judged::Broken, whereabouts::Whereabouts};

/// The rules that drafts break by themselves, by the numbers of those.
pub(super) type BrokenRules = BTreeMap<usize, Vec<Broken>>;

/// A draft of a file that is refused for something else, and that may have further faults.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// What its row says as a record, as far as that is understood.
    pub draft: Draft,
    pub(super) broken: Vec<Broken>,
    /// Its number among the drafts of the file, and where what they say stands. None: some of its
    /// cells are not understood, and what they leave empty is told once.
    pub(super) of_file: Option<(usize, Arc<Whereabouts>)>,
}

impl Undecided {
    /// A rule that the record would break, as its publisher finds, as a fault of the file; none
    /// where it is told already, or concerns something else than rules.
    #[must_use]
    pub fn fault(&self, field: &str, rule: &str, remedy: &str) -> Option<BadRow> {
        if let Some(broken) = of(&self.broken, field, rule) {
            return Some(broken.bad.clone());
        }
        let (n, whereabouts) = self.of_file.as_ref().filter(|_| is_of_record(rule))?;
        let mut bad = whereabouts.fault(*n, &self.draft, field, rule);
        remedy.clone_into(&mut bad.remedy);
        Some(bad)
    }
}

/// The rule among those that a row breaks by itself.
pub(super) fn of<'b>(broken: &'b [Broken], field: &str, rule: &str) -> Option<&'b Broken> {
    let exactly = |broken: &&Broken| broken.field == field && broken.is(field, rule);
    let found = broken.iter().find(exactly);
    found.or_else(|| broken.iter().find(|broken| broken.is(field, rule)))
}

/// The drafts of a refused file that its publisher may find further faults in.
pub(super) fn undecided(
    drafts: Vec<Draft>,
    broken: &mut BrokenRules,
    whereabouts: &Arc<Whereabouts>,
) -> Vec<Undecided> {
    let all = drafts.into_iter().enumerate();
    let asked = all.filter_map(|(n, draft)| {
        Some(Undecided {
            draft,
            broken: broken.remove(&n)?,
            of_file: Some((n, Arc::clone(whereabouts))),
        })
    });
    asked.collect()
}
