//! What all answers of the exchange service have in common.

use wpsx_proto::{
    api::exchange::v1::{ProvenEntry, exchange_service_client::ExchangeServiceClient},
    origin::Origin,
};

use crate::{
    ClientError,
    pull::{PullError, Transport},
};

/// The largest answer of the exchange service: 4 MiB and what wraps it.
const MAX_ANSWER: usize = 4 * 1_048_576 + 262_144;

pub(super) fn exchange<T: Transport>(transport: T) -> ExchangeServiceClient<T> {
    ExchangeServiceClient::new(transport).max_decoding_message_size(MAX_ANSWER)
}

pub(super) fn named(entry: &ProvenEntry) -> Result<Origin, PullError> {
    Origin::parse(&entry.origin).map_err(|error| PullError::Malformed {
        what: "an origin",
        why: error.to_string(),
    })
}

pub(super) fn wrong(why: impl Into<String>) -> PullError {
    PullError::WrongAnswer { why: why.into() }
}

pub(super) fn endless(what: &str) -> PullError {
    PullError::Oversized {
        what: what.to_owned(),
    }
}

pub(super) fn broken(why: &str) -> ClientError {
    PullError::Connection(Box::new(tonic::Status::unavailable(why))).into()
}
