//! Relations in both directions: the records that this one names, found where they are
//! here, and those that name it, counted exactly.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::record::{Kind, Record};

use super::measured;
use crate::{
    fields::{outline_of, part, parts, stated},
    item::Item,
    links::Reference,
    observatory::Observatory,
    pen::Pen,
    referring::Referring,
    series::SERIES,
    texts,
};

/// Records of a kind that stand on the page.
const FEW: u32 = 5;
/// Relations that are told; the files have all.
const MOST: usize = 100;

/// What the record says of its relations to others, and which it takes the place of.
pub(super) fn outwards(record: &Record, pen: Pen<'_>) -> Markup {
    let Some(message) = outline_of(record) else {
        return html! {};
    };
    let (relations, replaced) = (parts(&message, "relations"), parts(&message, "takes_over"));
    let voice = pen.voice;
    html! {
        @if !relations.is_empty() || !replaced.is_empty() {
            section id="relations" {
                h2 { (voice.say(&texts::REFERS_TO)) }
                ul.records {
                    @for relation in relations.iter().take(MOST) {
                        @if !pen.room.is_full() {
                            li {
                                @let kind = stated(relation, "kind");
                                span.mark {
                                    @match &kind {
                                        Some((field, number)) => (voice.shown(&voice.value(field, *number))),
                                        None => (voice.say(&texts::RELATED)),
                                    }
                                } " · "
                                @if let Some(record) = part(relation, "record") { (pen.reference(&Reference::of(&record))) }
                                (pen.best_text(&parts(relation, "note")))
                            }
                        }
                    }
                    @for replaced in replaced.iter().take(MOST) {
                        li { span.mark { (voice.say(&texts::REPLACES)) } " · " (pen.reference(&Reference::of(replaced))) }
                    }
                }
            }
        }
    }
}

/// What refers to the record, by kind: how many, the newest, and where all are.
pub(super) fn inwards(
    site: &Observatory,
    item: &Item,
    referring: &Referring,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let voice = pen.voice;
    let mut groups = Vec::new();
    // The series of an indicator stand with their values.
    let is_elsewhere = |kind: Kind| kind == SERIES && measured::is_indicator(item);
    for (kind, count) in referring.kinds().filter(|(kind, _)| !is_elsewhere(*kind)) {
        let items = referring.of_kind(site, kind, FEW, wanted)?;
        let list = format!("/{}/{}", voice.language, referring.list(kind));
        groups.push(html! {
            h3 { a href=(list) { (voice.shown(&voice.kind(kind, count != 1))) } " " span.count { (voice.number(count)) } }
            ul.records { @for item in &items { li { (pen.link(item)) } } }
            @if count > u64::from(FEW) {
                p.onward { a href=(list) { (voice.say(&texts::SHOW_ALL)) " " (voice.number(count)) } }
            }
        });
    }
    Ok(html! {
        @if !groups.is_empty() {
            section id="referring" {
                h2 { (voice.say(&texts::REFERRING)) }
                @for group in &groups { (group) }
            }
        }
    })
}
