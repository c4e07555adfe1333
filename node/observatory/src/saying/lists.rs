//! Several things in a row: `A, B and C`.

use icu_list::parts;
use maud::{Markup, PreEscaped, Render as _, html};
use writeable::{Part, PartsWrite, Writeable as _};

use super::Saying;

impl Saying {
    /// Texts in a row. Each keeps its own direction, where the language runs the other way.
    pub(crate) fn list<T: AsRef<str>>(&self, texts: &[T]) -> String {
        let texts: Vec<String> = texts
            .iter()
            .map(|text| self.isolated(text.as_ref().to_owned()))
            .collect();
        self.lists.format(texts.iter()).to_string()
    }

    /// The same of what is more than text: each has the text by which the words between are
    /// chosen, such as the `e` before an Italia.
    pub(crate) fn listing(&self, items: &[(String, Markup)]) -> Markup {
        let mut between = Between::default();
        let texts = items.iter().map(|(text, _)| text);
        if self
            .lists
            .format(texts)
            .write_to_parts(&mut between)
            .is_err()
        {
            return html! {};
        }
        let mut shown = String::new();
        let mut items = items.iter();
        for piece in between.0 {
            match piece {
                Piece::Item => shown.extend(items.next().map(|(_, it)| it.0.as_str())),
                Piece::Word(word) => shown.push_str(&word.render().0),
            }
        }
        PreEscaped(shown)
    }
}

enum Piece {
    Item,
    Word(String),
}

/// What stands between the items of a list.
#[derive(Default)]
struct Between(Vec<Piece>);

impl std::fmt::Write for Between {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        match self.0.last_mut() {
            Some(Piece::Word(word)) => word.push_str(text),
            _ => self.0.push(Piece::Word(text.to_owned())),
        }
        Ok(())
    }
}

impl PartsWrite for Between {
    type SubPartsWrite = Self;

    fn with_part(
        &mut self,
        part: Part,
        mut write: impl FnMut(&mut Self) -> std::fmt::Result,
    ) -> std::fmt::Result {
        if part == parts::ELEMENT {
            self.0.push(Piece::Item);
            return Ok(());
        }
        write(self)
    }
}
