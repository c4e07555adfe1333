//! From the words of a question to what the views are asked: names to codes, regions to
//! their members, a record to the names by which others refer to it.
//!
//! What nobody knows is an error that says so: a misspelt country would look like one
//! without records.

use std::{collections::BTreeMap, ops::Range, sync::LazyLock};

use wpsx_proto::{
    index::LeafIndex,
    payload::SALT,
    record::{CountryCode, Header, Kind, YEARS, facet_names, facet_value, schema::kind_use_of},
};
use wpsx_views::{Filter, Logs, Reference, Sign, Views, Way};
use wpsx_words::vocabularies::{Found, Vocabularies};

use super::{
    bodies::{self, Among},
    question::{Question, Target},
};
use crate::{error::NodeError, served::ServedLog};

const COUNTRY: &str = "country";
/// The kinds that are an organisation's own.
static OF_ORGANISATIONS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let is_own = |kind: &Kind| {
        let body = kind.body_field();
        let body = body.and_then(|body| body.kind().as_message().cloned());
        body.is_some_and(|body| kind_use_of(&body).of_an_organisation)
    };
    let kinds = Kind::known().filter(is_own);
    kinds.map(|kind| kind.number()).collect()
});

/// What the views are asked for a question about the logs that its reader sees.
pub(super) fn filter(
    question: &Question,
    seen: &[ServedLog],
    views: &Views,
    vocabularies: &Vocabularies,
) -> Result<Filter, NodeError> {
    question.check()?;
    let mut filter = Filter {
        kinds: question.kinds.clone(),
        values: values(question, vocabularies)?,
        ways: match question.regions.is_empty() {
            true => Vec::new(),
            false => vec![within(question, vocabularies)?],
        },
        years: years(question)?,
        words: question.title.clone(),
        changed_since: question.changed_since,
        external_ids: question.source_ids.clone(),
        without: match question.news_only {
            true => seen.iter().filter_map(history).collect(),
            false => BTreeMap::new(),
        },
        families_once: question.families_once,
        unheld: question.unheld,
        origins: seen
            .iter()
            .map(|log| (log.origin().to_string(), log.number()))
            .collect(),
        include_withdrawn: question.include_withdrawn,
        ..Filter::default()
    };
    if !question.title.is_empty() && wpsx_proto::record::words(&question.title).is_empty() {
        return Err(NodeError::invalid(
            "title",
            "has no word; write one or more",
        ));
    }
    if let Some(target) = &question.refers_to {
        let among = Among {
            seen,
            views,
            vocabularies,
        };
        refers_to(target, among, &mut filter)?;
    }
    Ok(filter)
}

/// What of a log is history, by the log's number.
fn history(log: &ServedLog) -> Option<(u32, Vec<Range<u64>>)> {
    let history = log.backfilled();
    (!history.is_empty()).then(|| (log.number(), history))
}

/// For each side of the question that is given, the values of a facet of which one is wanted.
/// Countries and regions are sides of their own: each of them narrows.
fn values(
    question: &Question,
    vocabularies: &Vocabularies,
) -> Result<Vec<(String, Vec<String>)>, NodeError> {
    let mut values = Vec::new();
    for (facet, wanted) in &question.facets {
        check_facet(facet)?;
        if wanted.is_empty() {
            continue;
        }
        let wanted = match facet.as_str() {
            COUNTRY => countries(wanted, "facets", vocabularies)?,
            facet => {
                let values = wanted.iter().map(|value| facet_value(facet, value));
                let values: Result<_, _> = values.collect();
                values.map_err(|reason| NodeError::invalid("facets", reason))?
            }
        };
        values.push((facet.clone(), wanted));
    }
    if !question.countries.is_empty() {
        let named = countries(&question.countries, "countries", vocabularies)?;
        values.push((COUNTRY.to_owned(), named));
    }
    Ok(values)
}

/// What is of a member of any of the regions, or an organisation's own. A group without members
/// and records of its own asks for no record at all.
fn within(question: &Question, vocabularies: &Vocabularies) -> Result<Vec<Way>, NodeError> {
    let (mut places, mut own) = (Vec::new(), Vec::new());
    let at = Some(question.members_at.as_str()).filter(|at| !at.is_empty());
    for region in &question.regions {
        let members = vocabularies.countries().members(region, at);
        let members = members.map_err(|error| NodeError::invalid("regions", error))?;
        own.extend(bodies::own_of(&members.group, vocabularies));
        for member in members.countries {
            places.extend(codes(&member, vocabularies));
        }
    }
    let places = places.into_iter();
    let places = places.map(|code| Sign::Value(COUNTRY.to_owned(), code));
    let of_members = Way {
        kind: None,
        by: vec![places.collect()],
    };
    let own = OF_ORGANISATIONS.iter().map(|kind| Way {
        kind: Some(*kind),
        by: vec![own.clone()],
    });
    Ok([of_members].into_iter().chain(own).collect())
}

/// Refuses a facet that the schema does not have.
pub(super) fn check_facet(facet: &str) -> Result<(), NodeError> {
    let known = facet_names();
    if known.contains(facet) {
        return Ok(());
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let reason = format!("{facet:?} is no facet; there are {}", known.join(", "));
    Err(NodeError::invalid("facets", reason))
}

/// The codes of countries that are asked for by codes in any case, or by names.
fn countries(
    asked: &[String],
    field: &'static str,
    vocabularies: &Vocabularies,
) -> Result<Vec<String>, NodeError> {
    let mut found = Vec::new();
    for text in asked {
        let shown: String = text.chars().take(60).collect();
        match vocabularies.countries().find(text) {
            Found::One { term, .. } => found.extend(codes(&term.code, vocabularies)),
            Found::Several(terms) => {
                let terms = terms.iter().take(20);
                let terms = terms.map(|term| term.code.as_str()).collect::<Vec<_>>();
                let reason = format!("{shown:?} can be {}; write the code", terms.join(" or "));
                return Err(NodeError::invalid(field, reason));
            }
            Found::Nothing => {
                let code: Result<CountryCode, _> = text.trim().to_ascii_uppercase().parse();
                let code = code.map_err(|error| {
                    let reason = format!("no country is called {shown:?}: {error}");
                    NodeError::invalid(field, reason)
                })?;
                found.push(code.to_string());
            }
        }
    }
    Ok(found)
}

/// The code of a country with those that it had before: records keep what they were given.
pub(super) fn codes(code: &str, vocabularies: &Vocabularies) -> Vec<String> {
    let table = vocabularies.get_or_empty("countries");
    let today = vocabularies.countries().today(code).to_owned();
    let same = table.once(&today).map(|term| term.code.clone());
    let mut codes: Vec<String> = same.collect();
    if !codes.contains(&today) {
        codes.push(today);
    }
    codes
}

fn years(question: &Question) -> Result<Option<(u16, u16)>, NodeError> {
    let Some((first, last)) = question.years else {
        return Ok(None);
    };
    if first > last {
        return Err(NodeError::invalid(
            "years",
            "the first year comes after the last",
        ));
    }
    if last < *YEARS.start() || first > *YEARS.end() {
        let reason = format!(
            "records are found by years from {} to {}",
            YEARS.start(),
            YEARS.end()
        );
        return Err(NodeError::invalid("years", reason));
    }
    Ok(Some((first, last)))
}

/// Others refer to a record by its id, or by its source's id and the log that it stands in;
/// within that log, by its source's id alone; to an organisation, where that is asked for, by its
/// name.
pub(super) fn refers_to(
    target: &Target,
    among: Among<'_>,
    filter: &mut Filter,
) -> Result<(), NodeError> {
    let (seen, views) = (among.seen, among.views);
    let named = |origin: &str, external_id: &str| Reference::Named {
        origin: origin.to_owned(),
        external_id: external_id.to_owned(),
    };
    if let Some(record) = target.record {
        filter.refers_to.push(Reference::Record(record));
        let numbers: Logs = seen.iter().map(ServedLog::number).collect();
        for (number, latest) in views.find(&numbers, &record)? {
            let Some(log) = seen.iter().find(|log| log.number() == number) else {
                continue;
            };
            if !target.origin.is_empty() && target.origin != log.origin().as_str() {
                continue;
            }
            let stood = match latest.current {
                true => Some(latest.index),
                false => views.stood(number, &record, latest.index)?,
            };
            // One that names itself is not what others say of it.
            if let (Some(index), true) = (stood, target.by_name) {
                let own = filter.without.entry(number).or_default();
                own.push(index..index + 1);
            }
            let slot = match stood {
                Some(index) => log.slot(LeafIndex::new(index))?.1,
                None => None,
            };
            let payload = slot.as_ref().and_then(|slot| slot.get(SALT..));
            let payload = payload.unwrap_or_default();
            if let Ok(header) = Header::read(payload)
                && let Some(id) = header.external_id()
            {
                filter.refers_to.push(named(log.origin().as_str(), id));
                filter.refers_within.push((number, named("", id)));
            }
            if let (Some(index), true) = (stood, target.by_name && target.named.0.is_none()) {
                let naming = among.naming(log, LeafIndex::new(index), payload)?;
                filter.refers_to.extend(naming);
            }
        }
    }
    filter
        .refers_to
        .extend(target.named.0.iter().flat_map(|it| it.iter().cloned()));
    if !target.external_id.is_empty() {
        filter
            .refers_to
            .push(named(&target.origin, &target.external_id));
        if let Some(log) = seen
            .iter()
            .find(|log| log.origin().as_str() == target.origin)
        {
            let within = (log.number(), named("", &target.external_id));
            filter.refers_within.push(within);
        }
    }
    match filter.refers_to.is_empty() {
        true => Err(NodeError::invalid(
            "refers_to",
            "name the record by its id, or by its source's id",
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &Question) -> Result<Vec<String>, String> {
        let vocabularies = Vocabularies::shipped();
        let values = values(question, &vocabularies).map_err(|e| e.to_string())?;
        let ways = within(question, &vocabularies).map_err(|e| e.to_string())?;
        let signs = ways.into_iter().flat_map(|way| way.by).flatten();
        let places = signs.filter_map(|sign| match sign {
            Sign::Value(_, code) => Some(code),
            _ => None,
        });
        let values = values.into_iter().flat_map(|(_, values)| values);
        Ok(values.chain(places).collect())
    }

    fn of(countries: &[&str], regions: &[&str], at: &str) -> Question {
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Question {
            countries: owned(countries),
            regions: owned(regions),
            members_at: at.to_owned(),
            ..Question::default()
        }
    }

    #[test]
    fn the_schema_has_no_facet_that_is_called_as_publishers_are_counted() {
        assert!(!facet_names().contains(super::super::PUBLISHER));
    }

    #[test]
    fn a_country_is_asked_for_by_any_of_its_names_and_an_unknown_one_is_an_error() {
        for name in ["KEN", "ken", "Kenya", "Кения", "كينيا"] {
            assert_eq!(asked(&of(&[name], &[], "")).unwrap(), ["KEN"], "{name}");
        }
        let renamed = asked(&of(&["ROM"], &[], "")).unwrap();
        assert!(renamed.contains(&"ROU".to_owned()), "{renamed:?}");
        assert!(
            asked(&of(&["XKX"], &[], ""))
                .unwrap()
                .contains(&"XKX".to_owned())
        );
        for unknown in ["Atlantis", "ZZ9", ""] {
            let error = asked(&of(&["KEN", unknown], &[], "")).unwrap_err();
            assert!(error.starts_with("countries: "), "{error}");
        }
    }

    #[test]
    fn a_region_or_an_organisation_stands_for_its_members_at_a_date() {
        let before = asked(&of(&[], &["EU"], "2019-06-01")).unwrap();
        let after = asked(&of(&[], &["EU"], "2021")).unwrap();
        let has = |members: &[String], code: &str| members.iter().any(|m| m == code);
        assert!(
            has(&before, "GBR") && !has(&after, "GBR"),
            "{before:?} {after:?}"
        );
        assert!(has(&before, "FRA") && has(&after, "FRA"));
        assert!(has(
            &asked(&of(&[], &["Eastern Africa"], "")).unwrap(),
            "KEN"
        ));
        assert!(asked(&of(&[], &["Hogwarts"], "")).is_err());
        assert!(asked(&of(&[], &["EU"], "soon")).is_err());
    }

    #[test]
    fn each_side_that_is_given_narrows_and_values_of_one_side_widen() {
        let mut question = of(&["KEN", "FRA"], &["EAC", "EU"], "");
        question.facets = [(COUNTRY.to_owned(), vec!["France".to_owned()])].into();
        let sides = values(&question, &Vocabularies::shipped()).unwrap();
        assert_eq!(sides.len(), 2, "{sides:?}");
        assert!(sides.iter().all(|(facet, _)| facet == COUNTRY));
        assert_eq!(sides[0].1, ["FRA"]);
        assert_eq!(sides[1].1, ["KEN", "FRA"]);
        let ways = within(&question, &Vocabularies::shipped()).unwrap();
        let has = |code: &str| {
            let sign = Sign::Value(COUNTRY.to_owned(), code.to_owned());
            ways[0].by[0].contains(&sign)
        };
        assert!(has("KEN") && has("FRA") && !has("USA"));
    }

    #[test]
    fn a_facet_that_the_schema_does_not_have_is_an_error_that_names_those_it_has() {
        let mut question = Question::default();
        question
            .facets
            .insert("colour".to_owned(), vec!["red".to_owned()]);
        let error = asked(&question).unwrap_err();
        assert!(
            error.contains("theme") && error.contains("status"),
            "{error}"
        );
        question.facets = [("status".to_owned(), Vec::new())].into();
        assert_eq!(asked(&question).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_value_that_the_schema_lists_is_asked_for_however_it_is_written_and_no_other_is() {
        let of = |facet: &str, value: &str| {
            let question = Question {
                facets: [(facet.to_owned(), vec![value.to_owned()])].into(),
                ..Question::default()
            };
            let values = values(&question, &Vocabularies::shipped());
            values.map(|mut values| values.remove(0).1.remove(0))
        };
        for written in ["in-force", "in_force", "In force"] {
            assert_eq!(of("status", written).unwrap(), "in-force");
        }
        let error = of("status-basis", "guessed").unwrap_err().to_string();
        assert!(
            error.contains("guessed") && error.contains("derived"),
            "{error}"
        );
        // A code of a vocabulary may be newer than ours.
        assert_eq!(of("theme", "colour-of-peace").unwrap(), "colour-of-peace");
    }

    #[test]
    fn years_that_no_record_can_have_are_refused() {
        let of = |years| {
            let question = Question {
                years: Some(years),
                ..Question::default()
            };
            super::years(&question)
        };
        assert_eq!(of((2010, 2012)).unwrap(), Some((2010, 2012)));
        for wrong in [(2012, 2010), (1200, 1300), (3000, 3001)] {
            assert!(of(wrong).is_err());
        }
    }
}
