//! Why a log cannot be loaded, and what would do.

use wpsx_proto::{bundle::EntryBundle, hash::Hash, index::BUNDLE};

use crate::error::StoreError;

/// Why a log cannot be loaded.
#[derive(Debug)]
pub(crate) struct Stuck {
    pub(crate) error: StoreError,
    /// The entries that would do.
    pub(crate) wanted: Option<Box<Wanted>>,
}

/// The entries of the open bundle, of which only the hashes are known any more.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Which bundle.
    pub(crate) bundle: u64,
    /// The hash of each.
    pub(crate) hashes: Vec<Hash>,
    pub(crate) name: String,
}

impl Wanted {
    /// How many entries the log has with them.
    pub(crate) fn size(&self) -> u64 {
        self.bundle * BUNDLE + self.hashes.len() as u64
    }

    /// Whether these are the entries.
    pub(crate) fn are(&self, entries: &EntryBundle) -> bool {
        entries
            .iter()
            .map(Hash::leaf)
            .eq(self.hashes.iter().copied())
    }
}

impl From<StoreError> for Stuck {
    fn from(error: StoreError) -> Self {
        Self {
            error,
            wanted: None,
        }
    }
}
