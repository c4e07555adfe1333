//! Records as a list: title, country and date first.

use maud::{Markup, html};
use prost_reflect::FieldDescriptor;
use wpsx_proto::record::{Date, Traits, schema::use_of};

use super::brief::{self, Cell};
use crate::{
    cite::publisher,
    fields::body_of,
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
                        @if let Some(standing) = standing(item, row.links, voice) { span { (standing) } }
                        span { (names::shown(&publisher(site, item), voice)) }
                    }
                }
            }
        }
    }
}

/// How it stands, such as in force, by the last part of its history that is counted.
fn standing(item: &Item, links: &Links<'_>, voice: Voice<'_>) -> Option<Markup> {
    let kinds = item.kind().body_field()?.kind();
    let mut fields = kinds.as_message()?.fields();
    let history = fields.find(|field| use_of(field).column && is_counted(field))?;
    let body = item.record().and_then(body_of)?;
    let cell = Cell { voice, links, item };
    let is_said = body.has_field(&history);
    is_said.then(|| brief::brief(&history, &body.get_field(&history), cell))
}

fn is_counted(history: &FieldDescriptor) -> bool {
    let part = history.kind();
    let mut fields = part.as_message().into_iter().flat_map(|it| it.fields());
    use_of(history).newest_last && fields.any(|field| !use_of(&field).facet.is_empty())
}

/// A title with its own language, where that is not the page's.
pub(crate) fn title(item: &Item, voice: Voice<'_>) -> Markup {
    brief::titled(item.called(voice), voice)
}

/// The main date of a record.
pub(crate) fn date(item: &Item) -> Option<Date> {
    let Content::Here(wpsx_proto::record::Reading::Readable(record)) = &item.content else {
        return None;
    };
    let traits = Traits::read(record.kind().number(), record.payload()).ok()?;
    traits.date()
}
