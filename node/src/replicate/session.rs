//! One session with one peer: say hello, watch its heads, and let each head be
//! judged and pulled by a task of its log.
//!
//! What the peer sends is only ever a claim. A claim that fails a proof ends
//! the session with the reason, told to the peer and kept on both sides.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
};
use tonic::Code;
use wpsx_client::transport::Connection;
use wpsx_proto::{
    api::replication::v1::{
        GetIdentityRequest, Head, HelloRequest, KnownHead, ReportForkRequest, ReportRefusalRequest,
        WatchHeadsRequest, replication_service_client::ReplicationServiceClient,
    },
    card::NodeCard,
    fork::ProvenFork,
    identity::Identity,
    origin::{Audience, Origin},
};

use crate::{
    capabilities,
    error::{NodeError, chain},
    node::Node,
    peers::Peer,
    refusals::Side,
    replicate::{
        compare::look_at_own,
        pull::{self, Asked, PullEnd},
    },
    replication::note_hash,
};

/// Logs that are pulled from one peer at the same time.
const AT_ONCE: usize = 4;
/// How long a call with one answer may take.
const CALL_BOUND: Duration = Duration::from_secs(20);
/// A head message: 64 heads of at most 16 KiB with proofs.
const MOST_MESSAGE: usize = 2 << 20;
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
        Self::Lost(format!("{:?}: {}", status.code(), status.message()))
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
            .max_decoding_message_size(MOST_MESSAGE)
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

    async fn watch(&self, worked: &mut bool) -> Result<std::convert::Infallible, Trouble> {
        let mut fork_news = self.node.fork_news();
        let mut decisions = self.node.fork_decisions();
        self.hello().await?;
        self.pass_on_forks().await;
        let request = WatchHeadsRequest {
            known: self.known(),
            ..Default::default()
        };
        let mut heads = bounded(self.client().watch_heads(request))
            .await??
            .into_inner();
        *worked = true;
        let mut logs: HashMap<String, watch::Sender<Option<Head>>> = HashMap::new();
        let mut pulls = JoinSet::new();
        let (trouble_tx, mut troubles) = mpsc::channel::<Trouble>(1);
        let at_once = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            tokio::select! {
                message = heads.message() => {
                    let Some(message) = message? else {
                        return Err(Trouble::Lost("the peer ended the stream of heads".to_owned()));
                    };
                    for head in message.heads {
                        if let Some(latest) = logs.get(&head.origin) {
                            latest.send_replace(Some(head));
                        } else if self.wants(&head).await? {
                            let (latest, rx) = watch::channel(Some(head.clone()));
                            logs.insert(head.origin, latest);
                            pulls.spawn(self.log_task(rx, at_once.clone(), trouble_tx.clone()));
                        }
                    }
                }
                Some(trouble) = troubles.recv() => return Err(trouble),
                fork = fork_news.recv() => {
                    if let Ok(fork) = fork {
                        self.tell_fork(&fork).await;
                    }
                }
                Ok(()) = decisions.changed() => {
                    // Heads that were passed over while the log was stopped are told anew.
                    return Err(Trouble::Lost("a fork was decided; asking again".to_owned()));
                }
                closed = self.connection.closed() => return Err(Trouble::Lost(closed.to_string())),
            }
        }
    }

    async fn hello(&self) -> Result<(), Trouble> {
        let hello = HelloRequest {
            capabilities: capabilities::ours(),
            software: capabilities::SOFTWARE.to_owned(),
        };
        let answer = bounded(self.client().hello(hello)).await??.into_inner();
        self.node
            .links()
            .set_capabilities(self.peer.name(), answer.capabilities);
        // A newer card of the same node brings new endpoints and, where the peer
        // may introduce, new publishers. Anything else about it changes nothing.
        let Ok(card) = NodeCard::verify(&answer.card) else {
            return Ok(());
        };
        if card.peer_id() == self.peer.id() && self.peer.introduces {
            for identity in card.publishers() {
                self.introduced(identity);
            }
        }
        Ok(())
    }

    fn known(&self) -> Vec<KnownHead> {
        let logs = self.node.store().logs().into_iter();
        logs.map(|log| {
            let head = log.head();
            let pending = log.pending().map_or(0, |pending| pending.size().value());
            let held = head.as_ref().map_or(0, |head| head.size().value());
            let hash = head
                .filter(|_| held >= pending)
                .map(|head| note_hash(&head.note_bytes()));
            KnownHead {
                origin: log.origin().to_string(),
                tree_size: pending.max(held),
                note_hash: hash
                    .map(|hash| Bytes::copy_from_slice(&hash))
                    .unwrap_or_default(),
            }
        })
        .take(MOST_INTRODUCED)
        .collect()
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
        mut heads: watch::Receiver<Option<Head>>,
        at_once: Arc<Semaphore>,
        troubles: mpsc::Sender<Trouble>,
    ) -> impl Future<Output = ()> + use<> {
        let node = self.node.clone();
        let peer = self.peer.clone();
        let connection = self.connection.clone();
        async move {
            let mut asked = Asked::nothing();
            loop {
                let Some(head) = heads.borrow_and_update().clone() else {
                    return;
                };
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

    async fn pass_on_forks(&self) {
        for shown in self.node.forks().all() {
            let request = ReportForkRequest {
                evidence: Some(shown.evidence),
            };
            self.report_fork(request).await;
        }
    }

    async fn tell_fork(&self, fork: &ProvenFork) {
        let evidence = fork.to_api(self.node.clock().unix_ms());
        self.report_fork(ReportForkRequest {
            evidence: Some(evidence),
        })
        .await;
    }

    async fn report_fork(&self, request: ReportForkRequest) {
        let told = tokio::time::timeout(CALL_BOUND, self.client().report_fork(request)).await;
        if let Ok(Err(status)) = told {
            tracing::debug!(peer = self.peer.name(), %status, "evidence of a fork not taken");
        }
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
