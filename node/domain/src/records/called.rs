//! What readers call records otherwise than by the titles that these have: a series by its
//! indicator, its area and its years, an organisation by a name that the vocabularies have
//! in another language. Whoever shows such a name does so by this rule, so that its words
//! find what is called by it.
//!
//! Of an indicator that the reader may not see nothing is shown and nothing is found.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use wpsx_proto::{
    api::record::v1::Kind as KindNumber,
    envelope::Leaf,
    index::LeafIndex,
    payload::SALT,
    record::{Header, YEARS, words},
};
use wpsx_views::{Filter, Logs, Reference, Sign, Views, Way};
use wpsx_words::{Language, Vocabularies};

use super::{asking::codes, question::Question};
use crate::{access::Sight, error::NodeError, served::ServedLog};

const SERIES: u32 = KindNumber::Series as u32;
const INDICATOR: u32 = KindNumber::Indicator as u32;
const ORGANISATION: u32 = KindNumber::Organisation as u32;
/// Indicators that one word may stand for; series of further ones are found by other words.
const MOST_INDICATORS: usize = 1_000;
/// The vocabularies that have names of organisations; a country's node is called by it.
pub const BODIES: [&str; 3] = ["groups", "organisations", "countries"];

/// What else than the words of titles each word of a question stands for.
pub(super) fn called(
    question: &Question,
    sight: &Sight,
    views: &Views,
    vocabularies: &Vocabularies,
) -> Result<Vec<(String, Way)>, NodeError> {
    let wants = |kind| question.kinds.is_empty() || question.kinds.contains(&kind);
    let mut all = Vec::new();
    for word in words(&question.title) {
        let mut called = Vec::new();
        if wants(SERIES) {
            called.extend(areas(&word, vocabularies));
            called.extend(indicators(&word, sight, views)?);
        }
        if wants(ORGANISATION) {
            called.extend(bodies(&word, vocabularies));
        }
        all.extend(called.into_iter().map(|called| (word.clone(), called)));
    }
    Ok(all)
}

/// Series of the areas with that word in a name, and of that year.
fn areas(word: &str, vocabularies: &Vocabularies) -> impl Iterator<Item = Way> + use<> {
    let named = |list: &str| vocabularies.get_or_empty(list).with_word(word);
    let of = |facet: &str, code: &str| Sign::Value(facet.to_owned(), code.to_owned());
    let countries = named("countries").flat_map(|term| codes(&term.code, vocabularies));
    let countries = countries.map(|code| of("country", &code)).collect();
    let areas = named("m49").map(|term| of("area", &term.code)).collect();
    let year = word.parse().ok().filter(|year| YEARS.contains(year));
    let years = year.map(Sign::Year).into_iter().collect();
    [countries, areas, years].into_iter().filter_map(series)
}

/// Series of indicators with that word in a title, as they refer to them.
fn indicators(word: &str, sight: &Sight, views: &Views) -> Result<Option<Way>, NodeError> {
    let logs = sight.logs();
    let numbers: Logs = logs.iter().map(ServedLog::number).collect();
    let filter = Filter {
        kinds: vec![INDICATOR],
        words: word.to_owned(),
        ..Filter::default()
    };
    let mut signs = Vec::new();
    for (number, index) in views.list(&numbers, &filter, None, MOST_INDICATORS)? {
        if let Some(log) = logs.iter().find(|log| log.number() == number) {
            signs.extend(references(log, LeafIndex::new(index))?);
        }
    }
    Ok(series(signs))
}

/// The ways in which a series refers to the record of an entry.
fn references(log: &ServedLog, index: LeafIndex) -> Result<Vec<Sign>, NodeError> {
    let mut signs = Vec::new();
    if let Leaf::Known(envelope) = Leaf::read(&log.entry(index)?) {
        signs.push(Sign::RefersTo(Reference::Record(envelope.record_id)));
    }
    let (_, slot) = log.slot(index)?;
    let payload = slot.as_ref().and_then(|slot| slot.get(SALT..));
    let header = payload.and_then(|payload| Header::read(payload).ok());
    if let Some(id) = header.as_ref().and_then(Header::external_id) {
        let named = |origin: &str| Reference::Named {
            origin: origin.to_owned(),
            external_id: id.to_owned(),
        };
        signs.push(Sign::RefersTo(named(log.origin().as_str())));
        signs.push(Sign::RefersWithin(log.number(), named("")));
    }
    Ok(signs)
}

fn series(signs: Vec<Sign>) -> Option<Way> {
    (!signs.is_empty()).then(|| Way {
        kind: Some(SERIES),
        by: vec![signs],
    })
}

/// Organisations that have all words of a name as their title, of which another name has the word.
fn bodies(word: &str, vocabularies: &Vocabularies) -> Vec<Way> {
    let lists = BODIES.into_iter();
    let terms = lists.flat_map(|list| vocabularies.get_or_empty(list).with_word(word));
    let names = terms.flat_map(|term| Language::ALL.into_iter().filter_map(|it| term.name(it)));
    let names: BTreeSet<BTreeSet<String>> = names.map(words).collect();
    let others = names.into_iter().filter(|name| !name.contains(word));
    let called = others.map(|name| Way {
        kind: Some(ORGANISATION),
        by: name
            .into_iter()
            .map(|word| vec![Sign::Word(word)])
            .collect(),
    });
    called.collect()
}
