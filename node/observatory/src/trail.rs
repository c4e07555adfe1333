//! The way back: the pages above a page, from the top, and what the page itself is called
//! there. A record stands in the list of its kind and at its country, a revision at its
//! record, a country in its region, so nobody has to know where a link has led them.

use serde_json::{Value, json};
use wpsx_proto::record::CountryCode;

use crate::{
    item::Item,
    observatory::Observatory,
    plain::short,
    texts::{self, Voice},
};

/// Characters of a title on the way.
const LONGEST: usize = 80;
/// Regions above a place. M49 is not that deep, and no circle of an operator's rows keeps us.
const DEEPEST: usize = 8;

/// A page on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its address; empty of the page itself.
    pub(crate) href: String,
    pub(crate) title: String,
    /// Of the title, where it may not be the reader's.
    pub(crate) language: Option<String>,
}

impl Step {
    pub(crate) fn to(href: String, title: &str) -> Self {
        Self {
            href,
            title: short(title, LONGEST),
            language: None,
        }
    }

    /// The page itself.
    pub(crate) fn here(title: &str) -> Self {
        Self::to(String::new(), title)
    }

    /// A record, as it is now.
    fn record(item: &Item, voice: Voice<'_>) -> Self {
        let href = format!("/{}/{}", voice.language, item.path());
        match item.title(voice).filter(|_| item.is_current()) {
            Some((tag, title)) => Self {
                language: Some(tag),
                ..Self::to(href, &title)
            },
            None => Self::to(href, &voice.kind(item.kind(), false).text),
        }
    }
}

/// A record: the list of its kind, its country where it has one, and itself.
pub(crate) fn of_record(item: &Item, voice: Voice<'_>) -> Vec<Step> {
    let (language, kind) = (voice.language, item.kind());
    let mut trail = Vec::new();
    if kind.is_known() {
        let href = format!("/{language}/{kind}");
        trail.push(Step::to(href, &voice.kind(kind, true).text));
    }
    if let [country] = &item.countries()[..]
        && country.parse::<CountryCode>().is_ok()
    {
        let href = format!("/{language}/country/{country}");
        trail.push(Step::to(href, &voice.country(country).text));
    }
    trail.push(Step {
        href: String::new(),
        ..Step::record(item, voice)
    });
    trail
}

/// What belongs to a record: the way to that as it is now, and what it is called.
pub(crate) fn below_record(newest: &Item, here: &str, voice: Voice<'_>) -> Vec<Step> {
    let mut trail = of_record(newest, voice);
    trail.pop();
    trail.push(Step::record(newest, voice));
    trail.push(Step::here(here));
    trail
}

/// A country: all of them, and the region that it is in.
pub(crate) fn of_country(code: &str, voice: Voice<'_>) -> Vec<Step> {
    let index = format!("/{}/country", voice.language);
    let mut trail = vec![Step::to(index, voice.say(&texts::COUNTRIES_TITLE))];
    let term = voice.vocabularies.get_or_empty("countries").term(code);
    trail.extend(term.and_then(|term| areas(&term.parent, voice).pop()));
    trail.push(Step::here(&voice.country(code).text));
    trail
}

/// A region: all of them, and the regions that it is in.
pub(crate) fn of_region(code: &str, voice: Voice<'_>) -> Vec<Step> {
    let index = format!("/{}/region", voice.language);
    let mut trail = vec![Step::to(index, voice.say(&texts::REGIONS_TITLE))];
    let area = voice.vocabularies.get_or_empty("m49").term(code);
    trail.extend(area.into_iter().flat_map(|area| areas(&area.parent, voice)));
    trail.push(Step::here(&voice.region(code).text));
    trail
}

/// A theme, among all of them.
pub(crate) fn of_theme(title: &str, voice: Voice<'_>) -> Vec<Step> {
    let index = format!("/{}/theme", voice.language);
    let all = Step::to(index, voice.say(&texts::THEMES_TITLE));
    vec![all, Step::here(title)]
}

/// A region and those around it, the widest first.
fn areas(code: &str, voice: Voice<'_>) -> Vec<Step> {
    let all = voice.vocabularies.get_or_empty("m49");
    let mut found = Vec::new();
    let mut at = code;
    while let Some(area) = all.term(at).filter(|_| found.len() < DEEPEST) {
        let href = format!("/{}/region/{}", voice.language, area.code);
        found.push(Step::to(href, &voice.region(&area.code).text));
        at = &area.parent;
    }
    found.reverse();
    found
}

/// The way to a page as linked data, in the words of schema.org; `path` is its own.
pub(crate) fn linked(site: &Observatory, trail: &[Step], path: &str, voice: Voice<'_>) -> Value {
    let home = Step::to(format!("/{}", voice.language), voice.say(&texts::HOME));
    let steps = std::iter::once(&home).chain(trail).zip(1..);
    let steps = steps.map(|(step, position)| {
        let href = if step.href.is_empty() {
            path
        } else {
            &step.href
        };
        json!({
            "@type": "ListItem",
            "position": position,
            "name": step.title,
            "item": {"@id": site.address(href)},
        })
    });
    json!({"@type": "BreadcrumbList", "itemListElement": steps.collect::<Vec<_>>()})
}
