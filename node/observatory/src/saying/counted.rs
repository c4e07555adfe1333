//! How many of something: the form that the number asks for.

use icu_plurals::PluralCategory;
use wpsx_words::Language;

/// What is counted, in every form that a whole number asks for; `{}` is where the number
/// stands, and a form may do without.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// One, other.
    pub(crate) en: [&'static str; 2],
    /// One, many (round millions), other.
    pub(crate) fr: [&'static str; 3],
    /// One, many (round millions), other.
    pub(crate) es: [&'static str; 3],
    /// One (1, 21), few (2 to 4, 22), many.
    pub(crate) ru: [&'static str; 3],
    /// Zero, one, two, few (3 to 10), many (11 to 99), other (100).
    pub(crate) ar: [&'static str; 6],
    /// Other.
    pub(crate) zh: &'static str,
}

impl Counted {
    /// The form for a category of numbers.
    pub(super) fn form(&self, language: Language, category: PluralCategory) -> &'static str {
        use PluralCategory as Is;
        match (language, category) {
            (Language::English, Is::One) => self.en[0],
            (Language::English, _) => self.en[1],
            (Language::French, Is::One) => self.fr[0],
            (Language::French, Is::Many) => self.fr[1],
            (Language::French, _) => self.fr[2],
            (Language::Spanish, Is::One) => self.es[0],
            (Language::Spanish, Is::Many) => self.es[1],
            (Language::Spanish, _) => self.es[2],
            (Language::Russian, Is::One) => self.ru[0],
            (Language::Russian, Is::Few) => self.ru[1],
            (Language::Russian, _) => self.ru[2],
            (Language::Arabic, Is::Zero) => self.ar[0],
            (Language::Arabic, Is::One) => self.ar[1],
            (Language::Arabic, Is::Two) => self.ar[2],
            (Language::Arabic, Is::Few) => self.ar[3],
            (Language::Arabic, Is::Many) => self.ar[4],
            (Language::Arabic, Is::Other) => self.ar[5],
            (Language::Chinese, _) => self.zh,
        }
    }
}
