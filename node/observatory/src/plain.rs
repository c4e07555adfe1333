//! Texts of publishers where a line is all there is: in feeds, calendars and citations.
//!
//! A page shows a text in an element of its own, which keeps its direction and its line
//! breaks to itself. A calendar's line or a BibTeX field has no such walls, so what would
//! break out of it is taken away here: breaks, signs that steer a terminal, and those that
//! turn the direction of what follows.

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
