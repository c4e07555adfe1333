//! Texts of publishers where a line is all there is: in feeds, calendars and citations.
//!
//! A page shows a text in an element of its own, which keeps its direction and its line
//! breaks to itself. A calendar's line or a BibTeX field has no such walls, so what would
//! break out of it is taken away here: breaks, signs that steer a terminal, and those that
//! turn the direction of what follows.

use std::borrow::Cow;

/// The text on one line, without signs that are not text.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(4_096));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let mut letters = word.chars().filter(|c| is_text(*c)).peekable();
        if letters.peek().is_some() && !line.is_empty() {
            line.push(' ');
        }
        line.extend(letters);
    }
    line
}

/// The same, of at most `most` characters, with a sign that there was more. It ends with a
/// whole word, but where one is so long that little would be left, or where none are apart.
pub(crate) fn short(text: &str, most: usize) -> String {
    let line = one_line(text);
    let Some((end, next)) = line.char_indices().nth(most) else {
        return line;
    };
    let all = &line[..end];
    let words = all
        .rfind(' ')
        .filter(|end| next != ' ' && *end > all.len() / 2);
    format!("{}…", line[..words.unwrap_or(end)].trim_end())
}

/// A name that begins a line begins with a capital, where its first word is written in small
/// letters alone; one such as `eSwatini` stays as it is.
pub(crate) fn begun(name: &str) -> Cow<'_, str> {
    let first = name.split(char::is_whitespace).next().unwrap_or_default();
    let mut letters = name.chars();
    match letters.next() {
        Some(letter) if letter.is_lowercase() && !first.chars().any(is_other) => {
            letter.to_uppercase().chain(letters).collect()
        }
        _ => Cow::Borrowed(name),
    }
}

/// A sign that a word in small letters does not have: what has it is a code or an address.
fn is_other(c: char) -> bool {
    c.is_uppercase() || c.is_numeric() || matches!(c, '.' | '/' | ':' | '@' | '_')
}

/// Neither a control sign nor one that XML has no place for, nor one that turns directions.
fn is_text(c: char) -> bool {
    !(c.is_control()
        || matches!(
            c,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_with_a_capital_where_it_is_written_in_small_letters() {
        for (name, begins) in [
            ("public service and gender", "Public service and gender"),
            ("état-major", "État-major"),
            ("министерство обороны", "Министерство обороны"),
            ("eSwatini Police", "eSwatini Police"),
            ("UN-Women", "UN-Women"),
            ("the EU", "The EU"),
            ("unwomen.org", "unwomen.org"),
            ("5th brigade", "5th brigade"),
            ("وزارة الدفاع", "وزارة الدفاع"),
            ("", ""),
        ] {
            assert_eq!(begun(name), begins);
        }
    }

    #[test]
    fn nothing_of_a_text_leaves_its_line() {
        let evil = "a\r\nATTACH:x\u{202e}\u{0}\u{1b}[2J\u{2028}b \u{2067} c\u{ffff}";
        assert_eq!(one_line(evil), "a ATTACH:x [2J b c");
        assert_eq!(one_line(" \n "), "");
        assert_eq!(short("four words are here", 10), "four words…");
        assert_eq!(short("four words are here", 13), "four words…");
        assert_eq!(short("unseparated text", 8), "unsepara…");
        assert_eq!(short("four", 4), "four");
    }
}
