//! A record written down by its schema: headings, texts, tables and asides, where the
//! options of the fields put them. Nothing here knows a kind.

mod value;

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};
use wpsx_proto::{
    api::record::v1::PagePlace,
    record::{
        Record,
        schema::{record_message, use_of},
    },
};

use self::value::{is_parts, is_text};
use crate::texts::Voice;

/// Fields that the page says elsewhere, or that are for software.
const ELSEWHERE: [&str; 3] = ["title", "countries", "external_id"];

/// The parts of a record's page that its content fills.
pub(crate) struct Body {
    /// Beside the title.
    pub(crate) heading: Markup,
    /// The text and the tables.
    pub(crate) main: Markup,
    /// What helps to find and to trust it.
    pub(crate) aside: Markup,
}

/// A filled field with where it stands.
struct Filled {
    field: FieldDescriptor,
    value: Value,
    place: PagePlace,
}

impl Body {
    pub(crate) fn of(record: &Record, voice: Voice<'_>) -> Self {
        let filled = filled(record);
        let at = |place: PagePlace| filled.iter().filter(move |it| it.place == place);
        Self {
            heading: lines(at(PagePlace::Heading), voice),
            main: html! {
                @for it in at(PagePlace::Text) {
                    section {
                        h2 { (voice.shown(&voice.field(&it.field))) }
                        (value::shown(&it.field, &it.value, voice))
                    }
                }
                (lines(at(PagePlace::Unspecified), voice))
                @for it in at(PagePlace::Table) {
                    section {
                        h2 { (voice.shown(&voice.field(&it.field))) }
                        (value::shown(&it.field, &it.value, voice))
                    }
                }
            },
            aside: lines(at(PagePlace::Aside), voice),
        }
    }
}

/// The fields of the record and of its body, in the order of the schema.
fn filled(record: &Record) -> Vec<Filled> {
    let Ok(message) = DynamicMessage::decode(record_message(), record.payload().clone()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (field, value) in message.fields() {
        match value {
            Value::Message(body) if field.containing_oneof().is_some() => {
                for (field, value) in body.fields() {
                    all.push(placed(field, value));
                }
            }
            _ if ELSEWHERE.contains(&field.name()) => {}
            value => all.push(placed(field, value)),
        }
    }
    all
}

fn placed(field: FieldDescriptor, value: &Value) -> Filled {
    let stated = use_of(&field).place();
    // A list of parts needs a table, and texts need room, wherever they were not placed.
    let place = match stated {
        PagePlace::Unspecified if is_parts(&field) => PagePlace::Table,
        PagePlace::Unspecified if is_text(&field) => PagePlace::Text,
        stated => stated,
    };
    let value = value.clone();
    Filled {
        field,
        value,
        place,
    }
}

fn lines<'a>(fields: impl Iterator<Item = &'a Filled>, voice: Voice<'_>) -> Markup {
    let fields: Vec<&Filled> = fields.collect();
    html! {
        @if !fields.is_empty() {
            dl {
                @for it in fields {
                    div {
                        dt { (voice.shown(&voice.field(&it.field))) }
                        dd { (value::shown(&it.field, &it.value, voice)) }
                    }
                }
            }
        }
    }
}
