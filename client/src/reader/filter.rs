//! Which records are asked for.

use wpsx_proto::{
    api::exchange::v1::RecordFilter,
    origin::{Audience, Origin},
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
            ..RecordFilter::default()
        }
    }

    /// Whether an answered entry can pass this filter, as far as the entry itself tells.
    pub(super) fn check(&self, entry: &Entry) -> Result<(), PullError> {
        if !self.origins.is_empty() && !self.origins.contains(entry.origin()) {
            return Err(wrong("an entry of a log that was not asked for"));
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
