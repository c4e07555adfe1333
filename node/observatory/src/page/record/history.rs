//! The revisions of a record: each at its address, with what it changed in the words of the
//! reader's language. What is added and what is removed is said, not only coloured.

use http::StatusCode;
use maud::{Markup, html};
use prost_reflect::{FieldDescriptor, Kind as Type, MessageDescriptor};
use wpsx_domain::{NodeError, Wanted, records::Part};
use wpsx_proto::{
    api::record::v1::Date as Stated,
    envelope::Operation,
    record::{
        Date,
        diff::FieldChange,
        schema::{short_value_name, use_of},
    },
};

use super::{
    standing::{self, reason},
    title::Title,
};
use crate::{
    at::At,
    item::Item,
    links::Links,
    observatory::{Answered, Observatory},
    page::frame::Frame,
    path,
    pen::Pen,
    revision::{self, Found},
    room::Room,
    texts::{self, Voice},
    trail,
};

/// Revisions that stand on the page of a record.
const FEW: u32 = 5;
/// Revisions on a page of the history.
const MANY: u32 = 20;
/// Changes of one revision that are told.
const MOST_CHANGES: usize = 40;
/// Bytes of a value that changed.
const VALUE: usize = 400;
/// Bytes of what publishers say on a page of the history.
const ROOM: usize = 48_000;

/// The newest revisions, and where all of them are.
pub(super) fn section(
    site: &Observatory,
    found: &Found,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let (told, next) = some(site, found, FEW, "", wanted)?;
    let (voice, newest) = (pen.voice, found.newest());
    Ok(html! {
        section id="history" {
            h2 { (voice.say(&texts::HISTORY)) }
            (list(&told, FEW, pen))
            @if next.is_some() {
                p.onward { a href=(format!("/{}/{}/history", voice.language, newest.path())) { (voice.say(&texts::ALL_REVISIONS)) } }
            }
        }
    })
}

/// A page of the history of a record.
pub(crate) fn page(
    site: &Observatory,
    at: At<'_>,
    id: &str,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let found = revision::find(site, id, None)?;
    let language = at.language;
    let voice = site.voice(language);
    let links = Links::from(site, &found.item.origin, wanted);
    let room = Room::of(ROOM);
    let pen = Pen {
        voice,
        links: &links,
        room: &room,
    };
    let here = format!("{}/history", found.item.path());
    // What stands behind a later part of it is another page.
    let from = form_urlencoded::parse(at.query().as_bytes());
    let from = from.into_owned().find(|(name, _)| name == "from");
    let from = from.map(|(_, token)| token).unwrap_or_default();
    let (told, next) = some(site, &found, MANY, &from, wanted)?;
    let path = match from.is_empty() {
        true => here.clone(),
        false => format!("{here}?from={from}"),
    };
    let title = Title::of(&found.item, &links, voice);
    let plain = format!("{} · {}", voice.say(&texts::HISTORY), title.plain());
    let frame = Frame {
        site,
        at,
        title: &plain,
        path: &path,
    };
    let is_erased = found.is_erased();
    let last = revision::last_said(site, &found.item).filter(|_| !is_erased);
    let called = last.as_ref().unwrap_or(&found.item);
    let content = html! {
        article {
            h1 { (voice.say(&texts::HISTORY)) }
            p {
                a href=(format!("/{language}/{}", found.item.path())) {
                    @if is_erased { (voice.say(&texts::ERASED_TITLE)) } @else { (pen.title(called)) }
                }
            }
            (list(&told, MANY, pen))
            @if let Some(next) = next {
                p.onward { a rel="next" href=(format!("/{language}/{here}?from={next}")) { (voice.say(&texts::NEXT)) } }
            }
        }
    };
    let status = match is_erased {
        true => StatusCode::GONE,
        false => StatusCode::OK,
    };
    let trail = trail::below_record(called, voice.say(&texts::HISTORY), voice);
    Ok(Answered::Page(status, frame.under(&trail, &content)))
}

/// The newest `most` revisions from a token on, with one more to compare the last with, and
/// the token of those behind them.
fn some(
    site: &Observatory,
    found: &Found,
    most: u32,
    from: &str,
    wanted: &Wanted,
) -> Result<(Vec<Item>, Option<String>), NodeError> {
    let part = Part {
        size: most + 1,
        token: from.to_owned(),
        bare: true,
    };
    let (sight, item) = (site.sight(), &found.item);
    let (id, origin) = (item.envelope.record_id, item.origin.as_str());
    let history = site.records.history(&sight, &id, origin, &part, wanted)?;
    let entries = &history.entries;
    // Bytes may end a part before its number does.
    let next = match entries.get(most as usize) {
        Some(one_more) => Some(one_more.index.to_string()),
        None => Some(history.next_token).filter(|token| !token.is_empty()),
    };
    Ok((entries.iter().filter_map(Item::of).collect(), next))
}

pub(in crate::page) fn list(told: &[Item], most: u32, pen: Pen<'_>) -> Markup {
    html! {
        ol.history {
            @for (at, item) in told.iter().enumerate().take(most as usize) {
                li {
                    p {
                        a href=(format!("/{}/{}", pen.voice.language, item.permanent_path())) {
                            (pen.voice.say(&texts::REVISION)) " " bdi { (item.envelope.revision) }
                        }
                        " · " (pen.voice.moment(item.envelope.publish_time)) " · " (done(item, pen))
                    }
                    @if let Some(changes) = changes(item, &told[at + 1..]) { (what(item, &changes, pen)) }
                }
            }
        }
    }
}

/// What an entry did.
fn done(item: &Item, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let said = match item.envelope.operation {
        Operation::Publish if item.envelope.revision == 1 => &texts::DID_PUBLISH,
        Operation::Publish => &texts::DID_CHANGE,
        Operation::Withdraw => &texts::DID_WITHDRAW,
        Operation::Erase => &texts::DID_ERASE,
        Operation::Supersede => &texts::DID_SUPERSEDE,
        _ => &texts::DID_SOMETHING_NEW,
    };
    html! {
        (voice.say(said))
        @if let Some(reason) = reason(item.envelope.reason) { (voice.colon()) (voice.say(reason)) }
        @if item.envelope.operation == Operation::Supersede && let Some(successor) = standing::successor(item) {
            (pen.voice.colon()) (pen.reference(&successor))
        }
    }
}

/// What a text changed of the text before it.
fn changes(item: &Item, earlier: &[Item]) -> Option<Vec<FieldChange>> {
    let before = earlier.iter().find_map(Item::record)?;
    Some(before.changes_to(item.record()?))
}

fn what(item: &Item, changes: &[FieldChange], pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let more = changes.len().saturating_sub(MOST_CHANGES);
    html! {
        dl.changes {
            @for change in changes.iter().take(MOST_CHANGES) {
                @if !pen.room.is_full() {
                    @let named = path::named(&change.path, item.kind(), voice);
                    div {
                        dt { bdi { (pen.room.take_some(&named.label, VALUE)) } }
                        dd { (change_of(change, named.field.as_ref(), pen)) }
                    }
                }
            }
        }
        @if more > 0 { p.mark { (voice.count(more as u64, &texts::MORE)) } }
    }
}

fn change_of(change: &FieldChange, field: Option<&FieldDescriptor>, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let said = |text: &str| value(field, text, pen);
    let colon = voice.colon().trim_end();
    html! {
        @match (&change.before, &change.after) {
            (None, Some(now)) => { span.mark { (voice.say(&texts::ADDED)) (colon) } " " ins { (said(now)) } }
            (Some(before), None) => { span.mark { (voice.say(&texts::REMOVED)) (colon) } " " del { (said(before)) } }
            (before, now) => {
                @if let Some(before) = before { div { span.mark { (voice.say(&texts::BEFORE)) (colon) } " " del { (said(before)) } } }
                @if let Some(now) = now { div { span.mark { (voice.say(&texts::SINCE_THEN)) (colon) } " " ins { (said(now)) } } }
            }
        }
    }
}

/// A value that changed, as the reader's language has it.
fn value(field: Option<&FieldDescriptor>, text: &str, pen: Pen<'_>) -> Markup {
    let own = field.and_then(|field| in_words(field, text, pen.voice));
    html! { bdi { (pen.room.take_some(own.as_deref().unwrap_or(text), VALUE)) } }
}

/// A date with what is said of it: that it was planned, and what is noted.
fn dated(message: &MessageDescriptor, text: &str, voice: Voice<'_>) -> Option<String> {
    let (date, note) = match text.split_once(" (") {
        Some((date, note)) => (date, Some(note.trim_end_matches(')'))),
        None => (text, None),
    };
    let stated: Stated = date.parse().ok()?;
    let day = stated.value.parse::<Date>().ok();
    let sense = message.get_field_by_name("sense")?;
    let sense = (stated.sense != 0).then(|| voice.value(&sense, stated.sense).text.into_owned());
    let parts = [
        day.map(|day| voice.date_text(day)),
        sense,
        note.map(str::to_owned),
    ];
    let mut parts = parts.into_iter().flatten();
    let first = parts.next()?;
    Some(parts.fold(first, |said, part| format!("{said} ({part})")))
}

fn in_words(field: &FieldDescriptor, text: &str, voice: Voice<'_>) -> Option<String> {
    let said = use_of(field);
    let vocabulary = &said.vocabulary;
    match field.kind() {
        Type::Enum(values) => {
            let said = |text: &str| {
                let mut numbers = values.values().map(|value| value.number());
                let number =
                    numbers.find(|it| short_value_name(field, *it).as_deref() == Some(text))?;
                Some(voice.value(field, number).text.into_owned())
            };
            let names: Option<Vec<String>> = text.split(" | ").map(said).collect();
            Some(voice.list(&names?))
        }
        Type::Bool if text == "yes" => Some(voice.say(&texts::YES).to_owned()),
        Type::Bool if text == "no" => Some(voice.say(&texts::NO).to_owned()),
        Type::Message(message) if message.name() == "Date" => dated(&message, text, voice),
        Type::String if !said.named_by.is_empty() => {
            let names = voice.vocabularies.get_or_empty(&said.named_by);
            let code = &names.find(text).term()?.code;
            Some(voice.code(&said.named_by, code).text.into_owned())
        }
        Type::String if !vocabulary.is_empty() => {
            let codes = text.split(" | ").take(60);
            let names: Vec<String> = codes
                .map(|code| voice.code(vocabulary, code).text.into_owned())
                .collect();
            Some(voice.list(&names))
        }
        _ => None,
    }
}
