//! Records as a list: title, country and date first.

use maud::{Markup, html};
use wpsx_proto::record::{Date, Traits};

use super::brief;
use crate::{
    cite::publisher,
    item::{Content, Item},
    links::Links,
    names,
    observatory::Observatory,
    texts::{self, Voice},
};

/// What of a record its row says; the page around it may have said it already.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Finds what names of records are made of.
    pub(crate) links: &'a Links<'a>,
    /// Its kind, where they are of several.
    pub(crate) kind: bool,
    /// The country that the whole page is about.
    pub(crate) country: &'a str,
}

/// A list of records.
pub(crate) fn rows<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    site: &Observatory,
    voice: Voice<'_>,
    row: Row<'_>,
) -> Markup {
    html! {
        ol.records {
            @for item in items {
                li {
                    a.title href=(format!("/{}/{}", voice.language, item.path())) { (brief::title(item, row.links, voice)) }
                    p.facts {
                        @if row.kind { span { (voice.shown(&voice.kind(item.kind(), false))) } }
                        @let countries = item.countries();
                        @if countries != [row.country] {
                            @for code in countries.iter().take(4) {
                                span { (voice.coded("countries", code)) }
                            }
                            @if countries.len() > 4 {
                                span { (voice.fill(&texts::AND_MORE, &[&voice.number(countries.len() as u64 - 4)])) }
                            }
                        }
                        @if let Some(date) = date(item) { span { (voice.date(date)) } }
                        span { (names::shown(&publisher(site, item), voice)) }
                    }
                }
            }
        }
    }
}

/// A title with its own language, where that is not the page's.
pub(crate) fn title(item: &Item, voice: Voice<'_>) -> Markup {
    brief::titled(item.title(voice.language.tag()), voice)
}

/// The main date of a record.
pub(crate) fn date(item: &Item) -> Option<Date> {
    let Content::Here(wpsx_proto::record::Reading::Readable(record)) = &item.content else {
        return None;
    };
    let traits = Traits::read(record.kind().number(), record.payload()).ok()?;
    traits.date()
}
