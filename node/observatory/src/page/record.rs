//! One record: what it says, who signed it, and how to prove it.

use http::StatusCode;
use jiff::Timestamp;
use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted, records::Part};
use wpsx_proto::{
    envelope::Operation,
    payload::SlotState,
    record::{Reading, diff::FieldChange},
};
use wpsx_words::Language;

use super::{frame::Frame, organisation::ORGANISATION, rows};
use crate::{
    answer::Answer,
    body::Body,
    item::{Content, Item},
    observatory::{Answered, Observatory},
    revision,
    texts::{self, Voice},
};

/// Revisions that a page tells of.
const MOST_REVISIONS: u32 = 20;
/// Changes of one revision that a page tells.
const MOST_CHANGES: usize = 40;

/// The page of a record; one that is gone has a page that says so.
pub(crate) fn page(
    site: &Observatory,
    language: Language,
    id: &str,
    revision: Option<u32>,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let found = revision::find(site, id, revision)?;
    let item = &found.item;
    let history = revisions(site, item, wanted)?;
    let referring = Answer::referring(site, item, wanted)?;
    let voice = site.voice(language);
    let title = item.title(language.tag());
    let title = title.map_or_else(|| voice.say(&texts::NO_TITLE).to_owned(), |(_, text)| text);
    let path = match found.today {
        Some(_) => item.permanent_path(),
        None => item.path(),
    };
    let frame = Frame {
        site,
        language,
        title: &title,
        path: &path,
    };
    let body = match &item.content {
        Content::Here(Reading::Readable(record)) => Some(Body::of(record, voice)),
        _ => None,
    };
    let content = html! {
        article {
            p.kind { a href=(format!("/{language}/{}", item.kind())) { (voice.shown(&voice.kind(item.kind(), true))) } }
            h1 { (rows::title(item, voice)) }
            @if let Some(note) = note(item, voice) { p.note role="note" { (note) } }
            p.facts {
                @for code in &item.countries() {
                    a href=(format!("/{language}/country/{code}")) { (voice.shown(&voice.country(code))) }
                }
            }
            @if item.kind().to_string() == ORGANISATION {
                p { a href=(format!("/{language}/{ORGANISATION}/{}", item.id())) { (voice.say(&texts::ITS_PAGE)) } }
            }
            @if let Some(body) = &body { (body.heading) (body.main) }
            @if !referring.items.is_empty() {
                section { h2 { (voice.say(&texts::REFERRING)) } (rows::rows(&referring.items, voice, true)) }
            }
            @if history.len() > 1 {
                section { h2 { (voice.say(&texts::HISTORY)) } (told(&history, voice)) }
            }
            aside {
                h2 { (voice.say(&texts::ABOUT)) }
                (signed(site, item, voice))
                @if let Some(body) = &body { (body.aside) }
                h3 { (voice.say(&texts::PROOF)) }
                p { (voice.say(&texts::PROOF_SAYS)) }
                ul.files {
                    li { a href=(format!("/{language}/{path}.tlog-proof")) { (voice.say(&texts::PROOF)) " " bdi { "(.tlog-proof)" } } }
                    li { a href=(format!("/{language}/{path}.json")) { (voice.say(&texts::DOWNLOAD)) " " bdi { "(.json)" } } }
                }
            }
        }
    };
    let status = match found.is_erased() {
        true => StatusCode::GONE,
        false => StatusCode::OK,
    };
    Ok(Answered::Page(status, frame.around(&content)))
}

/// The newest revisions of a record, the newest first.
fn revisions(site: &Observatory, item: &Item, wanted: &Wanted) -> Result<Vec<Item>, NodeError> {
    let part = Part {
        size: MOST_REVISIONS,
        token: String::new(),
    };
    let (sight, id, origin) = (site.sight(), item.envelope.record_id, item.origin.as_str());
    let history = site.records.history(&sight, &id, origin, &part, wanted)?;
    Ok(history.entries.iter().filter_map(Item::of).collect())
}

/// Each revision with what it changed.
fn told(history: &[Item], voice: Voice<'_>) -> Markup {
    html! {
        ol.history {
            @for (at, item) in history.iter().enumerate() {
                li {
                    p { (voice.say(&texts::REVISION)) " " bdi { (item.envelope.revision) } " · " bdi { (time(item).unwrap_or_default()) } }
                    @if let Some(changes) = history.get(at + 1).and_then(|before| changes(before, item)) {
                        dl { @for change in changes.iter().take(MOST_CHANGES) {
                            div {
                                dt { bdi { (change.path) } }
                                dd {
                                    @match (&change.before, &change.after) {
                                        (None, Some(now)) => { (voice.say(&texts::ADDED)) ": " ins { bdi { (now) } } }
                                        (Some(before), None) => { (voice.say(&texts::REMOVED)) ": " del { bdi { (before) } } }
                                        (before, now) => {
                                            del { bdi { (before.as_deref().unwrap_or_default()) } } " "
                                            ins { bdi { (now.as_deref().unwrap_or_default()) } }
                                        }
                                    }
                                }
                            }
                        } }
                    }
                }
            }
        }
    }
}

fn changes(before: &Item, after: &Item) -> Option<Vec<FieldChange>> {
    match (&before.content, &after.content) {
        (Content::Here(Reading::Readable(before)), Content::Here(Reading::Readable(after))) => {
            Some(before.changes_to(after))
        }
        _ => None,
    }
}

fn time(item: &Item) -> Option<String> {
    let time = i64::try_from(item.envelope.publish_time).ok()?;
    let time = Timestamp::from_millisecond(time).ok()?;
    Some(time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Why there is less to see than usual.
fn note(item: &Item, voice: Voice<'_>) -> Option<&'static str> {
    let said = match (&item.content, item.envelope.operation) {
        (_, Operation::Erase) | (Content::Hole(SlotState::Erased), _) => &texts::ERASED,
        (_, Operation::Withdraw) => &texts::WITHDRAWN,
        (Content::Hole(_), _) => &texts::NOT_HELD,
        (Content::Here(Reading::Readable(_)), _) => return None,
        (Content::Here(_), _) => &texts::NEWER,
    };
    Some(voice.say(said))
}

fn signed(site: &Observatory, item: &Item, voice: Voice<'_>) -> Markup {
    let time = i64::try_from(item.envelope.publish_time).ok();
    let time = time.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let time = time.map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let log = site.sight().log(&item.origin);
    let title = log.map(|log| log.identity().title().to_owned());
    html! {
        dl {
            div { dt { (voice.say(&texts::SIGNED_BY)) } dd {
                @if let Some(title) = &title { bdi { (title) } br; }
                bdi.mark { (item.origin) }
            } }
            @if let Some(time) = &time {
                div { dt { (voice.say(&texts::PUBLISHED)) } dd { time { bdi { (time) } } } }
            }
            div { dt { (voice.say(&texts::REVISION)) } dd { bdi { (item.envelope.revision) } } }
        }
    }
}
