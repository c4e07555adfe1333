//! The other plans of the same country or organisation, in the order of their periods: which
//! came earlier, which is this one, which came later. They are found by what they are about,
//! since no record of a plan names the one before it.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, ReflectMessage as _};
use wpsx_domain::{
    NodeError, Wanted,
    records::{Order, OrderBy, Part, Question},
};

use crate::{
    body::period,
    editions::{Place, places},
    fields::{body_of, filled, outline_of, parts, string},
    item::Item,
    observatory::Observatory,
    passed,
    pen::Pen,
    texts,
};

/// Plans among which they are looked for.
const MOST: u32 = 100;
/// Plans that are told.
const MOST_TOLD: usize = 20;

/// A plan with what its place in the order follows from.
struct Plan {
    item: Item,
    body: DynamicMessage,
}

pub(super) fn section(
    site: &Observatory,
    item: &Item,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let Some(this) = item.record().and_then(body_of).filter(has_editions) else {
        return Ok(html! {});
    };
    let plans: Vec<Plan> = others(site, item, wanted)?
        .into_iter()
        .filter_map(|item| {
            let body = body_of(item.record()?)?;
            Some(Plan { item, body })
        })
        .collect();
    if plans.is_empty() {
        return Ok(html! {});
    }
    let all = plans.iter().map(|plan| &plan.item).chain([item]);
    let mut places = places(&all.collect::<Vec<_>>());
    let place = places.pop().flatten();
    let mut placed: Vec<_> = places.into_iter().zip(plans).collect();
    // One of which nothing says when comes last.
    placed.sort_by_key(|(place, _)| (place.is_none(), place.clone()));
    let is_later = |it: &Option<Place>| (it.is_none(), it) > (place.is_none(), &place);
    let later = placed.iter().position(|(place, _)| is_later(place));
    let at = later.unwrap_or(placed.len());
    let (earlier, later) = placed.split_at(at);
    let voice = pen.voice;
    let shown = |(at, plan): &(Option<Place>, Plan), said: &texts::Said| {
        // Of two of which nothing says when one was, none came before the other.
        let said = match at.is_some() && place.is_some() {
            true => said,
            false => &texts::EDITION_OTHER,
        };
        html! {
            @if !pen.room.is_full() {
                li { span.mark { (voice.say(said)) } " · " (pen.link(&plan.item)) (facts(&plan.body, pen)) }
            }
        }
    };
    Ok(html! {
        section id="editions" {
            h2 { (voice.say(&texts::EDITIONS)) }
            ol.records {
                @for plan in last(earlier) { (shown(plan, &texts::EDITION_EARLIER)) }
                li aria-current="true" {
                    span.mark { (voice.say(&texts::EDITION_THIS)) } " · " strong { (pen.title(item)) }
                    (facts(&this, pen))
                }
                @for plan in later.iter().take(MOST_TOLD) { (shown(plan, &texts::EDITION_LATER)) }
            }
        }
    })
}

/// The last ones of those that came before.
fn last<T>(plans: &[T]) -> &[T] {
    &plans[plans.len().saturating_sub(MOST_TOLD)..]
}

fn has_editions(body: &DynamicMessage) -> bool {
    let field = body.descriptor().get_field_by_name("edition");
    field.is_some_and(|field| field.kind().as_message().is_some())
}

/// The plans of the same kind of one of its countries, else of one of its organisations, each
/// text once. Blocks.
fn others(site: &Observatory, item: &Item, wanted: &Wanted) -> Result<Vec<Item>, NodeError> {
    let countries = item.countries();
    let question = Question {
        kinds: vec![item.kind().number()],
        countries: countries.iter().take(20).cloned().collect(),
        families_once: true,
        order: Order {
            by: OrderBy::Date,
            descending: true,
        },
        ..Question::default()
    };
    let part = Part::shown(MOST);
    let found = site.records.list(&site.sight(), &question, &part, wanted)?;
    let organisations = organisations(item);
    let found = found.entries.iter().filter_map(Item::outline);
    let is_other = |other: &Item| {
        let theirs = self::organisations(other);
        let same = theirs.iter().any(|name| organisations.contains(name));
        other.id() != item.id() && (!countries.is_empty() || same)
    };
    Ok(found.filter(is_other).collect())
}

/// The short names and the names of the organisations of a record.
fn organisations(item: &Item) -> Vec<String> {
    let message = item.record().and_then(outline_of);
    let bodies = message.map(|message| parts(&message, "organisations"));
    let mut names = Vec::new();
    for body in bodies.unwrap_or_default() {
        names.push(string(&body, "acronym"));
        let texts = parts(&body, "name");
        names.extend(texts.iter().map(|text| string(text, "text")));
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Its period and its state now.
fn facts(body: &DynamicMessage, pen: Pen<'_>) -> Markup {
    let field = filled(body, "period").map(|(field, _)| field);
    let states = parts(body, "status_history");
    html! {
        div.facts {
            span {
                @match &field {
                    Some(field) => (period(field, body, pen)),
                    None => (pen.voice.say(&texts::NO_PERIOD)),
                }
            }
            @if let Some(state) = states.last() {
                span { (pen.state_of(state)) (passed::mark(body, pen.links.today().as_deref(), pen.voice)) }
            }
        }
    }
}
