//! Codes that others keep: countries, languages, currencies.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

/// ISO 3166-1 alpha-3 codes and English names (`datasets/country-codes`, PDDL).
static COUNTRIES: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    include_str!("countries.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(code, name)| (code, name.trim_matches('"')))
        .collect()
});

/// ISO 4217 alphabetic codes (`currency-codes`, MIT).
static CURRENCIES: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("currencies.csv").lines().skip(1).collect());

/// The text is not a code of the kind that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Neither in ISO 3166-1 nor in its user-assigned range.
    #[error("{0:?} is no ISO 3166-1 alpha-3 code and no user-assigned one")]
    Country(String),
    /// Not of the form of BCP 47.
    #[error("{0:?} is not a well-formed BCP 47 language tag")]
    Language(String),
}

/// A country or area: an ISO 3166-1 alpha-3 code or a user-assigned one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 3]);

impl CountryCode {
    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code is left to its users by ISO 3166-1, as XKX is.
    #[must_use]
    pub fn is_user_assigned(&self) -> bool {
        match &self.0 {
            [b'A', b'A', _] | [b'X', ..] | [b'Z', b'Z', _] => true,
            [b'Q', second, _] => *second >= b'M',
            _ => false,
        }
    }

    /// The English name in ISO 3166-1's table; none for user-assigned codes.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        COUNTRIES.get(self.as_str()).copied()
    }
}

impl FromStr for CountryCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let refused = || CodeError::Country(shorten(text));
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| refused())?;
        if !letters.iter().all(u8::is_ascii_uppercase) {
            return Err(refused());
        }
        let code = Self(letters);
        if !code.is_user_assigned() && code.name().is_none() {
            return Err(refused());
        }
        Ok(code)
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A well-formed BCP 47 tag (RFC 5646, 2.1), in its recommended case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language alone: `sr` of `sr-Latn`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl FromStr for LanguageTag {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let refused = || CodeError::Language(shorten(text));
        if text.len() > 100 {
            return Err(refused());
        }
        let parts: Vec<&str> = text.split('-').collect();
        let alphanumeric = |part: &&str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        if !parts.iter().all(alphanumeric) || !is_well_formed(&parts) {
            return Err(refused());
        }
        let private = parts
            .iter()
            .position(|part| part.len() == 1)
            .unwrap_or(parts.len());
        let cased: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(at, part)| match (at, part.len()) {
                (at, 2) if at > 0 && at < private => part.to_ascii_uppercase(),
                (at, 4) if at > 0 && at < private && is_alpha(part) => {
                    part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase()
                }
                _ => part.to_ascii_lowercase(),
            })
            .collect();
        Ok(Self(cased.join("-")))
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is an ISO 4217 alphabetic code.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    CURRENCIES.binary_search(&text).is_ok()
}

/// langtag of RFC 5646: language [extlang] [script] [region] variants extensions [private use].
fn is_well_formed(parts: &[&str]) -> bool {
    let mut rest = parts;
    let mut take = |fits: &dyn Fn(&str) -> bool| -> bool {
        let taken = rest.first().is_some_and(|part| fits(part));
        if taken {
            rest = &rest[1..];
        }
        taken
    };
    let private_only = parts[0].eq_ignore_ascii_case("x");
    if !private_only {
        if !take(&|part| (2..=8).contains(&part.len()) && is_alpha(part)) {
            return false;
        }
        for _ in 0..3 {
            if parts[0].len() > 3 || !take(&|part| part.len() == 3 && is_alpha(part)) {
                break;
            }
        }
        take(&|part| part.len() == 4 && is_alpha(part));
        take(&|part| (part.len() == 2 && is_alpha(part)) || (part.len() == 3 && is_digit(part)));
        let is_variant = |part: &str| {
            part.len() >= 5 || (part.len() == 4 && part.as_bytes()[0].is_ascii_digit())
        };
        while take(&is_variant) {}
        while take(&|part| part.len() == 1 && !part.eq_ignore_ascii_case("x")) {
            if !take(&|part| part.len() >= 2) {
                return false;
            }
            while take(&|part| part.len() >= 2) {}
        }
    }
    if take(&|part| part.eq_ignore_ascii_case("x")) {
        if !take(&|_| true) {
            return false;
        }
        while take(&|_| true) {}
    }
    rest.is_empty()
}

fn is_alpha(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_digit(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_digit())
}

/// Enough of a text to know it again in a message.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_table_and_user_assigned_codes_are_known() {
        assert_eq!(COUNTRIES.len(), 249);
        for code in COUNTRIES.keys() {
            let parsed: CountryCode = code.parse().unwrap();
            assert!(!parsed.is_user_assigned(), "{code}");
        }
        let kosovo: CountryCode = "XKX".parse().unwrap();
        assert!(kosovo.is_user_assigned());
        assert_eq!(kosovo.name(), None);
        for code in ["AAZ", "QMA", "QZZ", "XAA", "ZZA", "ZZZ"] {
            assert!(code.parse::<CountryCode>().is_ok(), "{code}");
        }
        assert_eq!(
            "ALB".parse::<CountryCode>().unwrap().name(),
            Some("Albania")
        );
    }

    #[test]
    fn other_codes_are_refused() {
        for code in [
            "", "AL", "ALBA", "alb", "ALX", "QLZ", "ZYZ", "A B", "ÄB", "日",
        ] {
            assert!(code.parse::<CountryCode>().is_err(), "{code}");
        }
    }

    #[test]
    fn tags_are_read_in_any_case_and_printed_in_the_recommended_one() {
        for (text, tag) in [
            ("en", "en"),
            ("EN-gb", "en-GB"),
            ("sr-latn-rs", "sr-Latn-RS"),
            ("zh-yue-HK", "zh-yue-HK"),
            ("es-419", "es-419"),
            ("de-CH-1996", "de-CH-1996"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("en-u-ca-gregory", "en-u-ca-gregory"),
            ("ar-x-AB", "ar-x-ab"),
            ("x-whatever", "x-whatever"),
            ("ckb-Arab-IQ", "ckb-Arab-IQ"),
        ] {
            assert_eq!(text.parse::<LanguageTag>().unwrap().as_str(), tag, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_tag_is_refused() {
        for text in [
            "",
            "e",
            "en-",
            "-en",
            "en_GB",
            "en--GB",
            "english language",
            "en-u",
            "en-x",
            "x",
            "en-GB-GB",
            "toolonglanguage",
            "en-Latn-Latn",
            "1n",
            "en-ü",
        ] {
            assert!(text.parse::<LanguageTag>().is_err(), "{text}");
        }
    }

    #[test]
    fn currencies_are_those_of_the_table() {
        assert!(CURRENCIES.is_sorted());
        for code in ["EUR", "GEL", "PHP", "USD"] {
            assert!(is_currency(code));
        }
        assert!(!is_currency("EURO") && !is_currency("eur") && !is_currency("XYZ"));
    }
}
