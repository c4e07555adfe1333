//! What goes wrong with a peer, and what it means: for one log, or for the line.

use wpsx_client::pull::{Fault, PullError};
use wpsx_domain::NodeError;
use wpsx_proto::{chain, origin::Origin};

/// An answer that a proof or a rule refuses.
#[derive(Debug, Clone)]
pub(crate) struct Lie {
    /// The log that it was about; empty: none of them.
    pub(crate) origin: String,
    /// A short stable name, such as `bad-proof`.
    pub(crate) code: &'static str,
    pub(crate) reason: String,
}

/// What goes wrong while a peer is asked.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The peer said something that is not so.
    Lie(Lie),
    /// The line or the peer went away, or did not answer.
    Lost(String),
    /// This node cannot go on.
    Ours(NodeError),
}

impl Trouble {
    /// An answer about the log called `origin` is not so.
    pub(crate) fn lie(origin: &str, code: &'static str, reason: impl Into<String>) -> Self {
        Self::Lie(Lie {
            origin: origin.to_owned(),
            code,
            reason: reason.into(),
        })
    }

    /// An answer that pulling refuses.
    pub(crate) fn refused(origin: &Origin, error: &PullError) -> Self {
        Self::lie(origin.as_str(), error.code(), chain(error))
    }

    /// The same about the log called `origin`, where no log was named.
    #[must_use]
    pub(crate) fn of(self, origin: &str) -> Self {
        match self {
            Self::Lie(lie) if lie.origin.is_empty() => Self::lie(origin, lie.code, lie.reason),
            other => other,
        }
    }
}

impl From<NodeError> for Trouble {
    fn from(error: NodeError) -> Self {
        Self::Ours(error)
    }
}

impl From<tonic::Status> for Trouble {
    fn from(status: tonic::Status) -> Self {
        let lost = format!("{:?}: {}", status.code(), status.message());
        let error = PullError::from(status);
        match error.fault() {
            Fault::Peer => Self::lie("", error.code(), chain(&error)),
            Fault::Behind | Fault::Unable | Fault::Connection | Fault::Ours => Self::Lost(lost),
        }
    }
}
