//! The heading of a record's page: what it is called, how that came to be in the language that
//! it stands in, and what its author wrote.

use maud::{Markup, html};
use wpsx_proto::api::record::v1::TextKind;

use crate::{
    called::{Called, Worded, how, untitled},
    foreign::{self, direction, tag},
    item::Item,
    links::Links,
    series::Name,
    texts::{self, Voice},
    trail::Step,
};

/// Bytes of a title on its page.
const LONGEST: usize = 1_500;

/// The title of a page.
pub(super) struct Title {
    /// What is said instead of a title that is made of codes.
    name: Option<Name>,
    called: Option<Called>,
    /// What is said where there is no title.
    untitled: String,
}

impl Title {
    pub(super) fn of(item: &Item, links: &Links<'_>, voice: Voice<'_>) -> Self {
        Self {
            name: Name::of(item, links, voice),
            called: item.called(voice),
            untitled: untitled(item, voice),
        }
    }

    /// For the title of the window.
    pub(super) fn plain(&self) -> String {
        if let Some(name) = &self.name {
            return shortened(&name.plain());
        }
        match self.chosen() {
            Some(text) => foreign::unsteered(&shortened(&text.text)),
            None => self.untitled.clone(),
        }
    }

    fn chosen(&self) -> Option<&Worded> {
        self.called.as_ref().map(|called| &called.title)
    }

    /// The way to the record, which ends with what its heading says.
    pub(super) fn on_trail(&self, mut trail: Vec<Step>) -> Vec<Step> {
        match (&self.name, self.chosen(), trail.last_mut()) {
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
                @if let Some(text) = self.chosen() {
                    p.original {
                        (voice.say(&texts::PUBLISHERS_TITLE)) (voice.colon())
                        (foreign::inline(&text.language, &shortened(&text.text)))
                    }
                }
            };
        }
        html! {
            @match self.chosen() {
                Some(text) => {
                    h1 lang=(tag(&text.language)) dir=(direction(&text.language)) { bdi { (shortened(&text.text)) } }
                    @if let Some(kind) = kind(text, voice) { p.mark { (kind) } }
                }
                None => { h1 { (self.untitled) } }
            }
            @if let Some(original) = self.called.as_ref().and_then(|called| called.original.as_ref()) {
                p.original {
                    (voice.say(&texts::ORIGINAL_TITLE)) (voice.colon())
                    (foreign::inline(&original.language, &shortened(&original.text)))
                }
            }
        }
    }
}

/// How a text came to be in its language, where it is not its author's; and of what is not
/// in the reader's language, which it is.
fn kind(text: &Worded, voice: Voice<'_>) -> Option<Markup> {
    let is_readers = text.language.split('-').next() == Some(voice.language.tag());
    let said = match text.kind {
        TextKind::Unspecified | TextKind::Original => None,
        kind => how(kind, voice),
    };
    let language = voice.code("languages", &text.language);
    (said.is_some() || !is_readers).then(|| {
        html! {
            @if let Some(said) = &said { (said) }
            @if said.is_some() && !is_readers { " · " }
            @if !is_readers { (voice.shown(&language)) }
        }
    })
}

fn shortened(text: &str) -> String {
    crate::room::Room::of(usize::MAX).take_some(text, LONGEST)
}
