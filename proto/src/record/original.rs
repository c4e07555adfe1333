//! Which of several texts of one thing is its author's, by how each came to be in its language.

use crate::api::record::v1::TextKind;

/// The place of the text that is its author's, among texts of these kinds: the one that is said to
/// be; else, beside a translation, the first of which nobody says how it came to be, since
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
        let unsaid = place(TextKind::Unspecified);
        unsaid.filter(|_| kinds.iter().any(is_translation))
    };
    place(TextKind::Original).or_else(beside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TextKind::{
        Descriptive, MachineTranslation as Machine, OfficialTranslation as Official, Original,
        Unspecified,
    };

    #[test]
    fn what_was_translated_is_what_is_said_to_be_original_else_what_stands_beside_a_translation() {
        for (kinds, found) in [
            (&[Machine, Unspecified, Original][..], Some(2)),
            (&[Machine, Unspecified, Unspecified], Some(1)),
            (&[Unspecified, Official], Some(0)),
            (&[Unspecified, Unspecified], None),
            (&[Unspecified, Descriptive], None),
            (&[Official, Machine], None),
            (&[], None),
        ] {
            assert_eq!(original_of(kinds), found, "{kinds:?}");
        }
    }
}
