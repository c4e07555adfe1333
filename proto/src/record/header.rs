//! What every reader can read of every record, cheaply.

use prost::Message;

use super::{in_language, original_of, standing_for};
use crate::api::record::v1::{Text, TextKind};

/// External id, titles and countries of a record, whatever its kind and however
/// new its schema. Everything else is skipped, not decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    external_id: String,
    titles: Vec<Text>,
    countries: Vec<String>,
}

/// Fields 1, 2 and 4 of the record message.
#[derive(Clone, PartialEq, Message)]
struct HeaderFields {
    #[prost(string, tag = "1")]
    external_id: String,
    #[prost(message, repeated, tag = "2")]
    title: Vec<Text>,
    #[prost(string, repeated, tag = "4")]
    countries: Vec<String>,
}

impl Header {
    /// Reads the header of a payload.
    ///
    /// # Errors
    ///
    /// When the payload is no protobuf message, or has other types in fields 1, 2 or 4.
    pub fn read(payload: &[u8]) -> Result<Self, prost::DecodeError> {
        let fields = HeaderFields::decode(payload)?;
        Ok(Self::new(
            fields.external_id,
            fields.title,
            fields.countries,
        ))
    }

    pub(super) fn new(external_id: String, title: Vec<Text>, mut countries: Vec<String>) -> Self {
        countries.retain(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()));
        if countries.len() > 1 {
            countries.sort_unstable();
            countries.dedup();
        }
        Self {
            external_id,
            titles: title,
            countries,
        }
    }

    /// The source's own id as it is written; none when empty. Ids are compared by their
    /// [normal form](super::normal_external_id).
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        Some(self.external_id.as_str()).filter(|id| !id.is_empty())
    }

    /// Language tag and text of each title.
    pub fn titles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.titles
            .iter()
            .map(|title| (title.language.as_str(), title.text.as_str()))
    }

    /// The title [in a language](in_language).
    #[must_use]
    pub fn in_language(&self, language: &str) -> Option<&Text> {
        self.titles.get(in_language(&self.kinds(), language)?)
    }

    /// The language of each title, and how it came to be in it.
    fn kinds(&self) -> Vec<(&str, TextKind)> {
        let titles = self.titles.iter();
        titles
            .map(|title| (title.language.as_str(), title.kind()))
            .collect()
    }

    /// The title as its author wrote it, where it is known [which](original_of) that is.
    #[must_use]
    pub fn original(&self) -> Option<&Text> {
        let kinds: Vec<TextKind> = self.titles.iter().map(Text::kind).collect();
        self.titles.get(original_of(&kinds)?)
    }

    /// What the record is called for who reads none of its languages: the title that
    /// [stands for all](standing_for).
    #[must_use]
    pub fn stated(&self) -> Option<&Text> {
        self.titles.get(standing_for(&self.kinds())?)
    }

    /// The title in the first of the languages that has one, else the first title.
    #[must_use]
    pub fn title(&self, languages: &[&str]) -> Option<&str> {
        let in_language = |wanted: &&str| {
            self.titles().find(|(language, _)| {
                language.eq_ignore_ascii_case(wanted)
                    || language
                        .split('-')
                        .next()
                        .is_some_and(|main| main.eq_ignore_ascii_case(wanted))
            })
        };
        languages
            .iter()
            .find_map(in_language)
            .or_else(|| self.titles().next())
            .map(|(_, text)| text)
    }

    /// Country codes in order, each once. What does not look like a code is left
    /// out: an index must not grow with what a publisher invents.
    #[must_use]
    pub fn countries(&self) -> &[String] {
        &self.countries
    }

    /// The words of all titles, folded as [`words`](super::words) does; at most 256.
    #[must_use]
    pub fn words(&self) -> std::collections::BTreeSet<String> {
        let titles = self.titles().flat_map(|(_, text)| super::words(text));
        titles.take(256).collect()
    }
}
