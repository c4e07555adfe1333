//! Records as a list: title, country and date first.

use maud::{Markup, html};
use wpsx_proto::record::Traits;

use crate::{
    item::{Content, Item},
    texts::{self, Voice},
};

/// A list of records; with the kind of each where they are of several.
pub(crate) fn rows(items: &[Item], voice: Voice<'_>, with_kind: bool) -> Markup {
    html! {
        ol.records {
            @for item in items {
                li {
                    a.title href=(format!("/{}/{}", voice.language, item.path())) { (title(item, voice)) }
                    p.facts {
                        @if with_kind { span { (voice.shown(&voice.kind(item.kind(), false))) } }
                        @for code in item.countries().iter().take(4) {
                            span { (voice.shown(&voice.country(code))) }
                        }
                        @if item.countries().len() > 4 { span { "+" (item.countries().len() - 4) } }
                        @if let Some(date) = date(item) { span { time datetime=(date) { bdi { (date) } } } }
                        span { bdi { (item.origin.publisher().map(|p| p.to_string()).unwrap_or_default()) } }
                    }
                }
            }
        }
    }
}

/// A title with its own language, where that is not the page's.
pub(crate) fn title(item: &Item, voice: Voice<'_>) -> Markup {
    match item.title(voice.language.tag()) {
        Some((tag, title)) if tag.split('-').next() == Some(voice.language.tag()) => {
            html! { (title) }
        }
        Some((tag, title)) => html! { bdi lang=(tag) { (title) } },
        None => html! { (voice.say(&texts::NO_TITLE)) },
    }
}

/// The main date of a record.
pub(crate) fn date(item: &Item) -> Option<String> {
    let Content::Here(wpsx_proto::record::Reading::Readable(record)) = &item.content else {
        return None;
    };
    let traits = Traits::read(record.kind().number(), record.payload()).ok()?;
    traits.date().map(|date| date.to_string())
}
