//! Texts that differ in case, spaces or accents alone are one.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A text without case, accents, and with one underscore for spaces and hyphens.
pub(super) fn folded(text: &str) -> String {
    let plain = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !is_unseen(*c))
        .flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    for c in plain {
        match c {
            ' ' | '\u{a0}' | '_' | '-' | '\n' | '\r' | '\t' => {
                if !folded.is_empty() && !folded.ends_with(['_', '.']) {
                    folded.push('_');
                }
            }
            '.' => {
                let end = folded.trim_end_matches('_').len();
                folded.truncate(end);
                folded.push('.');
            }
            c => folded.push(c),
        }
    }
    let end = folded.trim_end_matches(['_', '*', ':']).len();
    folded.truncate(end);
    folded
}

/// Nobody sees it: marks of direction, joiners, marks of order.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}
