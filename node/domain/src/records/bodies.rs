//! Which organisation a body is that a record names without saying its record: the one that is
//! called so, where no other is. An organisation is called by its titles and its short form,
//! and where the vocabularies know it by one of these, by all that they call it.
//!
//! What is known here is all that tells whether a name is one organisation's alone, so who reads
//! such a link is told that it was found by name.

use std::collections::BTreeSet;

use wpsx_proto::{
    api::record::v1::{Kind as KindNumber, record::Body as Part},
    envelope::Leaf,
    index::LeafIndex,
    origin::RecordId,
    payload::SALT,
    record::{Reading, Record, words},
};
use wpsx_views::{Filter, Logs, Reference, Sign, Views, Way};
use wpsx_words::{
    Language, Vocabularies, fold,
    vocabularies::{Found, Term},
};

use crate::{error::NodeError, served::ServedLog};

const ORGANISATION: u32 = KindNumber::Organisation as u32;
/// The vocabularies that have names of bodies that are no country.
const LISTS: [&str; 2] = [GROUPS, "organisations"];
/// The one of organisations of States.
const GROUPS: &str = "groups";
/// Organisations that are looked at for one name.
const MOST: usize = 50;

/// A body as a record names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BodyNamed {
    /// What it is called, or its short form where it has no name.
    pub names: Vec<String>,
    /// The code of the country whose body it is; empty where none is stated.
    pub country: String,
    /// The country that the record is about, where that is one alone.
    pub about: String,
}

/// What an organisation's record says of who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownOrganisation {
    /// All that it is called.
    pub names: Vec<String>,
    /// The code of the organisation of States that it is.
    pub group: Option<String>,
}

impl KnownOrganisation {
    pub(super) fn of(record: &Record, vocabularies: &Vocabularies) -> Self {
        let found = Organisation::said(RecordId::from_bytes([0; 16]), record, vocabularies);
        let Some(found) = found else {
            return Self::default();
        };
        let group = found.known.as_ref().filter(|(list, _)| *list == GROUPS);
        Self {
            names: found.names(vocabularies),
            group: group.map(|(_, code)| code.clone()),
        }
    }
}

/// An organisation, by what its record calls it.
pub(super) struct Organisation {
    record: RecordId,
    titles: Vec<String>,
    short: String,
    /// Of which it is one.
    countries: Vec<String>,
    seat: String,
    /// The term that the vocabularies have for it.
    known: Option<(&'static str, String)>,
}

/// Where organisations are looked for.
#[derive(Clone, Copy)]
pub(super) struct Among<'a> {
    pub(super) seen: &'a [ServedLog],
    pub(super) views: &'a Views,
    pub(super) vocabularies: &'a Vocabularies,
}

impl Organisation {
    /// What the payload of an entry that publishes it says.
    fn read(record: RecordId, payload: &[u8], vocabularies: &Vocabularies) -> Option<Self> {
        let Reading::Readable(said) = Record::outline(ORGANISATION, payload) else {
            return None;
        };
        Self::said(record, &said, vocabularies)
    }

    fn said(record: RecordId, said: &Record, vocabularies: &Vocabularies) -> Option<Self> {
        let said = said.message();
        let Some(Part::Organisation(own)) = &said.body else {
            return None;
        };
        let titles: Vec<String> = said.title.iter().map(|title| title.text.clone()).collect();
        let known = titles.iter().find_map(|title| term(title, vocabularies));
        // A body of countries is no organisation of States, whatever it is titled.
        let known = known.filter(|(list, _)| *list != GROUPS || said.countries.is_empty());
        // What the vocabularies know for somebody else is no name of this one.
        let is_anothers = term(&own.acronym, vocabularies).is_some_and(|it| Some(it) != known);
        Some(Self {
            record,
            titles,
            short: match is_anothers {
                true => String::new(),
                false => own.acronym.clone(),
            },
            countries: said.countries.clone(),
            seat: own
                .seat
                .as_ref()
                .map(|seat| seat.country.clone())
                .unwrap_or_default(),
            known: known.map(|(list, term)| (list, term.code.clone())),
        })
    }

    /// What it is called by its own record.
    fn own_names(&self) -> impl Iterator<Item = &str> {
        let all = self.titles.iter().chain([&self.short]);
        all.map(String::as_str)
            .filter(|name| !fold(name).is_empty())
    }

    /// All that it is called.
    fn names(&self, vocabularies: &Vocabularies) -> Vec<String> {
        let known = self.known.as_ref();
        let term = known.and_then(|(list, code)| vocabularies.get_or_empty(list).term(code));
        let own = self.own_names().map(str::to_owned);
        own.chain(term.into_iter().flat_map(names_of)).collect()
    }

    /// It is the same body as that of another record.
    fn is_same(&self, other: &Self) -> bool {
        let is_known = self.known.is_some() && self.known == other.known;
        let titles = folded(self.titles.iter().map(String::as_str));
        let mut theirs = other.titles.iter().map(|title| fold(title));
        is_known || self.countries == other.countries && theirs.any(|title| titles.contains(&title))
    }

    /// Both are bodies of countries, and of no country both are.
    fn is_elsewhere(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.countries, &other.countries);
        let is_shared = ours.iter().any(|country| theirs.contains(country));
        !ours.is_empty() && !theirs.is_empty() && !is_shared
    }

    /// Whether a body of the country may be it.
    fn fits(&self, body: &BodyNamed) -> bool {
        let is_of = |country: &String| self.countries.contains(country);
        match (body.country.is_empty(), self.countries.is_empty()) {
            (true, true) => true,
            (true, false) => is_of(&body.about),
            (false, _) => is_of(&body.country) || body.country == self.seat,
        }
    }
}

impl Among<'_> {
    /// The references of those that name the organisation of an entry by what it alone is called;
    /// none where the entry is of something else.
    pub(super) fn naming(
        self,
        log: &ServedLog,
        index: LeafIndex,
        payload: &[u8],
    ) -> Result<Vec<Reference>, NodeError> {
        let Leaf::Known(envelope) = Leaf::read(&log.entry(index)?) else {
            return Ok(Vec::new());
        };
        let read = |payload| Organisation::read(envelope.record_id, payload, self.vocabularies);
        let is_organisation = envelope.kind == ORGANISATION;
        let Some(own) = Some(payload).filter(|_| is_organisation).and_then(read) else {
            return Ok(Vec::new());
        };
        let names = own.names(self.vocabularies);
        let others = self.called(&names)?.into_iter().map(|(other, ..)| other);
        let others: Vec<Organisation> = others
            .filter(|it| it.record != own.record && !it.is_same(&own) && !it.is_elsewhere(&own))
            .collect();
        let unclear = folded(others.iter().flat_map(Organisation::own_names));
        let mut countries: BTreeSet<&str> = own.countries.iter().map(String::as_str).collect();
        countries.extend(
            [own.seat.as_str()]
                .into_iter()
                .filter(|seat| !seat.is_empty()),
        );
        if own.countries.is_empty() {
            countries.insert("");
        }
        let clear = names.iter().filter(|name| !unclear.contains(&fold(name)));
        let references = clear.flat_map(|name| {
            countries.iter().map(|country| Reference::Body {
                name: name.clone(),
                country: (*country).to_owned(),
            })
        });
        Ok(references.collect())
    }

    /// Where the one organisation is that a body is by its name.
    pub(super) fn meant(self, body: &BodyNamed) -> Result<Option<(u32, u64)>, NodeError> {
        let mut names = body.names.clone();
        let known = body
            .names
            .iter()
            .filter_map(|name| term(name, self.vocabularies));
        names.extend(known.flat_map(|(_, term)| names_of(term)));
        let wanted = folded(body.names.iter().map(String::as_str));
        let is_it = |it: &Organisation| {
            let names = it.names(self.vocabularies);
            it.fits(body) && names.iter().any(|name| wanted.contains(&fold(name)))
        };
        let found = self.called(&names)?.into_iter();
        let found: Vec<_> = found.filter(|(it, ..)| is_it(it)).collect();
        let Some((first, log, index)) = found.first() else {
            return Ok(None);
        };
        let is_one = found.iter().all(|(it, ..)| it.is_same(first));
        Ok(is_one.then_some((*log, *index)))
    }

    /// The organisations that have all words of one of these names as a title or short form.
    fn called(self, names: &[String]) -> Result<Vec<(Organisation, u32, u64)>, NodeError> {
        let ways = names
            .iter()
            .map(|name| words(name))
            .collect::<BTreeSet<_>>();
        let ways = ways.into_iter().filter(|words| !words.is_empty());
        let ways: Vec<Way> = ways
            .map(|words| Way {
                kind: Some(ORGANISATION),
                by: words
                    .into_iter()
                    .map(|word| vec![Sign::Word(word)])
                    .collect(),
            })
            .collect();
        if ways.is_empty() {
            return Ok(Vec::new());
        }
        let filter = Filter {
            kinds: vec![ORGANISATION],
            ways: vec![ways],
            ..Filter::default()
        };
        let numbers: Logs = self.seen.iter().map(ServedLog::number).collect();
        let mut found = Vec::new();
        for (number, index) in self.views.list(&numbers, &filter, None, MOST)? {
            if let Some(log) = self.seen.iter().find(|log| log.number() == number)
                && let Some(organisation) = self.read(log, LeafIndex::new(index))?
            {
                found.push((organisation, number, index));
            }
        }
        Ok(found)
    }

    fn read(self, log: &ServedLog, index: LeafIndex) -> Result<Option<Organisation>, NodeError> {
        let Leaf::Known(envelope) = Leaf::read(&log.entry(index)?) else {
            return Ok(None);
        };
        let (_, slot) = log.slot(index)?;
        let payload = slot.as_ref().and_then(|slot| slot.get(SALT..));
        Ok(payload.and_then(|it| Organisation::read(envelope.record_id, it, self.vocabularies)))
    }
}

/// The references of those that are an organisation of States' own, by what it is called.
pub(super) fn own_of(code: &str, vocabularies: &Vocabularies) -> Vec<Sign> {
    let term = vocabularies.get_or_empty("groups").term(code);
    let names = term.into_iter().flat_map(names_of);
    names
        .map(|name| Sign::RefersTo(Reference::Whole { name }))
        .collect()
}

/// The term of what is called so.
fn term<'a>(name: &str, vocabularies: &'a Vocabularies) -> Option<(&'static str, &'a Term)> {
    let mut found =
        LISTS
            .into_iter()
            .filter_map(|list| match vocabularies.get_or_empty(list).find(name) {
                Found::One { term, .. } => Some((list, term)),
                _ => None,
            });
    found.next()
}

/// All that a term is called: its names, its code and what else people write for it.
fn names_of(term: &Term) -> impl Iterator<Item = String> + use<'_> {
    let names = Language::ALL.into_iter().filter_map(|it| term.name(it));
    let others = term.aliases.iter().map(String::as_str);
    names
        .chain([term.code.as_str()])
        .chain(others)
        .map(str::to_owned)
}

fn folded<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    names.map(fold).filter(|name| !name.is_empty()).collect()
}
