//! One session with one peer: say hello, watch its heads, and let each head be
//! judged and pulled by a task of its log.
//!
//! What the peer sends is only ever a claim. A claim that fails a proof ends
//! the session with the reason, told to the peer and kept on both sides.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{Semaphore, broadcast, mpsc, watch},
    task::JoinSet,
};
use tonic::Code;
use wpsx_client::{
    pull::{Fault, MAX_MESSAGE, PullError},
    transport::Connection,
};
use wpsx_proto::{
    api::{
        log::v1::ForkEvidence,
        replication::v1::{
            GetIdentityRequest, Head, HelloRequest, KnownHead, ListHeadsRequest, ReportForkRequest,
            ReportRefusalRequest, WatchHeadsRequest, WatchHeadsResponse,
            replication_service_client::ReplicationServiceClient,
        },
    },
    card::NodeCard,
    identity::Identity,
    origin::{Audience, Origin},
};

use crate::{
    capabilities,
    error::{NodeError, chain},
    heads::note_hash,
    node::Node,
    peers::Peer,
    refusals::Side,
    replicate::{
        compare::look_at_own,
        pull::{self, Asked, PullEnd},
    },
    store::LogHandle,
};

/// Logs that are pulled from one peer at the same time.
const AT_ONCE: usize = 4;
/// How long a call with one answer may take.
const CALL_BOUND: Duration = Duration::from_secs(20);
/// A peer that does not know a log yet is told of its fork again after this time.
const TELL_AGAIN: Duration = Duration::from_secs(10);
/// How long what came over a lost line may take to be stored.
const STORING_BOUND: Duration = Duration::from_secs(10);
/// Logs that one peer may make us know of.
const MOST_INTRODUCED: usize = 1_000;

type Client = ReplicationServiceClient<Connection>;

/// Why a session is over.
pub(super) enum Ended {
    /// The line or the peer went away.
    Lost {
        /// For `wpsx status`.
        reason: String,
        /// The session had come to watching heads.
        worked: bool,
    },
    /// The peer said something that is not so.
    Refused(String),
}

/// An answer that a proof or a rule refuses.
#[derive(Debug, Clone)]
pub(super) struct Lie {
    pub(super) origin: String,
    pub(super) code: &'static str,
    pub(super) reason: String,
}

/// What goes wrong while a head is looked at.
pub(super) enum Trouble {
    Lie(Lie),
    Lost(String),
    Ours(NodeError),
}

impl From<NodeError> for Trouble {
    fn from(error: NodeError) -> Self {
        Self::Ours(error)
    }
}

impl From<tonic::Status> for Trouble {
    fn from(status: tonic::Status) -> Self {
        let lost = format!("{:?}: {}", status.code(), status.message());
        let error = PullError::from(status);
        match error.fault() {
            Fault::Peer => Self::Lie(Lie {
                origin: String::new(),
                code: error.code(),
                reason: chain(&error),
            }),
            Fault::Behind | Fault::Connection | Fault::Ours => Self::Lost(lost),
        }
    }
}

/// A session over an open connection.
pub(super) struct Session {
    node: Node,
    peer: Arc<Peer>,
    connection: Connection,
}

impl Session {
    pub(super) fn new(node: Node, peer: Arc<Peer>, connection: Connection) -> Self {
        Self {
            node,
            peer,
            connection,
        }
    }

    /// Runs until the line is lost or an answer is refused.
    pub(super) async fn run(self) -> Ended {
        let mut worked = false;
        let trouble = match self.watch(&mut worked).await {
            Ok(never) => match never {},
            Err(trouble) => trouble,
        };
        match trouble {
            Trouble::Lost(reason) => Ended::Lost { reason, worked },
            Trouble::Ours(error) => Ended::Lost {
                reason: chain(&error),
                worked,
            },
            Trouble::Lie(lie) => {
                self.refuse(&lie).await;
                Ended::Refused(format!("{}: {}", lie.code, lie.reason))
            }
        }
    }

    fn client(&self) -> Client {
        ReplicationServiceClient::new(self.connection.clone())
            .max_decoding_message_size(MAX_MESSAGE)
    }

    /// Keeps the refusal here and tells the peer.
    async fn refuse(&self, lie: &Lie) {
        self.node.refusals().record(
            self.peer.name(),
            Side::Ours,
            &lie.origin,
            lie.code,
            &lie.reason,
        );
        let report = ReportRefusalRequest {
            origin: lie.origin.clone(),
            code: lie.code.to_owned(),
            reason: lie.reason.clone(),
        };
        let told = tokio::time::timeout(CALL_BOUND, self.client().report_refusal(report)).await;
        if !matches!(told, Ok(Ok(_))) {
            tracing::debug!(
                peer = self.peer.name(),
                "the peer could not be told of the refusal"
            );
        }
    }

    async fn watch(&self, worked: &mut bool) -> Result<Infallible, Trouble> {
        let followed = self.node.followed();
        self.hello().await?;
        let logs = self.node.store().logs();
        let request = WatchHeadsRequest {
            known: logs.iter().take(MOST_INTRODUCED).map(known).collect(),
            ..Default::default()
        };
        let mut heads = bounded(self.client().watch_heads(request))
            .await??
            .into_inner();
        *worked = true;
        let (troubles_tx, troubles) = mpsc::channel::<Trouble>(1);
        let mut watched = Watched::new(troubles_tx);
        let Err(trouble) = self
            .follow_heads(&mut heads, followed, troubles, &mut watched)
            .await;
        if matches!(trouble, Trouble::Lost(_)) {
            watched.finish().await;
        }
        Err(trouble)
    }

    async fn follow_heads(
        &self,
        heads: &mut tonic::Streaming<WatchHeadsResponse>,
        mut followed: broadcast::Receiver<Origin>,
        mut troubles: mpsc::Receiver<Trouble>,
        watched: &mut Watched,
    ) -> Result<Infallible, Trouble> {
        let mut telling = pin!(self.tell_forks());
        loop {
            tokio::select! {
                message = heads.message() => {
                    let Some(message) = message? else {
                        return Err(Trouble::Lost("the peer ended the stream of heads".to_owned()));
                    };
                    for head in message.heads {
                        self.take(head, watched).await?;
                    }
                }
                Some(trouble) = troubles.recv() => return Err(trouble),
                origin = followed.recv() => {
                    let Ok(origin) = origin else {
                        let why = "many logs were added at once; asking for all heads again";
                        return Err(Trouble::Lost(why.to_owned()));
                    };
                    for head in self.heads_of(&origin).await? {
                        self.take(head, watched).await?;
                    }
                }
                never = &mut telling => match never {},
                closed = self.connection.closed() => return Err(Trouble::Lost(closed.to_string())),
            }
        }
    }

    /// Gives a head to the task of its log, if we follow that log.
    async fn take(&self, head: Head, watched: &mut Watched) -> Result<(), Trouble> {
        if let Some(latest) = watched.logs.get(&head.origin) {
            latest.send_replace(head);
        } else if self.wants(&head).await? {
            let (latest, heads) = watch::channel(head.clone());
            watched.logs.insert(head.origin, latest);
            let task = self.log_task(heads, watched.at_once.clone(), watched.troubles.clone());
            watched.pulls.spawn(task);
        }
        Ok(())
    }

    /// The head of one log, if it is not the one that we hold.
    async fn heads_of(&self, origin: &Origin) -> Result<Vec<Head>, Trouble> {
        let request = ListHeadsRequest {
            known: self.node.store().log(origin).iter().map(known).collect(),
            origins: vec![origin.to_string()],
            ..Default::default()
        };
        let mut answer = bounded(self.client().list_heads(request))
            .await??
            .into_inner();
        answer.heads.retain(|head| head.origin == origin.as_str());
        Ok(answer.heads)
    }

    async fn hello(&self) -> Result<(), Trouble> {
        let hello = HelloRequest {
            capabilities: capabilities::ours(),
            software: capabilities::SOFTWARE.to_owned(),
            // Without a card of ours the peer goes on with the one it has.
            card: self
                .node
                .card()
                .map(|card| card.note_bytes())
                .unwrap_or_default(),
        };
        let answer = bounded(self.client().hello(hello)).await??.into_inner();
        self.node
            .links()
            .set_capabilities(self.peer.name(), answer.capabilities);
        if answer.card.is_empty() {
            return Ok(());
        }
        // A newer card of the same node brings new endpoints and keys and, where the
        // peer may introduce, new publishers.
        if let Err(error) = self.node.renew_card(self.peer.name(), &answer.card) {
            return Err(self.lie("", "bad-card", &chain(&error)));
        }
        if self.peer.introduces
            && let Ok(card) = NodeCard::verify(&answer.card)
        {
            for identity in card.publishers() {
                self.introduced(identity);
            }
        }
        Ok(())
    }

    /// Whether this head is of a log that we follow, now or from now on.
    async fn wants(&self, head: &Head) -> Result<bool, Trouble> {
        let Ok(origin) = Origin::parse(&head.origin) else {
            return Err(self.lie(
                &head.origin,
                "wrong-origin",
                "the name of a log is not well-formed",
            ));
        };
        if self.node.store().log(&origin).is_some() {
            return Ok(true);
        }
        if !self.peer.introduces
            || origin.audience() != Some(Audience::Public)
            || self.node.store().logs().len() >= MOST_INTRODUCED
        {
            return Ok(false);
        }
        let request = GetIdentityRequest {
            origin: head.origin.clone(),
        };
        let answer = match bounded(self.client().get_identity(request)).await? {
            Ok(answer) => answer.into_inner(),
            Err(status) if status.code() == Code::NotFound => return Ok(false),
            Err(status) => return Err(status.into()),
        };
        let identity = Identity::verify(&answer.operations)
            .map_err(|e| self.lie(&head.origin, "bad-identity", &chain(&e)))?;
        if identity.origin(Audience::Public) != origin {
            return Err(self.lie(
                &head.origin,
                "bad-identity",
                "the identity that introduces this log has another name",
            ));
        }
        Ok(self.introduced(&identity))
    }

    fn introduced(&self, identity: &Identity) -> bool {
        match self.node.follow(identity) {
            Ok(log) => {
                tracing::debug!(origin = %log.origin(), by = self.peer.name(), "log introduced");
                true
            }
            Err(error) => {
                self.node.refusals().record(
                    self.peer.name(),
                    Side::Ours,
                    identity.origin(Audience::Public).as_str(),
                    "other-identity",
                    &chain(&error),
                );
                false
            }
        }
    }

    fn lie(&self, origin: &str, code: &'static str, reason: &str) -> Trouble {
        Trouble::Lie(Lie {
            origin: origin.to_owned(),
            code,
            reason: reason.to_owned(),
        })
    }

    /// The task that judges and pulls the heads of one log, one after the other.
    fn log_task(
        &self,
        mut heads: watch::Receiver<Head>,
        at_once: Arc<Semaphore>,
        troubles: mpsc::Sender<Trouble>,
    ) -> impl Future<Output = ()> + use<> {
        let node = self.node.clone();
        let peer = self.peer.clone();
        let connection = self.connection.clone();
        async move {
            let mut asked = Asked::nothing();
            loop {
                let head = heads.borrow_and_update().clone();
                let done = async {
                    let _place = at_once
                        .acquire()
                        .await
                        .map_err(|_| Trouble::Lost("the session ended".to_owned()))?;
                    look_at(&node, &peer, &connection, &head, &mut asked).await
                };
                match done.await {
                    Ok(PullEnd::Done) => {}
                    // Someone else waited for the log; stand in line again.
                    Ok(PullEnd::GaveWay) => continue,
                    Err(trouble) => {
                        let _ = troubles.try_send(trouble);
                        return;
                    }
                }
                if heads.changed().await.is_err() {
                    return;
                }
            }
        }
    }

    /// Passes all evidence of forks on, what is known and what comes. A peer that does
    /// not know a log yet is told again.
    async fn tell_forks(&self) -> Infallible {
        let mut news = self.node.fork_news();
        let mut told = HashSet::new();
        loop {
            let mut all_taken = true;
            for shown in self.node.forks().all() {
                if !told.contains(&shown.id) {
                    if self.report_fork(shown.evidence).await {
                        told.insert(shown.id);
                    } else {
                        all_taken = false;
                    }
                }
            }
            tokio::select! {
                _ = news.changed() => {}
                () = tokio::time::sleep(TELL_AGAIN), if !all_taken => {}
            }
        }
    }

    /// Whether the peer took the evidence, or never will.
    async fn report_fork(&self, evidence: ForkEvidence) -> bool {
        let request = ReportForkRequest {
            evidence: Some(evidence),
        };
        let told = tokio::time::timeout(CALL_BOUND, self.client().report_fork(request)).await;
        match told {
            Ok(Ok(_)) => true,
            Ok(Err(status)) => {
                tracing::debug!(peer = self.peer.name(), %status, "evidence of a fork not taken");
                status.code() != Code::NotFound
            }
            Err(_) => false,
        }
    }
}

/// The logs of which a session has seen a head that counts, each with its task.
struct Watched {
    logs: HashMap<String, watch::Sender<Head>>,
    pulls: JoinSet<()>,
    at_once: Arc<Semaphore>,
    troubles: mpsc::Sender<Trouble>,
}

impl Watched {
    fn new(troubles: mpsc::Sender<Trouble>) -> Self {
        Self {
            logs: HashMap::new(),
            pulls: JoinSet::new(),
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            troubles,
        }
    }

    /// The line is lost: lets the pulls store what has come over it already.
    async fn finish(mut self) {
        // A task ends when its log has no sender of heads any more.
        self.logs.clear();
        let stored = async { while self.pulls.join_next().await.is_some() {} };
        if tokio::time::timeout(STORING_BOUND, stored).await.is_err() {
            tracing::info!("a pull over a lost line did not end in time");
        }
    }
}

/// What a peer is told that we know of a log.
fn known(log: &LogHandle) -> KnownHead {
    let held = log.head();
    let pending = log.pending().filter(|pending| {
        held.as_ref()
            .is_none_or(|held| pending.size() > held.size())
    });
    let holes = log.holes();
    // Where not all of it is here, the head is to be told again, which no hash prevents.
    let (tree_size, hash) = match (pending, held) {
        (Some(pending), _) => (pending.size().value(), [0; 8].to_vec()),
        (None, Some(held)) if holes.not_held + holes.filtered > 0 => {
            (held.size().value(), [0; 8].to_vec())
        }
        (None, Some(held)) => (held.size().value(), note_hash(&held.note_bytes()).to_vec()),
        (None, None) => (0, Vec::new()),
    };
    KnownHead {
        origin: log.origin().to_string(),
        tree_size,
        note_hash: hash.into(),
    }
}

async fn look_at(
    node: &Node,
    peer: &Peer,
    connection: &Connection,
    head: &Head,
    asked: &mut Asked,
) -> Result<PullEnd, Trouble> {
    let origin = Origin::parse(&head.origin).map_err(|e| {
        Trouble::Lie(Lie {
            origin: head.origin.clone(),
            code: "wrong-origin",
            reason: chain(&e),
        })
    })?;
    let Some(log) = node.store().log(&origin) else {
        return Ok(PullEnd::Done);
    };
    if log.is_own() {
        look_at_own(node, peer, head)?;
        return Ok(PullEnd::Done);
    }
    if node.forks().stopped(&origin) {
        return Ok(PullEnd::Done);
    }
    pull::pull(node, peer, connection, &origin, head, asked).await
}

async fn bounded<T>(call: impl Future<Output = T>) -> Result<T, Trouble> {
    tokio::time::timeout(CALL_BOUND, call)
        .await
        .map_err(|_| Trouble::Lost("the peer did not answer in time".to_owned()))
}
