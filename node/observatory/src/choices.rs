//! What an address asks for, one thing at a time: what it is called, whether anybody knows
//! it, and the same question without it.

use wpsx_domain::records::PUBLISHER;
use wpsx_proto::record::{CountryCode, Date, Kind, YEARS, facet_value, words};
use wpsx_words::{
    facets::{fields, has_name, near},
    vocabularies::{Found, Vocabularies},
};

use crate::{
    address::{Address, EVER, refers_to},
    facets,
    near::{COUNTRY, REGION, nearest},
    observatory::Observatory,
    publishers::Publishers,
    revision::named,
    texts::{self, Voice, dated},
};

/// How many are offered in the place of one that nobody knows.
const MOST_NEAR: usize = 5;

/// One thing that an address asks for and could do without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Of this country.
    Country(String),
    /// Of a member of this region or organisation.
    Region(String),
    /// With this value of this facet.
    Facet(String, String),
    /// Of these years.
    Years(u16, u16),
    /// Published or changed on this day or later.
    Changed(Date),
    /// Referring to the record with this id.
    Refers(String),
    /// With these words in the title.
    Words(String),
}

impl Address {
    /// All that it asks for, in the order in which it is written.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let countries = self.countries.iter().cloned().map(Choice::Country);
        let regions = self.regions.iter().cloned().map(Choice::Region);
        let facets = self.facets.iter().cloned();
        let facets = facets.map(|(name, value)| Choice::Facet(name, value));
        let years = self.years.map(|(from, to)| Choice::Years(from, to));
        let words = (!self.words.is_empty()).then(|| Choice::Words(self.words.clone()));
        let all = countries.chain(regions).chain(facets);
        let changed = self.changed.map(Choice::Changed);
        let refers = self.refers().map(Choice::Refers);
        let all = all.chain(refers).chain(years);
        all.chain(changed).chain(words).collect()
    }

    /// The same question without one thing that it asks for.
    pub(crate) fn without(&self, choice: &Choice) -> Self {
        let mut address = self.first_page();
        match choice {
            Choice::Country(code) => address.countries.retain(|it| it != code),
            Choice::Region(code) => address.regions.retain(|it| it != code),
            Choice::Facet(name, value) => address
                .facets
                .retain(|(facet, it)| (facet, it) != (name, value)),
            Choice::Years(..) => address.years = None,
            Choice::Changed(_) => (address.changed, address.news_only) = (None, false),
            Choice::Refers(_) => address.refers_to = None,
            Choice::Words(_) => address.words.clear(),
        }
        address
    }

    /// The same question with something else in the place of one thing that it asks for.
    pub(crate) fn instead(&self, choice: &Choice, other: Choice) -> Self {
        let mut address = self.without(choice);
        match other {
            Choice::Country(code) => address.countries.push(code),
            Choice::Region(code) => address.regions.push(code),
            Choice::Facet(name, value) => address.facets.push((name, value)),
            Choice::Years(from, to) => address.years = Some((from, to)),
            Choice::Changed(day) => (address.changed, address.news_only) = (Some(day), true),
            Choice::Refers(id) => address.refers_to = named(&id).map(refers_to),
            Choice::Words(words) => address.words = words,
        }
        address
    }

    /// Names of countries and regions as their codes, and values of facets as records have them,
    /// so that one question has one address.
    pub(crate) fn settled(mut self, vocabularies: &Vocabularies) -> Self {
        for code in &mut self.countries {
            if let Found::One { term, .. } = vocabularies.countries().find(code) {
                code.clone_from(&term.code);
            }
        }
        for code in &mut self.regions {
            if let Ok(members) = vocabularies.countries().members(code, None) {
                *code = members.group;
            }
        }
        for (facet, value) in &mut self.facets {
            if let Ok(listed) = facet_value(facet, value) {
                *value = listed;
            }
        }
        once(&mut self.countries);
        once(&mut self.facets);
        self
    }
}

/// Each value once, where it stands first.
fn once<T: Clone + PartialEq>(values: &mut Vec<T>) {
    let mut seen = Vec::new();
    values.retain(|value| {
        let is_new = !seen.contains(value);
        seen.push(value.clone());
        is_new
    });
}

impl Choice {
    /// Whether anybody can answer it of records of that kind, or of all: a country, region,
    /// publisher, word or year that there is.
    pub(crate) fn is_known(&self, kind: Option<Kind>, site: &Observatory) -> bool {
        let countries = site.vocabularies().countries();
        match self {
            Self::Country(code) => match countries.find(code) {
                Found::One { .. } => true,
                Found::Several(_) => false,
                Found::Nothing => code.parse::<CountryCode>().is_ok(),
            },
            Self::Region(code) => countries.members(code, None).is_ok(),
            Self::Facet(name, value) if name == PUBLISHER => Publishers::of(site).has(value),
            Self::Facet(name, value) => facets::is_possible(kind, name, value),
            Self::Changed(_) | Self::Refers(_) => true,
            Self::Years(from, to) => from <= YEARS.end() && to >= YEARS.start(),
            Self::Words(text) => !words(text).is_empty(),
        }
    }

    /// What of the answer it narrows, where its name alone does not say that.
    pub(crate) fn side(&self, voice: Voice<'_>) -> Option<String> {
        let facet = match self {
            Self::Country(_) => "country",
            Self::Facet(name, _) => name,
            Self::Refers(_) => return Some(voice.say(&texts::REFERS_ONLY).to_owned()),
            _ => return None,
        };
        let name = voice.words.facet_name(facet, voice.language);
        Some(name.text.into_owned())
    }

    /// A country or a value of a facet by a code that nobody has given a name.
    pub(crate) fn is_nameless(&self, vocabularies: &Vocabularies) -> bool {
        match self {
            Self::Country(code) => vocabularies.countries().find(code) == Found::Nothing,
            Self::Facet(name, value) => !has_name(name, value, vocabularies),
            _ => false,
        }
    }

    /// What may have been meant by it, the nearest first. A country that stands in the place
    /// of a region is found too, and a region in that of a country.
    pub(crate) fn near(&self, vocabularies: &Vocabularies, publishers: &Publishers) -> Vec<Self> {
        let (code, names) = match self {
            Self::Country(code) => (code, [&COUNTRY[..], &REGION]),
            Self::Region(code) => (code, [&REGION[..], &COUNTRY]),
            Self::Facet(name, value) => {
                let near = match name == PUBLISHER {
                    true => publishers.near(value, vocabularies),
                    false => near(name, value, vocabularies),
                };
                let near = near.into_iter().take(MOST_NEAR);
                return near.map(|code| Self::Facet(name.clone(), code)).collect();
            }
            _ => return Vec::new(),
        };
        if let (Self::Country(_), Found::Several(terms)) =
            (self, vocabularies.countries().find(code))
        {
            let terms = terms.into_iter().take(MOST_NEAR);
            return terms.map(|term| Self::Country(term.code.clone())).collect();
        }
        let found = nearest(code, &names.concat(), vocabularies).into_iter();
        let choice = |(vocabulary, code): (&str, &str)| match COUNTRY.contains(&vocabulary) {
            true => Self::Country(code.to_owned()),
            false => Self::Region(code.to_owned()),
        };
        found.map(choice).collect()
    }

    /// What it is called, but for what has a title elsewhere (`coded`).
    pub(crate) fn name(&self, address: &Address, voice: Voice<'_>) -> String {
        match self {
            Self::Country(code) => voice.country(code).text.into_owned(),
            Self::Region(code) => voice.region(code).text.into_owned(),
            Self::Facet(name, value) => {
                let fields = fields(address.kind, name);
                facets::name(&fields, value, voice).text.into_owned()
            }
            Self::Years(from, to) => years(*from, *to, voice),
            Self::Changed(day) => voice.dated(&dated::CHANGED_SINCE, &day.to_string()),
            Self::Refers(_) => voice.say(&texts::THAT_RECORD).to_owned(),
            Self::Words(text) => voice.quoted(text),
        }
    }
}

/// A span of years, open where it begins before or ends after all that records say.
fn years(from: u16, to: u16, voice: Voice<'_>) -> String {
    let (first, last) = (from.to_string(), to.to_string());
    match (from == EVER.0, to == EVER.1) {
        (false, true) => voice.fill(&texts::SINCE, &[&first]),
        (true, false) => voice.fill(&texts::UNTIL, &[&last]),
        _ if from == to => first,
        _ => voice.fill(&texts::SPAN, &[&first, &last]),
    }
}
