//! Waits for new heads of one log.

use wpsx_proto::{
    api::replication::v1::{
        Head, WatchHeadsRequest, WatchHeadsResponse,
        replication_service_client::ReplicationServiceClient,
    },
    origin::Origin,
};

use crate::{
    Client, ClientError,
    pull::{Held, MAX_MESSAGE, PullError, Transport},
};

/// Waits for new heads of one log.
pub(crate) struct Heads<T> {
    client: Client<T>,
    origin: Origin,
    stream: Option<tonic::Streaming<WatchHeadsResponse>>,
}

impl<T: Transport> Heads<T> {
    pub(crate) fn new(client: Client<T>, origin: Origin) -> Self {
        Self {
            client,
            origin,
            stream: None,
        }
    }

    /// The next head that is not the one held, as it was shown: nothing is verified.
    pub(crate) async fn next(&mut self, held: &Held) -> Result<Head, ClientError> {
        loop {
            let stream = match &mut self.stream {
                Some(stream) => stream,
                None => {
                    let request = WatchHeadsRequest {
                        known: vec![held.known_head(&self.origin)],
                        origins: vec![self.origin.to_string()],
                    };
                    let transport = self.client.transport().await?;
                    let mut client = ReplicationServiceClient::new(transport)
                        .max_decoding_message_size(MAX_MESSAGE);
                    let watch = self
                        .client
                        .options()
                        .wait(client.watch_heads(request))
                        .await?;
                    self.stream.insert(watch.into_inner())
                }
            };
            let answer = stream.message().await.map_err(PullError::from)?;
            let Some(answer) = answer else {
                self.stream = None;
                let ended = tonic::Status::unavailable("the watch of heads ended");
                return Err(PullError::Connection(Box::new(ended)).into());
            };
            // A newer head of this log, if it is there, comes last.
            let head = answer
                .heads
                .into_iter()
                .rev()
                .find(|head| head.origin == self.origin.as_str());
            if let Some(head) = head {
                return Ok(head);
            }
        }
    }

    pub(crate) fn close(&mut self) {
        self.stream = None;
    }
}
