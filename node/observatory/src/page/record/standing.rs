//! Why there is less to see than usual, or why it is not the last word: in plain words,
//! with when, why, and what to read instead.

use maud::{Markup, html};
use wpsx_proto::{
    envelope::{Operation, Reason},
    payload::SlotState,
    record::Reading,
};

use super::proof::{numbered, steps};
use crate::{
    item::{Content, Item},
    links::Reference,
    pen::Pen,
    revision::Found,
    texts::{self, Said},
};

/// The notes above a record.
pub(in crate::page) fn notes(
    item: &Item,
    today: Option<&Item>,
    asked: Option<u32>,
    pen: Pen<'_>,
) -> Markup {
    let voice = pen.voice;
    html! {
        @if let Some(today) = today {
            p.note role="note" {
                (voice.say(&texts::EARLIER)) (voice.gap()) (voice.moment(item.envelope.publish_time)) (voice.stop()) (voice.gap())
                @if !today.is_current() { (voice.say(taken_back(today))) (voice.gap()) }
                a.onward href=(format!("/{}/{}", voice.language, today.path())) { (voice.say(&texts::TODAYS_TEXT)) }
            }
        } @else if asked.is_some() {
            p.note role="note" {
                (voice.say(&texts::NEWEST_TEXT)) (voice.gap())
                a.onward href=(format!("/{}/{}", voice.language, item.path())) { (voice.say(&texts::ALWAYS_NEWEST)) }
            }
        }
        @if let Some(note) = note(item, pen) { p.note role="note" { (note) } }
    }
}

/// What became of a record that is not current, in a sentence.
fn taken_back(today: &Item) -> &'static Said {
    match today.envelope.operation {
        Operation::Withdraw => &texts::WITHDRAWN,
        Operation::Supersede => &texts::SUPERSEDED,
        Operation::Erase => &texts::ERASED,
        _ => &texts::NEWER,
    }
}

fn note(item: &Item, pen: Pen<'_>) -> Option<Markup> {
    let voice = pen.voice;
    let plain = |said: &'static Said| Some(html! { (voice.say(said)) });
    match (&item.content, item.envelope.operation) {
        (_, Operation::Withdraw) => Some(html! {
            (voice.say(&texts::WITHDRAWN)) (voice.gap()) (when_and_why(item, pen)) (voice.gap()) (last_text(item, pen))
        }),
        (Content::Hole(SlotState::Erased), _) | (_, Operation::Erase) => plain(&texts::ERASED),
        (_, Operation::Supersede) => Some(html! {
            (voice.say(&texts::SUPERSEDED)) (voice.gap()) (when_and_why(item, pen)) (voice.gap())
            @if let Some(successor) = successor(item) {
                (voice.say(&texts::SUCCESSOR)) (voice.colon()) (pen.reference(&successor)) (voice.stop()) (voice.gap())
            }
            (last_text(item, pen))
        }),
        (Content::Hole(SlotState::Filtered), _) => plain(&texts::FILTERED),
        (Content::Hole(SlotState::None), _) => plain(&texts::NEWER),
        (Content::Hole(_), _) => plain(&texts::NOT_HELD),
        (_, operation) if !operation.publishes() => plain(&texts::NEWER),
        (Content::Here(Reading::Readable(_)), _) => None,
        (Content::Here(Reading::NewerKind { .. }), _) => plain(&texts::NEWER),
        (Content::Here(Reading::Malformed(_)), _) => plain(&texts::MALFORMED),
    }
}

/// The record that takes the place of a superseded one.
pub(super) fn successor(item: &Item) -> Option<Reference> {
    let successor = item.successor.as_ref()?;
    Some(Reference {
        origin: successor.origin.to_string(),
        record_id: successor.record_id.as_bytes().to_vec(),
        ..Reference::default()
    })
}

/// When an entry was made and the reason that it gives.
pub(super) fn when_and_why(item: &Item, pen: Pen<'_>) -> Markup {
    html! {
        "(" (pen.voice.moment(item.envelope.publish_time))
        @if let Some(reason) = reason(item.envelope.reason) { " · " (pen.voice.say(reason)) }
        ")" (pen.voice.stop())
    }
}

/// A reason in words; none where none is stated.
pub(super) fn reason(reason: Reason) -> Option<&'static Said> {
    match reason {
        Reason::Unspecified | Reason::Unknown(_) => None,
        Reason::Correction => Some(&texts::REASON_CORRECTION),
        Reason::Outdated => Some(&texts::REASON_OUTDATED),
        Reason::Mistake => Some(&texts::REASON_MISTAKE),
        Reason::Protection => Some(&texts::REASON_PROTECTION),
        Reason::Legal => Some(&texts::REASON_LEGAL),
        Reason::Duplicate => Some(&texts::REASON_DUPLICATE),
    }
}

/// A link to the text before an entry that took it back.
fn last_text(item: &Item, pen: Pen<'_>) -> Markup {
    let before = item.envelope.revision.saturating_sub(1);
    html! {
        @if before > 0 {
            a.onward href=(format!("/{}/{}/{before}", pen.voice.language, item.path())) { (pen.voice.say(&texts::LAST_TEXT)) }
        }
    }
}

/// All that a page says of a record that was erased: the entry that says so.
pub(super) fn erasure(found: &Found, publisher: Option<&Markup>, pen: Pen<'_>) -> Markup {
    let (voice, newest) = (pen.voice, found.newest());
    let says_so = newest.envelope.operation == Operation::Erase;
    html! {
        h1 { (voice.say(&texts::ERASED_TITLE)) }
        p.note role="note" { (voice.say(&texts::ERASED)) }
        @if says_so {
            dl {
                div { dt { (voice.say(&texts::ERASED_WHEN)) } dd { (voice.moment(newest.envelope.publish_time)) } }
                div { dt { (voice.say(&texts::ERASED_BY)) } dd {
                    @if let Some(publisher) = publisher { (publisher) br; }
                    bdi.mark { (newest.origin) }
                } }
                @if let Some(reason) = reason(newest.envelope.reason) {
                    div { dt { (voice.say(&texts::REASON)) } dd { (voice.say(reason)) } }
                }
                div { dt { (voice.say(&texts::ENTRY)) } dd { (numbered(newest.index, None, voice)) } }
            }
            p.onward { a href=(format!("/{}/{}.tlog-proof", voice.language, newest.path())) { (voice.say(&texts::PROOF_OF_ERASURE)) " " bdi { "(.tlog-proof)" } } }
            (steps(voice))
        }
    }
}
