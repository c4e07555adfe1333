//! One value of a field, as people write it. Whatever it says is text: no markup of it
//! comes through, and only addresses of the web become links.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_proto::{
    api::record::v1::{Form, TextKind},
    record::schema::{FieldRules, use_of},
};

use crate::texts::{self, Voice};

/// Rows of a table that stand on a page; the files of the same address have all.
const MOST_ROWS: usize = 500;

/// The field holds a text in each of several languages.
pub(super) fn is_text(field: &FieldDescriptor) -> bool {
    message_name(field) == "Text"
}

/// The field holds a list of parts that have several fields.
pub(super) fn is_parts(field: &FieldDescriptor) -> bool {
    const ONE_LINERS: [&str; 8] = [
        "Text",
        "Date",
        "Period",
        "Source",
        "RecordReference",
        "Pillar",
        "Place",
        "Amount",
    ];
    field.is_list()
        && !["", "Body"].contains(&message_name(field).as_str())
        && !ONE_LINERS.contains(&message_name(field).as_str())
}

fn message_name(field: &FieldDescriptor) -> String {
    field
        .kind()
        .as_message()
        .map(|message| message.name().to_owned())
        .unwrap_or_default()
}

/// A value.
pub(super) fn shown(field: &FieldDescriptor, value: &Value, voice: Voice<'_>) -> Markup {
    match value {
        Value::List(values) if is_text(field) => in_languages(values, voice),
        Value::List(values) if is_parts(field) => table(values, voice),
        Value::List(values) => list(field, values, voice),
        Value::Message(message) => part(message, voice),
        value => plain(field, value, voice),
    }
}

/// The text in the reader's language where there is one, else all that there are.
fn in_languages(values: &[Value], voice: Voice<'_>) -> Markup {
    let texts = || values.iter().filter_map(Value::as_message);
    let is_own = |text: &&DynamicMessage| {
        let language = string(text, "language");
        language.split('-').next() == Some(voice.language.tag())
    };
    let own: Vec<_> = texts().filter(is_own).collect();
    let chosen = if own.is_empty() {
        texts().collect()
    } else {
        own
    };
    html! { @for text in chosen { (one_text(text, voice)) } }
}

/// A text, with how it came to be in its language where that was by translation.
fn one_text(text: &DynamicMessage, voice: Voice<'_>) -> Markup {
    let words = string(text, "text");
    let kind = stated(text, "kind").filter(|(_, number)| *number != TextKind::Original as i32);
    html! {
        div lang=(string(text, "language")) dir="auto" {
            @for paragraph in words.split("\n\n") { p { (paragraph) } }
        }
        @if let Some((field, number)) = &kind {
            p.mark { "(" (voice.shown(&voice.value(field, *number))) ")" }
        }
    }
}

/// The field of an enum, and its value where it says anything.
fn stated(message: &DynamicMessage, name: &str) -> Option<(FieldDescriptor, i32)> {
    let field = message.descriptor().get_field_by_name(name)?;
    let number = message.get_field(&field).as_enum_number()?;
    (number != 0).then_some((field, number))
}

fn list(field: &FieldDescriptor, values: &[Value], voice: Voice<'_>) -> Markup {
    let one = |value: &Value| match value {
        Value::Message(message) => part(message, voice),
        value => plain(field, value, voice),
    };
    match values {
        [only] => one(only),
        values => html! { ul { @for value in values { li { (one(value)) } } } },
    }
}

/// Parts with several fields: a column for each field that any of them fills.
fn table(values: &[Value], voice: Voice<'_>) -> Markup {
    let parts: Vec<&DynamicMessage> = values.iter().filter_map(Value::as_message).collect();
    let Some(first) = parts.first() else {
        return html! {};
    };
    let columns: Vec<FieldDescriptor> = first
        .descriptor()
        .fields()
        .filter(|field| parts.iter().any(|part| part.has_field(field)))
        .collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(columns.first().map(|c| voice.field(c).text.into_owned()).unwrap_or_default()) {
            table {
                thead { tr { @for column in &columns { th scope="col" { (voice.shown(&voice.field(column))) } } } }
                tbody {
                    @for part in parts.iter().take(MOST_ROWS) {
                        tr { @for column in &columns {
                            td { @if part.has_field(column) { (shown(column, &part.get_field(column), voice)) } }
                        } }
                    }
                }
            }
        }
        @if parts.len() > MOST_ROWS { p.mark { (MOST_ROWS) " / " (parts.len()) } }
    }
}

/// One part in a line, as people write it.
fn part(message: &DynamicMessage, voice: Voice<'_>) -> Markup {
    match message.descriptor().name() {
        "Date" => date(message, voice),
        "Period" => period(message, voice),
        "Text" => one_text(message, voice),
        "Source" => source(message),
        "Body" => body(message, voice),
        "Place" => place(message, voice),
        "RecordReference" => reference(message),
        "Amount" => html! {
            bdi { (string(message, "value")) " " (string(message, "currency")) }
        },
        _ => {
            let fields: Vec<_> = message.fields().collect();
            html! {
                @for (at, (field, value)) in fields.iter().enumerate() {
                    @if at > 0 { " · " }
                    span.part { (shown(field, value, voice)) }
                }
            }
        }
    }
}

fn date(message: &DynamicMessage, voice: Voice<'_>) -> Markup {
    let (value, note) = (string(message, "value"), string(message, "note"));
    let sense = stated(message, "sense");
    html! {
        @if let Some((field, number)) = &sense { (voice.shown(&voice.value(field, *number))) " " }
        @if !value.is_empty() { time datetime=(value) { bdi { (value) } } }
        @if !note.is_empty() { " (" bdi { (note) } ")" }
    }
}

fn period(message: &DynamicMessage, voice: Voice<'_>) -> Markup {
    let end = |name| {
        let value = message.get_field_by_name(name)?;
        let value = value
            .as_message()
            .filter(|date| date.fields().next().is_some())?;
        Some(date(value, voice))
    };
    let open = message
        .get_field_by_name("open_ended")
        .is_some_and(|open| *open == Value::Bool(true));
    html! {
        bdi {
            @match end("start") { Some(start) => (start), None => "?" }
            @if open { " – " } @else if let Some(end) = end("end") { " – " (end) } @else { " – ?" }
        }
    }
}

fn source(message: &DynamicMessage) -> Markup {
    let said = ["citation", "symbol", "url"].map(|name| string(message, name));
    let words = said
        .iter()
        .find(|text| !text.is_empty())
        .cloned()
        .unwrap_or_default();
    let locator = string(message, "locator");
    html! {
        (link(&string(message, "url"), &words))
        @if !locator.is_empty() { ", " bdi { (locator) } }
    }
}

fn body(message: &DynamicMessage, voice: Voice<'_>) -> Markup {
    let names = message.get_field_by_name("name");
    let name = names.and_then(|names| best(names.as_list()?, voice));
    let (acronym, country) = (string(message, "acronym"), string(message, "country"));
    html! {
        @match &name {
            Some((tag, name)) => bdi lang=(tag) { (name) },
            None => bdi { (acronym) },
        }
        @if name.is_some() && !acronym.is_empty() { " (" bdi { (acronym) } ")" }
        @if !country.is_empty() { ", " (voice.shown(&voice.country(&country))) }
    }
}

fn place(message: &DynamicMessage, voice: Voice<'_>) -> Markup {
    let names = message.get_field_by_name("name");
    let name = names.and_then(|names| best(names.as_list()?, voice));
    let country = string(message, "country");
    html! {
        @if let Some((tag, name)) = &name { bdi lang=(tag) { (name) } }
        @if name.is_some() && !country.is_empty() { ", " }
        @if !country.is_empty() { (voice.shown(&voice.country(&country))) }
    }
}

fn reference(message: &DynamicMessage) -> Markup {
    let id = message.get_field_by_name("record_id");
    let id = id
        .and_then(|id| id.as_bytes().map(hex::encode))
        .unwrap_or_default();
    let citation = string(message, "citation");
    let external = string(message, "external_id");
    let words = [&citation, &external, &id];
    let words = words.into_iter().find(|text| !text.is_empty());
    let words = words.cloned().unwrap_or_default();
    html! {
        @if id.is_empty() { bdi { (words) } }
        @else { a href=(format!("../record/{id}")) { bdi { (words) } } }
    }
}

fn best(names: &[Value], voice: Voice<'_>) -> Option<(String, String)> {
    let names: Vec<(String, String)> = names
        .iter()
        .filter_map(Value::as_message)
        .map(|text| (string(text, "language"), string(text, "text")))
        .collect();
    let of = |tag: &str| {
        names
            .iter()
            .find(|(it, _)| it.split('-').next() == Some(tag))
    };
    of(voice.language.tag())
        .or_else(|| of("en"))
        .or(names.first())
        .cloned()
}

fn plain(field: &FieldDescriptor, value: &Value, voice: Voice<'_>) -> Markup {
    match value {
        Value::String(text) => {
            let vocabulary = &use_of(field).vocabulary;
            if FieldRules::of(field).form == Form::Url {
                return link(text, text);
            }
            match vocabulary.as_str() {
                "" => html! { bdi { (text) } },
                vocabulary => voice.shown(&voice.code(vocabulary, text)),
            }
        }
        Value::EnumNumber(number) => voice.shown(&voice.value(field, *number)),
        Value::Bool(yes) => html! { (voice.say(if *yes { &texts::YES } else { &texts::NO })) },
        Value::Bytes(bytes) => html! { code { (hex::encode(bytes)) } },
        Value::U32(number) => html! { bdi { (number) } },
        Value::I32(number) => html! { bdi { (number) } },
        Value::U64(number) => html! { bdi { (number) } },
        Value::I64(number) => html! { bdi { (number) } },
        _ => html! {},
    }
}

/// A link to the web; any other address is shown as text.
fn link(url: &str, words: &str) -> Markup {
    let is_web = ["http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    html! {
        @if is_web { a href=(url) rel="noopener nofollow" { bdi { (words) } } }
        @else { bdi { (words) } }
    }
}

fn string(message: &DynamicMessage, field: &str) -> String {
    message
        .get_field_by_name(field)
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
