//! The words of a text, folded so that people find them however they are written.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

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
pub fn words(text: &str) -> std::collections::BTreeSet<String> {
    let mut found = std::collections::BTreeSet::new();
    let mut word = String::new();
    let folded = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && *c != '\u{640}')
        .flat_map(char::to_lowercase);
    for c in folded.chain([' ']) {
        let stands_alone = is_written_without_spaces(c);
        if c.is_alphanumeric() && !stands_alone {
            if word.chars().count() < MAX_CHARS {
                word.push(of_many_forms(c));
            }
            continue;
        }
        if !word.is_empty() {
            found.insert(std::mem::take(&mut word));
        }
        if stands_alone {
            found.insert(c.to_string());
        }
        if found.len() >= MAX_WORDS {
            break;
        }
    }
    found
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
    fn a_text_gives_a_bounded_number_of_short_words() {
        let many: String = (0..100_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&many).len(), MAX_WORDS);
        let long = words(&"x".repeat(100_000));
        assert_eq!(long.first().unwrap().len(), MAX_CHARS);
    }
}
