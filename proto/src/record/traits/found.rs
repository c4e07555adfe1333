//! What one record can be found by, as it is handed out.

use std::collections::BTreeSet;

use crate::{origin::RecordId, record::Date};

/// At most this many values of facets are taken from one record.
pub const MAX_FACET_VALUES: usize = 1_000;
/// A value of a facet longer than this, in bytes, is not taken.
pub const MAX_FACET_BYTES: usize = 200;
/// At most this many references are taken from one record.
pub const MAX_REFERENCES: usize = 1_000;
/// At most this many parts of what it is called are taken from one record.
pub const MAX_TITLE_PARTS: usize = 100;
/// At most this many bodies are taken from one record.
pub const MAX_BODIES: usize = 300;
/// Years that a record can be found by: what it says before and after is left out.
pub const YEARS: std::ops::RangeInclusive<u16> = 1900..=2100;

/// What one record can be found by.
///
/// ```
/// use wpsx_proto::record::{Record, Traits};
///
/// let record = Record::from_json(
///     r#"{"title": [{"language": "en", "text": "A debate"}], "countries": ["ESP"],
///         "event": {"type": "open-debate", "period": {"start": {"value": "2016-10-25"}}}}"#,
/// )
/// .map_err(|error| error.to_string())?;
/// let traits = Traits::read(record.kind().number(), record.payload())?;
/// assert_eq!(traits.values("country").collect::<Vec<_>>(), ["ESP"]);
/// assert_eq!(traits.values("type").collect::<Vec<_>>(), ["open-debate"]);
/// assert_eq!(traits.years().collect::<Vec<_>>(), [2016]);
/// assert_eq!(traits.date().unwrap().to_string(), "2016-10-25");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    pub(super) facets: Vec<Facet>,
    pub(super) years: BTreeSet<u16>,
    pub(super) references: Vec<Reference>,
    pub(super) titles: Vec<String>,
    pub(super) bodies: Vec<NamedBody>,
    pub(super) date: Option<Date>,
}

/// One value that a record is counted and found under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Facet {
    /// The facet as the schema names it: `country`, `theme`, `status`.
    pub name: &'static str,
    /// A code as the record has it; the name of an enum's value with hyphens (`in-force`),
    /// or its number where this software has no name for it.
    pub value: String,
}

/// One reference of a record to another. At least one of its two ids is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The field that refers, without places in lists: `relations.record`.
    pub path: String,
    /// The log that announces the other record; none where the reference does not say.
    pub origin: Option<String>,
    /// The other record's id.
    pub record_id: Option<RecordId>,
    /// The normal form of the other record's id at its source.
    pub external_id: Option<String>,
    /// What the reference means to an index.
    pub sense: Sense,
}

/// A body that a record names: by names, or where it has none by a short form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedBody {
    /// What it is called, in the languages in which the record says so.
    pub names: Vec<String>,
    /// The country whose body it is; empty where none is stated.
    pub country: String,
    /// The record says by a reference which organisation it is.
    pub has_record: bool,
    /// It is one of the organisations of the record as a whole.
    pub is_of_whole: bool,
}

/// What a reference means beyond "see there".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sense {
    /// Nothing more.
    #[default]
    Plain,
    /// The other record heads the family that this one belongs to.
    Family,
    /// This record takes the place of the other one, if the other's publisher agrees.
    TakesOver,
}

/// The payload is no record that could be walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no protobuf message of the form that the schema gives records")]
pub struct NoRecord;

impl From<prost::DecodeError> for NoRecord {
    fn from(_: prost::DecodeError) -> Self {
        Self
    }
}

impl Traits {
    /// The facets, in order, each value once.
    #[must_use]
    pub fn facets(&self) -> &[Facet] {
        &self.facets
    }

    /// The values of one facet, in order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.facets.iter().filter(move |facet| facet.name == name);
        named.map(|facet| facet.value.as_str())
    }

    /// The years that the record covers by what it states, in order. A period that is
    /// stated to have no end goes to the last of [`YEARS`]; one whose end is not known
    /// covers the year of its start alone.
    pub fn years(&self) -> impl Iterator<Item = u16> {
        self.years.iter().copied()
    }

    /// The references, in the order in which the record has them.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// The bodies that it names, in the order in which the record has them.
    #[must_use]
    pub fn bodies(&self) -> &[NamedBody] {
        &self.bodies
    }

    /// What readers are shown for a title beside the record's own: texts of the fields that the
    /// schema marks so.
    #[must_use]
    pub fn titles(&self) -> &[String] {
        &self.titles
    }

    /// The date to sort by: that of the record as a whole, else the first date of its
    /// kind that the schema marks as sortable; of a period its start.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.date
    }
}
