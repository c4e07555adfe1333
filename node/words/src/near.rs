//! How near a name is to what was typed.

use strsim::damerau_levenshtein;

/// A name that differs in more than one of so many letters is another name.
const LETTERS: usize = 3;

/// How far a name is from what was typed, if it is near at all: letters that differ or have
/// changed places (Damerau and Levenshtein), or all of them where what was typed is a part of
/// it. Both are [folded](crate::fold) by who asks.
#[must_use]
pub fn distance(typed: &str, name: &str) -> Option<usize> {
    let (differs, letters) = (damerau_levenshtein(typed, name), typed.chars().count());
    if differs <= letters.min(name.chars().count()) / LETTERS {
        return Some(differs);
    }
    (letters > LETTERS && name.contains(typed)).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_near_when_a_third_of_its_letters_or_less_differ() {
        assert_eq!(distance("event", "event"), Some(0));
        assert_eq!(distance("evnt", "event"), Some(1));
        assert_eq!(distance("evetn", "event"), Some(1));
        assert_eq!(distance("plan", "nationalactionplan"), Some(4));
        assert_eq!(distance("law", "event"), None);
        assert_eq!(distance("", "event"), None);
        assert_eq!(distance("x", "y"), None);
    }
}
