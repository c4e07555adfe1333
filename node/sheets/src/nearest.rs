//! What was probably meant by a name that is wrong by a slip of the hand.

use strsim::levenshtein;
use wpsx_words::fold;

/// Letters that are compared; a longer name is not guessed at.
const LONGEST: usize = 80;

/// The known name that differs least from `name`, in no more than a third of its letters,
/// and in four at the most.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |name: &str| -> String { fold(name).chars().take(LONGEST).collect() };
    let wanted = letters(name);
    let most = wanted.chars().count().div_ceil(3).min(4);
    known
        .into_iter()
        .map(|known| (levenshtein(&wanted, &letters(known)), known))
        .filter(|(distance, known)| *distance <= most && !known.is_empty())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// `; did you mean title?`, or nothing where no known name is near.
#[must_use]
pub fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("; did you mean {near}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_known_and_another_name_is_not() {
        let known = ["title", "countries", "period", "themes"];
        for (slip, meant) in [
            ("titel", Some("title")),
            ("Titles", Some("title")),
            ("contries", Some("countries")),
            ("COUNTRYS", Some("countries")),
            ("periods", Some("period")),
            ("budget", None),
            ("", None),
        ] {
            assert_eq!(nearest(slip, known), meant, "{slip}");
        }
        assert_eq!(hint("titel", known), "; did you mean title?");
        assert_eq!(hint("budget", known), "");
    }

    #[test]
    fn letters_are_counted_once() {
        for (a, b, letters) in [
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(levenshtein(a, b), letters);
        }
    }
}
