//! What was meant by a word that nobody knows: the codes whose names are nearest to it, in
//! any language.

use wpsx_words::{Language, Vocabularies, distance, fold};

/// The vocabularies of countries, of regions and organisations of States, and of themes.
pub(crate) const COUNTRY: [&str; 1] = ["countries"];
pub(crate) const REGION: [&str; 2] = ["groups", "m49"];
pub(crate) const THEME: [&str; 1] = ["themes"];

/// How many are offered.
const MOST: usize = 5;
/// Longer texts are no mistyped names.
const LONGEST: usize = 80;

/// The codes of these vocabularies that a text may have meant, each with its vocabulary, the
/// nearest first.
pub(crate) fn nearest<'a>(
    text: &str,
    names: &[&'static str],
    vocabularies: &'a Vocabularies,
) -> Vec<(&'static str, &'a str)> {
    if text.len() > LONGEST {
        return Vec::new();
    }
    let text = fold(text);
    let mut near = Vec::new();
    for name in names {
        let terms = vocabularies.get_or_empty(name).offered();
        // Countries that M49 numbers too are no regions.
        for term in terms.filter(|term| term.attribute("level") != "country_or_area") {
            let called = Language::ALL
                .into_iter()
                .filter_map(|language| term.name(language));
            let called = called.chain([term.code.as_str()]);
            let distance = called.filter_map(|name| distance(&text, &fold(name))).min();
            near.extend(distance.map(|distance| (distance, *name, term.code.as_str())));
        }
    }
    near.sort_unstable();
    near.dedup_by_key(|(_, _, code)| *code);
    let near = near.into_iter().take(MOST);
    near.map(|(_, name, code)| (name, code)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_or_code_finds_what_was_meant_in_any_language() {
        let all = Vocabularies::shipped();
        let first = |text: &str, names: &[&'static str]| {
            let found = nearest(text, names, &all);
            found.first().map(|(_, code)| (*code).to_owned())
        };
        for text in ["Kenia", "Kenja", "кения", "Kennya"] {
            assert_eq!(first(text, &COUNTRY).as_deref(), Some("KEN"), "{text}");
        }
        assert_eq!(first("Afrcan Union", &REGION).as_deref(), Some("AU"));
        assert_eq!(first("meditation", &THEME).as_deref(), Some("mediation"));
        assert_eq!(first("Atlantis of the deep", &COUNTRY), None);
        assert_eq!(first(&"x".repeat(100_000), &REGION), None);
        assert_eq!(first("", &COUNTRY), None);
    }
}
