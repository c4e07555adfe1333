//! The one table that turns what went wrong into gRPC codes.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};
use wpsx_domain::{NodeError, publishing::Faults};
use wpsx_proto::chain;

/// What the operator is told, and others of all that is not about this node's own files.
///
/// | error | code | a caller should |
/// |---|---|---|
/// | `Invalid` | `INVALID_ARGUMENT` | correct the named field |
/// | `Refused` | `INVALID_ARGUMENT` | correct the drafts: one field violation for each fault |
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
        NodeError::Refused(faults) => refused(&faults),
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

/// Bytes of violations in one status: it travels in the trailers, which have a bound.
const MOST_VIOLATIONS: usize = 5_000;
/// Bytes of its sentence.
const MOST_SENTENCE: usize = 1_000;

/// One violation for each fault, as far as a status has room.
fn refused(faults: &Faults) -> Status {
    let mut violations = Vec::new();
    let mut bytes = 0;
    for fault in &faults.told {
        let field = match fault.field.as_str() {
            "" => format!("drafts[{}]", fault.draft),
            field => format!("drafts[{}].{field}", fault.draft),
        };
        let mut description = fault.to_string();
        if !fault.value.is_empty() && !description.contains(&fault.value) {
            description = format!("{description} (it is {:?})", fault.value);
        }
        bytes += field.len() + description.len() + 16;
        if bytes > MOST_VIOLATIONS {
            break;
        }
        violations.push(FieldViolation::new(field, description));
    }
    let mut message = format!("drafts: {faults}");
    if let Some((end, _)) = message.char_indices().find(|(at, _)| *at >= MOST_SENTENCE) {
        message.truncate(end);
        message.push('…');
    }
    let details = ErrorDetails::with_bad_request(violations);
    Status::with_error_details(Code::InvalidArgument, message, details)
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
