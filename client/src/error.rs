//! What a reader is told when something cannot be done.

use std::{error::Error as StdError, io, path::PathBuf};

use wpsx_proto::origin::Origin;

use crate::pull::{Fault, PullError};

/// Why a reader's call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// An answer was refused, or did not come.
    #[error(transparent)]
    Pull(#[from] PullError),
    /// The node cannot be reached.
    #[error("the node cannot be reached")]
    Unreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// The card names no endpoint.
    #[error("the card of {node} names no endpoint to dial")]
    NoEndpoint {
        /// The node's name.
        node: String,
    },
    /// A log whose publisher's key is not known: add its card.
    #[error("no card of the publisher of {origin} was added, so nothing of it can be proven")]
    NotTrusted {
        /// The log.
        origin: String,
    },
    /// A card gives a known publisher's name to another identity.
    #[error("the name {name} already belongs to another identity")]
    NameTaken {
        /// The publisher's name.
        name: String,
    },
    /// A file that keeps heads, a cursor or a mirror cannot be read or written.
    #[error("what is kept of {origin} cannot be read or written")]
    Kept {
        /// The log.
        origin: Origin,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Somebody else mirrors into the folder.
    #[error("another mirror writes to {}", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// What is kept is not what was put there.
    #[error("what is kept of {origin} is damaged: {why}")]
    Damaged {
        /// The log.
        origin: Origin,
        /// What is wrong.
        why: String,
    },
}

impl ClientError {
    /// A short stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pull(error) => error.code(),
            Self::Unreachable(_) => "unreachable",
            Self::NoEndpoint { .. } => "no-endpoint",
            Self::NotTrusted { .. } => "not-trusted",
            Self::NameTaken { .. } => "name-taken",
            Self::Kept { .. } => "kept",
            Self::InUse { .. } => "in-use",
            Self::Damaged { .. } => "damaged",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Pull(error) => error.fault(),
            Self::Unreachable(_) => Fault::Connection,
            _ => Fault::Ours,
        }
    }

    pub(crate) fn unreachable(error: impl StdError + Send + Sync + 'static) -> Self {
        Self::Unreachable(Box::new(error))
    }

    /// Whether the same call may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Pull(error) => error.is_transient(),
            Self::Unreachable(_) => true,
            _ => false,
        }
    }
}
