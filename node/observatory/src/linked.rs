//! A record as linked data (JSON-LD), in the words that the schema says others have for its
//! kind and its fields: schema.org, Dublin Core, DCAT and more. Nothing here knows a kind.
//!
//! It stands on the record's page in a block of data, which no browser runs: a `script` of
//! a type that is none is data to HTML, and no policy of content asks for it.

use maud::{Markup, PreEscaped};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use serde_json::{Map, Value as Json, json};
use wpsx_domain::Wanted;
use wpsx_proto::record::{
    LanguageTag, Reading,
    schema::{kind_use_of, record_message, short_value_name, use_of},
};
use wpsx_words::Language;

use crate::{
    cite,
    item::{Content, Item},
    links::{Links, Reference},
    observatory::Observatory,
    plain::short,
    time, trail,
};

/// The words that stand without a prefix.
const VOCABULARY: (&str, &str) = ("schema:", "https://schema.org/");
/// Where the prefixes of the schema's terms lead.
const PREFIXES: [(&str, &str); 7] = [
    ("dct", "http://purl.org/dc/terms/"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("eli", "http://data.europa.eu/eli/ontology#"),
    ("qb", "http://purl.org/linked-data/cube#"),
    ("sdmx", "http://purl.org/linked-data/sdmx/2009/concept#"),
    (
        "iati",
        "https://iatistandard.org/en/iati-standard/203/activity-standard/iati-activities/iati-activity/",
    ),
];
/// What schema.org calls the states of an event: one that takes place as it was planned, or has,
/// is scheduled there.
const EVENT_STATUS: (&str, [(&str, &str); 5]) = (
    "schema:eventStatus",
    [
        ("planned", "https://schema.org/EventScheduled"),
        ("confirmed", "https://schema.org/EventScheduled"),
        ("held", "https://schema.org/EventScheduled"),
        ("cancelled", "https://schema.org/EventCancelled"),
        ("postponed", "https://schema.org/EventPostponed"),
    ],
);
/// Characters of a text, parts of a list, and bytes of all: a page stays small.
const TEXT: usize = 300;
const PARTS: usize = 20;
const MOST: usize = 4_000;
/// Parts within parts.
const DEEPEST: usize = 4;

/// What a record says; none where it cannot be read here.
pub(crate) fn data(site: &Observatory, language: Language, item: &Item) -> Option<Json> {
    let Content::Here(Reading::Readable(record)) = &item.content else {
        return None;
    };
    let message = DynamicMessage::decode(record_message(), record.payload().clone()).ok()?;
    let body_field = record.kind().body_field()?;
    let body = message.get_field(&body_field).into_owned();
    let body = body.as_message()?;
    let kinds = kind_use_of(&body.descriptor()).terms;
    let kinds: Vec<Json> = kinds.iter().map(|term| word(term).into()).collect();
    let mut said = Map::new();
    said.insert("@context".to_owned(), context());
    let page = format!("/{language}/{}", item.path());
    said.insert("@id".to_owned(), site.address(&page).into());
    said.insert("@type".to_owned(), kinds.into());
    for (name, value) in [
        ("identifier", json!(item.id())),
        ("url", json!(site.address(&page))),
        ("version", json!(item.envelope.revision)),
        (
            "dateModified",
            json!(time::moment(item.envelope.publish_time)),
        ),
        (
            "publisher",
            json!({"@type": "Organization", "name": short(&cite::publisher(site, item), TEXT)}),
        ),
    ] {
        said.insert(name.to_owned(), value);
    }
    let wanted = Wanted::default();
    let links = Links::from(site, &item.origin, &wanted);
    let walk = Walk {
        site,
        language,
        links: &links,
        today: &site.today().unwrap_or_default(),
    };
    walk.fields(&message, 0, &mut said);
    walk.fields(body, 0, &mut said);
    let authors = cite::authors(record, site.voice(language)).into_iter();
    let authors = authors.map(|name| json!({"@type": "Organization", "name": short(&name, TEXT)}));
    let authors: Vec<Json> = authors.collect();
    if !authors.is_empty() {
        said.entry("author").or_insert(authors.into());
    }
    while said.len() > 5 && json_text(&said).len() > MOST {
        let last = said.keys().next_back().cloned().unwrap_or_default();
        said.remove(&last);
    }
    let voice = site.voice(language);
    let way = trail::linked(site, &trail::of_record(item, voice), &page, voice);
    let page = json!({"@type": "WebPage", "url": site.address(&page), "breadcrumb": way});
    said.insert("mainEntityOfPage".to_owned(), page);
    Some(Json::Object(said))
}

/// The same as a block of data in a page. No text in it ends the block, or turns what is
/// around it.
pub(crate) fn block(site: &Observatory, language: Language, item: &Item) -> Option<Markup> {
    let data = data(site, language, item)?.to_string();
    let data: String = data.chars().map(escaped).collect();
    let block = format!("<script type=\"application/ld+json\">{data}</script>");
    Some(PreEscaped(block))
}

/// A sign as JSON between tags has it.
fn escaped(c: char) -> String {
    match c {
        '<' | '\u{200e}' | '\u{200f}' | '\u{61c}' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    }
}

fn json_text(said: &Map<String, Json>) -> String {
    serde_json::to_string(said).unwrap_or_default()
}

fn context() -> Json {
    let mut context = Map::new();
    context.insert("@vocab".to_owned(), VOCABULARY.1.into());
    for (prefix, address) in PREFIXES {
        context.insert(prefix.to_owned(), address.into());
    }
    Json::Object(context)
}

/// A term as this context has it.
fn word(term: &str) -> &str {
    term.strip_prefix(VOCABULARY.0).unwrap_or(term)
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    site: &'a Observatory,
    language: Language,
    links: &'a Links<'a>,
    today: &'a str,
}

impl Walk<'_> {
    /// Adds what the fields of a message say, under each of their terms.
    fn fields(self, message: &DynamicMessage, depth: usize, said: &mut Map<String, Json>) {
        for (field, value) in message.fields() {
            let terms = &use_of(&field).terms;
            if terms.len() > 1 && is(&field, "Period") {
                // The words for the beginning and for the end.
                for (term, name) in terms.iter().zip(["start", "end"]) {
                    let date = value.as_message().and_then(|period| part(period, name));
                    add(said, term, date.and_then(|date| date_of(&date)));
                }
                continue;
            }
            if terms.is_empty() || self.is_to_come(&field, value) {
                continue;
            }
            let value = self.value(&field, value, depth);
            for term in terms {
                add(said, term, value.clone());
            }
        }
    }

    /// Whether a date says when a text came to be that did not come to be yet.
    fn is_to_come(self, field: &FieldDescriptor, value: &Value) -> bool {
        let date = value.as_message().filter(|_| is(field, "Date"));
        let date = date.filter(|_| use_of(field).cited_as_date);
        let today = Some(self.today).filter(|today| !today.is_empty());
        date.is_some_and(|date| cite::come(date, today).is_none())
    }

    fn value(self, field: &FieldDescriptor, value: &Value, depth: usize) -> Option<Json> {
        match value {
            Value::List(items) => {
                let items = items.iter().take(PARTS);
                let items: Vec<Json> = items
                    .filter_map(|item| self.value(field, item, depth))
                    .collect();
                (!items.is_empty()).then(|| items.into())
            }
            Value::Message(message) => self.part(message, depth),
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(short(text, TEXT).into()),
            Value::EnumNumber(number) => enum_of(field, *number),
            Value::Bool(truth) => Some((*truth).into()),
            Value::U32(number) => Some((*number).into()),
            Value::I32(number) => Some((*number).into()),
            Value::U64(number) => Some((*number).into()),
            Value::I64(number) => Some((*number).into()),
            _ => None,
        }
    }

    fn part(self, message: &DynamicMessage, depth: usize) -> Option<Json> {
        match message.descriptor().name() {
            "Text" => text_of(message),
            "Date" => date_of(message),
            "RecordReference" => self.reference(message),
            _ if depth >= DEEPEST => None,
            _ => {
                let mut said = Map::new();
                self.fields(message, depth + 1, &mut said);
                let name = message.descriptor().get_field_by_name("name");
                if let Some(name) =
                    name.filter(|name| !said.contains_key("name") && message.has_field(name))
                {
                    let value = message.get_field(&name);
                    add(&mut said, "name", self.value(&name, &value, depth + 1));
                }
                match said.is_empty() {
                    true => self.beyond(message),
                    false => Some(Json::Object(said)),
                }
            }
        }
    }

    /// The other record that a part is about, which has no other term: a relation.
    fn beyond(self, message: &DynamicMessage) -> Option<Json> {
        let mut fields = message.fields();
        let other = fields.find_map(|(field, value)| {
            let is_reference = is(&field, "RecordReference");
            value.as_message().filter(|_| is_reference).cloned()
        });
        self.reference(&other?)
    }

    /// Another record: its page where its id is known or found by its source's id, else its name.
    fn reference(self, message: &DynamicMessage) -> Option<Json> {
        let at = |id: &str| {
            let page = format!("/{}/record/{id}", self.language);
            json!({ "@id": self.site.address(&page) })
        };
        let id = message.get_field_by_name("record_id")?;
        if let Some(id) = id.as_bytes().filter(|id| id.len() == 16) {
            return Some(at(&hex::encode(id)));
        }
        if let Some(found) = self.links.find(&Reference::of(message)) {
            return Some(at(&found.id()));
        }
        ["citation", "external_id"].into_iter().find_map(|name| {
            let text = message.get_field_by_name(name)?;
            let text = text.as_str().filter(|text| !text.is_empty())?;
            Some(short(text, TEXT).into())
        })
    }
}

/// Adds a value under a term; a second one stands beside the first.
fn add(said: &mut Map<String, Json>, term: &str, value: Option<Json>) {
    let Some(value) = value else { return };
    let word = word(term).to_owned();
    let all = match said.remove(&word) {
        None => value,
        Some(Json::Array(mut values)) => {
            match value {
                Json::Array(more) => values.extend(more),
                one => values.push(one),
            }
            values.into()
        }
        Some(one) => json!([one, value]),
    };
    said.insert(word, all);
}

fn is(field: &FieldDescriptor, message: &str) -> bool {
    let kind = field.kind();
    kind.as_message().is_some_and(|it| it.name() == message)
}

fn part(message: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    let field = message.descriptor().get_field_by_name(name)?;
    let value = message
        .has_field(&field)
        .then(|| message.get_field(&field))?;
    value.as_message().cloned()
}

fn text_of(message: &DynamicMessage) -> Option<Json> {
    let text = message.get_field_by_name("text")?;
    let text = short(text.as_str()?, TEXT);
    let language = message.get_field_by_name("language")?;
    let language: Result<LanguageTag, _> = language.as_str()?.parse();
    Some(match language {
        Ok(language) => json!({"@language": language.to_string(), "@value": text}),
        Err(_) => text.into(),
    })
}

/// A value that the schema lists: by the word of the vocabulary that the field's term belongs
/// to, where that has words of its own for it, and then by no other.
fn enum_of(field: &FieldDescriptor, number: i32) -> Option<Json> {
    let name = short_value_name(field, number)?;
    let (term, words) = EVENT_STATUS;
    if !use_of(field).terms.iter().any(|it| it == term) {
        return Some(name.into());
    }
    let word = words.iter().find(|(state, _)| *state == name);
    word.map(|(_, word)| (*word).into())
}

fn date_of(message: &DynamicMessage) -> Option<Json> {
    let value = message.get_field_by_name("value")?;
    let value = value.as_str().filter(|value| !value.is_empty())?;
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost_reflect::MessageDescriptor;
    use wpsx_proto::record::schema::pool;

    use super::*;

    #[test]
    fn every_prefix_of_the_schema_leads_somewhere() {
        let mut terms = BTreeSet::new();
        let messages = pool().all_messages();
        for message in messages.filter(|message| message.package_name() == "wpsx.record.v1") {
            terms.extend(kind_use_of(&message).terms);
            let fields = |message: &MessageDescriptor| message.fields().collect::<Vec<_>>();
            for field in fields(&message) {
                terms.extend(use_of(&field).terms.iter().cloned());
            }
        }
        assert!(terms.len() > 40, "{terms:?}");
        for term in terms {
            let prefix = term.split(':').next().unwrap();
            let known = PREFIXES.iter().any(|(known, _)| *known == prefix);
            assert!(known || word(&term) != term, "{term}");
        }
    }
}
