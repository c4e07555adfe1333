//! Records as a list: title, country and date first.

use maud::{Markup, html};
use wpsx_proto::record::{Date, Traits};

use super::brief;
use crate::{
    cite::publisher,
    item::{Content, Item},
    names::called,
    observatory::Observatory,
    texts::{self, Voice},
};

/// What of a record its row says; the page around it may have said it already.
#[derive(Clone, Copy, Default)]
pub(crate) struct Row<'a> {
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
                    a.title href=(format!("/{}/{}", voice.language, item.path())) { (short_title(item, voice)) }
                    p.facts {
                        @if row.kind { span { (voice.shown(&voice.kind(item.kind(), false))) } }
                        @let countries = item.countries();
                        @if countries != [row.country] {
                            @for code in countries.iter().take(4) {
                                span { (voice.shown(&voice.country(code))) }
                            }
                            @if countries.len() > 4 {
                                span { (voice.fill(&texts::AND_MORE, &[&voice.number(countries.len() as u64 - 4)])) }
                            }
                        }
                        @if let Some(date) = date(item) { span { (voice.date(date)) } }
                        span { bdi { (called(&publisher(site, item), voice)) } }
                    }
                }
            }
        }
    }
}

/// A title with its own language, where that is not the page's.
pub(crate) fn title(item: &Item, voice: Voice<'_>) -> Markup {
    titled(item.title(voice.language.tag()), voice)
}

/// The same for a list, where a title has room for some lines at most.
pub(crate) fn short_title(item: &Item, voice: Voice<'_>) -> Markup {
    let title = item.title(voice.language.tag());
    titled(title.map(|(tag, title)| (tag, brief::cut(&title))), voice)
}

fn titled(title: Option<(String, String)>, voice: Voice<'_>) -> Markup {
    match title {
        Some((tag, title)) if tag.split('-').next() == Some(voice.language.tag()) => {
            html! { bdi { (title) } }
        }
        Some((tag, title)) => html! { bdi lang=(tag) { (title) } },
        None => html! { (voice.say(&texts::NO_TITLE)) },
    }
}

/// The main date of a record.
pub(crate) fn date(item: &Item) -> Option<Date> {
    let Content::Here(wpsx_proto::record::Reading::Readable(record)) = &item.content else {
        return None;
    };
    let traits = Traits::read(record.kind().number(), record.payload()).ok()?;
    traits.date()
}
