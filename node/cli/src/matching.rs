//! Whether a record of a folder passes a filter, and what it is sorted by: what a node's
//! index answers, looked up in the records themselves.

use std::{cmp::Ordering, collections::BTreeSet};

use wpsx_client::Entry;
use wpsx_proto::{
    api::exchange::v1::{FacetFilter, RecordFilter, RecordOrder, ReferenceTarget},
    origin::Origin,
    record::{CountryCode, Reading, Traits, facet_names, facet_value, normal_external_id, words},
};
use wpsx_words::{Language, Vocabularies, sort_key};

use super::failure::Failure;

/// A filter that records are held against one by one.
pub(crate) struct Matching {
    filter: RecordFilter,
    /// The codes of the members of regions and organisations that are asked for.
    members: Vec<String>,
    words: BTreeSet<String>,
}

impl Matching {
    /// A filter as a folder can answer it.
    ///
    /// # Errors
    ///
    /// It asks what only a node knows, or for a country that there is not.
    pub(crate) fn new(filter: &RecordFilter, vocabularies: &Vocabularies) -> Result<Self, Failure> {
        let mut filter = filter.clone();
        if filter.news_only {
            return Err(Failure::usage(
                "a mirror folder does not know what was imported as history",
            )
            .remedy("ask the node that imported it"));
        }
        let countries = vocabularies.countries();
        for country in &mut filter.countries {
            *country = code(country, vocabularies)?;
        }
        let at = Some(filter.members_at.as_str()).filter(|at| !at.is_empty());
        let mut members = Vec::new();
        for region in &filter.regions {
            let found = countries.members(region, at);
            members.extend(
                found
                    .map_err(|error| Failure::usage(error.to_string()))?
                    .countries,
            );
        }
        let facets = filter.facets.iter().map(|facet| &facet.facet);
        if let Some(unknown) = facets
            .into_iter()
            .find(|facet| !facet_names().contains(*facet))
        {
            let known: Vec<&str> = facet_names().iter().map(String::as_str).collect();
            return Err(Failure::usage(format!("there is no facet {unknown:?}"))
                .remedy(format!("there are {}", known.join(", "))));
        }
        for facet in &mut filter.facets {
            for value in &mut facet.values {
                *value = facet_value(&facet.facet, value).map_err(Failure::usage)?;
            }
        }
        for id in &mut filter.source_ids {
            *id = normal_external_id(id).into_owned();
        }
        let words = words(&filter.title_words);
        Ok(Self {
            filter,
            members,
            words,
        })
    }

    /// Whether records of this log are wanted.
    pub(crate) fn wants_log(&self, origin: &Origin) -> bool {
        let publisher = origin.publisher();
        let publisher = publisher.as_ref().map_or("", |name| name.as_str());
        is_any(&self.filter.origins, |wanted| wanted == origin.as_str())
            && is_any(&self.filter.publishers, |wanted| wanted == publisher)
    }

    /// Whether the record, by its newest entry, is wanted.
    pub(crate) fn wants(&self, entry: &Entry) -> bool {
        let filter = &self.filter;
        let Some(envelope) = entry.envelope() else {
            return false;
        };
        if !(filter.include_withdrawn || envelope.operation.publishes())
            || !is_any(&filter.kinds, |kind| *kind == envelope.kind)
            || envelope.publish_time < filter.changed_since
        {
            return false;
        }
        let asks_content = RecordFilter {
            countries: filter.countries.clone(),
            regions: filter.regions.clone(),
            facets: filter.facets.clone(),
            first_year: filter.first_year,
            last_year: filter.last_year,
            source_ids: filter.source_ids.clone(),
            title_words: filter.title_words.clone(),
            refers_to: filter.refers_to.clone(),
            ..RecordFilter::default()
        } != RecordFilter::default();
        !asks_content || self.wants_content(entry, envelope.kind).unwrap_or(false)
    }

    /// Whether what the record says is wanted; `None` where it is not here.
    fn wants_content(&self, entry: &Entry, kind: u32) -> Option<bool> {
        let filter = &self.filter;
        let traits = Traits::read(kind, entry.payload()?).ok()?;
        let header = entry.record()?.header();
        let id = header.external_id().map(normal_external_id);
        let years = match (filter.first_year, filter.last_year) {
            (0, 0) => None,
            (first, 0) => Some(first..=u32::MAX),
            (first, last) => Some(first..=last),
        };
        let of_title = || -> BTreeSet<String> {
            let titles = header.titles();
            titles.flat_map(|(_, title)| words(title)).collect()
        };
        let is_member = |country: &String| self.members.contains(country);
        let has_facet = |facet: &FacetFilter| {
            traits.values(&facet.facet).any(|value| {
                facet
                    .values
                    .iter()
                    .any(|wanted| wanted.eq_ignore_ascii_case(value))
            })
        };
        Some(
            is_any(&filter.countries, |wanted| {
                header.countries().contains(wanted)
            }) && (filter.regions.is_empty() || header.countries().iter().any(is_member))
                && is_any(&filter.source_ids, |wanted| {
                    id.as_deref() == Some(wanted.as_str())
                })
                && filter.facets.iter().all(has_facet)
                && years
                    .is_none_or(|years| traits.years().any(|year| years.contains(&year.into())))
                && (self.words.is_empty() || self.words.is_subset(&of_title()))
                && filter
                    .refers_to
                    .as_ref()
                    .is_none_or(|target| refers(&traits, target)),
        )
    }
}

fn refers(traits: &Traits, target: &ReferenceTarget) -> bool {
    traits.references().iter().any(|reference| {
        let by_id = reference
            .record_id
            .is_some_and(|id| target.record_id == id.as_bytes()[..]);
        let by_name = !target.external_id.is_empty()
            && reference.external_id.as_deref() == Some(&*normal_external_id(&target.external_id))
            && reference.origin.as_deref().unwrap_or_default() == target.origin;
        by_id || by_name
    })
}

/// Nothing is asked for, or one of what is.
fn is_any<T>(wanted: &[T], is_it: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(is_it)
}

fn code(country: &str, vocabularies: &Vocabularies) -> Result<String, Failure> {
    if let Some(term) = vocabularies.countries().find(country).term() {
        return Ok(term.code.clone());
    }
    let assigned: Result<CountryCode, _> = country.to_uppercase().parse();
    assigned.map(|code| code.to_string()).map_err(|_| {
        Failure::usage(format!("{country:?} is no country that is known"))
            .remedy("write its code, such as KEN")
    })
}

/// What a record is sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// Nothing: these come last.
    None,
    Time(u64),
    Text(String),
    /// What a title is put in order by.
    Title(Vec<u8>),
}

impl Key {
    /// The key of a record's newest entry.
    pub(crate) fn of(entry: &Entry, order: RecordOrder) -> Self {
        let reading = entry.record();
        let header = reading.as_ref().map(Reading::header);
        let text = |text: Option<String>| {
            text.filter(|t| !t.is_empty())
                .map_or(Self::None, Self::Text)
        };
        match order {
            RecordOrder::Unspecified => Self::None,
            RecordOrder::Change => entry
                .envelope()
                .map_or(Self::None, |envelope| Self::Time(envelope.publish_time)),
            RecordOrder::Title => {
                let title = header.as_ref().and_then(|header| header.title(&["en"]));
                let key = title.map(|title| sort_key(Language::English, title));
                key.filter(|key| !key.is_empty())
                    .map_or(Self::None, Self::Title)
            }
            RecordOrder::Country => {
                text(header.and_then(|header| header.countries().first().cloned()))
            }
            RecordOrder::Date => {
                let kind = entry.envelope().map(|envelope| envelope.kind);
                let traits = kind.zip(entry.payload());
                let traits = traits.and_then(|(kind, payload)| Traits::read(kind, payload).ok());
                text(
                    traits
                        .and_then(|traits| traits.date())
                        .map(|date| date.to_string()),
                )
            }
        }
    }

    /// The order of two records; those without a key are last either way.
    pub(crate) fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let turned = |order: Ordering| match descending {
            true => order.reverse(),
            false => order,
        };
        match (self, other) {
            (Self::None, Self::None) => Ordering::Equal,
            (Self::None, _) => Ordering::Greater,
            (_, Self::None) => Ordering::Less,
            (one, other) => turned(one.cmp(other)),
        }
    }
}
