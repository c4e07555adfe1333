//! Records as a list: title, country and date first.

use maud::{Markup, html};
use wpsx_proto::record::{Date, Traits};

use super::brief;
use crate::{
    item::{Content, Item},
    texts::{self, Voice},
};

/// A list of records; with the kind of each where they are of several.
pub(crate) fn rows<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    voice: Voice<'_>,
    with_kind: bool,
) -> Markup {
    html! {
        ol.records {
            @for item in items {
                li {
                    a.title href=(format!("/{}/{}", voice.language, item.path())) { (short_title(item, voice)) }
                    p.facts {
                        @if with_kind { span { (voice.shown(&voice.kind(item.kind(), false))) } }
                        @for code in item.countries().iter().take(4) {
                            span { (voice.shown(&voice.country(code))) }
                        }
                        @if item.countries().len() > 4 {
                            span { (voice.fill(&texts::AND_MORE, &[&voice.number(item.countries().len() as u64 - 4)])) }
                        }
                        @if let Some(date) = date(item) { span { (voice.date(date)) } }
                        span { bdi { (item.origin.publisher().map(|p| p.to_string()).unwrap_or_default()) } }
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
