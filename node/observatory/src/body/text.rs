//! Texts, each in a language of its own and with how it came to be in it.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, Value};
use wpsx_proto::{
    api::record::v1::TextKind,
    record::{in_language, standing_for},
};

use crate::{
    fields::{stated, string},
    foreign::{direction, tag},
    pen::Pen,
    plain::begun,
    texts::{self, Voice},
};

/// Paragraphs of one text; what is behind them stands in one.
const MOST_PARAGRAPHS: usize = 400;

impl Pen<'_> {
    /// The text in the reader's language where there is one, else the original, and the
    /// others folded beneath it.
    pub(super) fn texts(self, values: &[Value]) -> Markup {
        let all: Vec<&DynamicMessage> = values.iter().filter_map(Value::as_message).collect();
        let Some(chosen) = chosen(&all, self.voice) else {
            return html! {};
        };
        let others: Vec<&DynamicMessage> = all.into_iter().filter(|it| *it != chosen).collect();
        html! {
            (self.one_text(chosen))
            @if !others.is_empty() && !self.room.is_full() {
                details {
                    summary { (self.voice.say(&texts::OTHER_LANGUAGES)) (self.voice.colon()) (languages(&others, self)) }
                    @for text in &others {
                        @if !self.room.is_full() { (self.one_text(text)) }
                    }
                }
            }
        }
    }

    /// The text for this reader alone, where there is no room for more.
    pub(crate) fn best_text(self, texts: &[DynamicMessage]) -> Markup {
        let all: Vec<&DynamicMessage> = texts.iter().collect();
        html! { @if let Some(chosen) = chosen(&all, self.voice) { (self.one_text(chosen)) } }
    }

    /// The words of a name within a line.
    pub(crate) fn name(self, texts: &[DynamicMessage]) -> Option<Markup> {
        let all: Vec<&DynamicMessage> = texts.iter().collect();
        let chosen = chosen(&all, self.voice)?;
        Some(self.foreign(&string(chosen, "language"), &string(chosen, "text")))
    }

    /// The same of what begins a line.
    pub(super) fn begun(self, texts: &[DynamicMessage]) -> Option<Markup> {
        let all: Vec<&DynamicMessage> = texts.iter().collect();
        let chosen = chosen(&all, self.voice)?;
        Some(self.foreign(&string(chosen, "language"), &begun(&string(chosen, "text"))))
    }

    /// A text, with how it came to be in its language where that was by translation.
    pub(super) fn one_text(self, text: &DynamicMessage) -> Markup {
        let (language, words) = (string(text, "language"), string(text, "text"));
        let words = self.room.take(&words);
        let kind = stated(text, "kind").filter(|(_, number)| *number != TextKind::Original as i32);
        html! {
            div lang=(tag(&language)) dir=(direction(&language)) {
                @for paragraph in words.splitn(MOST_PARAGRAPHS, '\n').filter(|it| !it.trim().is_empty()) {
                    p { (paragraph) }
                }
            }
            @if let Some((field, number)) = &kind {
                p.mark { "(" (self.voice.shown(&self.voice.value(field, *number))) ")" }
            }
        }
    }
}

/// The text that this reader gets: in the reader's language, else the one that stands for all.
pub(crate) fn chosen<'a>(
    all: &[&'a DynamicMessage],
    voice: Voice<'_>,
) -> Option<&'a DynamicMessage> {
    let languages: Vec<String> = all.iter().map(|text| string(text, "language")).collect();
    let texts = languages.iter().map(String::as_str);
    let texts: Vec<(&str, TextKind)> = texts.zip(all.iter().map(|it| kind_of(it))).collect();
    let own = in_language(&texts, voice.language.tag());
    all.get(own.or_else(|| standing_for(&texts))?).copied()
}

/// How a text came to be in its language.
fn kind_of(text: &DynamicMessage) -> TextKind {
    let said = stated(text, "kind").map(|(_, kind)| kind);
    TextKind::try_from(said.unwrap_or_default()).unwrap_or_default()
}

/// The languages of texts by their names.
fn languages(all: &[&DynamicMessage], pen: Pen<'_>) -> String {
    let names: Vec<String> = all
        .iter()
        .take(20)
        .map(|text| string(text, "language"))
        .map(|tag| pen.voice.code("languages", &tag).text.into_owned())
        .collect();
    pen.voice.list(&names)
}
