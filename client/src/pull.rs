//! Pulls one log from one source and verifies every byte before handing it on.
//!
//! A pull fetches a target checkpoint, then the entries up to it in packages, then
//! their payloads. It yields verified [`Step`]s in the log's order; what was yielded
//! stays true whatever the source does next, so an interruption costs at most the
//! package in flight. Fetching, verifying and the caller's storing overlap, within
//! bounded memory. It does not store, retry or choose sources: that is the caller's.

mod error;
mod judge;
mod packages;
mod payloads;
mod pipeline;
mod target;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::body::Body as HttpBody;
use tonic::{body::Body, client::GrpcService};
use wpsx_proto::{
    api::replication::v1::{
        Head, KnownHead, ListHeadsRequest, replication_service_client::ReplicationServiceClient,
    },
    checkpoint::VerifiedCheckpoint,
    envelope::{Envelope, Leaf},
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    note::VerifierKey,
    origin::Origin,
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
    tree::{Frontier, Subtrees, frontier_at},
};

pub(crate) use self::judge::verify_note;
pub use self::{
    error::{Fault, PullError},
    judge::{Judgement, Known, judge},
    payloads::{Fill, Run},
    pipeline::Pull,
};

/// The largest message of the replication service: 1 MiB and what wraps it.
pub const MAX_MESSAGE: usize = 1_048_576 + 65_536;

/// Anything that carries gRPC calls: a connection, or a server in the same process.
pub trait Transport:
    GrpcService<
        Body,
        ResponseBody: HttpBody<Data = Bytes, Error: Into<tonic::codegen::StdError> + Send>
                          + Send
                          + 'static,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<T> Transport for T
where
    T: GrpcService<Body> + Clone + Send + Sync + 'static,
    T::Future: Send,
    T::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <T::ResponseBody as HttpBody>::Error: Into<tonic::codegen::StdError> + Send,
{
}

/// Says whether the payload at an index was erased here: it is then neither asked for nor taken.
pub type Erased = Arc<dyn Fn(LeafIndex) -> bool + Send + Sync>;

/// Nothing was erased.
pub fn nothing_erased() -> Erased {
    Arc::new(|_| false)
}

/// What the caller holds of the log.
#[derive(Debug, Clone)]
pub struct Held {
    /// The right edge of the entries stored: a prefix of the log.
    pub frontier: Frontier,
    /// The leaf hashes of the last, incomplete bundle of that prefix.
    pub open: Vec<Hash>,
    /// The largest checkpoint ever verified, which the stored entries are part of.
    pub verified: Option<VerifiedCheckpoint>,
}

impl Held {
    /// Nothing yet.
    pub fn nothing() -> Self {
        Self {
            frontier: Frontier::empty(),
            open: Vec::new(),
            verified: None,
        }
    }

    /// The first `stored` entries of `tree`.
    ///
    /// # Errors
    ///
    /// Those of reading `tree`.
    pub fn of<S: Subtrees>(
        tree: &S,
        stored: TreeSize,
        verified: Option<VerifiedCheckpoint>,
    ) -> Result<Self, S::Error> {
        let first = stored.next_index().bundle_start().value();
        Ok(Self {
            frontier: frontier_at(tree, stored)?,
            open: (first..stored.value())
                .map(|index| tree.subtree(0, index))
                .collect::<Result<_, _>>()?,
            verified,
        })
    }

    /// How many entries are stored.
    pub fn stored(&self) -> TreeSize {
        self.frontier.size()
    }

    /// Takes a package that was stored into account.
    ///
    /// # Errors
    ///
    /// [`PullError::OutOfOrder`] if it does not come next.
    pub fn extend(&mut self, package: &VerifiedPackage) -> Result<(), PullError> {
        let next = self.stored().next_index();
        if package.start() != next {
            return Err(PullError::OutOfOrder {
                expected: next,
                got: package.start(),
            });
        }
        for leaf in package.leaf_hashes() {
            self.push(*leaf);
        }
        Ok(())
    }

    pub(crate) fn push(&mut self, leaf: Hash) {
        self.frontier.push(leaf);
        self.open.push(leaf);
        if self.open.len() as u64 == BUNDLE {
            self.open.clear();
        }
    }

    /// What a list or watch of heads is to be told of this log, so that it tells of
    /// everything that is not here yet.
    pub fn known_head(&self, origin: &Origin) -> KnownHead {
        let (tree_size, note_hash) = match &self.verified {
            Some(verified) if verified.size() == self.stored() => (
                verified.size(),
                Bytes::copy_from_slice(&Hash::of(&verified.note_bytes()).as_bytes()[..8]),
            ),
            // The checkpoint is known but not fetched yet: it is to be shown again, which
            // no hash of a note prevents.
            Some(verified) => (verified.size(), Bytes::from_static(&[0; 8])),
            None => (self.stored(), Bytes::new()),
        };
        KnownHead {
            origin: origin.to_string(),
            tree_size: tree_size.value(),
            note_hash,
        }
    }
}

/// Which payloads to fetch. Entries are always fetched, all of them.
#[derive(Debug, Clone, Default)]
pub struct PayloadFilter {
    /// Only records of these kinds; every kind if absent.
    pub kinds: Option<BTreeSet<u32>>,
    /// Only payloads of at most so many bytes; of any size if absent.
    pub max_length: Option<u32>,
    /// Only records that name one of these countries; every country if empty. The
    /// source decides, since the entries do not tell.
    pub countries: Vec<String>,
}

impl PayloadFilter {
    /// Every payload.
    pub fn everything() -> Self {
        Self::default()
    }

    /// No payload, entries only.
    pub fn nothing() -> Self {
        Self {
            kinds: Some(BTreeSet::new()),
            ..Self::default()
        }
    }

    /// The length of the payload, if there is one to fetch.
    fn wanted(&self, leaf: &Leaf) -> Option<u32> {
        let envelope = leaf.envelope()?;
        let claim = envelope.payload.as_ref()?;
        self.admits(envelope, claim.length).then_some(claim.length)
    }

    fn admits(&self, envelope: &Envelope, length: u32) -> bool {
        self.kinds
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&envelope.kind))
            && self.max_length.is_none_or(|max| length <= max)
    }
}

/// Who answers: it decides what a smaller head means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// A node that replicates the log: a smaller head is behind.
    #[default]
    Relay,
    /// The node that hosts the log's publisher: a smaller head was rolled back.
    Publisher,
}

/// How to pull.
#[derive(Debug, Clone)]
pub struct PullOptions {
    /// Which payloads to fetch.
    pub payloads: PayloadFilter,
    /// Whether frames may come compressed with Zstandard.
    pub zstd: bool,
    /// How long to wait for each message.
    pub patience: Duration,
    /// Bytes a second below which a whole call counts as stalled.
    pub min_rate: u64,
    /// Who answers.
    pub source: Source,
    /// Whether entries that came before the line broke are yielded though their
    /// payloads did not come, which are then not held and can be filled later. Without
    /// it they are fetched again.
    pub keep_entries: bool,
}

impl Default for PullOptions {
    fn default() -> Self {
        Self {
            payloads: PayloadFilter::everything(),
            zstd: true,
            patience: Duration::from_secs(20),
            min_rate: 4096,
            source: Source::Relay,
            keep_entries: false,
        }
    }
}

/// One verified step, in order.
#[derive(Debug)]
pub enum Step {
    /// The checkpoint that the following packages are proven against. It extends
    /// what was held. Keep it before storing what follows.
    Target(VerifiedCheckpoint),
    /// The next entries, with their payloads.
    Package {
        /// The entries, proven to be part of the target.
        package: VerifiedPackage,
        /// Their payloads as far as they were asked for, checked against the entries.
        frames: Vec<VerifiedFrame>,
        /// What the payload slots are that no frame covers.
        uncovered: SlotState,
    },
    /// Every entry of this checkpoint has been yielded or was held before.
    Head(VerifiedCheckpoint),
}

/// Pulls one log from one source.
#[derive(Debug, Clone)]
pub struct Puller<T> {
    client: ReplicationServiceClient<T>,
    origin: Origin,
    key: VerifierKey,
    options: Arc<PullOptions>,
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

    /// Proves that the checkpoint of `head` extends what is `held`, asking for the
    /// consistency proof if the head does not carry the right one.
    ///
    /// # Errors
    ///
    /// If it does not: then what that means.
    pub async fn prove(&self, held: &Held, head: &Head) -> Result<VerifiedCheckpoint, PullError> {
        target::prove(self, held, head).await
    }

    /// Pulls from what is `held` up to `head`, which the source has shown. Must be
    /// called within a Tokio runtime; dropping the [`Pull`] stops it.
    pub fn pull(&self, held: Held, head: Head, erased: Erased) -> Pull {
        pipeline::start(self.clone(), held, head, erased)
    }

    /// Fetches the payloads of `runs` of entries that are stored already, in order.
    /// Must be called within a Tokio runtime; dropping the [`Fill`] stops it.
    pub fn fill(&self, runs: Vec<Run>, erased: Erased) -> Fill {
        payloads::fill(self.clone(), runs, erased)
    }
}

const MAX_HEAD_PAGES: usize = 100;

impl PullOptions {
    /// Waits for one message.
    pub(crate) async fn wait<V>(
        &self,
        message: impl Future<Output = Result<V, tonic::Status>>,
    ) -> Result<V, PullError> {
        match tokio::time::timeout(self.patience, message).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(PullError::Stalled {
                waited: self.patience,
            }),
        }
    }

    /// How long a call that brings about `bytes` may take in all.
    fn whole_call(&self, bytes: u64) -> Duration {
        self.patience + Duration::from_secs(bytes / self.min_rate.max(1))
    }
}
