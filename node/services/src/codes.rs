//! The one table that turns what went wrong into gRPC codes.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use wpsx_domain::NodeError;
use wpsx_proto::chain;

/// What the operator is told, and others of all that is not about this node's own files.
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
/// A log that the caller's sight does not admit answers like one that is not there.
pub fn refusal(error: NodeError) -> Status {
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
            let details =
                ErrorDetails::with_precondition_failure_violation("STATE", "node", message.clone());
            Status::with_error_details(Code::FailedPrecondition, message, details)
        }
        NodeError::Busy(_) => {
            let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(1)));
            Status::with_error_details(Code::ResourceExhausted, message, details)
        }
        NodeError::Store(_) | NodeError::Views(_) | NodeError::Keys(_) => {
            Status::unavailable(message)
        }
        NodeError::Internal(_) => Status::internal(message),
    }
}

/// What everybody but the operator is told: where files lie is nobody else's business.
pub fn public_refusal(error: NodeError) -> Status {
    match error {
        NodeError::Store(_) | NodeError::Views(_) | NodeError::Keys(_) => {
            tracing::debug!(error = chain(&error), "not answered");
            Status::unavailable(
                "this node cannot read or write some of its files; its operator sees why",
            )
        }
        other => refusal(other),
    }
}
