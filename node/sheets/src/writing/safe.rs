//! Text in cells: what a spreadsheet would cut or change is kept from it.

use std::borrow::Cow;

use crate::marks;

/// Characters of one cell: a spreadsheet cuts what is longer (Excel's limit is 32,767).
const LONGEST_CELL: usize = 32_000;
/// The limit itself, in UTF-16 units.
const MOST_OF_CELL: usize = 32_767;
/// Stands behind a text that no cell can hold, and that has no place to go on in.
const CUT: &str =
    " [cut here: a cell holds 32,767 characters; the files in CSV and JSON have all of it]";
/// How far back from there a place to cut is looked for.
const CUT_WITHIN: usize = 1_000;

/// A spreadsheet would run the text as a formula, or once did, and somebody has put an
/// apostrophe before it.
fn starts_formula(text: &str) -> bool {
    marks::starts_formula(text.trim_start_matches('\''))
}

/// The text with an apostrophe before it where a spreadsheet would run it, and before one
/// that has such an apostrophe itself. A number with its sign stays one.
pub(crate) fn made_safe(text: &str) -> String {
    if starts_formula(text) && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Every kind of file keeps the text as it is: no sign that XML has no place for or
/// reads as another, no spaces at its ends.
pub(super) fn is_plain(text: &str) -> bool {
    text.trim() == text && !text.chars().any(is_odd) && !holds_escape(text)
}

/// `_x0041_`, which a spreadsheet's file takes for the sign of that number.
fn holds_escape(text: &str) -> bool {
    text.match_indices("_x").any(|(at, _)| {
        let number = text.as_bytes().get(at + 2..at + 7);
        number.is_some_and(|n| n[..4].iter().all(u8::is_ascii_hexdigit) && n[4] == b'_')
    })
}

fn is_odd(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(
            c,
            '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}'
        )
}

/// The text as far as one cell holds it. One that is longer says that it was cut.
pub(super) fn held(text: &str) -> Cow<'_, str> {
    let Some(end) = end_of(text, MOST_OF_CELL) else {
        return text.into();
    };
    let end = end_of(text, MOST_OF_CELL - CUT.len()).unwrap_or(end);
    format!("{}{CUT}", &text[..end]).into()
}

/// JSON with what is not plain in escapes, and no two spaces beside each other. Whatever
/// it says, there are places to cut it into cells.
pub(super) fn plain_json(json: &str) -> String {
    let plain = escaped_json(json);
    match pieces(&plain) {
        Some(_) => plain,
        None => cuttable_json(&plain),
    }
}

/// The same JSON, in whose texts a sign that no piece may begin or end with stands at least
/// two signs behind the one before it; one that stands nearer is an escape. So there is a
/// place to cut between any two.
fn cuttable_json(json: &str) -> String {
    let mut cuttable = String::with_capacity(json.len());
    let (mut calm, mut in_text, mut is_escaped) = (0, false, false);
    for c in json.chars() {
        if c == '"' && !is_escaped {
            in_text = !in_text;
        }
        is_escaped = c == '\\' && !is_escaped;
        let is_awkward = c == ' ' || starts_formula(c.encode_utf8(&mut [0; 4])) || c == '\'';
        if is_awkward && in_text && calm < 2 {
            cuttable.push_str(&format!("\\u{:04x}", u32::from(c)));
            calm = 6;
        } else {
            cuttable.push(c);
            calm = if is_awkward { 0 } else { calm + 1 };
        }
    }
    cuttable
}

fn escaped_json(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    let mut before = '\0';
    let mut ahead = json.chars().peekable();
    while let Some(c) = ahead.next() {
        let follows_space = c == ' ' && before == ' ';
        let starts_escape = c == '_' && ahead.peek() == Some(&'x');
        if is_odd(c) || follows_space || starts_escape || (c.is_whitespace() && c != ' ') {
            plain.push_str(&format!("\\u{:04x}", u32::from(c)));
            before = '\0';
        } else {
            plain.push(c);
            before = c;
        }
    }
    plain
}

/// The text in pieces that each fit a cell; none when there is no place to cut it.
pub(super) fn pieces(text: &str) -> Option<Vec<&str>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(end) = end_of(rest, LONGEST_CELL) {
        let (start, cut) = last_cut(rest, end)?;
        pieces.push(start);
        rest = cut;
    }
    pieces.push(rest);
    Some(pieces)
}

/// The byte where a cell of so many UTF-16 units is full, if the text goes on there.
fn end_of(text: &str, most: usize) -> Option<usize> {
    if text.len() <= most {
        return None;
    }
    let mut units = 0;
    text.char_indices()
        .find(|(_, c)| {
            units += c.len_utf16();
            units > most
        })
        .map(|(at, _)| at)
}

/// Two pieces of which no space stands at the cut, where a reader would take it away, and
/// the second of which is no formula.
fn last_cut(text: &str, end: usize) -> Option<(&str, &str)> {
    let is_cut = |at: usize| {
        let (before, after) = text.split_at(at);
        !before.ends_with(char::is_whitespace)
            && !after.starts_with(char::is_whitespace)
            && made_safe(after) == after
    };
    text[..end]
        .char_indices()
        .rev()
        .take(CUT_WITHIN)
        .map(|(at, _)| at)
        .find(|at| is_cut(*at))
        .map(|at| text.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_a_spreadsheet_would_run_is_made_safe_and_comes_back_the_same() {
        for (text, written) in [
            ("=SUM(A1)", "'=SUM(A1)"),
            ("+41 a", "'+41 a"),
            ("-cmd", "'-cmd"),
            ("@x", "'@x"),
            ("＝1+1", "'＝1+1"),
            ("'=x", "''=x"),
            ("''=x", "'''=x"),
            ("-0.4", "-0.4"),
            ("12", "12"),
            ("'quoted'", "'quoted'"),
            ("a = b", "a = b"),
            ("", ""),
        ] {
            assert_eq!(made_safe(text), written);
            assert_eq!(crate::marks::as_meant(&made_safe(text)), text);
        }
    }

    #[test]
    fn a_long_text_is_cut_where_nothing_is_lost() {
        let text = "a very long text = of words ".repeat(4_000);
        let text = text.trim();
        let pieces = pieces(text).unwrap();
        assert_eq!(pieces.len(), 4);
        let joined: String = pieces.iter().map(|piece| piece.trim()).collect();
        assert_eq!(joined, text);
        assert!(super::pieces(&format!("a{}b", " ".repeat(40_000))).is_none());
        let json = plain_json(&format!("\"a{}b\"", " ".repeat(40_000)));
        assert!(super::pieces(&json).is_some());
        let back: String = serde_json::from_str(&json).unwrap();
        assert_eq!(back.len(), 40_002);
    }

    #[test]
    fn json_finds_a_place_to_be_cut_whatever_it_says() {
        let long = |part: &str| part.repeat(70_000 / part.len());
        for text in [
            "=",
            "a ",
            "a = ",
            "-'",
            "\"\\=",
            "- ",
            "'",
            "\u{202e}=\u{1}",
            "é ",
        ]
        .map(long)
        {
            let json = serde_json::json!([{"language": "en", "text": text}, -1, -2]).to_string();
            let plain = plain_json(&json);
            let pieces = pieces(&plain).unwrap();
            assert!(pieces.len() > 1);
            let fits = |piece: &&str| piece.encode_utf16().count() <= LONGEST_CELL;
            assert!(pieces.iter().all(fits));
            assert_eq!(pieces.concat(), plain);
            let back: serde_json::Value = serde_json::from_str(&plain).unwrap();
            assert_eq!(back[0]["text"], text);
        }
    }

    #[test]
    fn a_text_that_no_cell_holds_is_cut_and_says_so() {
        let full = "é".repeat(MOST_OF_CELL);
        assert_eq!(held(&full), full);
        for c in ["x", "\u{1f54a}"] {
            let held = held(&c.repeat(40_000)).into_owned();
            let units = held.encode_utf16().count();
            assert!(
                (MOST_OF_CELL - 1..=MOST_OF_CELL).contains(&units),
                "{units}"
            );
            assert!(held.ends_with(CUT));
        }
    }

    #[test]
    fn json_in_a_cell_is_plain_and_says_the_same() {
        let odd = "tab\tfeed\r\nmark\u{feff} _x0041_ two  spaces\u{2028}";
        let json = plain_json(&serde_json::to_string(odd).unwrap());
        assert!(is_plain(&json), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), odd);
    }
}
