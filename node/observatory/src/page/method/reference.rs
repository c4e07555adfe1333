//! The schema as a reference: every field of a kind with what belongs there and what it
//! takes, and every list of codes. Read from the descriptors, so that a new kind is here as
//! soon as it is in the schema.

use maud::{Markup, html};
use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor};
use wpsx_domain::NodeError;
use wpsx_proto::record::{
    Kind,
    schema::{FieldRules, record_message, use_of},
};
use wpsx_words::top_fields;

use super::super::frame::Frame;
use crate::{
    at::At,
    observatory::Observatory,
    texts::{Voice, frame::METHOD, method as said},
    trail::Step,
};

/// Codes that one page lists; whoever runs a node may have added any number.
const MOST_CODES: usize = 1_000;

/// A part of a record that has fields of its own, under what the first field that holds it
/// is called.
struct Part {
    head: Option<FieldDescriptor>,
    name: String,
    fields: Vec<FieldDescriptor>,
}

/// What records of a kind can say; `record`: what every record can.
pub(crate) fn kind(site: &Observatory, at: At<'_>, name: &str) -> Result<Markup, NodeError> {
    let language = at.language;
    let voice = site.voice(language);
    let kind: Option<Kind> = name.parse().ok().filter(|kind: &Kind| kind.is_known());
    let body = kind.and_then(Kind::body_field).map(|field| field.kind());
    let body = body.as_ref().and_then(FieldKind::as_message);
    let (fields, title, help) = match (kind, body) {
        (Some(kind), Some(body)) if kind.to_string() == name => {
            let help = voice.words.kind_help(kind, language);
            let title = voice.kind(kind, true);
            (body.fields().collect(), title.text, Some((kind, help)))
        }
        (None, None) if name == "record" => {
            let fields = top_fields(&record_message(), None);
            (fields, voice.say(&said::EVERY_RECORD).into(), None)
        }
        _ => return Err(NodeError::not_found("page", name)),
    };
    let path = format!("method/{name}");
    let frame = Frame {
        site,
        at,
        title: &title,
        path: &path,
    };
    let method = format!("/{language}/method");
    let trail = [Step::to(method.clone(), voice.say(&METHOD))];
    Ok(frame.under(
        &trail,
        &html! {
            h1 { (title) }
            @if let Some((kind, help)) = &help {
                p.lead { (voice.shown(help)) }
                p.onward {
                    a href=(format!("/{language}/{kind}")) { (voice.say(&said::SEE_RECORDS)) } " · "
                    a href=(format!("{method}/record")) { (voice.say(&said::EVERY_RECORD)) }
                }
            }
            @for part in parts(fields) {
                section {
                    @match &part.head {
                        Some(field) => h2 #(part.name) { (voice.shown(&voice.field(field))) },
                        None => h2 #(part.name) { (voice.say(&said::CAN_SAY)) },
                    }
                    (table(&part, voice))
                }
            }
        },
    ))
}

/// The fields, then each part that they hold, each once, in the order in which they are met.
fn parts(fields: Vec<FieldDescriptor>) -> Vec<Part> {
    let mut found = vec![Part {
        head: None,
        name: "fields".to_owned(),
        fields,
    }];
    let mut at = 0;
    while let Some(part) = found.get(at) {
        for field in part.fields.clone() {
            let message = field.kind().as_message().cloned();
            let is_new =
                |message: &MessageDescriptor| !found.iter().any(|part| part.name == message.name());
            if let Some(message) = message.filter(is_new) {
                found.push(Part {
                    head: Some(field),
                    name: message.name().to_owned(),
                    fields: message.fields().collect(),
                });
            }
        }
        at += 1;
    }
    found
}

fn table(part: &Part, voice: Voice<'_>) -> Markup {
    html! {
        div.scroll role="region" tabindex="0" aria-labelledby=(part.name) {
            table {
                thead { tr {
                    th scope="col" { (voice.say(&said::FIELD)) }
                    th scope="col" { (voice.say(&said::BELONGS)) }
                    th scope="col" { (voice.say(&said::TAKES)) }
                } }
                tbody {
                    @for field in &part.fields {
                        tr {
                            th scope="row" { (voice.shown(&voice.field(field))) " " code { (field.name()) } }
                            td { (voice.shown(&voice.words.help(field, voice.language))) }
                            td { (takes(field, voice)) }
                        }
                    }
                }
            }
        }
    }
}

/// What may stand in a field.
fn takes(field: &FieldDescriptor, voice: Voice<'_>) -> Markup {
    let rules = FieldRules::of(field);
    let said = use_of(field);
    let mut vocabularies = [&said.vocabulary, &said.named_by].into_iter();
    let vocabulary = vocabularies.find(|name| !name.is_empty());
    html! {
        @match (vocabulary, field.kind()) {
            (Some(vocabulary), _) => {
                a href=(format!("/{}/vocabulary/{vocabulary}", voice.language)) {
                    (voice.shown(&voice.words.vocabulary_name(vocabulary, voice.language)))
                }
            },
            (_, FieldKind::Message(part)) => {
                a href=(format!("#{}", part.name())) { (voice.shown(&voice.field(field))) }
            },
            (_, FieldKind::Enum(values)) => {
                @let values: Vec<String> = values.values().filter(|value| value.number() != 0)
                    .map(|value| voice.words.value_name(&value, voice.language).text.into_owned()).collect();
                (voice.list(&values))
            },
            (_, FieldKind::String | FieldKind::Bytes) => (voice.say(&said::A_TEXT)),
            (_, FieldKind::Bool) => (voice.say(&said::YES_OR_NO)),
            _ => (voice.say(&said::A_NUMBER)),
        }
        @if field.is_list() { (voice.comma()) (voice.say(&said::SEVERAL)) }
        @if rules.required { (voice.comma()) strong { (voice.say(&said::MUST)) } }
    }
}

/// A list of codes with what each is called.
pub(crate) fn vocabulary(site: &Observatory, at: At<'_>, name: &str) -> Result<Markup, NodeError> {
    let language = at.language;
    let voice = site.voice(language);
    let found = voice.vocabularies.get(name);
    let found = found.ok_or_else(|| NodeError::not_found("page", name))?;
    let title = voice.words.vocabulary_name(name, language);
    let path = format!("vocabulary/{name}");
    let frame = Frame {
        site,
        at,
        title: &title.text,
        path: &path,
    };
    let method = format!("/{language}/method");
    let trail = [Step::to(method, voice.say(&METHOD))];
    Ok(frame.under(&trail, &html! {
        h1 #codes { (voice.shown(&title)) }
        div.scroll role="region" tabindex="0" aria-labelledby="codes" {
            table {
                thead { tr { th scope="col" { (voice.say(&said::CODE)) } th scope="col" { (voice.say(&said::NAME)) } } }
                tbody {
                    @for term in found.terms().iter().take(MOST_CODES) {
                        tr { td.code { code { (term.code) } } td { (voice.shown(&found.label(&term.code, language))) } }
                    }
                }
            }
        }
    }))
}
