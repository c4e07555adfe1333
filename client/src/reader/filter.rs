//! Which records are asked for.

use std::ops::RangeInclusive;

use bytes::Bytes;
use wpsx_proto::{
    api::exchange::v1::{FacetFilter, RecordFilter, ReferenceTarget},
    origin::{Audience, Origin, RecordId},
};

use super::answers::wrong;
use crate::{Entry, Trust, pull::PullError};

/// Which records to list or watch. What is not named does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    kinds: Vec<u32>,
    countries: Vec<String>,
    origins: Vec<Origin>,
    include_withdrawn: bool,
    /// What else is asked; the node decides.
    more: RecordFilter,
}

impl Filter {
    /// Every current record.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records of this kind, and of others named so.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<u32>) -> Self {
        self.kinds.push(kind.into());
        self
    }

    /// Records that name this country, and others named so: ISO 3166-1 alpha-3 or
    /// user-assigned. The node decides; read the record to check.
    #[must_use]
    pub fn country(mut self, code: impl Into<String>) -> Self {
        self.countries.push(code.into());
        self
    }

    /// Records that name a member of this region or organisation, and of others named so.
    #[must_use]
    pub fn region(mut self, name: impl Into<String>) -> Self {
        self.more.regions.push(name.into());
        self
    }

    /// Records with this value of a facet, as the schema names it (`theme`, `status`), and
    /// with others named so.
    #[must_use]
    pub fn facet(mut self, facet: impl Into<String>, value: impl Into<String>) -> Self {
        let (facet, value) = (facet.into(), value.into());
        match self
            .more
            .facets
            .iter_mut()
            .find(|known| known.facet == facet)
        {
            Some(known) => known.values.push(value),
            None => self.more.facets.push(FacetFilter {
                facet,
                values: vec![value],
            }),
        }
        self
    }

    /// Records that cover one of these years.
    #[must_use]
    pub fn years(mut self, years: RangeInclusive<u16>) -> Self {
        self.more.first_year = (*years.start()).into();
        self.more.last_year = (*years.end()).into();
        self
    }

    /// Records with all of these words in their titles.
    #[must_use]
    pub fn words(mut self, words: impl Into<String>) -> Self {
        self.more.title_words = words.into();
        self
    }

    /// Records that changed at this time or later, milliseconds since 1970.
    #[must_use]
    pub fn changed_since(mut self, unix_ms: u64) -> Self {
        self.more.changed_since = unix_ms;
        self
    }

    /// Only what is news: without records that the node took in as history, which it knows
    /// of its own publishers alone.
    #[must_use]
    pub fn news_only(mut self) -> Self {
        self.more.news_only = true;
        self
    }

    /// Records of this publisher, and of others named so.
    #[must_use]
    pub fn publisher(mut self, name: impl Into<String>) -> Self {
        self.more.publishers.push(name.into());
        self
    }

    /// The record that its source calls so, and others named so.
    #[must_use]
    pub fn source_id(mut self, id: impl Into<String>) -> Self {
        self.more.source_ids.push(id.into());
        self
    }

    /// Records that refer to this one.
    #[must_use]
    pub fn refers_to(mut self, record: RecordId) -> Self {
        self.more.refers_to = Some(ReferenceTarget {
            record_id: Bytes::copy_from_slice(record.as_bytes()),
            ..ReferenceTarget::default()
        });
        self
    }

    /// Records in this log, and in others named so.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// Withdrawn and erased records too.
    #[must_use]
    pub fn include_withdrawn(mut self) -> Self {
        self.include_withdrawn = true;
        self
    }

    /// A filter that names no log asks for the public logs of all publishers known
    /// here, since nothing else could be proven.
    pub(super) fn believed_by(mut self, trust: &Trust) -> Self {
        if self.origins.is_empty() {
            self.origins = trust
                .publishers()
                .map(|publisher| publisher.origin(Audience::Public))
                .collect();
        }
        self
    }

    pub(super) fn to_api(&self) -> RecordFilter {
        RecordFilter {
            kinds: self.kinds.clone(),
            countries: self.countries.clone(),
            origins: self.origins.iter().map(ToString::to_string).collect(),
            include_withdrawn: self.include_withdrawn,
            ..self.more.clone()
        }
    }

    /// Whether an answered entry can pass this filter, as far as the entry itself tells.
    pub(super) fn check(&self, entry: &Entry) -> Result<(), PullError> {
        if !self.origins.is_empty() && !self.origins.contains(entry.origin()) {
            return Err(wrong("an entry of a log that was not asked for"));
        }
        let publishers = &self.more.publishers;
        let is_other =
            |name: &str| !publishers.is_empty() && publishers.iter().all(|it| it != name);
        // A group's log does not say by its name who signs it.
        let publisher = entry.origin().publisher();
        if publisher.is_some_and(|name| is_other(name.as_str())) {
            return Err(wrong("an entry of a publisher that was not asked for"));
        }
        let Some(envelope) = entry.envelope() else {
            return Err(wrong("an entry that is no record"));
        };
        if !self.kinds.is_empty() && !self.kinds.contains(&envelope.kind) {
            return Err(wrong("an entry of a kind that was not asked for"));
        }
        Ok(())
    }
}
