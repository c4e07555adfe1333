//! An open line to one peer: what we ask the peer goes over it.

use std::{future::Future, sync::Arc, time::Duration};

use wpsx_client::{
    pull::{MAX_MESSAGE, PullOptions, Speed},
    transport::Connection,
};
use wpsx_proto::api::replication::v1::replication_service_client::ReplicationServiceClient;

use crate::{context::Context, link::Link, peers::Peer, trouble::Trouble};

/// How long a call with one answer may take.
pub(crate) const CALL_BOUND: Duration = Duration::from_secs(20);

/// A connection on which we ask a peer.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) context: Arc<Context>,
    pub(crate) peer: Arc<Peer>,
    pub(crate) connection: Connection,
    /// How fast it brings what we ask for.
    pub(crate) speed: Arc<Speed>,
    /// What is known of it, for `wpsx status`.
    pub(crate) link: Arc<Link>,
}

impl Line {
    /// The peer's replication service.
    pub(crate) fn client(&self) -> ReplicationServiceClient<Connection> {
        ReplicationServiceClient::new(self.connection.clone())
            .max_decoding_message_size(MAX_MESSAGE)
    }

    /// How logs are pulled over it.
    pub(crate) fn pull_options(&self) -> PullOptions {
        let choice = &self.context.choice;
        PullOptions {
            counters: Some(self.connection.counters().clone()),
            speed: self.speed.clone(),
            ..choice.options(&self.peer, &self.link.capabilities())
        }
    }
}

/// A call with one answer, which has to come in time.
///
/// # Errors
/// It did not.
pub(crate) async fn bounded<T>(call: impl Future<Output = T>) -> Result<T, Trouble> {
    tokio::time::timeout(CALL_BOUND, call)
        .await
        .map_err(|_| Trouble::Lost("the peer did not answer in time".to_owned()))
}
