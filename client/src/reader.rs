//! Reads records from a node and checks the proof of each.
//!
//! Reading needs no account. What is believed are the publishers on the cards that
//! the reader was given; the node itself is believed nothing. Each question has a file
//! of its own below.

mod answers;
pub(crate) mod counts;
pub(crate) mod filter;
mod get;
mod history;
mod judged;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod position;
mod seen;
pub(crate) mod watch;

use std::{collections::BTreeSet, sync::Arc};

use futures::future::BoxFuture;
use tokio::sync::Mutex;
use wpsx_proto::{card::NodeCard, note::VerifierKey, origin::Origin};

use crate::{
    ClientError, Connection, HeadStore, MemoryHeads, Retry, Trust,
    pull::{PullError, PullOptions, Puller, Source, Transport},
    random::Random,
    tls::{Pins, TlsDialer, TlsKeyHash},
    transport::{Endpoint, Settings},
};

type Dial<T> = Arc<dyn Fn() -> BoxFuture<'static, Result<T, ClientError>> + Send + Sync>;

/// A reader of one node. Clones share its connection.
#[derive(Clone)]
pub struct Client<T = Connection> {
    dial: Dial<T>,
    open: Arc<Mutex<Option<T>>>,
    hosted: Arc<BTreeSet<String>>,
    trust: Arc<Trust>,
    heads: Arc<dyn HeadStore>,
    judged: Arc<judged::Judged>,
    retry: Retry,
    random: Random,
    options: PullOptions,
}

impl Client<Connection> {
    /// Connects to the node of a card at the first of its endpoints that answers. The
    /// node must hold the key on the card.
    ///
    /// # Errors
    ///
    /// If the card names no endpoint or none answers.
    pub async fn connect(card: &NodeCard) -> Result<Self, ClientError> {
        let mut last = ClientError::NoEndpoint {
            node: card.name().to_string(),
        };
        for endpoint in card.endpoints() {
            match Self::connect_to(endpoint, card).await {
                Ok(client) => return Ok(client),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Connects to the node of a card at another endpoint, `https://host:port`.
    ///
    /// # Errors
    ///
    /// If the node does not answer there or holds another key.
    pub async fn connect_to(endpoint: &str, card: &NodeCard) -> Result<Self, ClientError> {
        let endpoint: Endpoint = endpoint.parse().map_err(ClientError::unreachable)?;
        let pins = Pins::only(TlsKeyHash::from_bytes(*card.tls_key().as_bytes()));
        let tls = TlsDialer::new(None, pins).map_err(ClientError::unreachable)?;
        let tls = Arc::new(tls);
        let dial: Dial<Connection> = Arc::new(move || {
            let (endpoint, tls) = (endpoint.clone(), Arc::clone(&tls));
            Box::pin(async move {
                Connection::dial(&endpoint, &tls, &Settings::default())
                    .await
                    .map_err(ClientError::unreachable)
            })
        });
        let client = Self::new(card, dial)?;
        client.transport().await?;
        Ok(client)
    }
}

impl<T: Transport> Client<T> {
    /// Reads the node of a card over `transport`, which is never opened anew.
    ///
    /// # Errors
    ///
    /// If the card's publishers contradict each other.
    pub fn over(transport: T, card: &NodeCard) -> Result<Self, ClientError> {
        Self::new(
            card,
            Arc::new(move || {
                let transport = transport.clone();
                Box::pin(async move { Ok(transport) })
            }),
        )
    }

    fn new(card: &NodeCard, dial: Dial<T>) -> Result<Self, ClientError> {
        let trust = Trust::from_card(card)?;
        let hosted = trust
            .publishers()
            .map(|publisher| publisher.name().to_string())
            .collect();
        Ok(Self {
            dial,
            open: Arc::default(),
            hosted: Arc::new(hosted),
            trust: Arc::new(trust),
            heads: Arc::new(MemoryHeads::default()),
            judged: Arc::default(),
            retry: Retry::default(),
            random: Random::system(),
            options: PullOptions::default(),
        })
    }

    /// Believes these publishers too.
    ///
    /// # Errors
    ///
    /// If one has a known name and another identity.
    pub fn trusting(mut self, card: &NodeCard) -> Result<Self, ClientError> {
        Arc::make_mut(&mut self.trust).add_card(card)?;
        self.judged = Arc::default();
        Ok(self)
    }

    /// Keeps the newest heads seen here instead of in memory.
    #[must_use]
    pub fn with_heads(mut self, heads: impl HeadStore) -> Self {
        self.heads = Arc::new(heads);
        self.judged = Arc::default();
        self
    }

    /// Tries again as this says.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Spreads its pauses by this randomness instead of the system's.
    #[must_use]
    pub fn with_random(mut self, random: Random) -> Self {
        self.random = random;
        self
    }

    /// Pulls, and waits for answers, as this says.
    #[must_use]
    pub fn with_options(mut self, options: PullOptions) -> Self {
        self.options = options;
        self
    }

    /// Whose keys are believed.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// A puller of one log from this node.
    pub(crate) async fn puller(&self, origin: &Origin) -> Result<Puller<T>, ClientError> {
        let key = self.trust.key(origin)?;
        Ok(self.puller_over(self.transport().await?, origin, key))
    }

    fn puller_over(&self, transport: T, origin: &Origin, key: VerifierKey) -> Puller<T> {
        let hosted = origin
            .publisher()
            .is_some_and(|name| self.hosted.contains(name.as_str()));
        let options = PullOptions {
            source: if hosted {
                Source::Publisher
            } else {
                Source::Relay
            },
            ..self.options.clone()
        };
        Puller::new(transport, origin.clone(), key).with_options(options)
    }

    /// The open connection, or a new one.
    pub(crate) async fn transport(&self) -> Result<T, ClientError> {
        let mut open = self.open.lock().await;
        if let Some(transport) = &*open {
            return Ok(transport.clone());
        }
        let transport = (self.dial)().await?;
        *open = Some(transport.clone());
        Ok(transport)
    }

    /// Makes one call, again after faults of the connection.
    async fn call<R, F>(&self, call: impl Fn(T) -> F) -> Result<R, ClientError>
    where
        F: Future<Output = Result<R, PullError>>,
    {
        let mut tried = 0;
        loop {
            let error = match self.transport().await {
                Ok(transport) => match call(transport).await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error.into(),
                },
                Err(error) => error,
            };
            tried += 1;
            self.pause_after(error, tried).await?;
        }
    }

    /// Waits before the next try and forgets the connection; gives the error back if
    /// there is no next try.
    pub(crate) async fn pause_after(
        &self,
        error: ClientError,
        tried: u32,
    ) -> Result<(), ClientError> {
        // Without a source of randomness pauses are merely not spread.
        let mut random = [0; 4];
        let _ = self.random.try_fill(&mut random);
        let pause = match self.retry.pause(tried, u32::from_le_bytes(random)) {
            Some(pause) if error.is_transient() => pause,
            _ => return Err(error),
        };
        tracing::debug!(%error, tried, "trying again");
        *self.open.lock().await = None;
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// How long to wait for one answer, and the like.
    pub(crate) fn options(&self) -> &PullOptions {
        &self.options
    }
}
