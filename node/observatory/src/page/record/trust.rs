//! What a reader needs to weigh a record: for whom it is kept in custody, where what it says
//! can be looked up, and how it is found there.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, Value};
use wpsx_proto::record::Record;

use crate::{
    body::Writes as _,
    fields::{filled, outline_of, part, parts, string},
    item::Item,
    path,
    pen::Pen,
    texts,
};

/// Sources that are not folded.
const UNFOLDED: usize = 10;

/// Of a record that is kept for somebody else: who keeps it, for whom, since when.
pub(in crate::page) fn custody(item: &Item, record: &Record, pen: Pen<'_>) -> Markup {
    let custody = outline_of(record).and_then(|message| part(&message, "custody"));
    let Some(custody) = custody else {
        return html! {};
    };
    let voice = pen.voice;
    let keeper = pen.links.publisher_shown(&item.origin, pen.voice);
    let keeper = keeper.unwrap_or_else(|| html! { bdi { (item.origin) } });
    let publisher = string(&custody, "publisher");
    let owners = ["countries", "bodies"].into_iter();
    let owners = owners.filter_map(|name| filled(&custody, name));
    html! {
        section.custody {
            p { (voice.say(&texts::CUSTODY)) }
            dl {
                div { dt { (voice.say(&texts::HELD_BY)) } dd { (keeper) } }
                div { dt { (voice.say(&texts::HELD_FOR)) } dd {
                    @for (at, (field, value)) in owners.enumerate() {
                        @if at > 0 { br; }
                        (pen.value(&field, &value))
                    }
                } }
                @if let Some(since) = part(&custody, "since") { div { dt { (voice.say(&texts::HELD_SINCE)) } dd { (pen.date(&since)) } } }
                @if !publisher.is_empty() { div { dt { (voice.say(&texts::HELD_UNTIL_TAKEN_BY)) } dd { (pen.text(&publisher)) } } }
            }
        }
    }
}

/// Where it can be looked up, and what of it.
pub(in crate::page) fn sources(record: &Record, pen: Pen<'_>) -> Markup {
    let sources = outline_of(record).map(|message| parts(&message, "sources"));
    let sources = sources.unwrap_or_default();
    let (first, rest) = sources.split_at(sources.len().min(UNFOLDED));
    let items = |sources: &[DynamicMessage], from: usize| {
        html! {
            ol.sources start=(from) {
                @for it in sources {
                    @if !pen.room.is_full() { li { (source(it, record, pen)) } }
                }
            }
        }
    };
    let found_by = found_by(record, &sources, pen);
    html! {
        @if !sources.is_empty() || !found_by.is_empty() {
            section id="sources" {
                h2 { (pen.voice.say(&texts::SOURCES)) }
                @if !first.is_empty() { (items(first, 1)) }
                @if !rest.is_empty() && !pen.room.is_full() {
                    details {
                        summary { (pen.voice.count(rest.len() as u64, &texts::MORE)) }
                        (items(rest, UNFOLDED + 1))
                    }
                }
                @if !found_by.is_empty() { p.mark { (pen.voice.sentences(&found_by)) } }
            }
        }
    }
}

/// In sentences, how the record is found at its source: in which section, under which name and
/// number.
fn found_by(record: &Record, sources: &[DynamicMessage], pen: Pen<'_>) -> Vec<String> {
    let outline = outline_of(record);
    let said = |name: &str| {
        let text = outline.as_ref().map(|message| string(message, name));
        let text = text.filter(|text| !text.is_empty())?;
        Some(pen.room.take(&text).into_owned())
    };
    // The line of a source may say its section already.
    let is_located = |text: &String| sources.iter().any(|it| string(it, "locator") == *text);
    let section = said("source_section").filter(|text| !is_located(text));
    // A program named the kind.
    let kind = said("source_kind").map(|kind| kind.replace('_', " "));
    let number = said("external_id");
    let sentences = [
        (&texts::FOUND_IN_SECTION, section),
        (&texts::FOUND_AS, kind),
        (&texts::FOUND_UNDER, number),
    ];
    let quoted = |text: String| pen.voice.quoted(&text);
    let told = sentences.into_iter().filter_map(|(said, text)| {
        let text = quoted(text?);
        Some(pen.voice.fill(said, &[&text]))
    });
    told.collect()
}

/// A source with the fields that it supports, by their names.
fn source(it: &DynamicMessage, record: &Record, pen: Pen<'_>) -> Markup {
    let supports = filled(it, "supports");
    let paths = supports.as_ref().and_then(|(_, paths)| paths.as_list());
    let names: Vec<String> = paths
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .take(12)
        .map(|it| path::named(it, record.kind(), pen.voice).label)
        .collect();
    html! {
        (pen.source(it))
        @if !names.is_empty() {
            div.mark {
                (pen.voice.say(&texts::SUPPORTS)) (pen.voice.colon())
                @for (at, name) in names.iter().enumerate() { @if at > 0 { (pen.voice.semicolon()) } (pen.text(name)) }
            }
        }
    }
}
