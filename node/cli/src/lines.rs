//! Text in the lines of a terminal, in every script.
//!
//! A Chinese character takes two columns, and lines may break between two of them. An example
//! in quotation marks and a code with a number in brackets, `S/RES/1325 (2000)`, stay in one
//! line: whoever reads from right to left could not put their halves together again.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Characters that an example in quotation marks has at most.
const QUOTED: usize = 40;
/// What no line begins with.
const CLOSING: &str = "，。、；：！？）》”’」』】…,.;:!?)";
/// What no line ends with.
const OPENING: &str = "（《“‘「『【(";

/// How many columns of a terminal a text takes.
pub(crate) fn wide(text: &str) -> usize {
    text.width()
}

/// The text with blanks behind it, so that it takes that many columns.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(wide(text))))
}

/// The text in lines of at most so many columns; what cannot be broken stands as it is.
pub(crate) fn lines(text: &str, width: usize) -> Vec<String> {
    hung(text, width, width)
}

/// The same, where the first line has another width than the further ones.
pub(crate) fn hung(text: &str, first: usize, further: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (blanks, piece) in pieces(text) {
        let width = if lines.len() > 1 { further } else { first };
        match lines.last_mut() {
            Some(line) if wide(line) + wide(blanks) + wide(piece) <= width => {
                line.push_str(blanks);
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
}

/// What stays together, each with the blanks before it.
fn pieces(text: &str) -> Vec<(&str, &str)> {
    let mut pieces = Vec::new();
    let (mut end, mut start, mut whole_until) = (0, 0, 0);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let is_whole = at < whole_until;
        let is_end = match is_blank(c) {
            true => !is_whole && !goes_on(&text[at..]),
            false => !is_whole && may_break(before, c),
        };
        if is_end && start < at {
            pieces.push((&text[end..start], &text[start..at]));
            (end, start) = (at, at);
        }
        if is_end && is_blank(c) {
            start = at + c.len_utf8();
        }
        if c == '"' && !is_whole {
            whole_until = at + 1 + quoted(&text[at + 1..]);
        }
        before = c;
    }
    if start < text.len() {
        pieces.push((&text[end..start], &text[start..]));
    }
    pieces
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// Whether a code goes on behind a blank, with a number in brackets.
fn goes_on(rest: &str) -> bool {
    let within = rest.strip_prefix(" (");
    within.is_some_and(|within| within.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a line may end between two characters that no blank divides.
fn may_break(before: char, c: char) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    (is_wide(before) || is_wide(c)) && !OPENING.contains(before) && !CLOSING.contains(c)
}

/// How long what stands in quotation marks is, the last one included; 0 where none ends it.
fn quoted(rest: &str) -> usize {
    let mut near = rest.char_indices().take(QUOTED);
    near.find(|(_, c)| *c == '"').map_or(0, |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_broken_at_blanks_and_blanks_within_a_line_stay() {
        assert_eq!(lines("one  two three", 9), ["one  two", "three"]);
        assert_eq!(lines("  one two", 3), ["one", "two"]);
        assert_eq!(lines("a longestword b", 5), ["a", "longestword", "b"]);
        assert!(lines("", 5).is_empty() && lines("  ", 5).is_empty());
        assert_eq!(lines("a\u{a0}b c", 3), ["a\u{a0}b", "c"]);
    }

    #[test]
    fn chinese_takes_two_columns_and_breaks_between_characters_but_not_before_a_stop() {
        assert_eq!(wide("国家 a"), 6);
        assert_eq!(lines("国家行动计划。", 8), ["国家行动", "计划。"]);
        assert_eq!(lines("国家行动。计划", 8), ["国家行", "动。计划"]);
        assert_eq!(
            lines("按（ALB、XKX）填", 4),
            ["按", "（ALB、", "XKX）", "填"]
        );
        assert_eq!(padded("国", 4), "国  ");
    }

    #[test]
    fn an_example_or_a_code_is_never_broken() {
        let text = "رمز وثيقة مثل S/RES/1325 (2000) أو \"about 2018\" هنا";
        for width in 1..60 {
            let lines = lines(text, width);
            assert!(lines.iter().any(|line| line.contains("S/RES/1325 (2000)")));
            assert!(lines.iter().any(|line| line.contains("\"about 2018\"")));
        }
        let text = "2018；也可写 \"by 2018\"、\"not given\"";
        let expected = ["2018；也可", "写", "\"by 2018\"、", "\"not given\""];
        assert_eq!(lines(text, 11), expected);
    }
}
