//! The family of a text: the text, its translations, annexes and amendments, which are one
//! thing in lists and counts, and one list here.

use maud::{Markup, html};
use prost_reflect::FieldDescriptor;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::{
    api::record::v1::Kind as KindNumber,
    record::{Kind, Record, schema::use_of},
};

use crate::{
    fields::{body_of, filled, stated},
    item::Item,
    links::Reference,
    observatory::Observatory,
    pen::Pen,
    referring::Referring,
    texts,
};

const TRANSLATION: Kind = Kind::new(KindNumber::Translation as u32);
/// Members of one kind that are told.
const MOST: u32 = 50;

pub(super) fn section(
    site: &Observatory,
    item: &Item,
    referring: &Referring,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let above = item.record().and_then(head_of);
    let above = above.and_then(|reference| pen.links.find(&reference));
    let head: &Item = above.as_deref().unwrap_or(item);
    let of_head;
    let referring = if above.is_some() {
        of_head = Referring::to(site, head.envelope.record_id, wanted)?;
        &of_head
    } else {
        referring
    };
    let mut members = Vec::new();
    for kind in Kind::known().filter(|kind| family_field(*kind).is_some() || *kind == TRANSLATION) {
        for member in referring.of_kind(site, kind, MOST, wanted)? {
            if member.id() != head.id() && is_of(&member, head, pen) {
                members.push(member);
            }
        }
    }
    if members.is_empty() && above.is_none() {
        return Ok(html! {});
    }
    let voice = pen.voice;
    Ok(html! {
        section id="family" {
            h2 { (voice.say(&texts::FAMILY)) }
            p.mark { (voice.say(&texts::FAMILY_IS)) }
            ul.records {
                (member(head, item, html! { (voice.say(&texts::FAMILY_HEAD)) }, pen))
                @for it in &members { (member(it, item, role(it, pen), pen)) }
            }
        }
    })
}

fn member(it: &Item, this: &Item, role: Markup, pen: Pen<'_>) -> Markup {
    html! {
        li {
            span.mark { (role) } " · "
            @if it.id() == this.id() { strong { (pen.title(it)) } " " span.mark { "(" (pen.voice.say(&texts::THIS_RECORD)) ")" } }
            @else { (pen.link(it)) }
        }
    }
}

/// The field of a kind that names the head of a family.
fn family_field(kind: Kind) -> Option<FieldDescriptor> {
    let body = kind.body_field()?;
    let body = body.kind().as_message()?.clone();
    body.fields().find(|field| use_of(field).names_family)
}

/// The head of the family that a record says it belongs to.
fn head_of(record: &Record) -> Option<Reference> {
    let field = family_field(record.kind())?;
    let (_, value) = filled(&body_of(record)?, field.name())?;
    Some(Reference::of(value.as_message()?))
}

/// Whether a record that refers to a text belongs to its family.
fn is_of(member: &Item, head: &Item, pen: Pen<'_>) -> bool {
    let Some(record) = member.record() else {
        return false;
    };
    let named = match record.kind() == TRANSLATION {
        true => body_of(record)
            .and_then(|body| filled(&body, "about"))
            .and_then(|(_, about)| Some(Reference::of(about.as_message()?))),
        false => head_of(record),
    };
    let Some(mut named) = named else { return false };
    if named.origin.is_empty() {
        named.origin = member.origin.to_string();
    }
    if !named.record_id.is_empty() {
        return named.record_id == head.envelope.record_id.as_bytes();
    }
    let found = pen.links.find(&named);
    found.is_some_and(|found| found.id() == head.id())
}

/// What a member is to the text.
fn role(it: &Item, pen: Pen<'_>) -> Markup {
    let role = it
        .record()
        .and_then(body_of)
        .and_then(|body| stated(&body, "family_role"));
    match role {
        Some((field, number)) => pen.voice.shown(&pen.voice.value(&field, number)),
        None => pen.voice.shown(&pen.voice.kind(it.kind(), false)),
    }
}
