//! What looks odd in a text, though it may be meant.

use super::{folding::is_unseen, marks::is_formula_like, remark::About};

/// What spreadsheets show where a formula failed.
const ERRORS: &[&str] = &[
    "#REF!",
    "#N/A",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#BEZUG!",
    "#WERT!",
    "#VALEUR!",
    "#NOM?",
    "#¡REF!",
    "#¡VALOR!",
    "#¿NOMBRE?",
    "#ССЫЛКА!",
    "#ЗНАЧ!",
    "#ИМЯ?",
    "#Н/Д",
    "Err:502",
    "Err:508",
    "Err:522",
];

/// What people write where they have nothing to write.
const NOTHING: &[&str] = &[
    "n/a",
    "n.a.",
    "n.a",
    "na.",
    "#n/a",
    "none",
    "null",
    "nil",
    "nan",
    "tbd",
    "tbc",
    "t.b.d.",
    "not available",
    "not applicable",
    "-",
    "--",
    "–",
    "—",
    "?",
    "…",
    "...",
    ".",
    "s/o",
    "n.d.",
    "s.o.",
    "sans objet",
    "no aplica",
    "n/d",
    "н/д",
    "нет данных",
    "无",
    "不适用",
    "لا ينطبق",
    "غير متوفر",
];

/// The text says that there is no value, or that a formula failed.
pub(super) fn no_value(text: &str) -> Option<(About, String)> {
    if ERRORS.contains(&text) {
        return Some((About::CellError, format!("{text} (a formula that failed)")));
    }
    let nothing = NOTHING.contains(&text.to_lowercase().as_str());
    nothing.then(|| (About::NoValue, format!("{text:?}")))
}

/// Everything that looks odd in a text of a person's own words.
pub(super) fn in_words(text: &str) -> Vec<(About, String)> {
    let mut odd = Vec::new();
    if let Some((about, sentence)) = no_value(text) {
        odd.push((about, format!("{sentence} stands as a text")));
    }
    if is_mojibake(text) {
        odd.push((
            About::Mojibake,
            format!(
                "text that was opened in a wrong encoding: {:?}",
                around(text)
            ),
        ));
    }
    if is_formula_like(text) {
        let sentence = "text that a spreadsheet would run as a formula; exports make it safe";
        odd.push((About::FormulaLike, sentence.to_owned()));
    }
    if has_unseen(text) {
        odd.push((About::Invisible, "characters that nobody sees".to_owned()));
    }
    odd
}

/// UTF-8 that was read as Windows-1252 or the like: `FranÃ§ais`, `donâ€™t`, `Ð¿Ð»Ð°Ð½`.
fn is_mojibake(text: &str) -> bool {
    let mut pairs = 0;
    let mut before = ' ';
    for c in text.chars() {
        if c == '\u{fffd}' {
            return true;
        }
        let second = matches!(c, '\u{80}'..='\u{bf}') || WINDOWS_80_TO_9F.contains(&c);
        let first = matches!(before, 'Â' | 'Ã' | 'Ä' | 'Å' | 'Ð' | 'Ñ' | 'Ø' | 'Ù');
        if first && second {
            // A capital letter may stand before a quotation mark: « À » is French.
            let surely = matches!(before, 'Ã' | 'Â' | 'Ð' | 'Ñ') && !"»”’ \u{a0}".contains(c);
            pairs += if surely { 2 } else { 1 };
        }
        if before == 'â' && matches!(c, '€' | '\u{80}') {
            return true;
        }
        before = c;
    }
    pairs >= 2
}

/// What Windows-1252 has at the places of the second bytes of UTF-8.
const WINDOWS_80_TO_9F: &[char] = &[
    '€', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 'Ž', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', 'ž', 'Ÿ',
];

fn around(text: &str) -> String {
    text.chars().take(30).collect()
}

/// Joiners belong to Arabic and to the scripts of India, and a mark of direction to texts
/// of two directions.
fn has_unseen(text: &str) -> bool {
    let joins = text
        .chars()
        .any(|c| ('\u{600}'..='\u{8ff}').contains(&c) || ('\u{900}'..='\u{dff}').contains(&c));
    text.chars()
        .any(|c| is_unseen(c) && !(joins && matches!(c, '\u{200c}'..='\u{200f}')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_wrong_encoding_is_told_from_text_with_accents() {
        for text in [
            "FranÃ§ais",
            "donâ€™t",
            "Ð¿Ð»Ð°Ð½ Ð´ÐµÐ¹",
            "Ø®Ø·Ø© Ø§Ù„",
            "a\u{fffd}b",
            "CÃ´te",
        ] {
            assert!(is_mojibake(text), "{text}");
        }
        for text in [
            "Français",
            "Côte d'Ivoire",
            "« À »",
            "Ñandú",
            "São Tomé",
            "план действий",
            "خطة",
            "Ångström",
            "Österreich",
            "ÂGE",
            "don’t",
        ] {
            assert!(!is_mojibake(text), "{text}");
        }
    }

    #[test]
    fn what_nobody_sees_is_seen() {
        for text in ["zero\u{200b}width", "soft\u{ad}hyphen", "mark\u{feff}"] {
            assert!(has_unseen(text));
        }
        assert!(!has_unseen("می\u{200c}خواهم") && !has_unseen("plain text"));
    }

    #[test]
    fn what_says_nothing_is_known_in_several_languages() {
        assert_eq!(no_value("#REF!").unwrap().0, About::CellError);
        for text in ["n/a", "N/A", "TBD", "—", "н/д", "不适用"] {
            assert_eq!(no_value(text).unwrap().0, About::NoValue, "{text}");
        }
        assert!(no_value("Namibia").is_none() && no_value("0").is_none());
    }
}
