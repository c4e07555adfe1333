//! Which payloads are asked for.

use std::{collections::BTreeSet, sync::Arc};

use wpsx_proto::{
    envelope::{Envelope, Leaf},
    index::LeafIndex,
};

/// Says whether the payload at an index was erased here: it is then neither asked for nor taken.
pub type Erased = Arc<dyn Fn(LeafIndex) -> bool + Send + Sync>;

/// Nothing was erased.
pub fn nothing_erased() -> Erased {
    Arc::new(|_| false)
}

/// Which payloads to fetch. Entries are always fetched, all of them.
#[derive(Debug, Clone, Default)]
pub struct PayloadFilter {
    /// Only records of these kinds; every kind if absent.
    pub kinds: Option<BTreeSet<u32>>,
    /// Only payloads of at most so many bytes; of any size if absent.
    pub max_length: Option<u32>,
    /// Only records that name one of these countries; every country if empty. The
    /// source decides, since the entries do not tell.
    pub countries: Vec<String>,
}

impl PayloadFilter {
    /// Every payload.
    pub fn everything() -> Self {
        Self::default()
    }

    /// No payload, entries only.
    pub fn nothing() -> Self {
        Self {
            kinds: Some(BTreeSet::new()),
            ..Self::default()
        }
    }

    /// The length of the payload, if there is one to fetch.
    pub(super) fn wanted(&self, leaf: &Leaf) -> Option<u32> {
        let envelope = leaf.envelope()?;
        let claim = envelope.payload.as_ref()?;
        self.admits(envelope, claim.length).then_some(claim.length)
    }

    fn admits(&self, envelope: &Envelope, length: u32) -> bool {
        self.kinds
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&envelope.kind))
            && self.max_length.is_none_or(|max| length <= max)
    }
}
