//! One value of a field, as people write it. Whatever it says is text: no markup of it
//! comes through, and only addresses of the web become links.

use maud::{Markup, html};
use prost_reflect::{FieldDescriptor, Value};
use wpsx_proto::{
    api::record::v1::{Form, Use},
    record::{
        Date,
        schema::{FieldRules, use_of},
    },
};

use super::writes::Writes;
use crate::{due, names::country_behind, pen::Pen, texts};

/// Values of a list that are not folded.
const UNFOLDED: usize = 12;

/// Parts that are said in a line each, and need no table.
const ONE_LINERS: [&str; 12] = [
    "Text",
    "Date",
    "Period",
    "Source",
    "RecordReference",
    "Pillar",
    "Place",
    "Amount",
    "Body",
    "Document",
    "Edition",
    "Fact",
];

/// Fields with names that a program gave: `signatory_offices`.
const NAMED_BY_PROGRAMS: [&str; 2] = [
    "wpsx.record.v1.Fact.name",
    "wpsx.record.v1.Record.source_kind",
];

/// What a source says for which there is no field, and so no vocabulary.
const FACT: &str = "wpsx.record.v1.Fact.values";

/// The field holds a text in each of several languages.
pub(super) fn is_text(field: &FieldDescriptor) -> bool {
    message_name(field) == "Text"
}

/// The field holds a list of parts that have several fields.
pub(super) fn is_parts(field: &FieldDescriptor) -> bool {
    let name = message_name(field);
    field.is_list() && !name.is_empty() && !ONE_LINERS.contains(&name.as_str())
}

fn message_name(field: &FieldDescriptor) -> String {
    field
        .kind()
        .as_message()
        .map(|message| message.name().to_owned())
        .unwrap_or_default()
}

impl Writes for Pen<'_> {
    fn value(self, field: &FieldDescriptor, value: &Value) -> Markup {
        match value {
            Value::List(values) if is_text(field) => self.texts(values),
            Value::List(values) if is_parts(field) => self.parts(field, values),
            Value::List(values) => self.list(field, values),
            Value::Message(message) => html! {
                (self.part(message))
                (due::mark(field, message, self.links.today().as_deref(), self.voice))
            },
            value => self.plain(field, value),
        }
    }

    fn small(self, field: &FieldDescriptor, value: &Value) -> Markup {
        match value {
            Value::List(values) if is_text(field) => {
                let texts: Vec<_> = values
                    .iter()
                    .filter_map(Value::as_message)
                    .cloned()
                    .collect();
                self.best_text(&texts)
            }
            value => match value.as_list() {
                Some(values) => self.list(field, values),
                None => self.value(field, value),
            },
        }
    }

    fn line(self, field: &FieldDescriptor, value: &Value) -> Markup {
        html! {
            div {
                dt { (self.voice.shown(&self.voice.field(field))) }
                dd { (self.value(field, value)) }
            }
        }
    }

    fn plain(self, field: &FieldDescriptor, value: &Value) -> Markup {
        match value {
            Value::String(text) => {
                let Use {
                    vocabulary,
                    named_by,
                    ..
                } = use_of(field);
                // A licence is a code or an address.
                let is_address = text.contains("://") && !text.contains(char::is_whitespace);
                match (FieldRules::of(field).form, vocabulary.as_str()) {
                    (Form::Url, _) => self.web(text, None),
                    _ if is_address => self.web(text, None),
                    (Form::Number | Form::Decimal, _) => {
                        html! { bdi { (self.voice.decimal(&self.room.take(text))) } }
                    }
                    (Form::Date, _) => match text.parse::<Date>() {
                        Ok(date) => self.voice.date(date),
                        Err(_) => self.text(text),
                    },
                    (_, "") if NAMED_BY_PROGRAMS.contains(&field.full_name()) => {
                        self.text(&text.replace('_', " "))
                    }
                    (_, "") if field.full_name() == FACT => {
                        let country = country_behind(text, self.voice);
                        country.unwrap_or_else(|| self.text(text))
                    }
                    (_, "") if !named_by.is_empty() => {
                        self.voice.named(named_by, &self.room.take(text))
                    }
                    (_, "") => self.text(text),
                    (_, vocabulary) => self.voice.coded(vocabulary, &self.room.take(text)),
                }
            }
            Value::EnumNumber(number) => self.voice.shown(&self.voice.value(field, *number)),
            Value::Bool(yes) => {
                html! { (self.voice.say(if *yes { &texts::YES } else { &texts::NO })) }
            }
            Value::Bytes(bytes) => html! { code { (self.room.take(&hex::encode(bytes))) } },
            Value::U32(number) => html! { bdi { (self.voice.number((*number).into())) } },
            Value::U64(number) => html! { bdi { (self.voice.number(*number)) } },
            Value::I32(number) => html! { bdi { (self.voice.decimal(&number.to_string())) } },
            Value::I64(number) => html! { bdi { (self.voice.decimal(&number.to_string())) } },
            _ => html! {},
        }
    }
}

impl Pen<'_> {
    /// Values beneath each other, what is long folded.
    fn list(self, field: &FieldDescriptor, values: &[Value]) -> Markup {
        let one = |value: &Value| match value {
            Value::Message(message) => self.part(message),
            value => self.plain(field, value),
        };
        let (first, rest) = values.split_at(values.len().min(UNFOLDED));
        let items = |values: &[Value]| {
            html! {
                ul {
                    @for value in values {
                        @if !self.room.is_full() { li { (one(value)) } }
                    }
                }
            }
        };
        match values {
            [only] => one(only),
            _ => html! {
                (items(first))
                @if !rest.is_empty() && !self.room.is_full() {
                    details {
                        summary { (self.voice.count(rest.len() as u64, &texts::MORE)) }
                        (items(rest))
                    }
                }
            },
        }
    }
}
