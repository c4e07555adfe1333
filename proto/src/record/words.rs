//! The words of a text, folded so that people find them however they are written.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// At most this many words are taken from one text.
const MAX_WORDS: usize = 64;
/// Of a longer word, this many characters count.
const MAX_CHARS: usize = 32;

/// The words of a text in lower case, without accents and vowel signs, each once and in
/// order, at most 64. A letter of a script that is written without spaces is a word.
///
/// ```
/// use wpsx_proto::record::words;
///
/// let found: Vec<String> = words("Égalité, PAIX et sécurité").into_iter().collect();
/// assert_eq!(found, ["egalite", "et", "paix", "securite"]);
/// ```
#[must_use]
pub fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    each_word(text, |word| {
        found.insert(word.to_owned());
    });
    found
}

/// Calls `take` with each of the [`words`] of a text, in any order.
pub fn each_word(text: &str, mut take: impl FnMut(&str)) {
    if text.is_ascii() {
        return each_plain_word(text, take);
    }
    let mut found = Found::default();
    for letter in text.chars() {
        folded(letter, |c| found.take(c));
        if found.is_full() {
            break;
        }
    }
    if !found.is_full() {
        found.end();
    }
    found.words.iter().for_each(|word| take(word));
}

/// The same of a text of plain letters, as most titles are.
fn each_plain_word(text: &str, mut take: impl FnMut(&str)) {
    let lower = text.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let mut found = HashSet::with_capacity_and_hasher(MAX_WORDS, RandomState::default());
    for word in words.filter(|word| !word.is_empty()) {
        let word = &word[..word.len().min(MAX_CHARS)];
        if found.insert(word) {
            take(word);
            if found.len() >= MAX_WORDS {
                break;
            }
        }
    }
}

/// Words that were found, and the one that is being read.
#[derive(Default)]
struct Found {
    words: BTreeSet<String>,
    word: String,
    letters: usize,
}

impl Found {
    fn take(&mut self, letter: char) {
        if is_written_without_spaces(letter) {
            self.end();
            self.words.insert(letter.to_string());
        } else if !letter.is_alphanumeric() {
            self.end();
        } else if self.letters < MAX_CHARS {
            self.word.push(of_many_forms(letter));
            self.letters += 1;
        }
    }

    fn end(&mut self) {
        if !self.word.is_empty() && !self.words.contains(&self.word) {
            self.words.insert(self.word.clone());
        }
        self.word.clear();
        self.letters = 0;
    }

    fn is_full(&self) -> bool {
        self.words.len() >= MAX_WORDS
    }
}

/// What a letter is written as without case, accents and marks. The marks may be taken from
/// each letter alone, since all that has an order among them is left out.
fn folded(letter: char, mut take: impl FnMut(char)) {
    if letter.is_ascii() {
        return take(letter.to_ascii_lowercase());
    }
    decompose_compatible(letter, |part| {
        if !is_combining_mark(part) && part != '\u{640}' {
            part.to_lowercase().for_each(&mut take);
        }
    });
}

/// Letters that people write for each other: the Arabic ya and ha, the Russian yo is one by now.
fn of_many_forms(c: char) -> char {
    match c {
        'ى' => 'ي',
        'ة' => 'ه',
        other => other,
    }
}

fn is_written_without_spaces(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{30ff}' // kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        words(text).into_iter().collect()
    }

    #[test]
    fn words_are_found_however_they_are_written() {
        assert_eq!(of("Côte d’Ivoire"), of("COTE D'IVOIRE"));
        assert_eq!(of("خُطّة العمل"), of("خطه العمل"));
        assert_eq!(of("Учёт"), of("учет"));
        assert_eq!(of("2017-2020: план"), ["2017", "2020", "план"]);
        assert_eq!(of("妇女和平"), of("平和女妇"));
        assert_eq!(of("  — !"), Vec::<String>::new());
    }

    #[test]
    fn plain_letters_give_the_same_words_as_among_others() {
        let plain = "WPS-2030: the Plan, a_b c'd  X9 ".repeat(3) + &"y".repeat(50);
        let mut among_others = words(&format!("{plain} é"));
        among_others.remove("e");
        assert_eq!(words(&plain), among_others);
    }

    #[test]
    fn letters_are_folded_alone_as_in_the_whole_text() {
        use unicode_normalization::UnicodeNormalization as _;

        let text =
            "E\u{301}\u{327}galité ＷＰＳ ﷺ 각 한국어 İstanbul Ω ﬁn µ ª² عـالم q\u{323}\u{307}";
        let whole: String = text
            .nfkd()
            .filter(|c| !is_combining_mark(*c) && *c != '\u{640}')
            .flat_map(char::to_lowercase)
            .collect();
        let mut alone = String::new();
        text.chars().for_each(|c| folded(c, |c| alone.push(c)));
        assert_eq!(alone, whole);
    }

    #[test]
    fn a_text_gives_a_bounded_number_of_short_words() {
        let many: String = (0..100_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&many).len(), MAX_WORDS);
        let long = words(&"x".repeat(100_000));
        assert_eq!(long.first().unwrap().len(), MAX_CHARS);
    }
}
