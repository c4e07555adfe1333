//! What is asked for as a file: the question of a list's page, and where that page is.

use wpsx_domain::NodeError;
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use crate::{
    address::Address, answer::target, choices::Choice, observatory::Observatory, revision,
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
    pub(crate) fn of_list(
        site: &Observatory,
        language: Language,
        kind: Option<Kind>,
        query: &str,
    ) -> Self {
        let mut address = site.asked(kind, query);
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
    ) -> Result<Self, NodeError> {
        let missing = || NodeError::not_found("page", format!("{place}/{key}"));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !key.chars().all(is_plain) {
            return Err(missing());
        }
        let mut asked = Self::of_list(site, language, None, query);
        let (address, key) = (&mut asked.address, key.to_owned());
        match place {
            "country" => address.countries = vec![key.clone()],
            "region" => address.regions = vec![key.clone()],
            "theme" => address.facets.push(("theme".to_owned(), key.clone())),
            "organisation" => {
                let found = revision::find(site, &key, None)?;
                address.refers_to = Some(target(found.newest()));
            }
            _ => return Err(missing()),
        }
        // A page that is not there has no files, whatever else is asked.
        let vocabularies = site.voice(language).vocabularies;
        let own = [Choice::Country(key.clone()), Choice::Region(key.clone())];
        let own = own.into_iter().zip(["country", "region"]);
        let mut own = own.filter(|(_, word)| *word == place);
        if own.any(|(choice, _)| !choice.is_known(vocabularies)) {
            return Err(missing());
        }
        asked.path = format!("{place}/{key}");
        Ok(asked)
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
