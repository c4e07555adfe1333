//! The words around records, in the six languages, and how a reader's language shows
//! what is in another.

use maud::{Markup, html};
use prost_reflect::FieldDescriptor;
use wpsx_proto::record::Kind;
use wpsx_words::{Label, Language, Vocabularies, Words};

/// Says everything in one language.
#[derive(Clone, Copy)]
pub(crate) struct Voice<'a> {
    pub(crate) language: Language,
    pub(crate) words: &'a Words,
    pub(crate) vocabularies: &'a Vocabularies,
}

/// A text of the pages themselves, in the order of [`Language::ALL`].
pub(crate) type Said = [&'static str; 6];

/// Texts in the six languages, in the order of [`Language::ALL`]; the compiler misses none.
macro_rules! texts {
    ($($name:ident: $en:literal, $fr:literal, $es:literal, $ru:literal, $ar:literal, $zh:literal;)*) => {
        $(pub(crate) const $name: Said = [$en, $fr, $es, $ru, $ar, $zh];)*
    };
}

mod common;

pub(crate) use self::common::*;

impl<'a> Voice<'a> {
    /// A text of the pages.
    pub(crate) fn say(self, said: &Said) -> &'static str {
        let at = Language::ALL.iter().position(|it| *it == self.language);
        said[at.unwrap_or_default()]
    }

    pub(crate) fn kind(self, kind: Kind, many: bool) -> Label<'a> {
        match many {
            true => self.words.kind_plural(kind, self.language),
            false => self.words.kind_name(kind, self.language),
        }
    }

    pub(crate) fn field(self, field: &FieldDescriptor) -> Label<'a> {
        self.words.label(field, self.language)
    }

    /// A label, marked where it is not in the reader's language.
    pub(crate) fn shown(self, label: &Label<'_>) -> Markup {
        html! {
            @if label.is_fallback {
                span lang=(label.language.tag()) dir="auto" { (label.text) }
            } @else { (label.text) }
        }
    }

    /// A country's name.
    pub(crate) fn country(self, code: &str) -> Label<'a> {
        self.code("countries", code)
    }

    /// The name of a code.
    pub(crate) fn code(self, vocabulary: &str, code: &str) -> Label<'a> {
        self.vocabularies.label(vocabulary, code, self.language)
    }

    /// The name of an enum's value.
    pub(crate) fn value(self, field: &FieldDescriptor, number: i32) -> Label<'a> {
        self.words.value_of(field, number, self.language)
    }
}
