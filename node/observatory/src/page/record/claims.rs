//! What is said differently of one thing, side by side: what is said, by whom, as of when and
//! by which source, with the record's own value first. None is chosen for the reader.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor};
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::{
    api::record::v1::Kind as KindNumber,
    record::{Kind, Record, schema::use_of},
};

use super::claimed::claimed;
use crate::{
    body::{Writes as _, stacked},
    fields::{body_of, filled, outline_of, part, parts, string},
    foreign,
    item::Item,
    links::Reference,
    names,
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
/// Sources of one claim.
const MOST_SOURCES: usize = 3;

const CLAIM: Kind = Kind::new(KindNumber::Claim as u32);

/// What one says of a field.
struct Said {
    value: Markup,
    who: Markup,
    when: Option<Markup>,
    sources: Vec<Markup>,
    is_own: bool,
}

/// A field with all that is said of it.
struct Field {
    path: String,
    kind: Kind,
    said: Vec<Said>,
}

/// What is claimed of the record, or of the record that a claim is about. A claim about
/// nothing that is here stands by itself.
pub(in crate::page) fn section(
    site: &Observatory,
    item: &Item,
    referring: &Referring,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let is_claim = item.kind() == CLAIM;
    let about = item.record().filter(|_| is_claim).and_then(about);
    let found = about.as_ref().and_then(|about| pen.links.find(about));
    let subject = match &found {
        Some(found) => Some(&**found),
        None => Some(item).filter(|_| !is_claim),
    };
    let claims = match &found {
        Some(found) => {
            let referring = Referring::to(site, found.envelope.record_id, wanted)?;
            referring.of_kind(site, CLAIM, MOST_RECORDS, wanted)?
        }
        None => referring.of_kind(site, CLAIM, MOST_RECORDS, wanted)?,
    };
    let is_this = subject.is_some_and(|it| it.id() == item.id());
    let mut fields = Fields {
        subject,
        is_this,
        pen,
        all: Vec::new(),
    };
    if let Some(record) = subject.and_then(Item::record) {
        let own = outline_of(record).map(|all| parts(&all, "claims"));
        for claim in own.unwrap_or_default() {
            fields.add(&claim, |field| said_here(&claim, field, pen));
        }
    }
    // A record does not count among those that refer to it.
    let by_itself = is_claim && (is_this || subject.is_none());
    let by_itself = [item].into_iter().filter(|_| by_itself);
    for other in claims.iter().chain(by_itself) {
        let is_about = |it: &&Record| subject.is_none_or(|subject| speaks_of(it, subject, pen));
        let Some(theirs) = other.record().filter(is_about) else {
            continue;
        };
        for claim in body_of(theirs)
            .map(|body| parts(&body, "claims"))
            .unwrap_or_default()
        {
            let is_this = other.id() == item.id();
            fields.add(&claim, |field| {
                said_by(other, theirs, &claim, field, is_this, pen)
            });
        }
    }
    let fields = fields.all;
    Ok(html! {
        @if !fields.is_empty() {
            section id="claims" {
                h2 { (pen.voice.say(&texts::CLAIMS)) }
                @if let Some(subject) = subject.filter(|subject| subject.id() != item.id()) {
                    p { (pen.voice.say(&texts::CLAIMS_OF)) (pen.voice.colon()) (pen.link(subject)) }
                }
                p.mark { (pen.voice.say(&texts::CLAIMS_STAND)) }
                @for field in fields.iter().take(MOST_FIELDS) {
                    @if !pen.room.is_full() { (table(field, pen)) }
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

/// The fields of which something is said, in the order in which they come.
struct Fields<'a> {
    subject: Option<&'a Item>,
    /// The page is the subject's own.
    is_this: bool,
    pen: Pen<'a>,
    all: Vec<Field>,
}

impl Fields<'_> {
    fn add(&mut self, claim: &DynamicMessage, said: impl FnOnce(Option<&FieldDescriptor>) -> Said) {
        let written = string(claim, "field");
        let kind = match self.subject {
            Some(subject) => subject.kind(),
            None => path::kind_of(&written).unwrap_or(CLAIM),
        };
        let path = path::normal(&written, kind);
        let named = path::named(&path, kind, self.pen.voice);
        let said = said(named.field.as_ref());
        if let Some(field) = self.all.iter_mut().find(|field| field.path == path) {
            field.said.push(said);
            return;
        }
        let own = self
            .subject
            .and_then(|it| own(it, self.is_this, &path, self.pen));
        let said = own.into_iter().chain([said]).collect();
        self.all.push(Field { path, kind, said });
    }
}

/// What the record itself says, where the claim is about one of its fields.
fn own(subject: &Item, is_this: bool, path: &str, pen: Pen<'_>) -> Option<Said> {
    let record = subject.record()?;
    let (field, value) = path::value_at(record, path)?;
    let voice = pen.voice;
    // Of a history the claim is about what is so now.
    let last = value.as_ref().filter(|_| use_of(&field).newest_last);
    let last = last.and_then(|value| value.as_list()?.last()?.as_message());
    let publisher = pen.links.publisher_shown(&subject.origin, voice);
    Some(Said {
        value: match (last, &value) {
            (Some(last), _) => pen.state_of(last),
            (None, Some(value)) => pen.small(&field, value),
            (None, None) => html! { span.mark { (voice.say(&texts::NOT_STATED)) } },
        },
        who: html! {
            strong { (voice.say(if is_this { &texts::THIS_RECORD } else { &texts::OTHER_RECORD })) }
            @if let Some(publisher) = publisher { div.mark { (publisher) } }
        },
        when: Some(match last.and_then(|last| part(last, "as_of")) {
            // A state that was looked up or computed is of that day, and not of ours.
            Some(day) => pen.date(&day),
            None => voice.moment(subject.envelope.publish_time),
        }),
        sources: sources_of(record, path, pen),
        is_own: true,
    })
}

/// The sources of a record that support a field, else those of the whole record.
fn sources_of(record: &Record, path: &str, pen: Pen<'_>) -> Vec<Markup> {
    let all = outline_of(record).map(|message| parts(&message, "sources"));
    let all = all.unwrap_or_default();
    let supports = |source: &&DynamicMessage| {
        let fields = filled(source, "supports");
        let fields = fields.as_ref().and_then(|(_, fields)| fields.as_list());
        let mut fields = fields
            .unwrap_or_default()
            .iter()
            .filter_map(|it| it.as_str());
        fields.any(|it| path::normal(it, record.kind()) == path)
    };
    let supporting: Vec<&DynamicMessage> = all.iter().filter(supports).collect();
    let shown = match supporting.is_empty() {
        true => all.iter().collect(),
        false => supporting,
    };
    let shown = shown.into_iter().take(MOST_SOURCES);
    shown.map(|source| pen.source(source)).collect()
}

/// A claim that the record itself passes on.
fn said_here(claim: &DynamicMessage, field: Option<&FieldDescriptor>, pen: Pen<'_>) -> Said {
    let sources = parts(claim, "sources");
    let host = sources
        .iter()
        .find_map(|source| host(&string(source, "url")));
    let who = match (string(claim, "made_by").as_str(), host) {
        ("", Some(host)) => html! { bdi dir="ltr" { (host) } },
        ("", None) => html! { (pen.voice.say(&texts::A_SOURCE)) },
        (by, _) => names::country_behind(by, pen.voice)
            .unwrap_or_else(|| names::shown(&pen.room.take(by), pen.voice)),
    };
    let opened = || sources.iter().find_map(|source| part(source, "opened"));
    let when = part(claim, "date").or_else(opened);
    let when = when.map(|date| pen.date(&date));
    // What the record itself rests on is no source of what somebody else says.
    said(claim, field, who, when, Vec::new, pen)
}

/// The site of an address, which is all that is known of who says something there.
fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    (!host.is_empty()).then(|| host.to_owned())
}

/// A claim of somebody's own record.
fn said_by(
    other: &Item,
    theirs: &Record,
    claim: &DynamicMessage,
    field: Option<&FieldDescriptor>,
    is_this: bool,
    pen: Pen<'_>,
) -> Said {
    let body = body_of(theirs);
    let bodies = body.as_ref().and_then(|body| filled(body, "made_by"));
    let bodies = bodies.map(|(field, value)| pen.value(&field, &value));
    let publisher = || {
        pen.links
            .publisher_shown(&other.origin, pen.voice)
            .unwrap_or_default()
    };
    let who = html! {
        (bodies.unwrap_or_else(publisher))
        div.mark {
            @if is_this { (pen.voice.say(&texts::THIS_RECORD)) }
            @else { a href=(format!("/{}/{}", pen.voice.language, other.path())) { (pen.voice.shown(&pen.voice.kind(other.kind(), false))) } }
        }
    };
    let when = part(claim, "date").or_else(|| part(body.as_ref()?, "made"));
    let when = when.map(|date| pen.date(&date));
    let when = when.unwrap_or_else(|| pen.voice.moment(other.envelope.publish_time));
    let or = || sources_of(theirs, "", pen);
    said(claim, field, who, Some(when), or, pen)
}

fn said(
    claim: &DynamicMessage,
    field: Option<&FieldDescriptor>,
    who: Markup,
    when: Option<Markup>,
    or: impl Fn() -> Vec<Markup>,
    pen: Pen<'_>,
) -> Said {
    let sources = parts(claim, "sources");
    let sources = sources.iter().take(MOST_SOURCES);
    let sources: Vec<Markup> = sources.map(|source| pen.source(source)).collect();
    Said {
        value: claimed(field, &string(claim, "value"), pen),
        who,
        when,
        sources: if sources.is_empty() { or() } else { sources },
        is_own: false,
    }
}

fn table(field: &Field, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let named = path::named(&field.path, field.kind, voice);
    let more = field.said.len().saturating_sub(MOST_CLAIMS);
    let [what, who, when, source] = [
        &texts::WHAT_IS_SAID,
        &texts::WHO_SAYS,
        &texts::SAID_WHEN,
        &texts::SAID_WHERE,
    ]
    .map(|head| voice.say(head));
    let missing = || html! { span.mark { (voice.say(&texts::NOT_GIVEN)) } };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(foreign::unsteered(&named.label)) {
            table class={ "claims " (stacked(4)) } role="table" {
                caption { bdi { (pen.room.take_some(&named.label, 300)) } }
                thead role="rowgroup" { tr role="row" {
                    @for head in [what, who, when, source] { th scope="col" role="columnheader" { (head) } }
                } }
                tbody role="rowgroup" {
                    @for said in field.said.iter().take(MOST_CLAIMS) {
                        tr.own[said.is_own] role="row" {
                            th scope="row" role="rowheader" data-label=(what) { div { (said.value) } }
                            td role="cell" data-label=(who) { div { (said.who) } }
                            td role="cell" data-label=(when) { div { (said.when.clone().unwrap_or_else(missing)) } }
                            td role="cell" data-label=(source) {
                                div {
                                    @for source in &said.sources { div { (source) } }
                                    @if said.sources.is_empty() { (missing()) }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if more > 0 { p.mark { (voice.count(more as u64, &texts::MORE)) } }
    }
}
