//! Leaves by whoever wrote them.

use super::{
    fields::version,
    version1::{Envelope, VERSION},
};
use crate::payload::claim::PayloadClaim;

/// A leaf as far as this software understands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// An envelope of version 1.
    Known(Envelope),
    /// An envelope of a version that newer software writes.
    Newer {
        /// Its version.
        version: u32,
    },
    /// Something else.
    Unreadable,
}

impl Leaf {
    /// Reads a leaf. There is no leaf that cannot be stored, counted and relayed.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        match Envelope::parse(bytes) {
            Ok(envelope) => Self::Known(envelope),
            Err(_) => match version(bytes) {
                Some(version) if version > VERSION => Self::Newer { version },
                _ => Self::Unreadable,
            },
        }
    }

    /// The envelope, if it is one that is known here.
    #[must_use]
    pub fn envelope(&self) -> Option<&Envelope> {
        match self {
            Self::Known(envelope) => Some(envelope),
            Self::Newer { .. } | Self::Unreadable => None,
        }
    }

    /// What it says of its payload. A leaf that is not known here has none.
    #[must_use]
    pub fn payload(&self) -> Option<&PayloadClaim> {
        self.envelope()
            .and_then(|envelope| envelope.payload.as_ref())
    }
}
