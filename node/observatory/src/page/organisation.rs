//! Everything that names an organisation, by its record or by its name alone: by kind, newest
//! first, each with the fields in which it is named, and what is missing.

use std::collections::BTreeSet;

use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_domain::{
    NodeError, Wanted,
    records::{KnownOrganisation, Target},
};
use wpsx_words::fold;

use super::{
    downloads::downloads,
    frame::Frame,
    list::as_of,
    place::{self, Place},
    rows,
};
use crate::{
    address::Address,
    answer::{tally, target},
    at::At,
    fields::{body_of, names_in, outline_of},
    item::Item,
    links::{Links, Reference},
    observatory::{Answered, Observatory},
    revision,
    texts::{self, Voice},
    trail,
    unheld::Unheld,
};

/// The kind that has these pages beside those of its records.
pub(crate) const ORGANISATION: &str = "organisation";
/// Fields of one record that are told.
const MOST_FIELDS: usize = 6;
/// Fields of the record as a whole that name bodies.
const OF_WHOLE: [&str; 2] = ["organisations", "custody"];

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
    let target = site.records.settled(&site.sight(), target(item))?;
    let about = Address {
        refers_to: Some(target.clone()),
        ..place::newest_first()
    };
    let tally = tally(site, &about, &[], wanted)?;
    let sections = place::sections(site, &about, &tally, wanted)?;
    let unheld = Unheld::of(site, None, wanted)?;
    let not_named = match unheld.are_some() {
        true => &texts::NOT_NAMED_HELD,
        false => &texts::NOT_NAMED,
    };
    let known = item.record().map(|record| site.records.known(record));
    let known = known.unwrap_or_default();
    let naming = Naming::of(&known, target, voice);
    let told = |item: &Item| naming.told(item);
    let (_, title) = item.title_line(voice);
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
                @if let Some(group) = &known.group {
                    a href=(format!("/{language}/region/{group}")) { (voice.say(&texts::ITS_MEMBERS)) }
                }
                a href=(format!("/{language}/{}", item.path())) { (voice.say(&texts::ITS_RECORD)) }
            }
            @if tally.total == 0 { p.note role="note" { (voice.say(not_named)) } }
            @else {
                p.figure { (voice.figure(tally.total, &texts::RECORDS_OF)) (as_of(site, voice)) }
                p.mark { (voice.say(&texts::NAMED_HOW)) }
            }
            (unheld.note(voice))
            (place::shown(&sections, site, rows::Row {
                links: &Links::among(site, wanted),
                kind: false,
                country: "",
                told: Some(&told),
            }, voice))
            (place::missing(site, &tally, Place::Organisation, &[], &unheld, voice, wanted)?)
            (downloads(frame.path, tally.total, voice))
        })
        .into())
}

/// Tells in which fields of a record an organisation is named.
struct Naming<'a> {
    target: Target,
    names: BTreeSet<String>,
    voice: Voice<'a>,
}

impl<'a> Naming<'a> {
    fn of(known: &KnownOrganisation, target: Target, voice: Voice<'a>) -> Self {
        let names = known.names.iter().map(|name| fold(name));
        Self {
            target,
            names: names.collect(),
            voice,
        }
    }

    /// The fields that name it, and whether all of them do by its name alone.
    fn told(&self, item: &Item) -> Option<Markup> {
        let whole = item.record().and_then(outline_of);
        let body = item.record().and_then(body_of);
        let own = body.iter().flat_map(|body| body.fields());
        let whole = whole.iter().flat_map(|message| message.fields());
        let whole = whole.filter(|(field, _)| OF_WHOLE.contains(&field.name()));
        let mut found: Vec<(FieldDescriptor, bool)> = Vec::new();
        for (field, value) in own.chain(whole) {
            if let Some(by_record) = self.named(value, item) {
                found.push((field, by_record));
            }
        }
        let labels = found.iter().take(MOST_FIELDS);
        let labels: Vec<String> = labels
            .map(|(field, _)| self.voice.field(field).text.into_owned())
            .collect();
        let by_name = !found.iter().any(|(_, by_record)| *by_record);
        (!found.is_empty()).then(|| {
            html! {
                (self.voice.list(&labels))
                @if by_name { " " span.mark { "(" (self.voice.say(&texts::BY_NAME)) ")" } }
            }
        })
    }

    /// Whether a value, or any part of it, names it, and by its record.
    fn named(&self, value: &Value, from: &Item) -> Option<bool> {
        match value {
            Value::List(values) => {
                let mut found = values.iter().filter_map(|value| self.named(value, from));
                found.next()
            }
            Value::Message(part) => match part.descriptor().name() {
                "RecordReference" => self.is_meant(part, from).then_some(true),
                _ => {
                    let mut parts = part.fields();
                    let below = parts.find_map(|(_, value)| self.named(value, from));
                    below.or_else(|| self.is_called(part).then_some(false))
                }
            },
            _ => None,
        }
    }

    fn is_called(&self, body: &DynamicMessage) -> bool {
        if body.descriptor().name() != "Body" {
            return false;
        }
        let names = names_in(body);
        names.iter().any(|name| self.names.contains(&fold(name)))
    }

    fn is_meant(&self, reference: &DynamicMessage, from: &Item) -> bool {
        let reference = Reference::of(reference).within(from);
        let record = self.target.record.as_ref();
        record.is_some_and(|it| it.as_bytes()[..] == reference.record_id[..])
            || reference.origin == self.target.origin
                && !self.target.external_id.is_empty()
                && reference.external_id == self.target.external_id
    }
}
