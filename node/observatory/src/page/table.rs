//! Records in a table with the columns that the schema has for their kind. Where it has no
//! room for all of them, each row stands by itself, with the columns' names at the values.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor};
use wpsx_proto::record::{Kind, schema::use_of};

use super::{
    brief::{self, Cell},
    rows,
};
use crate::{
    body::stacked,
    cite::publisher,
    fields::{body_of, is_quantity},
    item::Item,
    links::Links,
    names,
    observatory::Observatory,
    series::{self, Name},
    texts::{self, Voice},
};

/// Rows from which on what all of them say is said once, above them, as of one page alone.
const LONG: usize = 10;
/// Countries in one cell.
const MOST_COUNTRIES: usize = 4;

/// A column: what it is called, and its cell of each record.
struct Column {
    name: String,
    /// Of numbers, which stand at the end of their cells.
    class: Option<&'static str>,
    cells: Vec<Option<Markup>>,
}

impl Column {
    /// Of what is no number.
    fn of(name: &str, cells: Vec<Option<Markup>>) -> Self {
        Self {
            name: name.to_owned(),
            class: None,
            cells,
        }
    }

    /// Whether it says the same in each row of a long table, and so nothing of any.
    fn says_one_thing(&self) -> bool {
        let first = self.cells.first().and_then(Option::as_ref);
        let is_same = |cell: &Option<Markup>| match (cell, first) {
            (Some(cell), Some(first)) => cell.0 == first.0,
            _ => false,
        };
        self.cells.len() >= LONG && self.cells.iter().all(is_same)
    }
}

/// Records of one kind, or of several.
pub(super) fn table(
    items: &[Item],
    kind: Option<Kind>,
    site: &Observatory,
    voice: Voice<'_>,
    links: &Links<'_>,
) -> Markup {
    // What a series is called is put together of what its columns say, so each says its part.
    let names: Vec<Option<Name>> = items
        .iter()
        .map(|item| Name::of(item, links, voice))
        .collect();
    let shared = series::shared(&names);
    let named = || std::iter::zip(items, &names);
    let titles = named().map(|(item, name)| match name {
        Some(name) => name.indicator(brief::cut),
        None => brief::title(item, links, voice),
    });
    let titles = Column::of(voice.say(&texts::TITLE), titles.map(Some).collect());
    let areas = named().map(|(item, name)| match name {
        Some(name) => name.area(),
        None => countries(item, voice),
    });
    let areas = Column::of(voice.say(&texts::COUNTRY), areas.collect());
    let whose = items.iter().map(|item| rows::whose(item, links, voice));
    let whose = Column::of(&rows::called_whose(voice), whose.collect());
    // What many rows measure tells none of them from the others: each is called by its area then.
    let (lead, mut columns) = match series::are_told_by_area(&names) {
        true => (areas, vec![titles]),
        false => (titles, vec![areas, whose]),
    };
    match kind {
        Some(kind) => columns.extend(of_schema(items, kind, voice, links)),
        None => {
            let kind = |item: &Item| Some(voice.shown(&voice.kind(item.kind(), false)));
            let when = |item: &Item| rows::when(item, links, voice);
            columns.insert(0, column(voice.say(&texts::KIND), items, kind));
            columns.push(column(voice.say(&texts::DATE), items, when));
        }
    }
    columns.push(column(voice.say(&texts::PUBLISHER), items, |item| {
        Some(names::shown(&publisher(site, item), voice))
    }));
    columns.retain(|column| column.cells.iter().any(Option::is_some));
    let (same, columns): (Vec<_>, Vec<_>) = columns.into_iter().partition(Column::says_one_thing);
    html! {
        @if !same.is_empty() {
            p.mark {
                (voice.say(&texts::SAME_IN_ALL)) (voice.colon())
                @for (at, column) in same.iter().enumerate() {
                    @if at > 0 { (voice.semicolon()) }
                    (column.name) (voice.colon())
                    @if let Some(Some(said)) = column.cells.first() { (said) }
                }
            }
        }
        div.scroll {
            // A title alone is wide.
            table class={ "list " (stacked((columns.len() + 1).max(4))) } role="table" {
                thead role="rowgroup" {
                    tr role="row" {
                        th scope="col" role="columnheader" { (lead.name) }
                        @for column in &columns { th class=[column.class] scope="col" role="columnheader" { (column.name) } }
                    }
                }
                tbody role="rowgroup" {
                    @for (at, item) in items.iter().enumerate() {
                        tr role="row" {
                            th.title scope="row" role="rowheader" {
                                a href=(format!("/{}/{}", voice.language, item.path())) {
                                    @if let Some(called) = &lead.cells[at] { (called) }
                                }
                                @if shared[at] && let Some(told) = series::told_apart(item, voice) { p.mark { (told) } }
                            }
                            @for column in &columns {
                                @match &column.cells[at] {
                                    Some(cell) => td class=[column.class] role="cell" data-label=(column.name) { div { (cell) } },
                                    None => td role="cell" {},
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn column(name: &str, items: &[Item], cell: impl Fn(&Item) -> Option<Markup>) -> Column {
    Column::of(name, items.iter().map(cell).collect())
}

fn countries(item: &Item, voice: Voice<'_>) -> Option<Markup> {
    let codes = item.countries();
    let more = codes.len().saturating_sub(MOST_COUNTRIES) as u64;
    let names = codes.iter().take(MOST_COUNTRIES);
    let named: Vec<(String, Markup)> = names
        .map(|code| {
            (
                voice.country(code).text.into_owned(),
                voice.coded("countries", code),
            )
        })
        .collect();
    (!codes.is_empty()).then(|| {
        html! {
            (voice.listing(&named))
            @if more > 0 { " " span.mark { (voice.fill(&texts::AND_MORE, &[&voice.number(more)])) } }
        }
    })
}

/// The columns that the schema has for a kind, in its order.
fn of_schema(items: &[Item], kind: Kind, voice: Voice<'_>, links: &Links<'_>) -> Vec<Column> {
    let body = kind.body_field();
    let message = body
        .as_ref()
        .and_then(|body| body.kind().as_message().cloned());
    let fields = message.iter().flat_map(|message| message.fields());
    let fields: Vec<FieldDescriptor> = fields.filter(|field| use_of(field).column).collect();
    let bodies: Vec<Option<DynamicMessage>> = items
        .iter()
        .map(|item| item.record().and_then(body_of))
        .collect();
    fields
        .iter()
        .map(|field| {
            let cell = |(item, body): (&Item, &Option<DynamicMessage>)| {
                let body = body.as_ref().filter(|body| body.has_field(field))?;
                let cell = Cell { voice, links, item };
                let is_state = field.name() == "state" || use_of(field).newest_last;
                match is_state {
                    true => brief::standing(field, body, cell),
                    false if brief::is_period(field) => Some(brief::lasting(field, body, cell)),
                    false => Some(brief::brief(field, &body.get_field(field), cell)),
                }
            };
            Column {
                name: voice.today(field).text.into_owned(),
                class: is_quantity(field).then_some("number"),
                cells: items.iter().zip(&bodies).map(cell).collect(),
            }
        })
        .collect()
}
