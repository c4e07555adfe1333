//! A text in as many languages as somebody wrote it in.

use std::{borrow::Cow, collections::BTreeMap};

use wpsx_words::{Label, Language, State};

use crate::texts::Said;

/// A text in some of the languages; empty: in none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken(BTreeMap<Language, String>);

impl Spoken {
    /// Nobody wrote it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text in the language, else in English, else in any that it has; else what is
    /// said where nobody wrote one.
    pub(super) fn label<'a>(&'a self, language: Language, usual: &Said) -> Label<'a> {
        let own = |language: Language| self.0.get_key_value(&language);
        let found = own(language)
            .or_else(|| own(Language::English))
            .or_else(|| self.0.iter().next());
        let (of, text) = match found {
            Some((of, text)) => (*of, text.as_str()),
            None => (language, usual[language as usize]),
        };
        Label {
            text: Cow::Borrowed(text),
            language: of,
            state: State::Reviewed,
            is_fallback: of != language,
        }
    }
}

impl FromIterator<(Language, String)> for Spoken {
    fn from_iter<T: IntoIterator<Item = (Language, String)>>(texts: T) -> Self {
        Self(texts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::SITE_NAME;

    #[test]
    fn a_name_that_is_missing_in_a_language_falls_back_to_english_and_is_marked() {
        let names = [
            (Language::French, "Le réseau".to_owned()),
            (Language::English, "The network".to_owned()),
        ];
        let names: Spoken = names.into_iter().collect();
        let arabic = names.label(Language::Arabic, &SITE_NAME);
        assert_eq!((&*arabic.text, arabic.is_fallback), ("The network", true));
        let french = names.label(Language::French, &SITE_NAME);
        assert_eq!((&*french.text, french.is_fallback), ("Le réseau", false));
        let none = Spoken::default();
        let arabic = none.label(Language::Arabic, &SITE_NAME);
        assert_eq!((&*arabic.text, arabic.is_fallback), (SITE_NAME[4], false));
    }
}
