//! Reads records from a node and checks the proof of each.
//!
//! Reading needs no account. What is believed are the publishers on the cards that
//! the reader was given; the node itself is believed nothing.

mod list;

use std::{collections::BTreeSet, sync::Arc};

use futures::{Stream, future::BoxFuture};
use tokio::sync::Mutex;
use wpsx_proto::{
    api::{
        exchange::v1::{
            GetRecordRequest, ListOriginsRequest, ProvenEntry, WatchRecordsRequest,
            exchange_service_client::ExchangeServiceClient,
        },
        replication::v1::Head,
    },
    card::NodeCard,
    checkpoint::VerifiedCheckpoint,
    origin::{Audience, Origin, RecordId},
};

pub use self::list::{Filter, List};
use crate::{
    ClientError, Connection, Entry, HeadStore, Included, MemoryHeads, Retry, Trust,
    pull::{Held, PullError, PullOptions, Puller, Source, Transport, verify_note},
    random::Random,
    tls::{Pins, TlsDialer, TlsKeyHash},
    transport::{Endpoint, Settings},
};

/// The largest answer of the exchange service: 4 MiB and what wraps it.
const MAX_ANSWER: usize = 4 * 1_048_576 + 262_144;

type Dial<T> = Arc<dyn Fn() -> BoxFuture<'static, Result<T, ClientError>> + Send + Sync>;

/// A reader of one node. Clones share its connection.
#[derive(Clone)]
pub struct Client<T = Connection> {
    dial: Dial<T>,
    open: Arc<Mutex<Option<T>>>,
    hosted: Arc<BTreeSet<String>>,
    trust: Arc<Trust>,
    heads: Arc<dyn HeadStore>,
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
        Ok(self)
    }

    /// Keeps the newest heads seen here instead of in memory.
    #[must_use]
    pub fn with_heads(mut self, heads: impl HeadStore) -> Self {
        self.heads = Arc::new(heads);
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

    /// The logs that the node holds, whether or not their publishers are known here.
    ///
    /// # Errors
    ///
    /// If the node cannot be asked, or shows a head that is refused.
    pub async fn logs(&self) -> Result<Vec<LogAt>, ClientError> {
        let mut logs: Vec<LogAt> = Vec::new();
        let mut named = BTreeSet::new();
        let mut page_token = String::new();
        loop {
            let before = logs.len();
            let request = ListOriginsRequest {
                page_size: 0,
                page_token,
            };
            let answer = self
                .call(|transport| {
                    let request = request.clone();
                    async move {
                        let mut client = exchange(transport);
                        self.options.wait(client.list_origins(request)).await
                    }
                })
                .await?
                .into_inner();
            for found in answer.origins {
                if !named.insert(found.origin.clone()) {
                    return Err(wrong("a log twice").into());
                }
                logs.push(self.log_at(found).await?);
            }
            if answer.next_page_token.is_empty() {
                return Ok(logs);
            }
            if logs.len() == before || logs.len() > MAX_LOGS {
                return Err(endless("the list of logs").into());
            }
            page_token = answer.next_page_token;
        }
    }

    async fn log_at(
        &self,
        found: wpsx_proto::api::exchange::v1::Origin,
    ) -> Result<LogAt, ClientError> {
        let origin = Origin::parse(&found.origin).map_err(|error| PullError::Malformed {
            what: "an origin",
            why: error.to_string(),
        })?;
        let head = match self.trust.key(&origin) {
            Ok(_) => Some(self.seen(&origin, &found.checkpoint).await?),
            Err(_) => None,
        };
        Ok(LogAt {
            origin,
            head,
            claimed_records: found.records,
            stopped: found.stopped,
        })
    }

    /// The newest entry of a record that the node knows. The proof says that it is in
    /// the log, not that there is no newer one: [`follow`](Self::follow) or
    /// [`mirror`](Self::mirror) the log for that.
    ///
    /// # Errors
    ///
    /// If the node cannot be asked, its answer is refused, or the log's publisher is
    /// not known.
    pub async fn get(&self, id: &RecordId) -> Result<Option<Included<Entry>>, ClientError> {
        self.get_from(id, None).await
    }

    /// The same from one log, where several hold the record.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn get_from(
        &self,
        id: &RecordId,
        origin: Option<&Origin>,
    ) -> Result<Option<Included<Entry>>, ClientError> {
        let request = GetRecordRequest {
            record_id: bytes::Bytes::copy_from_slice(id.as_bytes()),
            origin: origin.map(ToString::to_string).unwrap_or_default(),
        };
        let answer = self
            .call(|transport| {
                let request = request.clone();
                async move {
                    let mut client = exchange(transport);
                    self.options.wait(client.get_record(request)).await
                }
            })
            .await;
        let answer = match answer {
            Ok(answer) => answer.into_inner(),
            Err(ClientError::Pull(PullError::Declined(status)))
                if status.code() == tonic::Code::NotFound =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let proven = answer.entry.unwrap_or_default();
        let named = named(&proven)?;
        if let Some(asked) = origin
            && *asked != named
        {
            return Err(PullError::WrongOrigin {
                asked: asked.clone(),
                got: named.to_string(),
            }
            .into());
        }
        let checkpoint = Arc::new(self.seen(&named, &answer.checkpoint).await?);
        let entry = Included::verify(proven, checkpoint)?;
        if entry.record_id() != Some(*id) {
            return Err(wrong("another record than the one asked for").into());
        }
        Ok(Some(entry))
    }

    /// Current records that pass a filter.
    pub fn list(&self, filter: Filter) -> List<T> {
        List {
            client: self.clone(),
            filter: self.believed(filter),
            page_size: 0,
        }
    }

    /// Records that change from now on. After a break of the connection it goes on and
    /// says so: changes in between may be missing. [`follow`](Self::follow) misses none.
    pub fn watch(
        &self,
        filter: Filter,
    ) -> impl Stream<Item = Result<Watched, ClientError>> + Send + use<T> {
        let client = self.clone();
        let filter = self.believed(filter);
        async_stream::try_stream! {
            let mut tried = 0;
            loop {
                let error = match client.open_watch(&filter).await {
                    Err(error) => error,
                    Ok(mut answers) => {
                        yield Watched::Watching;
                        loop {
                            match answers.message().await {
                                Ok(Some(answer)) => {
                                    tried = 0;
                                    let proven = answer.entry.unwrap_or_default();
                                    let origin = named(&proven)?;
                                    let checkpoint = client.seen(&origin, &answer.checkpoint).await?;
                                    let entry = Included::verify(proven, Arc::new(checkpoint))?;
                                    filter.check(&entry)?;
                                    yield Watched::Changed(Box::new(entry));
                                }
                                Ok(None) => break broken("the watch ended"),
                                Err(status) => break PullError::from(status).into(),
                            }
                        }
                    }
                };
                tried += 1;
                client.pause_after(error, tried).await?;
            }
        }
    }

    /// A filter that names no log asks for the public logs of all publishers known
    /// here, since nothing else could be proven.
    fn believed(&self, mut filter: Filter) -> Filter {
        if filter.origins.is_empty() {
            let publishers = self.trust.publishers();
            filter.origins = publishers
                .map(|publisher| publisher.origin(Audience::Public))
                .collect();
        }
        filter
    }

    async fn open_watch(
        &self,
        filter: &Filter,
    ) -> Result<tonic::Streaming<wpsx_proto::api::exchange::v1::WatchRecordsResponse>, ClientError>
    {
        let request = WatchRecordsRequest {
            filter: Some(filter.to_api()),
        };
        let mut client = exchange(self.transport().await?);
        let answer = self.options.wait(client.watch_records(request)).await?;
        Ok(answer.into_inner())
    }

    /// A checkpoint that the node has shown: signed by its log's key, and no contradiction
    /// to the newest one seen before, which it replaces if it is larger.
    async fn seen(&self, origin: &Origin, note: &[u8]) -> Result<VerifiedCheckpoint, ClientError> {
        let key = self.trust.key(origin)?;
        let shown = verify_note(note, origin, &key)?;
        let Some(kept) = self.kept(origin)? else {
            self.keep(&shown)?;
            return Ok(shown);
        };
        let head = Head {
            origin: origin.to_string(),
            checkpoint: shown.note_bytes(),
            ..Head::default()
        };
        let held = Held {
            verified: Some(kept.clone()),
            ..Held::nothing()
        };
        let proven = self
            .call(|transport| {
                let puller = self.puller_over(transport, origin, key.clone());
                let (held, head) = (&held, &head);
                async move { puller.prove(held, head).await }
            })
            .await;
        match proven {
            Ok(proven) => {
                if proven.size() > kept.size() {
                    self.keep(&proven)?;
                }
                Ok(proven)
            }
            // A relay that is behind still proves what it has.
            Err(ClientError::Pull(PullError::Behind { .. })) => Ok(shown),
            Err(error) => Err(error),
        }
    }

    /// The newest checkpoint of a log that was ever seen.
    pub(crate) fn kept(&self, origin: &Origin) -> Result<Option<VerifiedCheckpoint>, ClientError> {
        let note = self
            .heads
            .load(origin)
            .map_err(|source| ClientError::Kept {
                origin: origin.clone(),
                source,
            })?;
        let Some(note) = note else {
            return Ok(None);
        };
        verify_note(&note, origin, &self.trust.key(origin)?)
            .map(Some)
            .map_err(|error| ClientError::Damaged {
                origin: origin.clone(),
                why: error.to_string(),
            })
    }

    pub(crate) fn keep(&self, checkpoint: &VerifiedCheckpoint) -> Result<(), ClientError> {
        self.heads
            .keep(checkpoint.origin(), &checkpoint.note_bytes())
            .map_err(|source| ClientError::Kept {
                origin: checkpoint.origin().clone(),
                source,
            })
    }

    /// A puller of one log from this node.
    pub(crate) async fn puller(&self, origin: &Origin) -> Result<Puller<T>, ClientError> {
        let key = self.trust.key(origin)?;
        Ok(self.puller_over(self.transport().await?, origin, key))
    }

    fn puller_over(
        &self,
        transport: T,
        origin: &Origin,
        key: wpsx_proto::note::VerifierKey,
    ) -> Puller<T> {
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

const MAX_LOGS: usize = 100_000;

fn exchange<T: Transport>(transport: T) -> ExchangeServiceClient<T> {
    ExchangeServiceClient::new(transport).max_decoding_message_size(MAX_ANSWER)
}

fn named(entry: &ProvenEntry) -> Result<Origin, PullError> {
    Origin::parse(&entry.origin).map_err(|error| PullError::Malformed {
        what: "an origin",
        why: error.to_string(),
    })
}

fn wrong(why: impl Into<String>) -> PullError {
    PullError::WrongAnswer { why: why.into() }
}

fn endless(what: &str) -> PullError {
    PullError::Oversized {
        what: what.to_owned(),
    }
}

fn broken(why: &str) -> ClientError {
    PullError::Connection(Box::new(tonic::Status::unavailable(why))).into()
}

/// A log as the node shows it.
#[derive(Debug, Clone)]
pub struct LogAt {
    /// The log.
    pub origin: Origin,
    /// Its newest checkpoint, verified; `None` if its publisher is not known here.
    pub head: Option<VerifiedCheckpoint>,
    /// Current records, as the node counts them. Nobody proves it.
    pub claimed_records: u64,
    /// The node says that it stopped following the log, because of a fork.
    pub stopped: bool,
}

/// What happens on a watch.
#[derive(Debug)]
pub enum Watched {
    /// The node tells of changes from now on. Again after a break: changes in between
    /// may be missing.
    Watching,
    /// A record changed.
    Changed(Box<Included<Entry>>),
}
