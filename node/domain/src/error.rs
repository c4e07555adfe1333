//! What can go wrong in a node, sorted by whose fault it is, and the one table
//! that turns it into gRPC codes.

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{keys::KeysError, store::StoreError, views::ViewsError};

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
    Keys(#[from] KeysError),
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

/// The table of codes.
///
/// | error | code | a caller should |
/// |---|---|---|
/// | `Invalid` | `INVALID_ARGUMENT` | correct the named field |
/// | `NotFound` | `NOT_FOUND` | check the name |
/// | `Exists` | `ALREADY_EXISTS` | choose another name |
/// | `ReadOnly` | `FAILED_PRECONDITION` | let the operator act on the reason |
/// | `Stopped` | `FAILED_PRECONDITION` | let the operator decide the fork |
/// | `Busy` | `RESOURCE_EXHAUSTED` | try again later |
/// | `Store`, `Views`, `Keys` | `UNAVAILABLE` | try again later; the operator sees why |
/// | `Internal` | `INTERNAL` | report it |
///
/// A log whose audience does not admit the caller answers like one that is not there.
impl From<NodeError> for Status {
    fn from(error: NodeError) -> Self {
        let message = chain(&error);
        match error {
            NodeError::Invalid { field, reason } => {
                let details = ErrorDetails::with_bad_request_violation(field, reason);
                Status::with_error_details(Code::InvalidArgument, message, details)
            }
            NodeError::NotFound { what, name } => {
                let details = ErrorDetails::with_resource_info(what, name, "", "not known here");
                Status::with_error_details(Code::NotFound, message, details)
            }
            NodeError::Exists { .. } => Status::already_exists(message),
            NodeError::ReadOnly(_) | NodeError::Stopped(_) => {
                let details = ErrorDetails::with_precondition_failure_violation(
                    "STATE",
                    "node",
                    message.clone(),
                );
                Status::with_error_details(Code::FailedPrecondition, message, details)
            }
            NodeError::Busy(_) => {
                let details =
                    ErrorDetails::with_retry_info(Some(std::time::Duration::from_secs(1)));
                Status::with_error_details(Code::ResourceExhausted, message, details)
            }
            NodeError::Store(_) | NodeError::Views(_) | NodeError::Keys(_) => {
                Status::unavailable(message)
            }
            NodeError::Internal(_) => Status::internal(message),
        }
    }
}

/// An error and its sources in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
