//! A text for people, which says where it comes from.

use std::{borrow::Cow, fmt};

use crate::Language;

/// How a text came to be in its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Somebody who knows the language has read it, or its publisher wrote it.
    Reviewed,
    /// Made by software, and read by nobody yet.
    Machine,
    /// There is no text in any language: what stands here is the code or the name in the schema.
    Missing,
}

impl State {
    /// `reviewed`, `machine` or `missing`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reviewed => "reviewed",
            Self::Machine => "machine",
            Self::Missing => "missing",
        }
    }
}

/// What to show. The text is never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// The language that the text is in.
    pub language: Language,
    /// Where the text comes from.
    pub state: State,
    /// The text is not in the language that was asked for.
    pub is_fallback: bool,
}

impl Label<'_> {
    /// The code or schema name itself, where nobody has a text.
    pub(crate) fn missing(text: impl Into<String>) -> Label<'static> {
        let text: String = text.into();
        Label {
            text: Cow::Owned(if text.is_empty() {
                "?".to_owned()
            } else {
                text
            }),
            language: Language::English,
            state: State::Missing,
            is_fallback: true,
        }
    }

    /// The text; where it is not in the language that was asked for, behind the tag of the one
    /// it is in: `[en] Title`. For what has no other way to say so.
    #[must_use]
    pub fn marked(&self) -> Cow<'_, str> {
        match self.is_fallback && self.state != State::Missing {
            true => format!("[{}] {}", self.language.tag(), self.text).into(),
            false => Cow::Borrowed(&self.text),
        }
    }

    /// The same, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Label<'static> {
        Label {
            text: Cow::Owned(self.text.into_owned()),
            ..self
        }
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
