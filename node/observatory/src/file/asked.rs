//! What is asked for as a file: the question of a list's page, and where that page is.

use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use crate::{
    address::Address,
    answer::target,
    at::At,
    misread::{Misread, Why},
    observatory::Observatory,
    revision, unclear,
};

/// A list that is asked for as a file.
pub(crate) struct Asked {
    pub(crate) language: Language,
    /// The question; which part of its answer a page shows is no matter here.
    pub(crate) address: Address,
    /// The page's path without language and question: `event`, `country/KEN`.
    pub(crate) path: String,
    /// What the page's path does not say: the text behind it, with its question mark.
    query: String,
    /// The token of a further part, for what comes in parts.
    pub(crate) part: String,
}

impl Asked {
    /// The list of a kind, or of all.
    pub(crate) fn of_list(site: &Observatory, at: At<'_>, kind: Option<Kind>) -> Self {
        Self::of(site.asked(kind, at), at.language)
    }

    fn of(mut address: Address, language: Language) -> Self {
        address.language = language;
        let part = std::mem::take(&mut address.page);
        Self {
            language,
            path: address.place(),
            query: address.query(),
            address,
            part,
        }
    }

    /// All that belongs to a page: `country/KEN`, `organisation/ID`. Blocks.
    pub(crate) fn of_place(
        site: &Observatory,
        language: Language,
        place: &str,
        key: &str,
        query: &str,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let missing = || NodeError::not_found("page", format!("{place}/{key}"));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !key.chars().all(is_plain) {
            return Err(missing());
        }
        let mut asked = Self::of(site.asked_of_all(query), language);
        let (address, key) = (&mut asked.address, key.to_owned());
        // It is of one place already.
        let twice = match place {
            "country" => address.countries.drain(..).next(),
            "region" => address.regions.drain(..).next(),
            "theme" => {
                let themes = address.facets.extract_if(.., |(name, _)| name == "theme");
                themes.map(|(_, value)| value).last()
            }
            _ => None,
        };
        let twice = twice.map(|value| Misread::new(place, &value, Why::Twice));
        address.misread.extend(twice);
        match place {
            "country" => address.countries.push(key.clone()),
            "region" => address.regions.push(key.clone()),
            "theme" => address.facets.push(("theme".to_owned(), key.clone())),
            "organisation" => {
                let found = revision::find(site, &key, None)?;
                address.refers_to = Some(target(found.newest()));
            }
            _ => return Err(missing()),
        }
        // A page that is not there has no files, whatever else is asked.
        let all = Address::default();
        let own = match place {
            "country" | "theme" => all.with(place, &key),
            "region" => Address {
                regions: vec![key.clone()],
                ..all
            },
            _ => all,
        };
        if !unclear::unknown(site, &own, wanted)?.is_empty() {
            return Err(missing());
        }
        asked.path = format!("{place}/{key}");
        Ok(asked)
    }

    /// The list that answers what the page of a place does not: all that it is about is on it,
    /// so an address that asks for less is led there, with what of it nobody understands.
    pub(crate) fn narrower(&self) -> Option<String> {
        if self.query.is_empty() && self.address.misread.is_empty() {
            return None;
        }
        Some(self.address.as_asked(self.language))
    }

    /// What the file has of it: each text of a family, where a list has one.
    pub(crate) fn each(&self) -> Address {
        Address {
            every_text: true,
            ..self.address.clone()
        }
    }

    /// The address of the page.
    pub(crate) fn page(&self) -> String {
        format!("/{}/{}{}", self.language, self.path, self.query)
    }

    /// The address of a file of the page.
    pub(crate) fn file(&self, suffix: &str) -> String {
        format!("/{}/{}.{suffix}{}", self.language, self.path, self.query)
    }
}
