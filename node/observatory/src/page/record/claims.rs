//! What is said differently of one thing, side by side: who says it, when, and by which
//! source, with the record's own value first. None is chosen for the reader.

use maud::{Markup, html};
use prost_reflect::DynamicMessage;
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::{
    api::record::v1::Kind as KindNumber,
    record::{Kind, Record},
};

use crate::{
    body::Writes as _,
    fields::{body_of, filled, message_of, part, parts, string},
    foreign,
    item::Item,
    links::Reference,
    observatory::Observatory,
    path,
    pen::Pen,
    referring::Referring,
    texts,
};

/// Records of claims that are read for one page.
const MOST_RECORDS: u32 = 50;
/// Claims of one field that stand on it.
const MOST_CLAIMS: usize = 30;
/// Fields whose claims do.
const MOST_FIELDS: usize = 40;

/// What one says of a field.
struct Said {
    who: Markup,
    when: Markup,
    value: Markup,
    sources: Markup,
    is_own: bool,
}

/// A field with all that is said of it.
struct Field {
    path: String,
    said: Vec<Said>,
}

/// What is claimed of the record, or of the record that a claim is about.
pub(in crate::page) fn section(
    site: &Observatory,
    item: &Item,
    referring: &Referring,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    const CLAIM: Kind = Kind::new(KindNumber::Claim as u32);
    let about = match item.record() {
        Some(record) if record.kind() == CLAIM => about(record),
        _ => None,
    };
    let subject = about.as_ref().and_then(|about| pen.links.find(about));
    let (subject, claims) = match &subject {
        Some(subject) => {
            let id = subject.envelope.record_id;
            let referring = Referring::to(site, id, wanted)?;
            let claims = referring.of_kind(site, CLAIM, MOST_RECORDS, wanted)?;
            (&**subject, claims)
        }
        None => (item, referring.of_kind(site, CLAIM, MOST_RECORDS, wanted)?),
    };
    let Some(record) = subject.record() else {
        return Ok(html! {});
    };
    let mut fields: Vec<Field> = Vec::new();
    for claim in message_of(record)
        .map(|all| parts(&all, "claims"))
        .unwrap_or_default()
    {
        add(
            &mut fields,
            record,
            said_here(&claim, pen),
            &string(&claim, "field"),
            pen,
        );
    }
    for other in &claims {
        let Some(theirs) = other.record().filter(|it| speaks_of(it, subject, pen)) else {
            continue;
        };
        for claim in body_of(theirs)
            .map(|body| parts(&body, "claims"))
            .unwrap_or_default()
        {
            let said = said_by(other, theirs, &claim, other.id() == item.id(), pen);
            add(&mut fields, record, said, &string(&claim, "field"), pen);
        }
    }
    Ok(html! {
        @if !fields.is_empty() {
            section id="claims" {
                h2 { (pen.voice.say(&texts::CLAIMS)) }
                @if subject.id() != item.id() { p { (pen.voice.say(&texts::CLAIMS_OF)) ": " (pen.link(subject)) } }
                p.mark { (pen.voice.say(&texts::CLAIMS_STAND)) }
                @for field in fields.iter().take(MOST_FIELDS) {
                    @if !pen.room.is_full() { (table(field, record.kind(), pen)) }
                }
            }
        }
    })
}

/// The record that a claim is about.
fn about(record: &Record) -> Option<Reference> {
    Some(Reference::of(&part(&body_of(record)?, "about")?))
}

/// Whether a claim is about this very record, and does not name it in passing.
fn speaks_of(claim: &Record, subject: &Item, pen: Pen<'_>) -> bool {
    let found = about(claim).and_then(|about| pen.links.find(&about));
    // One that names the record within its own log is found by its id alone.
    found.is_none_or(|found| found.id() == subject.id())
}

fn add(fields: &mut Vec<Field>, record: &Record, said: Said, path: &str, pen: Pen<'_>) {
    let path = path::normal(path, record.kind());
    if let Some(field) = fields.iter_mut().find(|field| field.path == path) {
        field.said.push(said);
        return;
    }
    let own = own(record, &path, pen);
    let said = own.into_iter().chain([said]).collect();
    fields.push(Field { path, said });
}

/// What the record itself says, where the claim is about one of its fields.
fn own(record: &Record, path: &str, pen: Pen<'_>) -> Option<Said> {
    let (field, value) = path::value_at(record, path)?;
    let voice = pen.voice;
    Some(Said {
        who: html! { strong { (voice.say(&texts::THIS_RECORD)) } },
        when: html! {},
        value: match &value {
            Some(value) => pen.value(&field, value),
            None => html! { span.mark { (voice.say(&texts::NOT_STATED)) } },
        },
        sources: html! {},
        is_own: true,
    })
}

/// A claim that the record itself passes on.
fn said_here(claim: &DynamicMessage, pen: Pen<'_>) -> Said {
    let by = string(claim, "made_by");
    let who = match by.as_str() {
        "" => html! { (pen.voice.say(&texts::A_SOURCE)) },
        by => pen.text(by),
    };
    let when = part(claim, "date").map(|date| pen.date(&date));
    said(claim, who, when.unwrap_or_default(), pen)
}

/// A claim of somebody's own record.
fn said_by(
    other: &Item,
    theirs: &Record,
    claim: &DynamicMessage,
    is_this: bool,
    pen: Pen<'_>,
) -> Said {
    let body = body_of(theirs);
    let bodies = body.as_ref().and_then(|body| filled(body, "made_by"));
    let bodies = bodies.map(|(field, value)| pen.value(&field, &value));
    let publisher =
        || html! { bdi { (pen.links.publisher(&other.origin, pen.voice).unwrap_or_default()) } };
    let who = html! {
        (bodies.unwrap_or_else(publisher)) " "
        span.mark {
            @if is_this { "(" (pen.voice.say(&texts::THIS_RECORD)) ")" }
            @else { "(" a href=(format!("/{}/{}", pen.voice.language, other.path())) { (pen.voice.shown(&pen.voice.kind(other.kind(), false))) } ")" }
        }
    };
    let when = part(claim, "date").or_else(|| part(body.as_ref()?, "made"));
    let when = when.map(|date| pen.date(&date)).unwrap_or_default();
    said(claim, who, when, pen)
}

fn said(claim: &DynamicMessage, who: Markup, when: Markup, pen: Pen<'_>) -> Said {
    Said {
        who,
        when,
        value: pen.text(&string(claim, "value")),
        sources: html! {
            @for source in parts(claim, "sources").iter().take(10) { div { (pen.source(source)) } }
        },
        is_own: false,
    }
}

fn table(field: &Field, kind: Kind, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let named = path::named(&field.path, kind, voice);
    let more = field.said.len().saturating_sub(MOST_CLAIMS);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(foreign::unsteered(&named.label)) {
            table.claims {
                caption { bdi { (pen.room.take_some(&named.label, 300)) } }
                thead { tr {
                    @for head in [&texts::WHO_SAYS, &texts::WHAT_IS_SAID, &texts::SAID_WHEN, &texts::SAID_WHERE] { th scope="col" { (voice.say(head)) } }
                } }
                tbody {
                    @for said in field.said.iter().take(MOST_CLAIMS) {
                        tr.own[said.is_own] {
                            th scope="row" { (said.who) }
                            td { (said.value) }
                            td { (said.when) }
                            td { (said.sources) }
                        }
                    }
                }
            }
        }
        @if more > 0 { p.mark { (voice.count(more as u64, &texts::MORE)) } }
    }
}
