//! A list with all that its page says around it: how many there are, what each choice would
//! leave, and what to take away where nothing is left.
//!
//! A list costs one page and one count of its facets. Each facet with a choice adds a count of
//! that facet alone, as if nothing of it were chosen, since beside what was chosen stands what
//! else could be: the records that it would add are those that have it and are not here yet. A
//! list without records adds a count for each of at most [`MOST_LOOSENED`] choices, and one of
//! its kind. So what a page costs is bounded by what an address can choose, and not by how many
//! records there are: sets are combined run by run, and nothing reads a record but those on the
//! page.

use std::{cmp::Reverse, collections::BTreeMap};

use wpsx_domain::{NodeError, Wanted, records::Tally};

use crate::{
    address::Address,
    answer::{Answer, tally},
    choices::Choice,
    facets,
    instead::Unknown,
    observatory::Observatory,
    unclear,
};

/// Choices that are tried without, one after the other.
const MOST_LOOSENED: usize = 8;

/// The answer to an address with what to ask next.
pub(crate) struct Listing {
    pub(crate) address: Address,
    /// The same question without what nobody knows: where it goes on from.
    pub(crate) known: Address,
    pub(crate) answer: Answer,
    pub(crate) tally: Tally,
    /// The facets of the list in their order, with how many records each value would leave, or
    /// add where another of its facet is chosen.
    pub(crate) facets: Vec<(&'static str, Vec<Value>)>,
    /// Choices that nobody knows, and that no record has; nothing is found because of them.
    pub(crate) unknown: Vec<Unknown>,
    /// Where nothing is left: each choice without which there is something, and how much.
    pub(crate) loosened: Vec<(Choice, u64)>,
    /// Texts of families are among what is asked for.
    pub(crate) has_families: bool,
    /// There is nothing of the kind, whatever is chosen.
    pub(crate) is_bare: bool,
    /// The page that the address names is not there any more; this is the first.
    pub(crate) is_moved: bool,
}

/// One value of a facet.
pub(crate) struct Value {
    pub(crate) code: String,
    pub(crate) count: u64,
    pub(crate) is_chosen: bool,
}

impl Listing {
    /// Blocks.
    pub(crate) fn of(
        site: &Observatory,
        address: Address,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let mut address = address.settled(site.vocabularies());
        let unknown = unclear::unknown(site, &address, wanted)?;
        if !unknown.is_empty() {
            return Self::unclear(site, address, unknown, wanted);
        }
        let (answer, is_moved) = match Answer::to(site, &address, wanted) {
            Err(NodeError::Invalid { .. }) if !address.page.is_empty() => {
                address = address.first_page();
                (Answer::to(site, &address, wanted)?, true)
            }
            answer => (answer?, false),
        };
        let tally = counted(site, &address, wanted)?;
        let loosened = match tally.total {
            0 => loosened(site, &address, wanted)?,
            _ => Vec::new(),
        };
        let is_bare = tally.total == 0 && loosened.is_empty() && {
            let all = Address {
                kind: address.kind,
                ..Address::default()
            };
            self::tally(site, &all, &[], wanted)?.total == 0
        };
        Ok(Self {
            answer,
            has_families: has_families(site, &address, tally.total, wanted)?,
            is_bare,
            facets: facets(&address, &tally),
            tally,
            unknown,
            loosened,
            is_moved,
            known: address.clone(),
            address,
        })
    }

    /// Of a question that nobody can answer, with what there is to ask otherwise. Blocks.
    fn unclear(
        site: &Observatory,
        address: Address,
        unknown: Vec<Unknown>,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let first = address.first_page();
        let without = |known: Address, unknown: &Unknown| known.without(&unknown.choice);
        let known = unknown.iter().fold(first, without);
        let counted = counted(site, &known, wanted)?;
        Ok(Self {
            answer: Answer::default(),
            tally: Tally::default(),
            facets: facets(&known, &counted),
            unknown,
            loosened: Vec::new(),
            has_families: false,
            is_bare: false,
            is_moved: false,
            known,
            address,
        })
    }
}

/// Whether texts of families are among what an address asks for, which has so many records.
fn has_families(
    site: &Observatory,
    address: &Address,
    total: u64,
    wanted: &Wanted,
) -> Result<bool, NodeError> {
    if !site.records.has_families(&site.sight())? {
        return Ok(false);
    }
    let other = Address {
        every_text: !address.every_text,
        ..address.first_page()
    };
    Ok(tally(site, &other, &[], wanted)?.total != total)
}

/// Whether a value of a facet that is chosen beside these widens the list: one is chosen already.
pub(crate) fn widens(values: &[Value]) -> bool {
    values.iter().any(|value| value.is_chosen)
}

/// The count of the list; of each facet with a choice, how many records each other value would
/// add.
fn counted(site: &Observatory, address: &Address, wanted: &Wanted) -> Result<Tally, NodeError> {
    let all = facets::of_list(address.kind);
    let mut counted = tally(site, address, all, wanted)?;
    for facet in all.iter().filter(|facet| address.is_chosen(facet)) {
        let without = address.without_facet(facet);
        let beside = tally(site, &without, &[facet], wanted)?
            .facets
            .remove(*facet);
        let here = counted.facets.entry((*facet).to_owned()).or_default();
        for (code, count) in beside.into_iter().flatten() {
            let held = here.entry(code.clone()).or_default();
            if !address.has(facet, &code) {
                *held = count.saturating_sub(*held);
            }
        }
    }
    Ok(counted)
}

/// The facets of the list in their order.
fn facets(address: &Address, tally: &Tally) -> Vec<(&'static str, Vec<Value>)> {
    let facets = facets::of_list(address.kind).iter();
    let facets = facets.map(|facet| (*facet, values(address, tally, facet)));
    facets.collect()
}

/// The values of a facet, those that are chosen first, then the most frequent.
fn values(address: &Address, tally: &Tally, facet: &str) -> Vec<Value> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (code, count) in tally.facets.get(facet).into_iter().flatten() {
        counts.insert(code, *count);
    }
    for code in address.chosen(facet) {
        counts.entry(code).or_default();
    }
    let mut values: Vec<Value> = counts
        .into_iter()
        .map(|(code, count)| Value {
            code: code.to_owned(),
            count,
            is_chosen: address.has(facet, code),
        })
        .collect();
    values.sort_by_key(|value| (!value.is_chosen, Reverse(value.count)));
    values
}

fn loosened(
    site: &Observatory,
    address: &Address,
    wanted: &Wanted,
) -> Result<Vec<(Choice, u64)>, NodeError> {
    let mut found = Vec::new();
    for choice in address.choices().into_iter().take(MOST_LOOSENED) {
        let left = tally(site, &address.without(&choice), &[], wanted)?.total;
        if left > 0 {
            found.push((choice, left));
        }
    }
    Ok(found)
}
