//! All records that a question wants, read part by part, each told once, whatever is published
//! meanwhile.
//!
//! A list is read where it stands at the moment: a record that gets a new entry moves to that
//! entry's place, and whoever reads the newest first would pass it by. So what is told is
//! remembered, a bit for each entry, and when the list is at its end the entries that came
//! meanwhile are looked through: a record that was there at the beginning and is not told yet
//! comes then, as it stands by now. Records that are new since are left for the next time.
//!
//! Not taken: all ids that were told, which grow by sixteen bytes and more a record, and a
//! list of what was there at the beginning, for which all of it is read first.

use std::collections::{BTreeMap, HashMap, VecDeque};

use wpsx_proto::{envelope::Leaf, origin::Origin};
use wpsx_views::Views;

use super::{
    list::{Page, Part, behind},
    position::Position,
    proven::Proven,
    question::{Order, Question},
};
use crate::{access::Sight, error::NodeError};

/// Entries of one word of bits.
const BITS: u64 = 64;

/// How far a question is answered.
#[derive(Debug)]
pub struct Whole {
    question: Question,
    /// The logs that were there at the beginning, once that is known.
    logs: Option<HashMap<Origin, Begun>>,
    stage: Stage,
}

/// What is read next.
#[derive(Debug)]
enum Stage {
    /// The list, from this token on.
    List(String),
    /// What came meanwhile in these logs, from these tokens on.
    Meanwhile(VecDeque<(Origin, String)>),
}

/// How far a log was seen at the beginning, and what of it is told.
#[derive(Debug)]
struct Begun {
    number: u32,
    size: u64,
    told: Entries,
}

/// Some entries of a log, a bit for each.
#[derive(Debug, Default)]
struct Entries(BTreeMap<u64, u64>);

impl Whole {
    /// Nothing of it is read yet.
    #[must_use]
    pub fn of(question: Question) -> Self {
        Self {
            question,
            logs: None,
            stage: Stage::List(String::new()),
        }
    }

    /// Whether all of it is told.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(&self.stage, Stage::Meanwhile(logs) if logs.is_empty())
    }

    /// The next records, about so many; where few are left, it may be none. `list` gives a part
    /// of the answer to a question.
    pub(super) fn next(
        &mut self,
        views: &Views,
        sight: &Sight,
        size: u32,
        list: impl Fn(&Question, &Part) -> Result<Page, NodeError>,
    ) -> Result<Vec<Proven>, NodeError> {
        let part = |token: &String| Part {
            size,
            token: token.clone(),
            bare: true,
        };
        let page = match &self.stage {
            Stage::List(token) => list(&self.question, &part(token))?,
            Stage::Meanwhile(logs) => match logs.front() {
                None => return Ok(Vec::new()),
                Some((log, token)) => list(&self.of_log(log), &part(token))?,
            },
        };
        let mut logs = self.logs.take();
        let begun = logs.get_or_insert_with(|| begun(&self.question, sight, &page.position));
        let mut told = Vec::new();
        for proven in page.entries {
            if is_to_tell(begun, views, &proven)? {
                told.push(proven);
            }
        }
        self.logs = logs;
        match &mut self.stage {
            Stage::List(token) => *token = page.next_token,
            Stage::Meanwhile(logs) => match logs.front_mut() {
                Some((_, token)) if !page.next_token.is_empty() => *token = page.next_token,
                _ => drop(logs.pop_front()),
            },
        }
        if matches!(&self.stage, Stage::List(token) if token.is_empty()) {
            self.stage = Stage::Meanwhile(self.grown(views));
        }
        Ok(told)
    }

    /// The question to one log, in the order of its entries, in which nothing is passed by.
    fn of_log(&self, log: &Origin) -> Question {
        Question {
            origins: vec![log.to_string()],
            order: Order::default(),
            ..self.question.clone()
        }
    }

    /// The logs in which something came since, each from there on. What was empty has no
    /// record that could have been passed by.
    fn grown(&self, views: &Views) -> VecDeque<(Origin, String)> {
        let logs = self.logs.iter().flatten();
        let grown = logs.filter(|(_, log)| views.position(log.number) > log.size);
        let begin = |(origin, log): (&Origin, &Begun)| {
            let token = behind(log.number, log.size.checked_sub(1)?, &self.of_log(origin));
            Some((origin.clone(), token))
        };
        grown.filter_map(begin).collect()
    }
}

fn begun(question: &Question, sight: &Sight, position: &Position) -> HashMap<Origin, Begun> {
    let logs = question.logs(sight).into_iter();
    let begun = logs.map(|log| {
        let number = log.number();
        let begun = Begun {
            number,
            size: position.0.get(&number).copied().unwrap_or_default(),
            told: Entries::default(),
        };
        (log.origin().clone(), begun)
    });
    begun.collect()
}

/// Whether it is told now: it was there at the beginning, and was not told before.
fn is_to_tell(
    logs: &mut HashMap<Origin, Begun>,
    views: &Views,
    proven: &Proven,
) -> Result<bool, NodeError> {
    let Some(log) = logs.get_mut(&proven.origin) else {
        return Ok(false);
    };
    let index = proven.index.value();
    if index >= log.size
        && let Leaf::Known(envelope) = Leaf::read(&proven.entry)
    {
        let entries = views.history(log.number, &envelope.record_id)?;
        let is_new = entries.first().is_none_or(|first| *first >= log.size);
        if is_new || entries.iter().any(|entry| log.told.has(*entry)) {
            return Ok(false);
        }
    }
    log.told.add(index);
    Ok(true)
}

impl Entries {
    fn add(&mut self, index: u64) {
        *self.0.entry(index / BITS).or_default() |= 1 << (index % BITS);
    }

    fn has(&self, index: u64) -> bool {
        let word = self.0.get(&(index / BITS)).copied().unwrap_or_default();
        word & (1 << (index % BITS)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_remembered_a_bit_for_each() {
        let mut told = Entries::default();
        for index in [0, 63, 64, 1_000_000] {
            assert!(!told.has(index));
            told.add(index);
            assert!(told.has(index));
        }
        for index in [1, 62, 65, 999_999] {
            assert!(!told.has(index));
        }
        assert_eq!(told.0.len(), 3);
    }
}
