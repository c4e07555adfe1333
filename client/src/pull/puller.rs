//! One log at one source: whom to ask, for what, and how.

use std::sync::Arc;

use wpsx_proto::{
    api::replication::v1::{
        Head, ListHeadsRequest, replication_service_client::ReplicationServiceClient,
    },
    note::VerifierKey,
    origin::Origin,
};

use super::{
    error::PullError,
    held::Held,
    options::PullOptions,
    transport::{MAX_MESSAGE, Transport},
};

/// Pages of heads after which a source counts as one that pages for ever.
const MAX_HEAD_PAGES: usize = 100;

/// Pulls one log from one source.
#[derive(Debug, Clone)]
pub struct Puller<T> {
    pub(super) client: ReplicationServiceClient<T>,
    pub(super) origin: Origin,
    pub(super) key: VerifierKey,
    pub(super) options: Arc<PullOptions>,
}

impl<T: Transport> Puller<T> {
    /// Pulls the log `origin`, whose checkpoints are signed by `key`, over `transport`.
    pub fn new(transport: T, origin: Origin, key: VerifierKey) -> Self {
        Self {
            client: ReplicationServiceClient::new(transport).max_decoding_message_size(MAX_MESSAGE),
            origin,
            key,
            options: Arc::default(),
        }
    }

    /// The same with other options.
    #[must_use]
    pub fn with_options(mut self, options: PullOptions) -> Self {
        self.options = Arc::new(options);
        self
    }

    /// The log that is pulled.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Asks for the log's head, with the consistency proof from what is held. `None`
    /// if the source has nothing else than what is held.
    ///
    /// # Errors
    ///
    /// Those of the call; nothing is verified yet.
    pub async fn head(&self, held: &Held) -> Result<Option<Head>, PullError> {
        let mut client = self.client.clone();
        let mut page_token = String::new();
        // A source that pages for ever is told from one that has many logs.
        for _ in 0..MAX_HEAD_PAGES {
            let request = ListHeadsRequest {
                known: vec![held.known_head(&self.origin)],
                page_size: 0,
                page_token,
                origins: vec![self.origin.to_string()],
            };
            let answer = self
                .options
                .wait(client.list_heads(request))
                .await?
                .into_inner();
            let found = answer
                .heads
                .into_iter()
                .find(|head| head.origin == self.origin.as_str());
            if found.is_some() || answer.next_page_token.is_empty() {
                return Ok(found);
            }
            page_token = answer.next_page_token;
        }
        Err(PullError::Oversized {
            what: "the list of heads".to_owned(),
        })
    }
}
