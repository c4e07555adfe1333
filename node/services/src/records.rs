//! Questions about records and their answers, between messages and the domain.

use std::{cmp::Reverse, collections::BTreeMap};

use bytes::Bytes;
use wpsx_domain::{
    NodeError, Wanted,
    access::Sight,
    records::{Order, OrderBy, Part, Position, Proven, Question, Records, Target, record_id},
};
use wpsx_proto::{
    api::exchange::v1::{
        CountRecordsRequest, CountRecordsResponse, FacetCounts, FacetFilter, GetHistoryRequest,
        GetHistoryResponse, ProvenEntry, RecordFilter, RecordOrder, ReferenceTarget, ValueCount,
    },
    chain,
    hash::Hash,
    origin::{Origin, PublisherName},
    record::{CountryCode, Kind},
};

/// A request's filter as a question.
///
/// # Errors
/// A country, an origin or a publisher that cannot be one: its records would be none, as if it
/// had none.
pub(crate) fn question(filter: Option<RecordFilter>) -> Result<Question, NodeError> {
    let filter = filter.unwrap_or_default();
    for name in &filter.origins {
        origin("origins", name)?;
    }
    for name in &filter.publishers {
        let known = PublisherName::parse(name);
        known.map_err(|e| NodeError::invalid("publishers", chain(&e)))?;
    }
    Ok(Question {
        countries: filter.countries,
        years: years(filter.first_year, filter.last_year)?,
        facets: facets(filter.facets)?,
        refers_to: filter.refers_to.map(target).transpose()?,
        kinds: filter.kinds,
        regions: filter.regions,
        members_at: filter.members_at,
        changed_since: Some(filter.changed_since).filter(|time| *time > 0),
        origins: filter.origins,
        publishers: filter.publishers,
        source_ids: filter.source_ids,
        title: filter.title_words,
        families_once: filter.families_once,
        news_only: filter.news_only,
        unheld: false,
        include_withdrawn: filter.include_withdrawn,
        order: Order::default(),
    })
}

/// The order that a list is asked in.
///
/// # Errors
/// One that this software does not know.
pub(crate) fn order(order: i32, descending: bool) -> Result<Order, NodeError> {
    let by = match RecordOrder::try_from(order) {
        Ok(RecordOrder::Unspecified) => OrderBy::Place,
        Ok(RecordOrder::Change) => OrderBy::Change,
        Ok(RecordOrder::Date) => OrderBy::Date,
        Ok(RecordOrder::Title) => OrderBy::TITLE,
        Ok(RecordOrder::Country) => OrderBy::Country,
        Err(_) => {
            return Err(NodeError::invalid(
                "order",
                "not an order that this node knows",
            ));
        }
    };
    Ok(Order { by, descending })
}

/// The position that a watch is to go on from, if one is named.
///
/// # Errors
/// No answer had it.
pub(crate) fn position(text: &str) -> Result<Option<Position>, NodeError> {
    let named = !text.is_empty();
    named.then(|| Position::parse(text)).transpose()
}

/// From the first year to the last; one that is not given leaves its side open.
fn years(first: u32, last: u32) -> Result<Option<(u16, u16)>, NodeError> {
    let field = |name, year: u32, open: u16| match year {
        0 => Ok(open),
        1..=9999 => Ok(year as u16),
        _ => Err(NodeError::invalid(name, "a year has at most four digits")),
    };
    let years = (
        field("first_year", first, 1)?,
        field("last_year", last, 9999)?,
    );
    match (first, last) {
        (0, 0) => Ok(None),
        _ if years.0 > years.1 => Err(NodeError::invalid("last_year", "before the first year")),
        _ => Ok(Some(years)),
    }
}

/// Values by their facets.
fn facets(asked: Vec<FacetFilter>) -> Result<BTreeMap<String, Vec<String>>, NodeError> {
    let mut facets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for facet in asked {
        if facet.facet.is_empty() || facet.values.is_empty() {
            let reason = "a facet has a name and at least one value";
            return Err(NodeError::invalid("facets", reason));
        }
        facets.entry(facet.facet).or_default().extend(facet.values);
    }
    Ok(facets)
}

fn target(target: ReferenceTarget) -> Result<Target, NodeError> {
    if target.record_id.is_empty() && target.external_id.is_empty() {
        let reason = "names neither a record's id nor its source's id";
        return Err(NodeError::invalid("refers_to", reason));
    }
    let named = !target.record_id.is_empty();
    Ok(Target {
        record: named.then(|| record_id(&target.record_id)).transpose()?,
        origin: target.origin,
        external_id: target.external_id,
        ..Target::default()
    })
}

/// The countries that a caller asks for, in whatever case it wrote them.
///
/// # Errors
/// A code that ISO 3166-1 neither knows nor leaves to its users.
pub(crate) fn countries(codes: &[String]) -> Result<Vec<String>, NodeError> {
    let codes = codes.iter().map(|code| {
        let known: Result<CountryCode, _> = code.to_ascii_uppercase().parse();
        known.map(|known| known.to_string())
    });
    codes
        .collect::<Result<_, _>>()
        .map_err(|e| NodeError::invalid("countries", e))
}

/// The origin that a caller wrote into `field`. One that cannot be a name is wrong; one
/// that can may still be missing.
///
/// # Errors
/// It is not well-formed.
pub(crate) fn origin(field: &'static str, text: &str) -> Result<Origin, NodeError> {
    Origin::parse(text).map_err(|e| NodeError::invalid(field, chain(&e)))
}

/// Which part of a list a request wants.
pub(crate) fn part(page_size: u32, page_token: String) -> Part {
    Part {
        size: page_size,
        token: page_token,
        bare: false,
    }
}

/// A record that `sight` admits, as it travels, and the checkpoint that proves it; `origin`
/// is empty where any log will do. Blocks.
///
/// # Errors
/// The id or the origin is not well-formed, or there is no such record.
pub(crate) fn get(
    records: &Records,
    sight: &Sight,
    id: &[u8],
    origin: &str,
) -> Result<(ProvenEntry, Bytes), NodeError> {
    let id = record_id(id)?;
    if !origin.is_empty() {
        self::origin("origin", origin)?;
    }
    let (proven, head) = records.get(sight, &id, origin)?;
    Ok((entry(proven), head.note_bytes()))
}

/// What counts by kinds are asked for under.
const KIND: &str = "kind";
/// Values of one facet that an answer tells.
const MOST_VALUES: usize = 1_000;

/// How many records there are that `sight` admits. Blocks.
///
/// # Errors
/// What is asked for is not well-formed or not known.
pub(crate) fn count(
    records: &Records,
    sight: &Sight,
    request: CountRecordsRequest,
    wanted: &Wanted,
) -> Result<CountRecordsResponse, NodeError> {
    let question = question(request.filter)?;
    // The kind is in the envelope, and is no facet of the schema.
    let of_schema: Vec<String> = request
        .facets
        .iter()
        .filter(|it| *it != KIND)
        .cloned()
        .collect();
    let mut tally = records.tally(sight, &question, &of_schema, wanted)?;
    if of_schema.len() < request.facets.len() {
        let kinds = tally.kinds.iter();
        let kinds = kinds.map(|(kind, count)| (Kind::new(*kind).to_string(), *count));
        tally.facets.insert(KIND.to_owned(), kinds.collect());
    }
    let facets = request.facets.into_iter().map(|facet| FacetCounts {
        values: most_frequent(tally.facets.get(&facet)),
        facet,
    });
    Ok(CountRecordsResponse {
        records: tally.total,
        facets: facets.collect(),
    })
}

/// The values of a facet, the most frequent first; of equals by their codes.
fn most_frequent(counted: Option<&BTreeMap<String, u64>>) -> Vec<ValueCount> {
    let counted = counted.into_iter().flatten();
    let counted = counted.map(|(value, records)| ValueCount {
        value: value.clone(),
        records: *records,
    });
    let mut values: Vec<ValueCount> = counted.collect();
    values.sort_by_key(|counted| Reverse(counted.records));
    values.truncate(MOST_VALUES);
    values
}

/// Some revisions of a record that `sight` admits, as [`get`] finds it. Blocks.
///
/// # Errors
/// As [`get`], and for a token that is not of this history.
pub(crate) fn history(
    records: &Records,
    sight: &Sight,
    request: &GetHistoryRequest,
    wanted: &Wanted,
) -> Result<GetHistoryResponse, NodeError> {
    let id = record_id(&request.record_id)?;
    if !request.origin.is_empty() {
        origin("origin", &request.origin)?;
    }
    let part = part(request.page_size, request.page_token.clone());
    let history = records.history(sight, &id, &request.origin, &part, wanted)?;
    Ok(GetHistoryResponse {
        entries: history.entries.into_iter().map(entry).collect(),
        checkpoint: history.head.note_bytes(),
        next_page_token: history.next_token,
    })
}

/// A proven entry as it travels.
pub(crate) fn entry(proven: Proven) -> ProvenEntry {
    ProvenEntry {
        origin: proven.origin.to_string(),
        index: proven.index.value(),
        entry: proven.entry,
        state: proven.state.to_api() as i32,
        slot: proven.slot.unwrap_or_default(),
        inclusion: Hash::list_to_bytes(&proven.inclusion),
        backfill: proven.backfill,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(countries: &[&str], origins: &[&str]) -> Result<Question, NodeError> {
        question(Some(RecordFilter {
            countries: countries.iter().map(ToString::to_string).collect(),
            origins: origins.iter().map(ToString::to_string).collect(),
            ..RecordFilter::default()
        }))
    }

    #[test]
    fn years_are_from_the_first_to_the_last_and_one_may_be_left_open() {
        assert_eq!(years(0, 0).unwrap(), None);
        assert_eq!(years(2018, 2020).unwrap(), Some((2018, 2020)));
        assert_eq!(years(2018, 0).unwrap(), Some((2018, 9999)));
        assert_eq!(years(0, 2020).unwrap(), Some((1, 2020)));
        assert!(years(2020, 2018).is_err());
        assert!(years(10_000, 0).is_err());
    }

    #[test]
    fn a_facet_without_a_value_and_a_reference_to_nothing_are_refused() {
        let facet = |values: &[&str]| FacetFilter {
            facet: "theme".into(),
            values: values.iter().map(ToString::to_string).collect(),
        };
        assert!(facets(vec![facet(&[])]).is_err());
        let twice = facets(vec![facet(&["a"]), facet(&["b"])]).unwrap();
        assert_eq!(twice["theme"], ["a", "b"]);
        assert!(target(ReferenceTarget::default()).is_err());
    }

    #[test]
    fn values_are_told_the_most_frequent_first_and_at_most_a_thousand() {
        let mut counted = BTreeMap::from(
            [("b", 2), ("a", 2), ("z", 7)].map(|(value, count)| (value.to_owned(), count)),
        );
        let told = |counted: &BTreeMap<String, u64>| -> Vec<String> {
            let told = most_frequent(Some(counted)).into_iter();
            told.map(|counted| counted.value).collect()
        };
        assert_eq!(told(&counted), ["z", "a", "b"]);
        counted.extend((0..2_000).map(|n| (format!("n-{n:04}"), 1)));
        assert_eq!(told(&counted).len(), MOST_VALUES);
        assert_eq!(told(&counted)[2], "b");
        assert!(most_frequent(None).is_empty());
    }

    #[test]
    fn an_order_that_nobody_knows_is_refused() {
        assert_eq!(order(0, false).unwrap(), Order::default());
        assert_eq!(order(3, true).unwrap().by, OrderBy::TITLE);
        assert!(order(77, false).is_err());
    }

    #[test]
    fn an_origin_that_cannot_be_one_is_said_to_be_wrong() {
        assert!(asked(&[], &["nobody.example/wpsx/public"]).is_ok());
        for wrong in ["", "\u{0}", &"x".repeat(256)] {
            let refused = asked(&[], &[wrong]);
            assert!(
                matches!(
                    refused,
                    Err(NodeError::Invalid {
                        field: "origins",
                        ..
                    })
                ),
                "{wrong:?}"
            );
        }
        let publisher = |name: &str| {
            question(Some(RecordFilter {
                publishers: vec![name.to_owned()],
                ..RecordFilter::default()
            }))
        };
        assert!(publisher("nobody.example").is_ok());
        for wrong in ["", "Ministry of A", "a.example/wpsx/public"] {
            let refused = publisher(wrong).unwrap_err().to_string();
            assert!(refused.contains("publishers"), "{refused}");
        }
    }
}
