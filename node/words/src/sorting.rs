//! Where titles stand in the order in which readers of a language look for them, by the
//! Unicode Collation Algorithm (UTS #10) with the orders of CLDR: whatever the case, the
//! accents and the width of letters, and without the signs between words.

use std::sync::LazyLock;

use icu_collator::{
    CollatorBorrowed,
    options::{CollatorOptions, Strength},
};
use icu_locale_core::locale;
use unicode_normalization::char::is_combining_mark;

use crate::language::Language;

/// Of a sort key, so many bytes count.
const LONGEST_KEY: usize = 96;
/// And so many letters of a title are read for it: signs in between are left out.
const LONGEST_READ: usize = 8 * LONGEST_KEY;
/// Puts titles in a language of another script before those in English.
const OWN_SCRIPT: u8 = 1;

/// The sort key of a title in a language, at most 96 bytes; empty for one without a letter or
/// a digit. Keys of titles in English, French and Spanish are in one order with those of all
/// other languages; those of titles in Russian, Arabic and Chinese come before them.
#[must_use]
pub fn sort_key(language: Language, title: &str) -> Vec<u8> {
    let words = words(title);
    let mut key = Vec::new();
    if words.is_empty() {
        return key;
    }
    if let Language::Russian | Language::Arabic | Language::Chinese = language {
        key.push(OWN_SCRIPT);
    }
    let Ok(()) = collator(language).write_sort_key_to(&words, &mut key);
    key.truncate(LONGEST_KEY);
    key
}

/// The order of a language.
fn collator(language: Language) -> &'static CollatorBorrowed<'static> {
    static ALL: LazyLock<[CollatorBorrowed<'static>; 6]> = LazyLock::new(|| Language::ALL.map(new));
    &ALL[language.index()]
}

#[expect(
    clippy::expect_used,
    reason = "the data of the six languages is compiled in, and a test reads each"
)]
fn new(language: Language) -> CollatorBorrowed<'static> {
    let locale = match language {
        // What is not in one of the other languages has the order of all scripts.
        Language::English => locale!("und"),
        Language::French => locale!("fr"),
        Language::Spanish => locale!("es"),
        Language::Russian => locale!("ru"),
        Language::Arabic => locale!("ar"),
        Language::Chinese => locale!("zh"),
    };
    let mut options = CollatorOptions::default();
    options.strength = Some(Strength::Primary);
    CollatorBorrowed::try_new((&locale).into(), options)
        .expect("orders of the six languages are compiled in")
}

/// The words of a title, apart by one space.
fn words(title: &str) -> String {
    let end = title.char_indices().nth(LONGEST_READ);
    let title = &title[..end.map_or(title.len(), |(end, _)| end)];
    let mut words = String::with_capacity(title.len().min(2 * LONGEST_KEY));
    for word in title.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)) {
        if word.is_empty() {
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        // A letter has a byte of the key or more, and what is cut off is not worth making.
        if words.len() >= LONGEST_KEY && words.chars().count() >= LONGEST_KEY {
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The titles as readers of that language find them.
    fn sorted<'a>(titles: &[(Language, &'a str)]) -> Vec<&'a str> {
        let keys = titles
            .iter()
            .map(|(language, title)| (sort_key(*language, title), *title));
        let mut keys: Vec<_> = keys.collect();
        keys.sort();
        keys.into_iter().map(|(_, title)| title).collect()
    }

    #[test]
    fn titles_stand_as_readers_of_each_language_look_for_them() {
        use Language::{Arabic, Chinese, English, French, Russian, Spanish};
        for titles in [
            &[
                (English, "2030: a vision"),
                (French, "«Égalité»"),
                (English, "Equality and peace"),
                (French, "État des lieux"),
                (English, "Zambia"),
                (English, "Женщины"),
                (English, "المرأة"),
                (English, "妇女"),
            ][..],
            &[
                (Spanish, "Nicaragua"),
                (Spanish, "nuez"),
                (Spanish, "Ñandú"),
                (English, "Oman"),
            ],
            &[
                (Russian, "Ёлка"),
                (Russian, "Женщины"),
                (Russian, "Яровая"),
                (English, "Albania"),
            ],
            &[
                (Arabic, "أمن"),
                (Arabic, "بلد"),
                (Arabic, "ياسمين"),
                (English, "Albania"),
            ],
            // In the order of their sounds: a, bei, zhong.
            &[
                (Chinese, "阿尔巴尼亚"),
                (Chinese, "北"),
                (Chinese, "中国"),
                (English, "Albania"),
            ],
        ] {
            let expected: Vec<&str> = titles.iter().map(|(_, title)| *title).collect();
            let backwards: Vec<_> = titles.iter().rev().copied().collect();
            assert_eq!(sorted(&backwards), expected);
        }
    }

    #[test]
    fn titles_are_the_same_whatever_their_case_accents_width_and_signs() {
        for (one, other) in [
            ("ÉGALITÉ des Femmes", "egalite – des «femmes»"),
            ("ＷＰＳ-２０３０", "wps 2030"),
            ("\0a\u{202e}b\u{301}", "a b"),
            ("المَرأة", "المرأة"),
        ] {
            assert_eq!(
                sort_key(Language::French, one),
                sort_key(Language::French, other)
            );
        }
        assert_ne!(
            sort_key(Language::English, "a b"),
            sort_key(Language::English, "ab")
        );
    }

    #[test]
    fn keys_have_a_bound_and_what_has_no_letter_has_none() {
        for language in Language::ALL {
            assert!(sort_key(language, " «…» \u{202e}").is_empty());
            for letter in ["a", "я", "أ", "中", "\u{10ffff}"] {
                assert!(sort_key(language, &letter.repeat(70_000)).len() <= LONGEST_KEY);
            }
        }
    }
}
