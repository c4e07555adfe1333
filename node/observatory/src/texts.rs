//! The words around records, in the six languages, and how a reader's language shows
//! what is in another.

use std::cmp::Ordering;

use maud::{Markup, html};
use prost_reflect::FieldDescriptor;
use wpsx_proto::record::{Date, Kind, schema::use_of};
use wpsx_words::{Label, Language, State, Vocabularies, Words};

pub(crate) use crate::saying::Counted;
use crate::{
    foreign,
    saying::{Saying, instant},
};

/// Says everything in one language.
#[derive(Clone, Copy)]
pub(crate) struct Voice<'a> {
    pub(crate) language: Language,
    pub(crate) words: &'a Words,
    pub(crate) vocabularies: &'a Vocabularies,
}

/// A text of the pages themselves, in the order of [`Language::ALL`].
pub(crate) type Said = [&'static str; 6];

/// Texts in the six languages, in the order of [`Language::ALL`]; the compiler misses none, and
/// takes none that is empty or that fills in other things than the English one.
macro_rules! texts {
    ($($name:ident: $en:literal, $fr:literal, $es:literal, $ru:literal, $ar:literal, $zh:literal;)*) => {
        $(
            pub(crate) const $name: Said = [$en, $fr, $es, $ru, $ar, $zh];
            const _: () = assert!($crate::texts::say_the_same($name), stringify!($name));
        )*
    };
}

/// Whether no text is empty, and all have the same `{0}`, `{1}` and so on.
const fn say_the_same(said: Said) -> bool {
    let mut at = 0;
    while at < said.len() {
        if said[at].is_empty() || gaps(said[at]) != gaps(said[0]) {
            return false;
        }
        at += 1;
    }
    true
}

/// Which of `{0}` to `{9}` a text has, a bit for each.
const fn gaps(text: &str) -> u32 {
    let (bytes, mut at, mut found) = (text.as_bytes(), 0, 0);
    while at + 2 < bytes.len() {
        if bytes[at] == b'{' && bytes[at + 1].is_ascii_digit() && bytes[at + 2] == b'}' {
            found |= 1 << (bytes[at + 1] - b'0');
        }
        at += 1;
    }
    found
}

pub(crate) mod accessibility;
pub(crate) mod asking;
pub(crate) mod checking;
pub(crate) mod cite;
mod common;
pub(crate) mod dated;
pub(crate) mod downloads;
mod errors;
mod files;
pub(crate) mod forms;
pub(crate) mod frame;
mod list;
pub(crate) mod method;
pub(crate) mod misread;
mod network;
pub(crate) mod now;
pub(crate) mod passed;
mod place;
mod proof;
mod record;
pub(crate) mod refused;
pub(crate) mod styleguide;
#[cfg(test)]
mod typography;

pub(crate) use self::{
    common::*, errors::*, files::*, list::*, network::*, place::*, proof::*, record::*,
};

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

    /// What a field says of now: of one that keeps a history, what its parts are counted
    /// under, such as the status of a status history.
    pub(crate) fn today(self, field: &FieldDescriptor) -> Label<'a> {
        let part = field.kind().as_message().cloned();
        let part = part.filter(|_| use_of(field).newest_last);
        let facets = part.iter().flat_map(|part| part.fields());
        let facets = facets.map(|field| use_of(&field).facet.as_str());
        match facets.into_iter().find(|facet| !facet.is_empty()) {
            Some(facet) => self.words.facet_name(facet, self.language),
            None => self.field(field),
        }
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

    /// The name of a region or an organisation of States.
    pub(crate) fn region(self, code: &str) -> Label<'a> {
        match self.code("groups", code) {
            label if label.state == State::Missing => self.code("m49", code),
            label => label,
        }
    }

    /// A text of the pages as a label.
    pub(crate) fn own(self, text: &'a str) -> Label<'a> {
        Label {
            text: text.into(),
            language: self.language,
            state: State::Reviewed,
            is_fallback: false,
        }
    }

    /// The name of a code.
    pub(crate) fn code(self, vocabulary: &str, code: &str) -> Label<'a> {
        let mut label = self.vocabularies.label(vocabulary, code, self.language);
        // Lists of others are set with the apostrophe of typewriters.
        if label.state != State::Missing && label.text.contains('\'') {
            label.text = label.text.replace('\'', "’").into();
        }
        label
    }

    /// A code by its name; one that its vocabulary does not have as what it is.
    pub(crate) fn coded(self, vocabulary: &str, code: &str) -> Markup {
        match self.code(vocabulary, code) {
            label if label.state == State::Missing => self.unnamed(vocabulary, code),
            label => self.shown(&label),
        }
    }

    /// What a source writes where a vocabulary may have a name for it, in whatever spelling;
    /// else as it is written, as a code where it looks like one.
    pub(crate) fn named(self, vocabulary: &str, written: &str) -> Markup {
        let known = self.vocabularies.get_or_empty(vocabulary).find(written);
        let is_code = written.bytes().all(|it| it.is_ascii_graphic())
            && !written.bytes().any(|it| it.is_ascii_lowercase())
            || written.bytes().any(|it| matches!(it, b'_' | b'='));
        match known.term() {
            Some(term) => self.shown(&self.code(vocabulary, &term.code)),
            None if is_code => html! { bdi { code { (written) } } },
            None => foreign::unsaid(written),
        }
    }

    /// A code that nobody has named, marked as one, with the vocabulary that it is to be of.
    pub(crate) fn unnamed(self, vocabulary: &str, code: &str) -> Markup {
        if vocabulary.is_empty() {
            return html! { bdi { code { (code) } } };
        }
        let vocabulary = self.words.vocabulary_name(vocabulary, self.language);
        let says = self.fill(&CODE_OF, &[&vocabulary.text]);
        html! { bdi { code title=(says) { (code) } } span.heard { " (" (says) ")" } }
    }

    /// The name of an enum's value.
    pub(crate) fn value(self, field: &FieldDescriptor, number: i32) -> Label<'a> {
        self.words.value_of(field, number, self.language)
    }

    /// Between what something is called and what it is.
    pub(crate) fn colon(self) -> &'static str {
        match self.language {
            Language::French => "\u{a0}: ",
            Language::Chinese => "：",
            _ => ": ",
        }
    }

    /// The direction of a span of years, which has no letters to tell it: it runs as the words
    /// around it do, from its beginning.
    pub(crate) fn span(self) -> Option<&'static str> {
        self.language.is_right_to_left().then_some("rtl")
    }

    /// Between two things that are said in a row.
    pub(crate) fn semicolon(self) -> &'static str {
        match self.language {
            Language::French => "\u{202f}; ",
            Language::Arabic => "؛ ",
            Language::Chinese => "；",
            _ => "; ",
        }
    }

    /// Between two things that belong together, such as a place and its country.
    pub(crate) fn comma(self) -> &'static str {
        match self.language {
            Language::Arabic => "، ",
            Language::Chinese => "，",
            _ => ", ",
        }
    }

    /// At the end of a sentence.
    pub(crate) fn stop(self) -> &'static str {
        match self.language {
            Language::Chinese => "。",
            _ => ".",
        }
    }

    /// Between two sentences: Chinese sets them without a space.
    pub(crate) fn gap(self) -> &'static str {
        match self.language {
            Language::Chinese => "",
            _ => " ",
        }
    }

    /// Sentences behind each other.
    pub(crate) fn sentences(self, sentences: &[String]) -> String {
        sentences.join(self.gap())
    }

    /// A text as a sentence: with a stop at its end, where it has none.
    pub(crate) fn ended(self, text: &str) -> String {
        let text = text.strip_suffix(self.stop()).unwrap_or(text);
        format!("{text}{}", self.stop())
    }

    /// A text as somebody else wrote it, between the marks for that.
    pub(crate) fn quoted(self, text: &str) -> String {
        match self.language {
            Language::French => format!("«\u{a0}{text}\u{a0}»"),
            Language::Spanish | Language::Russian | Language::Arabic => format!("«{text}»"),
            Language::English | Language::Chinese => format!("“{text}”"),
        }
    }

    fn saying(self) -> &'static Saying {
        Saying::of(self.language)
    }

    /// A text of the pages with `{0}`, `{1}` and so on filled; what is filled in keeps its own
    /// direction.
    pub(crate) fn fill(self, said: &Said, parts: &[&str]) -> String {
        self.saying().fill(self.say(said), parts)
    }

    /// The same with one part that is more than text, such as a name with its own language.
    pub(crate) fn fill_in(self, said: &Said, part: &Markup) -> Markup {
        let text = self.say(said);
        let (before, behind) = text.split_once("{0}").unwrap_or((text, ""));
        html! { (before) (part) (behind) }
    }

    /// A whole number, as people write it.
    pub(crate) fn number(self, number: u64) -> String {
        self.saying().number(number)
    }

    /// How many would come on top of what is there.
    pub(crate) fn further(self, number: u64) -> String {
        self.saying().further(number)
    }

    /// A number as a publisher writes it, as people do; what is no number stays as it is.
    pub(crate) fn decimal(self, written: &str) -> String {
        let said = self.saying().decimal(written);
        said.unwrap_or_else(|| written.to_owned())
    }

    /// An amount of money, with the currency's name for who points at its code.
    pub(crate) fn amount(self, value: &str, currency: &str) -> Markup {
        let (before, behind) = self.saying().around_currency(&self.decimal(value));
        let name = self.code("currencies", currency);
        let title = (name.state != State::Missing).then_some(&name.text);
        html! { bdi.amount { (before) abbr title=[title] { (currency) } (behind) } }
    }

    /// How many there are, in the form that the number asks for: `3 records`.
    pub(crate) fn count(self, number: u64, counted: &Counted) -> String {
        self.saying().count(number, counted)
    }

    /// The same, with the number set off.
    pub(crate) fn figure(self, number: u64, counted: &Counted) -> Markup {
        let (before, number, behind) = self.saying().count_in_parts(number, counted);
        html! { (before) strong { (number) } (behind) }
    }

    /// A date as precise as it is known, with the same for software.
    pub(crate) fn date(self, date: Date) -> Markup {
        html! { time datetime=(date) { bdi { (self.date_text(date)) } } }
    }

    /// The same as text, where no element can stand.
    pub(crate) fn date_text(self, date: Date) -> String {
        self.saying().date(date)
    }

    /// A moment by its milliseconds since 1970, with the same for software; nothing where no
    /// calendar has it.
    pub(crate) fn moment(self, milliseconds: u64) -> Markup {
        let said = self.moment_text(milliseconds);
        let machine = instant(milliseconds);
        html! {
            @if let (Some(said), Some(machine)) = (said, machine) {
                time datetime=(machine) { bdi { (said) } }
            }
        }
    }

    /// The same as text.
    pub(crate) fn moment_text(self, milliseconds: u64) -> Option<String> {
        self.saying().moment(milliseconds)
    }

    /// Several texts in a row: `A, B and C`.
    pub(crate) fn list<T: AsRef<str>>(self, texts: &[T]) -> String {
        self.saying().list(texts)
    }

    /// The same of links and the like, each with the text that it shows.
    pub(crate) fn listing(self, items: &[(String, Markup)]) -> Markup {
        self.saying().listing(items)
    }

    /// Which of two names comes first in the reader's language.
    pub(crate) fn compare(self, one: &str, other: &str) -> Ordering {
        self.saying().compare(one, other)
    }

    /// Puts what has names in the order of the names.
    pub(crate) fn sort_by_name<T>(self, all: &mut [T], name: impl Fn(&T) -> &str) {
        all.sort_by(|one, other| self.compare(name(one), name(other)));
    }
}
