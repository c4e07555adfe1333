//! What a code is called that no vocabulary has: an indicator's, by the title of the indicator's
//! record, a publisher's, by its identity, and a record's that others refer to, by its own title.

use std::collections::HashMap;

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted, records::PUBLISHER};
use wpsx_proto::{api::record::v1::Kind as KindNumber, record::Kind};

use crate::{
    address::Address,
    answer::Answer,
    choices::Choice,
    fields::{body_of, string},
    foreign,
    item::Item,
    observatory::Observatory,
    plain::short,
    publishers::Publishers,
    revision,
    texts::Voice,
};

/// The facet whose values are codes of indicators.
const FACET: &str = "indicator";
const INDICATOR: Kind = Kind::new(KindNumber::Indicator as u32);
/// Indicators that are looked at for one page.
const MOST: u32 = 200;
/// Characters of a title among others.
const LONGEST: usize = 120;

/// What the values of facets are called that no vocabulary has.
#[derive(Debug, Default)]
pub(crate) struct Titles {
    /// Titles of records by their codes, each with its language.
    indicators: HashMap<String, (String, String)>,
    /// Of the record that all refer to.
    about: Option<About>,
    publishers: Publishers,
}

/// A record that all of a list refer to.
#[derive(Debug)]
pub(crate) struct About {
    language: String,
    title: String,
    /// Where everything that refers to it is told, without the language.
    pub(crate) path: String,
    /// It is an organisation, which is found by its name too.
    pub(crate) by_name: bool,
}

impl About {
    fn of(site: &Observatory, id: &str, voice: Voice<'_>) -> Option<Self> {
        let found = revision::find(site, id, None).ok()?;
        let last = revision::last_said(site, found.newest());
        let item = last.as_ref().unwrap_or(found.newest());
        let (language, title) = item.title_line(voice);
        let by_name = item.is_organisation();
        Some(Self {
            language,
            title: short(&title, LONGEST),
            path: match by_name {
                true => format!("organisation/{}", item.id()),
                false => item.path(),
            },
            by_name,
        })
    }

    /// Its title on a page.
    pub(crate) fn shown(&self) -> Markup {
        foreign::inline(&self.language, &self.title)
    }
}

/// Whether a choice is the code of an indicator that has a record. Blocks.
pub(crate) fn is_a_record_s(
    site: &Observatory,
    choice: &Choice,
    wanted: &Wanted,
) -> Result<bool, NodeError> {
    let Choice::Facet(name, value) = choice else {
        return Ok(false);
    };
    let is_it = |item: &Item| code_of(item).as_ref() == Some(value);
    Ok(name == FACET && indicators(site, wanted)?.iter().any(is_it))
}

fn indicators(site: &Observatory, wanted: &Wanted) -> Result<Vec<Item>, NodeError> {
    let all = Address {
        kind: Some(INDICATOR),
        ..Address::default()
    };
    Ok(Answer::of(site, &all, MOST, wanted)?.items)
}

fn code_of(item: &Item) -> Option<String> {
    Some(string(&body_of(item.record()?)?, "code"))
}

impl Titles {
    /// Of the values that these facets have, and of what an address asks for. Blocks.
    pub(crate) fn of<'a>(
        site: &Observatory,
        address: &Address,
        mut facets: impl Iterator<Item = &'a str>,
        voice: Voice<'_>,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let publishers = Publishers::of(site);
        let about = address.refers();
        let about = about.and_then(|id| About::of(site, &id, voice));
        if !facets.any(|facet| facet == FACET) {
            return Ok(Self {
                publishers,
                about,
                ..Self::default()
            });
        }
        let indicators = indicators(site, wanted)?;
        let titles = indicators.iter().filter_map(|item| {
            let (language, title) = item.title(voice)?;
            Some((code_of(item)?, (language, short(&title, LONGEST))))
        });
        Ok(Self {
            indicators: titles.collect(),
            about,
            publishers,
        })
    }

    /// What a choice is called.
    pub(crate) fn of_choice(&self, choice: &Choice, address: &Address, voice: Voice<'_>) -> String {
        let title = match choice {
            Choice::Facet(name, value) if name == PUBLISHER => {
                Some(self.publishers.called(value, voice))
            }
            Choice::Facet(name, value) => {
                let title = self.title(name, value);
                title.map(|(_, title)| foreign::unsteered(title))
            }
            Choice::Refers(_) => {
                let about = self.about.as_ref();
                about.map(|about| foreign::unsteered(&about.title))
            }
            _ => None,
        };
        title.unwrap_or_else(|| choice.name(address, voice))
    }

    /// The same on a page, with its language where it is not the reader's.
    pub(crate) fn choice_shown(
        &self,
        choice: &Choice,
        address: &Address,
        voice: Voice<'_>,
    ) -> Markup {
        match choice {
            Choice::Facet(name, value) if name == PUBLISHER => {
                self.publishers.title_shown(value, voice)
            }
            Choice::Facet(name, value) if self.title(name, value).is_some() => {
                self.shown(name, value, voice).unwrap_or_default()
            }
            choice => match self.about().filter(|_| matches!(choice, Choice::Refers(_))) {
                Some(about) => about.shown(),
                None => html! { bdi { (choice.name(address, voice)) } },
            },
        }
    }

    /// The title of a value on a page.
    pub(crate) fn shown(&self, facet: &str, code: &str, voice: Voice<'_>) -> Option<Markup> {
        if facet == PUBLISHER {
            return Some(self.publishers.shown(code, voice));
        }
        let (language, title) = self.title(facet, code)?;
        Some(foreign::inline(language, title))
    }

    /// The record that all refer to.
    pub(crate) fn about(&self) -> Option<&About> {
        self.about.as_ref()
    }

    /// The publishers.
    pub(crate) fn publishers(&self) -> &Publishers {
        &self.publishers
    }

    fn title(&self, facet: &str, code: &str) -> Option<&(String, String)> {
        self.indicators.get(code).filter(|_| facet == FACET)
    }
}
