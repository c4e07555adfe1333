//! What writes a record down: the reader's language, what references lead to, and the room
//! that is left. Whatever a publisher says goes through here, as text.

use maud::{Markup, html};

use crate::{
    called::untitled,
    foreign,
    item::Item,
    links::{Links, Reference},
    room::Room,
    series::Name,
    texts::{self, Voice},
};

/// Bytes of a title or of the words of a reference that stand in a line.
const LINE: usize = 400;

/// Writes for one page.
#[derive(Clone, Copy)]
pub(crate) struct Pen<'a> {
    pub(crate) voice: Voice<'a>,
    pub(crate) links: &'a Links<'a>,
    pub(crate) room: &'a Room,
}

impl Pen<'_> {
    /// A text within a line.
    pub(crate) fn text(self, text: &str) -> Markup {
        html! { bdi { (self.room.take(text)) } }
    }

    /// The same of words whose language nobody has said.
    pub(crate) fn unsaid(self, text: &str) -> Markup {
        foreign::unsaid(&self.room.take(text))
    }

    /// A text within a line, with its language.
    pub(crate) fn foreign(self, language: &str, text: &str) -> Markup {
        foreign::inline(language, &self.room.take_some(text, LINE))
    }

    /// The title of another record.
    pub(crate) fn title(self, item: &Item) -> Markup {
        if let Some(name) = Name::of(item, self.links, self.voice) {
            return name.shown(|text| self.room.take_some(text, LINE));
        }
        let Some(called) = item.called(self.voice) else {
            return html! { (untitled(item, self.voice)) };
        };
        html! {
            (self.foreign(&called.title.language, &called.title.text))
            @if let Some(how) = called.translated(self.voice) { " " span.mark { "(" (how) ")" } }
        }
    }

    /// A link to another record, by its title, with what a reader has to know before.
    pub(crate) fn link(self, item: &Item) -> Markup {
        html! {
            a href=(format!("/{}/{}", self.voice.language, item.path())) { (self.title(item)) }
            @if !item.is_current() {
                " " span.mark { "(" (self.voice.say(&texts::NOT_CURRENT)) ")" }
            }
        }
    }

    /// A reference: a link where the record is here, else its words, and that it is not.
    pub(crate) fn reference(self, reference: &Reference) -> Markup {
        if let Some(item) = self.links.find(reference) {
            return self.link(&item);
        }
        let is_named = !reference.record_id.is_empty() || !reference.external_id.is_empty();
        let words = self.room.take_some(&reference.words(), LINE);
        html! {
            @if reference.citation.is_empty() { bdi { code { (words) } } } @else { (foreign::unsaid(&words)) }
            @if is_named {
                " " span.mark { "(" (self.voice.say(&texts::NOT_HERE)) ")" }
            }
        }
    }

    /// A link to the web, by these words or by its address; any other address is no link.
    pub(crate) fn web(self, url: &str, words: Option<Markup>) -> Markup {
        let is_web = ["http://", "https://"].iter().any(|scheme| {
            url.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        // An address that is cut leads elsewhere.
        let is_whole = is_web && self.room.take(url) == url;
        html! {
            @let bare = words.is_none();
            @let words = words.unwrap_or_else(|| self.text(url));
            @if is_whole { a.bare[bare] href=(url) rel="noopener nofollow" { (words) } } @else { (words) }
        }
    }
}
