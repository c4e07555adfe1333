//! The six languages that everything is said in.

use std::{fmt, str::FromStr};

/// One of the six languages of the United Nations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English, which every other language falls back to.
    #[default]
    English,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Russian.
    Russian,
    /// Arabic.
    Arabic,
    /// Chinese, in simplified characters.
    Chinese,
}

/// The text names none of the six.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of the languages that labels are in; they are en, fr, es, ru, ar and zh")]
pub struct UnknownLanguage(String);

impl Language {
    /// All six, English first.
    pub const ALL: [Self; 6] = [
        Self::English,
        Self::French,
        Self::Spanish,
        Self::Russian,
        Self::Arabic,
        Self::Chinese,
    ];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Russian => "ru",
            Self::Arabic => "ar",
            Self::Chinese => "zh",
        }
    }

    /// The language's own name of itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "français",
            Self::Spanish => "español",
            Self::Russian => "русский",
            Self::Arabic => "العربية",
            Self::Chinese => "中文",
        }
    }

    /// It is written from right to left.
    #[must_use]
    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Arabic)
    }

    /// Its place in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tag())
    }
}

/// Reads a tag with or without a region: `fr`, `fr-CA`, `ZH_hans`.
impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let first = text.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(first))
            .ok_or_else(|| UnknownLanguage(text.chars().take(60).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_in_any_case_and_with_a_region() {
        for language in Language::ALL {
            assert_eq!(language.tag().parse(), Ok(language));
            assert_eq!(Language::ALL[language.index()], language);
        }
        assert_eq!("FR-ca".parse(), Ok(Language::French));
        assert_eq!("zh_Hans".parse(), Ok(Language::Chinese));
        let error = "de".parse::<Language>().unwrap_err();
        assert!(error.to_string().contains("en, fr, es"), "{error}");
    }
}
