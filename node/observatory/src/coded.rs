//! What a code is called that no vocabulary has, but a record of its own: an indicator's, by
//! the title of the indicator.

use std::collections::HashMap;

use maud::Markup;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::{api::record::v1::Kind as KindNumber, record::Kind};

use crate::{
    address::Address,
    answer::Answer,
    fields::{body_of, string},
    foreign,
    observatory::Observatory,
    plain::short,
    texts::Voice,
};

/// The facet whose values are codes of indicators.
const FACET: &str = "indicator";
const INDICATOR: Kind = Kind::new(KindNumber::Indicator as u32);
/// Indicators that are looked at for one page.
const MOST: u32 = 200;
/// Characters of a title among others.
const LONGEST: usize = 120;

/// Titles of records by their codes, each with its language.
#[derive(Debug, Default)]
pub(crate) struct Titles(HashMap<String, (String, String)>);

impl Titles {
    /// Of the values that these facets have. Blocks.
    pub(crate) fn of<'a>(
        site: &Observatory,
        mut facets: impl Iterator<Item = &'a str>,
        voice: Voice<'_>,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        if !facets.any(|facet| facet == FACET) {
            return Ok(Self::default());
        }
        let all = Address {
            kind: Some(INDICATOR),
            ..Address::default()
        };
        let indicators = Answer::of(site, &all, MOST, wanted)?.items;
        let titles = indicators.iter().filter_map(|item| {
            let code = string(&body_of(item.record()?)?, "code");
            let (language, title) = item.title(voice.language.tag())?;
            Some((code, (language, short(&title, LONGEST))))
        });
        Ok(Self(titles.collect()))
    }

    /// The title of a value, as text.
    pub(crate) fn plain(&self, facet: &str, code: &str) -> Option<String> {
        let (_, title) = self.title(facet, code)?;
        Some(foreign::unsteered(title))
    }

    /// The same on a page.
    pub(crate) fn shown(&self, facet: &str, code: &str) -> Option<Markup> {
        let (language, title) = self.title(facet, code)?;
        Some(foreign::inline(language, title))
    }

    fn title(&self, facet: &str, code: &str) -> Option<&(String, String)> {
        self.0.get(code).filter(|_| facet == FACET)
    }
}
