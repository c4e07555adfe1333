//! The same thing as others counted it: printed counts side by side, the newest first. None
//! replaces another, and none is what is counted here.

use maud::{Markup, html};
use wpsx_domain::{
    NodeError, Wanted,
    records::{Order, OrderBy, Part, Question},
};
use wpsx_proto::{api::record::v1::Kind as KindNumber, record::Kind};

use crate::{
    body::{Writes as _, stacked},
    fields::{body_of, filled, part, parts, string},
    item::Item,
    observatory::Observatory,
    pen::Pen,
    texts,
};

const COUNT: Kind = Kind::new(KindNumber::PrintedCount as u32);
/// Counts that stand on a page.
const MOST: u32 = 30;

pub(super) fn section(
    site: &Observatory,
    item: &Item,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let record = item.record().filter(|record| record.kind() == COUNT);
    let counted = record
        .and_then(body_of)
        .map(|body| string(&body, "counted"));
    let Some(counted) = counted.filter(|counted| !counted.is_empty()) else {
        return Ok(html! {});
    };
    let question = Question {
        kinds: vec![COUNT.number()],
        facets: [("type".to_owned(), vec![counted.clone()])].into(),
        order: Order {
            by: OrderBy::Date,
            descending: true,
        },
        ..Question::default()
    };
    let part = Part::shown(MOST);
    let found = site.records.list(&site.sight(), &question, &part, wanted)?;
    let all: Vec<Item> = found.entries.iter().filter_map(Item::of).collect();
    if all.iter().all(|it| it.id() == item.id()) {
        return Ok(html! {});
    }
    let voice = pen.voice;
    let label = voice.code("counted-things", &counted);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("type", &counted)
        .append_pair("sort", "date")
        .finish();
    Ok(html! {
        section id="counts" {
            h2 { (voice.say(&texts::OTHER_COUNTS)) }
            div.scroll tabindex="0" role="region" aria-label=(label.text) {
                table class={ "claims " (stacked(4)) } role="table" {
                    caption { (voice.shown(&label)) }
                    thead role="rowgroup" { tr role="row" {
                        @for head in [&texts::WHO_SAYS, &texts::WHAT_IS_SAID, &texts::SAID_WHEN, &texts::SAID_OF] { th scope="col" role="columnheader" { (voice.say(head)) } }
                    } }
                    tbody role="rowgroup" { @for it in &all { (row(it, item, pen)) } }
                }
            }
            @if !found.next_token.is_empty() {
                p.onward { a href=(format!("/{}/{COUNT}?{query}", voice.language)) { (voice.say(&texts::SHOW_ALL)) } }
            }
        }
    })
}

fn row(it: &Item, this: &Item, pen: Pen<'_>) -> Markup {
    let Some(body) = it.record().and_then(body_of) else {
        return html! {};
    };
    let is_this = it.id() == this.id();
    let say = |said| pen.voice.say(said);
    html! {
        tr.own[is_this] role="row" {
            th scope="row" role="rowheader" {
                @match filled(&body, "stated_by") {
                    Some((field, bodies)) => (pen.value(&field, &bodies)),
                    None => (pen.links.publisher_shown(&it.origin, pen.voice).unwrap_or_default()),
                }
                @if is_this { " " span.mark { "(" (pen.voice.say(&texts::THIS_RECORD)) ")" } }
            }
            td role="cell" data-label=(say(&texts::WHAT_IS_SAID)) { div {
                @let value = pen.voice.decimal(&string(&body, "value"));
                @if is_this { (pen.text(&value)) }
                @else { a href=(format!("/{}/{}", pen.voice.language, it.path())) { (pen.text(&value)) } }
                " " (pen.text(&string(&body, "unit")))
            } }
            td role="cell" data-label=(say(&texts::SAID_WHEN)) { (part(&body, "as_of").map(|date| pen.date(&date)).unwrap_or_default()) }
            td role="cell" data-label=(say(&texts::SAID_OF)) { (pen.name(&parts(&body, "scope")).unwrap_or_default()) }
        }
    }
}
