//! What can go wrong in a node, sorted by whose fault it is. The services have the
//! one table that turns it into gRPC codes.

use wpsx_store::StoreError;
use wpsx_views::ViewsError;

/// Why the node did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The caller asked wrongly.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field of the request, or the option of the command.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// Drafts that cannot be published.
    #[error("drafts: {0}")]
    Refused(crate::publishing::Faults),
    /// Nothing of that name is here.
    #[error("{what} {name} is not known here")]
    NotFound {
        /// What was looked for: `record`, `peer`, `log`, …
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The name is taken by something else.
    #[error("{what} {name} exists already{detail}")]
    Exists {
        /// What was to be made.
        what: &'static str,
        /// Its name.
        name: String,
        /// What differs from the one that exists.
        detail: String,
    },
    /// The node does not write at present.
    #[error("the node is read-only: {0}")]
    ReadOnly(String),
    /// The log stands still because two trees of it were signed.
    #[error(
        "log {0} is stopped by a fork; look at `wpsx fork show` and decide with `wpsx fork accept`"
    )]
    Stopped(String),
    /// The caller may ask again later.
    #[error("the node is busy: {0}")]
    Busy(&'static str),
    /// Our disk or our files failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The views cannot be read; `wpsx reindex` builds them again.
    #[error("the views cannot be read; `wpsx reindex` builds them again")]
    Views(#[from] ViewsError),
    /// A key file cannot be used.
    #[error(transparent)]
    Keys(Box<dyn std::error::Error + Send + Sync>),
    /// An invariant of ours is broken.
    #[error("internal error: {0}")]
    Internal(String),
}

impl NodeError {
    /// A request whose `field` is wrong for `reason`.
    pub fn invalid(field: &'static str, reason: impl ToString) -> Self {
        Self::Invalid {
            field,
            reason: reason.to_string(),
        }
    }

    /// `what` called `name` is missing.
    pub fn not_found(what: &'static str, name: impl ToString) -> Self {
        Self::NotFound {
            what,
            name: name.to_string(),
        }
    }
}
