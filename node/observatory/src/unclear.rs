//! What of a question nobody can answer: parts of its address that nobody understands, and what
//! nobody knows. It is decided here for the page and for every file of the same address, which
//! answer with the same status. The page explains it beside what it can answer; a file, which
//! would be taken for what was asked, explains it instead of being made (`file::refused`).

use http::StatusCode;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::record::Kind;
use wpsx_words::Vocabularies;

use crate::{
    address::{Address, MOST_CHOICES, MOST_VALUES, ORDERS},
    answer::tally,
    choices::Choice,
    coded, facets,
    instead::Unknown,
    misread::{Misread, NAMES, Why},
    observatory::Observatory,
    texts::{Voice, misread as says},
};

/// What of a question nobody knows, and no record has: nothing is found because of it. Each is
/// asked alone, so that what is known beside it hides nothing. Blocks.
pub(crate) fn unknown(
    site: &Observatory,
    address: &Address,
    wanted: &Wanted,
) -> Result<Vec<Unknown>, NodeError> {
    let mut unknown = Vec::new();
    for choice in address.choices() {
        let is_known = choice.is_known(address.kind, site)
            // A code may be newer than ours, and records have it then.
            && (!choice.is_nameless(site.vocabularies())
                || is_had(site, address, &choice, wanted)?
                || coded::is_a_record_s(site, &choice, wanted)?);
        if !is_known {
            unknown.push(Unknown::of(site, address, choice, wanted)?);
        }
    }
    Ok(unknown)
}

/// Whether records of the kind that is asked for have it.
fn is_had(
    site: &Observatory,
    address: &Address,
    choice: &Choice,
    wanted: &Wanted,
) -> Result<bool, NodeError> {
    let all = Address {
        kind: address.kind,
        everything: true,
        ..Address::default()
    };
    let alone = all.instead(choice, choice.clone());
    Ok(tally(site, &alone, &[], wanted)?.total > 0)
}

/// How a question is answered of which nobody knows this, as a page and as a file.
pub(crate) fn status(address: &Address, unknown: &[Unknown]) -> StatusCode {
    match unknown.is_empty() && address.misread.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    }
}

/// Why a part of an address was not understood.
pub(crate) fn why(part: &Misread, voice: Voice<'_>) -> String {
    let (name, value) = (part.name.as_str(), voice.quoted(&part.value));
    match part.why {
        Why::Name => voice.fill(&says::MISREAD_NAME, &[name]),
        Why::Year => voice.fill(&says::MISREAD_YEAR, &[name, &value]),
        Why::Day => voice.fill(&says::MISREAD_DAY, &[name, &value]),
        Why::Order => voice.fill(&says::MISREAD_ORDER, &[name, &value, &voice.list(&ORDERS)]),
        Why::Record => voice.fill(&says::MISREAD_RECORD, &[name, &value]),
        Why::Twice => voice.fill(&says::MISREAD_TWICE, &[name, &value]),
        Why::Backwards => voice.fill(&says::MISREAD_BACKWARDS, &[name, &value]),
        Why::TooMany => {
            let most = [MOST_VALUES, MOST_CHOICES].map(|most| voice.number(most as u64));
            voice.fill(&says::MISREAD_MANY, &[name, &most[0], &most[1]])
        }
    }
}

/// All names by which something can be asked, where a part of the address has none of them.
pub(crate) fn possible(address: &Address, voice: Voice<'_>) -> Option<String> {
    let is_name = |part: &Misread| part.why == Why::Name;
    address.misread.iter().any(is_name).then(|| {
        let facets = facets::of_list(address.kind).iter();
        let facets = facets.filter(|name| !NAMES.contains(name));
        let names: Vec<&str> = NAMES.iter().chain(facets).copied().collect();
        voice.fill(&says::POSSIBLE, &[&voice.list(&names)])
    })
}

/// What may have been meant by a part: what to write, and the same question with that; where a
/// value is none of such a name, the name alone, or of a facet the values that there are.
pub(crate) fn near(
    address: &Address,
    part: &Misread,
    vocabularies: &Vocabularies,
) -> Vec<(String, Option<Address>)> {
    if let Some(list) = list_of(address, part) {
        return vec![(list.place(), Some(list))];
    }
    if part.why == Why::Backwards {
        let other = address.understood();
        let query = other.years.map(|(from, to)| format!("from={from}&to={to}"));
        return vec![(query.unwrap_or_default(), Some(other))];
    }
    let names = facets::names();
    let near = part.near(&names, &ORDERS).into_iter();
    let near = near.flat_map(|(name, value)| {
        let values = facets::instead(address.kind, name, value, vocabularies).into_iter();
        values.map(move |value| (name, value))
    });
    let near = near.map(|(name, value)| {
        let query = address.first_page().query();
        let mut query = form_urlencoded::Serializer::new(query.trim_start_matches('?').to_owned());
        query.append_pair(name, &value);
        let other = Address::read(address.kind, &query.finish(), &names);
        match other.misread.is_empty() {
            true => (format!("{name}={value}"), Some(other)),
            false => (name.to_owned(), None),
        }
    });
    near.collect()
}

/// The list of the kind that was asked for by a name of its own: each kind has its own list.
fn list_of(address: &Address, part: &Misread) -> Option<Address> {
    let is_kind = part.why == Why::Name && part.name.eq_ignore_ascii_case("kind");
    let kind: Kind = part.value.parse().ok().filter(|_| is_kind)?;
    kind.is_known().then(|| Address {
        kind: Some(kind),
        ..address.understood()
    })
}
