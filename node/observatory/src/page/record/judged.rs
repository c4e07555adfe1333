//! Judgements of one thing by several bodies, side by side: a column for each, a row for
//! each aspect. Who judges its own work is said.

use maud::{Markup, html};
use prost_reflect::DynamicMessage;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::{api::record::v1::Kind as KindNumber, record::Kind};

use crate::{
    body::{Writes as _, stacked},
    fields::{body_of, filled, is_true, part, parts, stated, string},
    foreign,
    item::Item,
    links::Reference,
    observatory::Observatory,
    pen::Pen,
    referring::Referring,
    texts,
};

const ASSESSMENT: Kind = Kind::new(KindNumber::Assessment as u32);
/// Assessments that stand beside each other.
const MOST: u32 = 6;
/// Aspects that they are compared by.
const MOST_ASPECTS: usize = 60;

/// One assessment.
struct Judged {
    item: Item,
    body: DynamicMessage,
    judgements: Vec<DynamicMessage>,
}

/// The assessments of a record, or of what this assessment is about.
pub(super) fn section(
    site: &Observatory,
    item: &Item,
    referring: &Referring,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let record = item.record().filter(|record| record.kind() == ASSESSMENT);
    let about = record.and_then(|record| part(&body_of(record)?, "about"));
    let subject = about.and_then(|about| pen.links.find(&Reference::of(&about)));
    let (all, total, list) = match &subject {
        Some(subject) => {
            let all = Referring::to(site, subject.envelope.record_id, wanted)?;
            found(site, &all, wanted)?
        }
        None => found(site, referring, wanted)?,
    };
    let is_alone = all.iter().all(|it| it.item.id() == item.id());
    if all.is_empty() || is_alone {
        return Ok(html! {});
    }
    let voice = pen.voice;
    Ok(html! {
        section id="assessments" {
            h2 { (voice.shown(&voice.kind(ASSESSMENT, true))) }
            @if let Some(subject) = &subject { p { (voice.say(&texts::JUDGED)) (voice.colon()) (pen.link(subject)) } }
            (table(&all, item, pen))
            @if total > u64::from(MOST) {
                p { a href=(format!("/{}/{list}", voice.language)) { (voice.say(&texts::SHOW_ALL)) } " " span.count { (voice.number(total)) } }
            }
        }
    })
}

fn found(
    site: &Observatory,
    referring: &Referring,
    wanted: &Wanted,
) -> Result<(Vec<Judged>, u64, String), NodeError> {
    let items = referring.of_kind(site, ASSESSMENT, MOST, wanted)?;
    Ok((
        judged(items),
        referring.count(ASSESSMENT),
        referring.list(ASSESSMENT),
    ))
}

fn judged(items: impl IntoIterator<Item = Item>) -> Vec<Judged> {
    let all = items.into_iter().filter_map(|item| {
        let body = body_of(item.record()?)?;
        let judgements = parts(&body, "judgements");
        Some(Judged {
            item,
            body,
            judgements,
        })
    });
    all.collect()
}

/// Assessments side by side, on the page of `this`.
pub(in crate::page) fn beside(
    items: impl IntoIterator<Item = Item>,
    this: &Item,
    pen: Pen<'_>,
) -> Markup {
    table(&judged(items), this, pen)
}

fn table(all: &[Judged], this: &Item, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let mut aspects: Vec<(String, Markup)> = Vec::new();
    for judgement in all.iter().flat_map(|it| &it.judgements) {
        let key = aspect(judgement);
        if aspects.len() < MOST_ASPECTS && !aspects.iter().any(|(known, _)| *known == key) {
            aspects.push((key, heading(judgement, pen)));
        }
    }
    let overall = |it: &Judged| part(&it.body, "overall").map(|it| judgement(&it, pen));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(voice.kind(ASSESSMENT, true).text) {
            table class={ "beside " (stacked(all.len() + 1)) } role="table" {
                caption { (voice.say(&texts::SIDE_BY_SIDE)) }
                thead role="rowgroup" { tr role="row" {
                    td role="cell" {}
                    @for it in all { th scope="col" role="columnheader" { (who(it, this, pen)) } }
                } }
                tbody role="rowgroup" {
                    @for name in ["assessed", "scale"] {
                        (row_of(name, all, pen))
                    }
                    @if all.iter().any(|it| overall(it).is_some()) {
                        tr role="row" {
                            th scope="row" role="rowheader" { (voice.say(&texts::OVERALL)) }
                            @for it in all { td role="cell" data-label=(label(it, pen)) { (overall(it).unwrap_or_default()) } }
                        }
                    }
                    @for (key, heading) in &aspects {
                        tr role="row" {
                            th scope="row" role="rowheader" { (heading) }
                            @for it in all {
                                td role="cell" data-label=(label(it, pen)) {
                                    @for said in it.judgements.iter().filter(|it| aspect(it) == *key).take(3) { (judgement(said, pen)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A row of one field of each, where any fills it.
fn row_of(name: &str, all: &[Judged], pen: Pen<'_>) -> Markup {
    let cells: Vec<_> = all.iter().map(|it| filled(&it.body, name)).collect();
    let field = cells.iter().flatten().map(|(field, _)| field).next();
    html! {
        @if let Some(field) = field {
            tr role="row" {
                th scope="row" role="rowheader" { (pen.voice.shown(&pen.voice.field(field))) }
                @for (cell, it) in cells.iter().zip(all) {
                    td role="cell" data-label=(label(it, pen)) { @if let Some((field, value)) = cell { (pen.value(field, value)) } }
                }
            }
        }
    }
}

/// Who judges, as text, for where a row of the table stands by itself.
fn label(it: &Judged, pen: Pen<'_>) -> String {
    let bodies = parts(&it.body, "assessors");
    let named = |body: &DynamicMessage| {
        let name = parts(body, "name").first().map(|name| string(name, "text"));
        name.unwrap_or_else(|| string(body, "acronym"))
    };
    let name = bodies.first().map(named).filter(|name| !name.is_empty());
    let publisher = || {
        pen.links
            .publisher(&it.item.origin, pen.voice)
            .unwrap_or_default()
    };
    foreign::unsteered(&name.unwrap_or_else(publisher))
}

/// Who judges, and whether it is its own work.
fn who(it: &Judged, this: &Item, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let bodies = filled(&it.body, "assessors");
    html! {
        @match bodies {
            Some((field, bodies)) => (pen.value(&field, &bodies)),
            None => (pen.links.publisher_shown(&it.item.origin, pen.voice).unwrap_or_default()),
        }
        @if is_true(&it.body, "self_assessment") {
            " " strong.mark { (voice.say(&texts::SELF_ASSESSMENT)) }
        }
        div.mark {
            @if it.item.id() == this.id() { (voice.say(&texts::THIS_RECORD)) }
            @else { (pen.link(&it.item)) }
        }
    }
}

/// What tells one aspect from others.
fn aspect(judgement: &DynamicMessage) -> String {
    let number = string(judgement, "number");
    let words = parts(judgement, "aspect");
    match (number.as_str(), words.first()) {
        ("", Some(text)) => string(text, "text"),
        _ => number,
    }
}

fn heading(judgement: &DynamicMessage, pen: Pen<'_>) -> Markup {
    let number = string(judgement, "number");
    html! {
        @if !number.is_empty() { (pen.text(&number)) " " }
        (pen.name(&parts(judgement, "aspect")).unwrap_or_default())
    }
}

/// A value on the scale, or why there is none, with the reason.
fn judgement(it: &DynamicMessage, pen: Pen<'_>) -> Markup {
    let value = filled(it, "value");
    let state = stated(it, "state");
    html! {
        @if let Some((field, value)) = value { strong { (pen.value(&field, &value)) } }
        @if let Some((field, number)) = state { " " (pen.voice.shown(&pen.voice.value(&field, number))) }
        (pen.best_text(&parts(it, "reason")))
    }
}
