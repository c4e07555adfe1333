//! Records as a list: title, country and time first, each said once.

use maud::{Markup, html};
use prost_reflect::{FieldDescriptor, Value};
use wpsx_proto::record::schema::{record_message, use_of};

use super::{
    brief::{self, Cell},
    place::kinds::is_of_organisation,
};
use crate::{
    cite::publisher,
    fields::{body_of, filled, outline_of, string},
    item::Item,
    links::Links,
    names,
    observatory::Observatory,
    series::{self, Name},
    texts::{self, Voice},
};

/// The field of the organisations of a record as a whole.
pub(super) const WHOSE: &str = "organisations";

/// Tells of a record what the page that lists it has to say.
pub(crate) type Told<'a> = dyn Fn(&Item) -> Option<Markup> + 'a;

/// What of a record its row says; the page around it may have said it already.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Finds what names of records are made of.
    pub(crate) links: &'a Links<'a>,
    /// Its kind, where they are of several.
    pub(crate) kind: bool,
    /// The country that the whole page is about.
    pub(crate) country: &'a str,
    /// What the page has to say of each.
    pub(crate) told: Option<&'a Told<'a>>,
}

/// A list of records.
pub(crate) fn rows<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    site: &Observatory,
    voice: Voice<'_>,
    row: Row<'_>,
) -> Markup {
    let items: Vec<&Item> = items.into_iter().collect();
    // What a series is called is put together of what stands below its title.
    let names: Vec<Option<Name>> = items
        .iter()
        .map(|item| Name::of(item, row.links, voice))
        .collect();
    let shared = series::shared(&names);
    let by_area = series::are_told_by_area(&names);
    html! {
        ol.records {
            @for ((item, name), is_shared) in items.into_iter().zip(&names).zip(shared) {
                li {
                    a.title href=(format!("/{}/{}", voice.language, item.path())) {
                        @match name {
                            Some(name) => {
                                @if by_area && let Some(area) = name.area() { (area) " · " }
                                (name.indicator(brief::cut))
                            },
                            None => (brief::title(item, row.links, voice)),
                        }
                    }
                    p.facts {
                        @if row.kind { span { (voice.shown(&voice.kind(item.kind(), false))) } }
                        @let countries = item.countries();
                        @match name.as_ref().and_then(|name| name.area_beside(row.country, voice)) {
                            Some(area) => { @if !by_area { span { (area) } } },
                            None if by_area || countries == [row.country] => {},
                            None => (named(&countries, voice)),
                        }
                        @if let Some(whose) = whose(item, row.links, voice) { span { (whose) } }
                        @if let Some(when) = when(item, row.links, voice) { span { (when) } }
                        @if let Some(standing) = standing(item, row.links, voice) { span { (standing) } }
                        span { (names::shown(&publisher(site, item), voice)) }
                        @if is_shared && let Some(told) = series::told_apart(item, voice) { span { (told) } }
                        @if let Some(told) = row.told.and_then(|told| told(item)) { span { (told) } }
                    }
                }
            }
        }
    }
}

fn named(countries: &[String], voice: Voice<'_>) -> Markup {
    html! {
        @for code in countries.iter().take(4) {
            span { (voice.coded("countries", code)) }
        }
        @if countries.len() > 4 {
            span { (voice.fill(&texts::AND_MORE, &[&voice.number(countries.len() as u64 - 4)])) }
        }
    }
}

/// The organisations whose own text a record tells of, where its kind is of such.
pub(super) fn whose(item: &Item, links: &Links<'_>, voice: Voice<'_>) -> Option<Markup> {
    let said = item.record().filter(|_| is_of_organisation(item.kind()))?;
    let (field, bodies) = filled(&outline_of(said)?, WHOSE)?;
    Some(brief::brief(&field, &bodies, Cell { voice, links, item }))
}

/// What that is called.
pub(super) fn called_whose(voice: Voice<'_>) -> String {
    let field = record_message().get_field_by_name(WHOSE);
    field.map_or_else(String::new, |field| voice.field(&field).text.into_owned())
}

/// The time that a record is about: the period that stands in its list, else its date. How a
/// plan stands follows from its period, and not from the day on which it was adopted.
pub(super) fn when(item: &Item, links: &Links<'_>, voice: Voice<'_>) -> Option<Markup> {
    let period = || {
        let kind = item.kind().body_field()?.kind();
        let mut fields = kind.as_message()?.fields();
        let field = fields.find(|field| use_of(field).column && brief::is_period(field))?;
        let body = item.record().and_then(body_of)?;
        let cell = Cell { voice, links, item };
        let is_said = body.has_field(&field);
        is_said.then(|| brief::lasting(&field, &body, cell))
    };
    period().or_else(|| dated(item, Cell { voice, links, item }))
}

/// The date that a record is put in order by, with what is said of it: that it was planned.
fn dated(item: &Item, cell: Cell<'_>) -> Option<Markup> {
    let date = item.date()?;
    let (whole, body) = (outline_of(item.record()?)?, body_of(item.record()?)?);
    let is_it = |(field, value): &(FieldDescriptor, &Value)| {
        let said = value.as_message().filter(|_| use_of(field).sortable);
        said.is_some_and(|said| string(said, "value") == date.to_string())
    };
    let mut said = whole.fields().chain(body.fields());
    Some(match said.find(is_it) {
        Some((field, value)) => brief::brief(&field, value, cell),
        None => cell.voice.date(date),
    })
}

/// How it stands, such as in force, by the last part of its history that is counted.
fn standing(item: &Item, links: &Links<'_>, voice: Voice<'_>) -> Option<Markup> {
    let kinds = item.kind().body_field()?.kind();
    let mut fields = kinds.as_message()?.fields();
    let history = fields.find(|field| use_of(field).column && is_counted(field))?;
    let body = item.record().and_then(body_of)?;
    let cell = Cell { voice, links, item };
    let is_said = body.has_field(&history);
    brief::standing(&history, &body, cell).filter(|_| is_said)
}

fn is_counted(history: &FieldDescriptor) -> bool {
    let part = history.kind();
    let mut fields = part.as_message().into_iter().flat_map(|it| it.fields());
    use_of(history).newest_last && fields.any(|field| !use_of(&field).facet.is_empty())
}

/// A title with its own language, where that is not the page's.
pub(crate) fn title(item: &Item, voice: Voice<'_>) -> Markup {
    brief::titled(item, str::to_owned, voice)
}
