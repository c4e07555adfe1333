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

#[cfg(test)]
mod tests {
    use wpsx_words::Language;

    use super::{super::tests::plain, *};

    #[test]
    fn things_in_a_row_are_joined_as_their_language_does() {
        let three = |language| plain(&Saying::of(language).list(&["A", "B", "C"]));
        assert_eq!(
            Language::ALL.map(three),
            [
                "A, B and C",
                "A, B et C",
                "A, B y C",
                "A, B и C",
                "A وB وC",
                "A、B和C"
            ]
        );
        let spanish = Saying::of(Language::Spanish);
        assert_eq!(spanish.list(&["Francia", "Italia"]), "Francia e Italia");
        assert_eq!(spanish.list::<&str>(&[]), "");
    }

    #[test]
    fn what_is_listed_can_be_a_link_and_what_is_between_is_text() {
        let items = ["Francia", "Italia"].map(|name| {
            let shown = html! { a href="/x" { (name) } };
            (name.to_owned(), shown)
        });
        let shown = Saying::of(Language::Spanish).listing(&items).0;
        assert_eq!(
            shown,
            "<a href=\"/x\">Francia</a> e <a href=\"/x\">Italia</a>"
        );
    }
}
