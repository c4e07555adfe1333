//! Text made of the cells of one row.

use wpsx_words::{Language, Vocabularies};

use super::{
    cells::{Cells, text_of},
    nearest::hint,
};

/// Text with `{column}`, `{column|lower}` and `{column|slug}` in it; `{column|or other}`
/// is the first of several columns that is not empty. In a text of one language,
/// `{column|name VOCABULARY}` is what a code is called in that: by the vocabularies of the
/// program, so that the same row says the same at every node. Empty as a whole when a place is.
/// It depends on its row alone: an id that depended on other rows would change when they do.
#[derive(Clone, Default)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone)]
enum Piece {
    Text(String),
    /// The first of these columns that is not empty.
    Column {
        names: Vec<String>,
        filter: Filter,
    },
}

#[derive(Clone, PartialEq, Eq)]
enum Filter {
    None,
    Lower,
    /// Its letters and digits in lower case, with a hyphen for all between them.
    Slug,
    /// What the vocabulary calls it in the language.
    Name(String, Language),
}

impl Template {
    /// Of a text in that language, or in none.
    pub(super) fn parse(text: &str, language: Option<Language>) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after
                .split_once('}')
                .ok_or_else(|| format!("{text:?} opens a brace and does not close it"))?;
            let mut parts = inside.split('|');
            let mut names = vec![parts.next().unwrap_or_default().to_owned()];
            let mut filter = Filter::None;
            for part in parts {
                if let Some(other) = part.strip_prefix("or ") {
                    names.push(other.trim().to_owned());
                    continue;
                }
                filter = match (part, part.strip_prefix("name ")) {
                    (_, Some(vocabulary)) => named(vocabulary.trim(), language)?,
                    ("lower", _) => Filter::Lower,
                    ("slug", _) => Filter::Slug,
                    _ => {
                        return Err(format!(
                            "there is no filter {part:?}{}; {FILTERS}",
                            near(part)
                        ));
                    }
                };
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Column { names, filter });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let names = self.0.iter().flat_map(|piece| match piece {
            Piece::Text(_) => &[][..],
            Piece::Column { names, .. } => names,
        });
        names.map(String::as_str)
    }

    /// Of each place the columns that may fill it.
    pub(super) fn places(&self) -> impl Iterator<Item = &[String]> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Column { names, .. } => Some(names.as_slice()),
        })
    }

    pub(super) fn fill(&self, cells: &Cells) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Column { names, filter } => {
                    let text = names
                        .iter()
                        .map(|name| text_of(cells, name))
                        .find(|text| !text.is_empty())
                        .unwrap_or_default();
                    let text = match filter {
                        Filter::None => text,
                        Filter::Lower => text.to_lowercase(),
                        Filter::Slug => slug(&text),
                        Filter::Name(vocabulary, language) if !text.is_empty() => {
                            let all = Vocabularies::shipped();
                            all.label(vocabulary, &text, *language).text.into_owned()
                        }
                        Filter::Name(..) => text,
                    };
                    if text.is_empty() {
                        return String::new();
                    }
                    filled.push_str(&text);
                }
            }
        }
        filled
    }
}

/// What may stand behind a column.
const FILTERS: &str = "filters are lower, slug, `or OTHER COLUMN` and `name VOCABULARY`";

fn near(part: &str) -> String {
    hint(part, ["lower", "slug", "or", "name"])
}

fn named(vocabulary: &str, language: Option<Language>) -> Result<Filter, String> {
    let Some(language) = language else {
        return Err("`name` is of a text in one language, which [[worded]] has".to_owned());
    };
    let all = Vocabularies::shipped();
    match all.names().any(|name| name == vocabulary) {
        true => Ok(Filter::Name(vocabulary.to_owned(), language)),
        false => {
            let near = hint(vocabulary, all.names());
            Err(format!("there is no vocabulary {vocabulary:?}{near}"))
        }
    }
}

fn slug(text: &str) -> String {
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_keeps_letters_and_digits_of_any_script() {
        assert_eq!(
            slug(" Plan (2nd), Côte d'Ivoire! "),
            "plan-2nd-côte-d-ivoire"
        );
        assert_eq!(slug("خطة العمل"), "خطة-العمل");
        assert_eq!(slug("-- ?"), "");
    }
}
