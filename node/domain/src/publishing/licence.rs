//! The licence of a record whose draft gives none: its publisher's own.

use std::collections::BTreeMap;

use wpsx_proto::{
    origin::PublisherName,
    record::{Reading, Record},
};

use super::draft::Draft;

const LONGEST: usize = 500;

/// Under which licence each publisher of a node publishes, where a record does not say.
///
/// ```
/// use wpsx_domain::publishing::Licences;
///
/// let licences = Licences::parse(&["CC-BY-4.0", "ke.example=CC0-1.0"])?;
/// assert_eq!(licences.of("ke.example"), Some("CC0-1.0"));
/// assert_eq!(licences.of("eu.example"), Some("CC-BY-4.0"));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Licences {
    of_all: Option<String>,
    of: BTreeMap<String, String>,
}

impl Licences {
    /// The licence of a publisher's records; none where the operator has set none.
    #[must_use]
    pub fn of(&self, publisher: &str) -> Option<&str> {
        self.of
            .get(publisher)
            .or(self.of_all.as_ref())
            .map(String::as_str)
    }

    /// Reads what an operator sets: `CC-BY-4.0` for all publishers, `ke.example=CC0-1.0`
    /// for one.
    ///
    /// # Errors
    /// A text that names no licence, or two for one publisher.
    pub fn parse(texts: &[&str]) -> Result<Self, String> {
        let mut licences = Self::default();
        for text in texts {
            licences.add(text)?;
        }
        Ok(licences)
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        // An address may hold the sign too; no publisher's name is one.
        let named = text.split_once('=');
        let named = named.filter(|(name, _)| PublisherName::parse(name.trim()).is_ok());
        let licence = named.map_or(text, |(_, licence)| licence).trim();
        let is_sound =
            (1..=LONGEST).contains(&licence.len()) && !licence.chars().any(char::is_control);
        if !is_sound {
            return Err(format!("{text:?} names no licence"));
        }
        let before = match named {
            Some((name, _)) => self.of.insert(name.trim().to_owned(), licence.to_owned()),
            None => self.of_all.replace(licence.to_owned()),
        };
        match before {
            None => Ok(()),
            Some(before) => Err(format!("{before} and {licence} for the same publisher")),
        }
    }
}

/// The draft as its publisher licenses it, where its record names no licence, and whether it
/// names none. What this software cannot read stays as it is.
pub(super) fn licensed(mut draft: Draft, licence: Option<&str>) -> (Draft, bool) {
    let record = match Record::read(draft.kind, &draft.payload) {
        Reading::Readable(record) if record.message().licence.is_empty() => record,
        _ => return (draft, false),
    };
    if let Some(licence) = licence
        && let Ok(licensed) = record.with(|shared| shared.licence = licence.to_owned())
    {
        draft.payload = licensed.payload().clone();
    }
    (draft, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(json: &str) -> Draft {
        let record = Record::from_json(json).unwrap();
        Draft {
            kind: record.kind().number(),
            payload: record.payload().clone(),
            ..Draft::default()
        }
    }

    fn licence_of(draft: &Draft) -> String {
        match Record::read(draft.kind, &draft.payload) {
            Reading::Readable(record) => record.message().licence.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_record_without_a_licence_gets_its_publishers() {
        let bare = draft(r#"{"event": {}}"#);
        let (first, named_none) = licensed(bare.clone(), Some("CC0-1.0"));
        assert_eq!((licence_of(&first).as_str(), named_none), ("CC0-1.0", true));
        let again = licensed(first.clone(), Some("CC-BY-4.0"));
        assert_eq!(again, (first, false));
        let own = draft(r#"{"licence": "OGL-UK-3.0", "event": {}}"#);
        assert_eq!(licensed(own.clone(), Some("CC0-1.0")), (own, false));
        assert_eq!(licensed(bare.clone(), None), (bare, true));
    }

    #[test]
    fn a_record_of_a_kind_that_is_not_known_stays_as_it_is() {
        let newer = Draft {
            kind: 57,
            ..draft(r#"{"event": {}}"#)
        };
        assert_eq!(licensed(newer.clone(), Some("CC0-1.0")), (newer, false));
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let url = Licences::parse(&["https://a.example/licence?v=1"]).unwrap();
        assert_eq!(url.of("a.example"), Some("https://a.example/licence?v=1"));
        for wrong in [
            &["A", "B"][..],
            &["a.example=A", "a.example=B"],
            &[""],
            &["a.example="],
        ] {
            assert!(Licences::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
