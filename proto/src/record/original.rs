//! Which of several texts of one thing is its author's, by how each came to be in its language.

use crate::api::record::v1::TextKind;

/// The place of the text that is its author's, among texts of these kinds: the one that is said to
/// be; else, beside a translation, the only one of which nobody says how it came to be, since
/// something was translated. None where nothing tells them apart.
#[must_use]
pub fn original_of(kinds: &[TextKind]) -> Option<usize> {
    let place = |wanted: TextKind| kinds.iter().position(|kind| *kind == wanted);
    let is_translation = |kind: &TextKind| {
        matches!(
            kind,
            TextKind::OfficialTranslation
                | TextKind::UnofficialTranslation
                | TextKind::MachineTranslation
        )
    };
    let beside = || {
        let unsaid = kinds.iter().filter(|kind| **kind == TextKind::Unspecified);
        let is_alone = unsaid.count() == 1 && kinds.iter().any(is_translation);
        place(TextKind::Unspecified).filter(|_| is_alone)
    };
    place(TextKind::Original).or_else(beside)
}

/// The place of the text that stands for all of them, each with its language and how it came to
/// be, to who reads none of these: its author's where it is [known](original_of); else the nearest
/// to it, and of several as near the English one, else the first.
#[must_use]
pub fn standing_for(texts: &[(&str, TextKind)]) -> Option<usize> {
    let kinds: Vec<TextKind> = texts.iter().map(|(_, kind)| *kind).collect();
    let order = |at: &usize| (distance(kinds[*at]), !is_in(texts[*at].0, "en"));
    original_of(&kinds).or_else(|| (0..texts.len()).min_by_key(order))
}

/// The place of the text in a language, by the first part of its tag: of several the nearest to
/// its author's.
#[must_use]
pub fn in_language(texts: &[(&str, TextKind)], language: &str) -> Option<usize> {
    let own = (0..texts.len()).filter(|at| is_in(texts[*at].0, language));
    own.min_by_key(|at| distance(texts[*at].1))
}

fn is_in(tag: &str, language: &str) -> bool {
    let main = tag.split('-').next().unwrap_or_default();
    main.eq_ignore_ascii_case(language)
}

/// How far a text is from its author's: what is no translation as far as is known, what was
/// translated for its author, by somebody, by a machine.
fn distance(kind: TextKind) -> u8 {
    match kind {
        TextKind::Original => 0,
        TextKind::Unspecified | TextKind::Descriptive => 1,
        TextKind::OfficialTranslation => 2,
        TextKind::UnofficialTranslation => 3,
        TextKind::MachineTranslation => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TextKind::{
        Descriptive, MachineTranslation as Machine, OfficialTranslation as Official, Original,
        UnofficialTranslation as Unofficial, Unspecified,
    };

    #[test]
    fn what_was_translated_is_what_is_said_to_be_original_else_what_stands_beside_a_translation() {
        for (kinds, found) in [
            (&[Machine, Unspecified, Original][..], Some(2)),
            (&[Machine, Unspecified, Unspecified], None),
            (&[Machine, Unspecified, Descriptive], Some(1)),
            (&[Unspecified, Official], Some(0)),
            (&[Unspecified, Unspecified], None),
            (&[Unspecified, Descriptive], None),
            (&[Official, Machine], None),
            (&[], None),
        ] {
            assert_eq!(original_of(kinds), found, "{kinds:?}");
        }
    }

    #[test]
    fn where_no_original_is_known_what_is_nearest_to_it_stands_for_all() {
        for (texts, found) in [
            (&[("en", Machine), ("fr", Official)][..], Some(1)),
            (
                &[("en", Machine), ("ar", Unofficial), ("fr", Official)],
                Some(2),
            ),
            (&[("en", Machine), ("fr", Unofficial)], Some(1)),
            (&[("fr", Official), ("en-GB", Official)], Some(1)),
            (&[("fr", Machine), ("ru", Machine)], Some(0)),
            (
                &[("es", Unspecified), ("en", Unspecified), ("fr", Machine)],
                Some(1),
            ),
            (&[("en", Machine), ("fr", Original)], Some(1)),
            (&[], None),
        ] {
            assert_eq!(standing_for(texts), found, "{texts:?}");
        }
        let both = [("fr", Machine), ("fr-CA", Official)];
        assert_eq!(in_language(&both, "fr"), Some(1));
        assert_eq!(in_language(&both, "en"), None);
    }
}
