//! When two ids that sources give their records are the same.
//!
//! Spreadsheets, editors and systems write one id in several ways that look alike. What
//! is compared, looked up, hashed and remembered is therefore never the id as it came,
//! but its normal form; else an erased record would come back under an id that nobody
//! can tell from the old one.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The normal form of an external id: without invisible characters, in Unicode
/// Normalization Form C, without white space at either end. Two ids are the same if and
/// only if their normal forms are equal.
///
/// ```
/// use wpsx_proto::record::normal_external_id;
///
/// assert_eq!(normal_external_id(" ple\u{301}-\u{200b}1"), "plé-1");
/// ```
#[must_use]
pub fn normal_external_id(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) && is_nfc(text) {
        return Cow::Borrowed(text.trim());
    }
    let visible = text.chars().filter(|c| !is_invisible(*c));
    let composed: String = visible.nfc().collect();
    Cow::Owned(composed.trim().to_owned())
}

/// Whether nobody sees it: Default_Ignorable_Code_Point of Unicode, the marks of
/// interlinear annotations, and control characters that are no white space.
fn is_invisible(c: char) -> bool {
    if c.is_control() {
        return !c.is_whitespace();
    }
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_that_look_alike_are_the_same() {
        for alike in [
            "plé-1",
            "ple\u{301}-1",
            "plé-\u{200b}1",
            " plé-1",
            "plé-1\t\n",
            "\u{feff}plé-1",
            "\u{a0}plé-1\u{2003}",
            "p\u{ad}lé-1",
            "ple\u{34f}\u{301}-1",
            "\u{202a}plé\u{2060}-1\u{202c}",
            "plé-1\u{0}",
            "plé-1\u{fe0f}",
            " \u{200b} plé-1",
        ] {
            assert_eq!(normal_external_id(alike), "plé-1", "{alike:?}");
        }
    }

    #[test]
    fn ids_that_look_different_stay_so() {
        let different = ["plé-1", "ple-1", "PLÉ-1", "plé 1", "plé-01", "plé-①"];
        for (n, one) in different.iter().enumerate() {
            assert_eq!(normal_external_id(one), *one);
            for other in &different[..n] {
                assert_ne!(normal_external_id(one), normal_external_id(other));
            }
        }
    }

    #[test]
    fn an_id_of_nothing_visible_is_none() {
        assert_eq!(normal_external_id(" \u{200b}\u{feff} "), "");
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(text in any::<String>()) {
            let once = normal_external_id(&text).into_owned();
            prop_assert_eq!(normal_external_id(&once), once.as_str());
        }
    }
}
