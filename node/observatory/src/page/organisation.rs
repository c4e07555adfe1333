//! Everything that names an organisation: what it leads, answers for and pays, its members,
//! grouped by the fields of the schema that name it.

use std::collections::BTreeMap;

use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_domain::{NodeError, Wanted, records::Target};

use super::{downloads::downloads, frame::Frame, rows};
use crate::{
    address::Address,
    answer::{Answer, tally, target},
    at::At,
    fields::body_of,
    item::Item,
    links::Links,
    observatory::{Answered, Observatory},
    revision,
    texts::{self, Voice},
    trail,
};

/// The kind that has these pages beside those of its records.
pub(crate) const ORGANISATION: &str = "organisation";
/// Records that one page looks at.
const MOST: u32 = 300;
/// Records under one heading.
const MOST_OF_ONE: usize = 25;

/// The records that name an organisation in one field.
struct Named<'a> {
    field: FieldDescriptor,
    items: Vec<&'a Item>,
}

/// The page of an organisation, by the id of its record.
pub(crate) fn page(
    site: &Observatory,
    at: At<'_>,
    id: &str,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let language = at.language;
    let voice = site.voice(language);
    let found = revision::find(site, id, None)?;
    // What is left of an erased one is told by its record's page.
    if found.is_erased() {
        let path = format!("/{language}/{}", found.item.path());
        return Ok(Answered::File(Redirect::temporary(&path).into_response()));
    }
    let newest = found.newest();
    // What was taken back is called by what it last said.
    let last = revision::last_said(site, newest);
    let item = last.as_ref().unwrap_or(newest);
    let kind = item.kind();
    if kind.to_string() != ORGANISATION {
        return Err(NodeError::not_found(ORGANISATION, id));
    }
    let target = target(item);
    let naming = Address {
        refers_to: Some(target.clone()),
        sort: "date".to_owned(),
        ..Address::default()
    };
    let total = tally(site, &naming, &[], wanted)?.total;
    let answer = Answer::whole(site, &naming, MOST, wanted)?;
    let links = Links::among(site, wanted);
    let groups = grouped(&answer.items, &target);
    let title = item.called(voice);
    let title = title.map_or_else(|| voice.say(&texts::NO_TITLE).to_owned(), |(_, text)| text);
    let path = format!("{ORGANISATION}/{}", item.id());
    let frame = Frame {
        site,
        at,
        title: &title,
        path: &path,
    };
    Ok(frame
        .under(&trail::of_record(item, voice), &html! {
            h1 { (rows::title(item, voice)) }
            @if let Some(word) = revision::taken_back(newest) { p.mark { (voice.say(word)) } }
            p.facts {
                @for code in &item.countries() {
                    a href=(format!("/{language}/country/{code}")) { (voice.coded("countries", code)) }
                }
            }
            p.onward { a href=(format!("/{language}/{}", item.path())) { (voice.say(&texts::ITS_RECORD)) } }
            @if groups.is_empty() { p.note role="note" { (voice.say(&texts::NOT_NAMED)) } }
            @else { p.figure { (voice.figure(total, &texts::RECORDS_OF)) } }
            @for group in &groups { (shown(group, item, site, voice, &links)) }
            @if total > u64::from(MOST) {
                p.mark { (voice.fill(&texts::AND_MORE, &[&voice.number(total - u64::from(MOST))])) }
            }
            @if total > 0 { (downloads(frame.path, total, voice)) }
        })
        .into())
}

fn shown(
    group: &Named<'_>,
    item: &Item,
    site: &Observatory,
    voice: Voice<'_>,
    links: &Links<'_>,
) -> Markup {
    let of_own_kind = group.items.iter().all(|it| it.kind() == item.kind());
    // What names one of its own kind as the one that it belongs to is a part of it.
    let is_part = of_own_kind && !group.field.is_list();
    let row = rows::Row {
        links,
        kind: !is_part,
        country: "",
    };
    let label = voice.field(&group.field);
    let count = group.items.len();
    html! {
        section {
            h2 {
                @if is_part { (voice.say(&texts::PARTS)) }
                @else { (voice.fill(&texts::STANDS_AS, &[&label.text])) }
                " " span.count { (voice.number(count as u64)) }
            }
            (rows::rows(group.items.iter().copied().take(MOST_OF_ONE), site, voice, row))
            @if count > MOST_OF_ONE {
                p.mark { (voice.fill(&texts::AND_MORE, &[&voice.number((count - MOST_OF_ONE) as u64)])) }
            }
        }
    }
}

/// The records by the fields in which they name it; those that name it most come first.
fn grouped<'a>(items: &'a [Item], target: &Target) -> Vec<Named<'a>> {
    let mut groups: BTreeMap<String, Named<'a>> = BTreeMap::new();
    for item in items {
        let Some(body) = item.record().and_then(body_of) else {
            continue;
        };
        let naming = body
            .fields()
            .filter(|(_, value)| names(value, target, item));
        for (field, _) in naming {
            let group = groups
                .entry(field.full_name().to_owned())
                .or_insert_with(|| Named {
                    field: field.clone(),
                    items: Vec::new(),
                });
            group.items.push(item);
        }
    }
    let mut groups: Vec<Named<'a>> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.items.len()));
    groups
}

/// Whether a value, or any part of it, is a reference to the record.
fn names(value: &Value, target: &Target, from: &Item) -> bool {
    match value {
        Value::List(values) => values.iter().any(|value| names(value, target, from)),
        Value::Message(part) if part.descriptor().name() == "RecordReference" => {
            is_reference(part, target, from)
        }
        Value::Message(part) => part.fields().any(|(_, value)| names(value, target, from)),
        _ => false,
    }
}

fn is_reference(reference: &DynamicMessage, target: &Target, from: &Item) -> bool {
    let field = |name: &str| reference.get_field_by_name(name);
    let text = |name: &str| {
        let value = field(name);
        value
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    let id = field("record_id").and_then(|id| id.as_bytes().cloned());
    let is_id = id.is_some_and(|id| target.record.is_some_and(|it| it.as_bytes()[..] == id[..]));
    let origin = text("origin");
    let is_origin = match origin.is_empty() {
        true => from.origin.as_str() == target.origin,
        false => origin == target.origin,
    };
    is_id
        || is_origin && !target.external_id.is_empty() && text("external_id") == target.external_id
}
