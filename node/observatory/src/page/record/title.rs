//! The title: in the reader's language, else as its author wrote it, and how it came to be
//! in the language that it stands in.

use maud::{Markup, html};
use wpsx_proto::{
    api::record::v1::TextKind,
    record::{Record, schema::record_message},
};
use wpsx_words::State;

use crate::{
    fields::{outline_of, parts, stated, string},
    foreign::{self, direction, tag},
    item::{Content, Item},
    links::Links,
    series::Name,
    texts::{self, Voice},
    trail::Step,
};

/// Bytes of a title on its page.
const LONGEST: usize = 1_500;

#[derive(Clone, PartialEq, Eq)]
struct Text {
    language: String,
    text: String,
    kind: i32,
}

/// The title of a page.
pub(super) struct Title {
    /// What is said instead of a title that is made of codes.
    name: Option<Name>,
    chosen: Option<Text>,
    original: Option<Text>,
}

impl Title {
    pub(super) fn of(item: &Item, links: &Links<'_>, voice: Voice<'_>) -> Self {
        let titles = titles(item);
        let in_language = |tag: &str| {
            titles
                .iter()
                .find(|text| text.language.split('-').next() == Some(tag))
        };
        let original = titles
            .iter()
            .find(|text| text.kind == TextKind::Original as i32);
        let readers = in_language(voice.language.tag());
        let stated = original.or_else(|| in_language("en")).or(titles.first());
        // The name that the vocabularies have for an organisation stands above its own.
        let known = stated.filter(|_| readers.is_none());
        let known = known.and_then(|stated| translated(item, stated, voice));
        let original = original.or(stated.filter(|_| known.is_some()));
        let chosen = known.or(readers.or(stated).cloned());
        Self {
            name: Name::of(item, links, voice),
            original: original.filter(|it| Some(*it) != chosen.as_ref()).cloned(),
            chosen,
        }
    }

    /// For the title of the window.
    pub(super) fn plain(&self, voice: Voice<'_>) -> String {
        if let Some(name) = &self.name {
            return shortened(&name.plain());
        }
        match &self.chosen {
            Some(text) => foreign::unsteered(&shortened(&text.text)),
            None => voice.say(&texts::NO_TITLE).to_owned(),
        }
    }

    /// The way to the record, which ends with what its heading says.
    pub(super) fn on_trail(&self, mut trail: Vec<Step>) -> Vec<Step> {
        match (&self.name, &self.chosen, trail.last_mut()) {
            (Some(_), _, _) => drop(trail.pop()),
            (None, Some(text), Some(here)) if here.language.is_some() => {
                *here = Step {
                    language: Some(text.language.clone()),
                    ..Step::here(&text.text)
                };
            }
            _ => {}
        }
        trail
    }

    /// The heading, with how the text came to be and what its author wrote.
    pub(super) fn heading(&self, voice: Voice<'_>) -> Markup {
        if let Some(name) = &self.name {
            return html! {
                h1 { (name.shown(shortened)) }
                @if let Some(text) = &self.chosen {
                    p.original {
                        (voice.say(&texts::PUBLISHERS_TITLE)) (voice.colon())
                        (foreign::inline(&text.language, &shortened(&text.text)))
                    }
                }
            };
        }
        html! {
            @match &self.chosen {
                Some(text) => {
                    h1 lang=(tag(&text.language)) dir=(direction(&text.language)) { bdi { (shortened(&text.text)) } }
                    @if let Some(kind) = kind(text, voice) { p.mark { (kind) } }
                }
                None => { h1 { (voice.say(&texts::NO_TITLE)) } }
            }
            @if let Some(original) = &self.original {
                p.original {
                    (voice.say(&texts::ORIGINAL_TITLE)) (voice.colon())
                    (foreign::inline(&original.language, &shortened(&original.text)))
                }
            }
        }
    }
}

/// The name of an organisation in the reader's language, with how it came to be in that.
fn translated(item: &Item, stated: &Text, voice: Voice<'_>) -> Option<Text> {
    let known = item.known_as(&stated.text, voice)?;
    let kind = match known.state {
        State::Machine => TextKind::MachineTranslation,
        _ => TextKind::UnofficialTranslation,
    };
    Some(Text {
        language: voice.language.tag().to_owned(),
        text: known.text.into_owned(),
        kind: kind as i32,
    })
}

/// How a text came to be in its language, where it is not its author's; and of what is not
/// in the reader's language, which it is.
fn kind(text: &Text, voice: Voice<'_>) -> Option<Markup> {
    let is_readers = text.language.split('-').next() == Some(voice.language.tag());
    let field = record_message().get_field_by_name("title")?;
    let field = field.kind().as_message()?.get_field_by_name("kind")?;
    let unsaid = [TextKind::Unspecified as i32, TextKind::Original as i32];
    let is_said = !unsaid.contains(&text.kind);
    let language = voice.code("languages", &text.language);
    (is_said || !is_readers).then(|| {
        html! {
            @if is_said { (voice.shown(&voice.value(&field, text.kind))) }
            @if is_said && !is_readers { " · " }
            @if !is_readers { (voice.shown(&language)) }
        }
    })
}

fn titles(item: &Item) -> Vec<Text> {
    if let Some(record) = item.record() {
        return with_kinds(record);
    }
    let Content::Here(reading) = &item.content else {
        return Vec::new();
    };
    let header = reading.header();
    let texts = header.titles().map(|(language, text)| Text {
        language: language.to_owned(),
        text: text.to_owned(),
        kind: 0,
    });
    texts.collect()
}

fn with_kinds(record: &Record) -> Vec<Text> {
    let titles = outline_of(record).map(|message| parts(&message, "title"));
    let texts = titles.unwrap_or_default().into_iter().map(|text| Text {
        language: string(&text, "language"),
        text: string(&text, "text"),
        kind: stated(&text, "kind").map_or(0, |(_, kind)| kind),
    });
    texts.collect()
}

fn shortened(text: &str) -> String {
    crate::room::Room::of(usize::MAX).take_some(text, LONGEST)
}
