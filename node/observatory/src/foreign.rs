//! Words of publishers: text with a language and a direction of its own, which changes
//! neither the direction nor the meaning of what stands beside it.

use maud::{Markup, html};
use wpsx_proto::record::LanguageTag;

/// Languages that are written from right to left, by their first subtags.
const FROM_THE_RIGHT: [&str; 16] = [
    "ar", "arc", "ary", "arz", "ckb", "dv", "fa", "he", "ks", "nqo", "prs", "ps", "sd", "ug", "ur",
    "yi",
];
/// Scripts that are.
const SCRIPTS_FROM_THE_RIGHT: [&str; 7] = ["adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"];

/// The direction of a language, which its script decides where the tag has one.
pub(crate) fn direction(tag: &str) -> &'static str {
    let mut parts = tag.split('-').map(str::to_ascii_lowercase);
    let main = parts.next().unwrap_or_default();
    let script =
        parts.find(|part| part.len() == 4 && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let from_the_right = match script {
        Some(script) => SCRIPTS_FROM_THE_RIGHT.contains(&script.as_str()),
        None => FROM_THE_RIGHT.contains(&main.as_str()),
    };
    if from_the_right { "rtl" } else { "ltr" }
}

/// A tag as pages may say it: what is no tag of a language says that it is not known.
pub(crate) fn tag(tag: &str) -> &str {
    match tag.parse::<LanguageTag>() {
        Ok(_) => tag,
        Err(_) => "und",
    }
}

/// The text within a line, isolated, with its language and direction.
pub(crate) fn inline(language: &str, text: &str) -> Markup {
    html! { bdi lang=(tag(language)) dir=(direction(language)) { (text) } }
}

/// The text within a line, isolated, whose language nobody has said.
pub(crate) fn unsaid(text: &str) -> Markup {
    html! { bdi lang="und" dir="auto" { (text) } }
}

/// The text where no element can isolate it, such as the title of a window: without the
/// marks that steer directions.
pub(crate) fn unsteered(text: &str) -> String {
    let steers = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| !steers(*c) && !c.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_written_in_the_direction_of_its_script() {
        for rtl in ["ar", "fa-AF", "ur", "he", "AR", "az-Arab", "uz-Arab-AF"] {
            assert_eq!(direction(rtl), "rtl", "{rtl}");
        }
        for ltr in ["en", "sr-Latn", "ar-Latn", "zh-Hant", "", "x"] {
            assert_eq!(direction(ltr), "ltr", "{ltr}");
        }
    }

    #[test]
    fn what_is_no_tag_says_that_the_language_is_not_known() {
        assert_eq!(tag("sr-Latn"), "sr-Latn");
        assert_eq!(tag("\" onload=x"), "und");
        assert_eq!(tag(""), "und");
    }

    #[test]
    fn a_title_of_a_window_steers_no_direction() {
        assert_eq!(unsteered("a\u{202e}b\u{2067}c\u{200f}\nd"), "abcd");
    }
}
