//! Labels and help of everything in the schema, in six languages.
//!
//! The texts are Fluent files under `labels`, one for each language. The file's `-state`
//! says whether its texts are reviewed or made by software; a message's own `state` goes
//! before it. What has no text in a language is answered in English and says so, and what
//! has none at all is answered with its name in the schema: a label is never empty, also
//! that of a kind which was added a moment ago.

mod fields;
mod named;
#[cfg(test)]
mod tests;
mod texts;

use std::sync::{LazyLock, OnceLock};

use prost_reflect::{EnumValueDescriptor, FieldDescriptor, Kind as FieldKind};
use wpsx_proto::record::Kind;

pub use self::fields::top_fields;
use self::texts::Texts;
use crate::{Label, Language};

/// The texts of all six languages, each read when it is first asked for.
#[derive(Debug, Default)]
pub struct Words {
    texts: [OnceLock<Texts>; 6],
}

const FILES: [&str; 6] = [
    include_str!("../labels/en.ftl"),
    include_str!("../labels/fr.ftl"),
    include_str!("../labels/es.ftl"),
    include_str!("../labels/ru.ftl"),
    include_str!("../labels/ar.ftl"),
    include_str!("../labels/zh.ftl"),
];

impl Words {
    /// Those that come with the program.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Words> = LazyLock::new(Words::default);
        &SHIPPED
    }

    /// What a field is called: the head of a column, the term before a value.
    #[must_use]
    pub fn label(&self, field: &FieldDescriptor, language: Language) -> Label<'_> {
        let ids = field_ids(field);
        // The part of the record that a kind adds is called what the kind is called.
        let body = body_kind(field).map(|kind| format!("kind-{kind}"));
        let ids: Vec<&str> = ids.iter().chain(&body).map(String::as_str).collect();
        self.text(&ids, None, language)
            .unwrap_or_else(|| Label::missing(spoken(field.name())))
    }

    /// What to write into a field, in a sentence or two.
    #[must_use]
    pub fn help(&self, field: &FieldDescriptor, language: Language) -> Label<'_> {
        let ids = field_ids(field);
        let body = body_kind(field).map(|kind| format!("kind-{kind}"));
        let ids: Vec<&str> = ids.iter().chain(&body).map(String::as_str).collect();
        self.text(&ids, Some("help"), language)
            .unwrap_or_else(|| Label::missing(spoken(field.name())))
    }

    /// What one record of a kind is called.
    #[must_use]
    pub fn kind_name(&self, kind: Kind, language: Language) -> Label<'_> {
        self.text(&[&format!("kind-{kind}")], None, language)
            .unwrap_or_else(|| Label::missing(spoken(&kind.to_string())))
    }

    /// What several records of a kind are called.
    #[must_use]
    pub fn kind_plural(&self, kind: Kind, language: Language) -> Label<'_> {
        self.text(&[&format!("kind-{kind}")], Some("plural"), language)
            .unwrap_or_else(|| self.kind_name(kind, language))
    }

    /// What a kind is for.
    #[must_use]
    pub fn kind_help(&self, kind: Kind, language: Language) -> Label<'_> {
        self.text(&[&format!("kind-{kind}")], Some("help"), language)
            .unwrap_or_else(|| self.kind_name(kind, language))
    }

    /// Who could publish a record of a kind, where nothing is known that somebody might have;
    /// of most kinds nothing is said.
    #[must_use]
    pub fn kind_publishers(&self, kind: Kind, language: Language) -> Option<Label<'_>> {
        self.text(&[&format!("kind-{kind}")], Some("publishers"), language)
    }

    /// What a value of an enum is called.
    #[must_use]
    pub fn value_name(&self, value: &EnumValueDescriptor, language: Language) -> Label<'_> {
        let named = self.text(&[&format!("value-{}", value.name())], None, language);
        named.unwrap_or_else(|| Label::missing(spoken(short_name(value))))
    }

    /// What a value of an enum is called, by the field that has it and its number; the
    /// number itself where this software does not know it.
    #[must_use]
    pub fn value_of(&self, field: &FieldDescriptor, number: i32, language: Language) -> Label<'_> {
        let value = match field.kind() {
            FieldKind::Enum(values) => values.get_value(number),
            _ => None,
        };
        match value {
            Some(value) => self.value_name(&value, language),
            None => Label::missing(number.to_string()),
        }
    }

    /// What a facet is called.
    #[must_use]
    pub fn facet_name(&self, facet: &str, language: Language) -> Label<'_> {
        self.text(&[&format!("facet-{facet}")], None, language)
            .unwrap_or_else(|| Label::missing(spoken(facet)))
    }

    /// What a vocabulary is called.
    #[must_use]
    pub fn vocabulary_name(&self, vocabulary: &str, language: Language) -> Label<'_> {
        self.text(&[&format!("vocabulary-{vocabulary}")], None, language)
            .unwrap_or_else(|| Label::missing(spoken(vocabulary)))
    }

    /// The first of the ids that has a text: in the language, else in English.
    fn text(&self, ids: &[&str], attribute: Option<&str>, language: Language) -> Option<Label<'_>> {
        let order = match language {
            Language::English => &[Language::English][..],
            _ => &[language, Language::English],
        };
        order.iter().find_map(|known| {
            let texts = self.texts(*known);
            let (text, state) = ids.iter().find_map(|id| texts.text(id, attribute))?;
            Some(Label {
                text: text.into(),
                language: *known,
                state,
                is_fallback: *known != language,
            })
        })
    }

    fn texts(&self, language: Language) -> &Texts {
        let at = language.index();
        self.texts[at].get_or_init(|| Texts::read(FILES[at]))
    }
}

/// The ids of a field's text: what it means in this message, then what its name means.
fn field_ids(field: &FieldDescriptor) -> Vec<String> {
    let shared = format!("field-{}", field.name());
    let own = format!("{shared}-in-{}", field.parent_message().name());
    vec![own, shared]
}

/// The kind whose own part the field holds.
fn body_kind(field: &FieldDescriptor) -> Option<Kind> {
    let is_body = field
        .containing_oneof()
        .is_some_and(|oneof| oneof.name() == "body");
    is_body.then(|| Kind::new(field.number().saturating_sub(100)))
}

/// A value's name without what it shares with its enum's other values.
fn short_name(value: &EnumValueDescriptor) -> &str {
    // The name borrows from the value, so the shared part is measured, not kept.
    let zero = value.parent_enum().default_value();
    let shared = zero.name().len().saturating_sub("UNSPECIFIED".len());
    let is_shared = zero.name().ends_with("UNSPECIFIED")
        && value.name().get(..shared) == zero.name().get(..shared);
    match is_shared {
        true => value.name().get(shared..).unwrap_or(value.name()),
        false => value.name(),
    }
}

/// A name of the schema as a person would say it: `lead_bodies` is "Lead bodies".
fn spoken(name: &str) -> String {
    let words = name.replace(['_', '-'], " ").to_lowercase();
    let mut characters = words.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
