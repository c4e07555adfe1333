//! What the payload of one entry says to the views: in which sets it is, and what it is
//! put in order by.
//!
//! It has bounds, whatever a payload says: what goes beyond them is left out, and the entry
//! is not.

use std::collections::{BTreeMap, HashSet};

use foldhash::quality::RandomState;
use wpsx_proto::{
    hash::Hash,
    origin::RecordId,
    record::{self, Header, Kind, NamedBody, Sense, Traits, normal_external_id},
};
use wpsx_words::{Language, fold, sort_key};

use crate::rows::{
    order::{self, COUNTRY, DATE, Keys, TITLE},
    set,
};

/// One entry is at most in this many sets.
const MOST_SETS: usize = 1_500;
/// Values of a facet that are longer, in bytes, are left out.
const LONGEST_VALUE: usize = 200;
/// Words of titles beyond these are left out.
const MOST_WORDS: usize = 96;
/// References beyond these are left out.
const MOST_REFERENCES: usize = 256;
/// The facet of countries, which records of every kind have.
const COUNTRIES: &str = "country";
/// The facet of the years that a record covers.
pub(crate) const YEAR: &str = "year";

/// How another record is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// By its id.
    Record(RecordId),
    /// By the id that its source gave it.
    Named {
        /// The log; empty: the one that the reference stands in.
        origin: String,
        /// The id, however it is written.
        external_id: String,
    },
    /// As a body that is called so, by what says no more of it.
    Body {
        /// A name or a short form, however it is written.
        name: String,
        /// The code of the country whose body it is; empty where none is stated.
        country: String,
    },
    /// As an organisation of the record as a whole that is called so.
    Whole {
        /// A name or a short form, however it is written.
        name: String,
    },
}

impl Reference {
    /// What the set of those that refer to it is called by: no text of any record.
    fn hash(&self) -> [u8; 17] {
        let mut hash = [0; 17];
        match self {
            Self::Record(id) => {
                hash[0] = 1;
                hash[1..].copy_from_slice(id.as_bytes());
            }
            Self::Named {
                origin,
                external_id,
            } => {
                let name = format!("{origin}\0{}", normal_external_id(external_id));
                named(&mut hash, 2, &name);
            }
            Self::Body { name, country } => {
                named(&mut hash, 3, &format!("{country}\0{}", fold(name)));
            }
            Self::Whole { name } => named(&mut hash, 4, &fold(name)),
        }
        hash
    }

    pub(crate) fn set(&self) -> Vec<u8> {
        set::reference(&self.hash())
    }

    /// As it is kept with a member of a family, whose head is a record.
    fn to_text(&self) -> Option<String> {
        match self {
            Self::Record(id) => Some(format!("r{id}")),
            Self::Named {
                origin,
                external_id,
            } => Some(format!("n{origin}\0{}", normal_external_id(external_id))),
            Self::Body { .. } | Self::Whole { .. } => None,
        }
    }

    /// Reads what [`Self::to_text`] wrote.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix('n') {
            let (origin, external_id) = name.split_once('\0')?;
            return Some(Self::Named {
                origin: origin.to_owned(),
                external_id: external_id.to_owned(),
            });
        }
        text.strip_prefix('r')?.parse().ok().map(Self::Record)
    }
}

fn named(hash: &mut [u8; 17], how: u8, name: &str) {
    hash[0] = how;
    hash[1..].copy_from_slice(&Hash::of(name.as_bytes()).as_bytes()[..16]);
}

/// Whether a set is one of those that refer to a record.
pub(crate) fn is_reference(set: &[u8]) -> bool {
    set.first() == set::reference(&[0; 17]).first()
}

/// What a payload says. See the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    sets: HashSet<Vec<u8>, RandomState>,
    words: usize,
    references: usize,
    date: String,
    country: String,
    family: String,
    /// By number of an order by title.
    titles: BTreeMap<u8, Vec<u8>>,
}

impl Content {
    /// What the payload of an entry says that publishes a record of that kind.
    pub(crate) fn read(kind: u32, payload: &[u8], header: &Header) -> Self {
        let mut content = Self::held();
        let first = header.stated().map(|title| title.text.as_str());
        let is_first = |text: &str| first.is_some_and(|first| std::ptr::eq(first, text));
        let others = header.titles().map(|(_, text)| text);
        for title in first
            .into_iter()
            .chain(others.filter(|text| !is_first(text)))
        {
            content.title(title);
        }
        for (language, title) in header.titles() {
            match language.parse() {
                // Those of English readers are put in order as titles in English are anyway.
                Ok(Language::English) if is_first(title) => {}
                Ok(language) => content.title_in(language, title),
                Err(_) => {}
            }
        }
        if let Some(country) = header.countries().first() {
            content.country(country);
        }
        // Of a kind that is not known an index takes no more than the header.
        let traits = Kind::new(kind)
            .is_known()
            .then(|| Traits::read(kind, payload));
        let Some(Ok(traits)) = traits else {
            for country in header.countries() {
                content.value(COUNTRIES, country);
            }
            return content;
        };
        for text in traits.titles() {
            content.words(text);
        }
        for facet in traits.facets() {
            content.value(facet.name, &facet.value);
        }
        for year in traits.years() {
            content.year(year);
        }
        if let Some(date) = traits.date() {
            content.date(&date.to_string());
        }
        for reference in traits.references() {
            content.refer(reference);
        }
        for body in traits.bodies() {
            content.body(body, header.countries());
        }
        content
    }

    /// That of a payload that is here, and says nothing that can be read.
    pub(crate) fn held() -> Self {
        let mut content = Self::default();
        content.add(set::HELD.to_vec());
        content
    }

    /// It names a body. One whose country is not stated may be of the country that the record
    /// is about, where that is one alone.
    fn body(&mut self, body: &NamedBody, countries: &[String]) {
        for name in body.names.iter().filter(|name| !fold(name).is_empty()) {
            let of = |country: &str| Reference::Body {
                name: name.clone(),
                country: country.to_owned(),
            };
            if body.is_of_whole {
                self.refers_to(&Reference::Whole { name: name.clone() });
            }
            if !body.has_record {
                self.refers_to(&of(&body.country));
            }
            if let ([only], true, false) = (countries, body.country.is_empty(), body.has_record) {
                self.refers_to(&of(only));
            }
        }
    }

    fn refer(&mut self, reference: &record::Reference) {
        let by_id = reference.record_id.map(Reference::Record);
        let by_name = reference.external_id.as_ref().map(|id| Reference::Named {
            origin: reference.origin.clone().unwrap_or_default(),
            external_id: id.clone(),
        });
        for to in by_id.into_iter().chain(by_name) {
            self.refers_to(&to);
            if reference.sense == Sense::Family {
                self.member_of(&to);
            }
        }
    }

    /// It has a value of a facet.
    pub fn value(&mut self, facet: &str, value: &str) {
        let fits = |text: &str| (1..=LONGEST_VALUE).contains(&text.len()) && !text.contains('\0');
        if fits(facet) && fits(value) {
            self.add(set::value(facet, value));
        }
    }

    /// It covers a year.
    pub fn year(&mut self, year: u16) {
        self.value(YEAR, &year_value(year));
    }

    /// It has this title; that which is given first is what it is put in order by.
    pub fn title(&mut self, text: &str) {
        self.words(text);
        self.place(TITLE, Language::English, text);
    }

    /// This is its title in that language; that which is given first is what it is put in
    /// order by for readers of the language.
    pub fn title_in(&mut self, language: Language, text: &str) {
        if let [own, _] = order::titles(language) {
            self.place(*own, language, text);
        }
    }

    fn place(&mut self, order: u8, language: Language, title: &str) {
        if self.titles.contains_key(&order) {
            return;
        }
        let key = sort_key(language, title);
        if !key.is_empty() {
            self.titles.insert(order, key);
            self.add(set::having(order));
        }
    }

    /// It is found by the words of this as by those of a title.
    pub fn words(&mut self, text: &str) {
        record::each_word(text, |word| {
            if self.words < MOST_WORDS {
                self.words += usize::from(self.add(set::word(word)));
            }
        });
    }

    /// The date that it is put in order by, such as `2018-09`.
    pub fn date(&mut self, date: &str) {
        if self.date.is_empty() && (1..=10).contains(&date.len()) && !date.contains('\0') {
            self.date = date.to_owned();
            self.add(set::having(DATE));
        }
    }

    /// The country that it is put in order by.
    pub fn country(&mut self, code: &str) {
        if self.country.is_empty() && (1..=8).contains(&code.len()) && !code.contains('\0') {
            self.country = code.to_owned();
            self.add(set::having(COUNTRY));
        }
    }

    /// It refers to another record.
    pub fn refers_to(&mut self, to: &Reference) {
        if self.references < MOST_REFERENCES {
            self.references += usize::from(self.add(to.set()));
        }
    }

    /// It is a part of the family of another record.
    pub fn member_of(&mut self, head: &Reference) {
        let family = head.to_text().unwrap_or_default();
        if self.family.is_empty() && (1..=600).contains(&family.len()) {
            self.family = family;
            self.add(set::MEMBERS.to_vec());
        }
    }

    fn add(&mut self, set: Vec<u8>) -> bool {
        self.sets.len() < MOST_SETS && self.sets.insert(set)
    }

    /// The names of the sets that it is in.
    pub(crate) fn sets(&self) -> impl Iterator<Item = &[u8]> {
        self.sets.iter().map(Vec::as_slice)
    }

    /// What it is put in order by.
    pub(crate) fn keys(&self, change: u64) -> Keys {
        let titles = self.titles.iter();
        let titles = titles.map(|(order, key)| (*order, key.as_slice().into()));
        Keys {
            change,
            date: self.date.as_str().into(),
            country: self.country.as_str().into(),
            family: self.family.as_str().into(),
            titles: titles.collect(),
        }
    }
}

/// A year as a value of its facet: in the order of their bytes they are in order.
pub(crate) fn year_value(year: u16) -> String {
    format!("{year:04}")
}
