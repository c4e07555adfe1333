//! One session with one peer: say hello, watch its heads, and let each head be
//! judged and pulled by a task of its log.
//!
//! What the peer sends is only ever a claim. A claim that fails a proof ends
//! the session with the reason, told to the peer and kept on both sides.

use std::{collections::HashMap, convert::Infallible, pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, broadcast, mpsc, watch},
    task::JoinSet,
};
use wpsx_domain::NodeError;
use wpsx_proto::{
    api::replication::v1::{
        Head, KnownHead, ListHeadsRequest, ReportRefusalRequest, WatchHeadsRequest,
        WatchHeadsResponse,
    },
    chain,
    heads::note_hash,
    index::TreeSize,
    origin::Origin,
};
use wpsx_store::LogHandle;

use crate::{
    erasures::{Read, carry_out},
    failed_task::pass_panic_on,
    fill::Asked,
    fork_news::tell_forks,
    introductions::{MOST_INTRODUCED, hello, wants},
    line::{CALL_BOUND, Line, bounded},
    own_heads::look_at_own,
    pull::pull,
    pull_end::PullEnd,
    refusals::{Refusal, Side},
    trouble::{Ended, Lie, Trouble},
};

/// Logs that are pulled from one peer at the same time.
const AT_ONCE: usize = 4;
/// How long what came over a lost line may take to be stored.
const STORING_BOUND: Duration = Duration::from_secs(10);

/// A session over an open line.
pub(crate) struct Session {
    line: Line,
}

impl Session {
    pub(crate) fn new(line: Line) -> Self {
        Self { line }
    }

    /// Runs until the line is lost or an answer is refused.
    pub(crate) async fn run(self) -> Ended {
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

    /// Keeps the refusal here and tells the peer.
    async fn refuse(&self, lie: &Lie) {
        let (context, peer) = (&self.line.context, &self.line.peer);
        context
            .refusals
            .record(peer.name(), Side::Ours, &lie.origin, lie.code, &lie.reason);
        // The peer takes no longer fields, and a liar's words are part of the reason.
        let short = Refusal::at(0, &lie.origin, lie.code, &lie.reason);
        let report = ReportRefusalRequest {
            origin: short.origin,
            code: short.code,
            reason: short.reason,
        };
        let told =
            tokio::time::timeout(CALL_BOUND, self.line.client().report_refusal(report)).await;
        if !matches!(told, Ok(Ok(_))) {
            tracing::debug!(
                peer = peer.name(),
                "the peer could not be told of the refusal"
            );
        }
    }

    async fn watch(&self, worked: &mut bool) -> Result<Infallible, Trouble> {
        let followed = self.line.context.follows.news();
        hello(&self.line).await?;
        let logs = self.line.context.store.logs();
        let request = WatchHeadsRequest {
            known: logs.iter().take(MOST_INTRODUCED).map(known).collect(),
            ..Default::default()
        };
        let mut heads = bounded(self.line.client().watch_heads(request))
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
        let mut telling = pin!(tell_forks(&self.line));
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
                Some(ended) = watched.pulls.join_next(), if !watched.pulls.is_empty() => {
                    pass_panic_on(ended);
                }
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
                closed = self.line.connection.closed() => return Err(Trouble::Lost(closed.to_string())),
            }
        }
    }

    /// Gives a head to the task of its log, if we follow that log.
    async fn take(&self, head: Head, watched: &mut Watched) -> Result<(), Trouble> {
        if let Some(latest) = watched.logs.get(&head.origin) {
            latest.send_replace(head);
        } else if wants(&self.line, &head).await? {
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
            known: self
                .line
                .context
                .store
                .log(origin)
                .iter()
                .map(known)
                .collect(),
            origins: vec![origin.to_string()],
            ..Default::default()
        };
        let mut answer = bounded(self.line.client().list_heads(request))
            .await??
            .into_inner();
        answer.heads.retain(|head| head.origin == origin.as_str());
        Ok(answer.heads)
    }

    /// The task that judges and pulls the heads of one log, one after the other.
    fn log_task(
        &self,
        mut heads: watch::Receiver<Head>,
        at_once: Arc<Semaphore>,
        troubles: mpsc::Sender<Trouble>,
    ) -> impl Future<Output = ()> + use<> {
        let line = self.line.clone();
        async move {
            let mut asked = Asked::nothing();
            let mut read = Read::default();
            loop {
                let head = heads.borrow_and_update().clone();
                let done = async {
                    let _place = at_once
                        .acquire()
                        .await
                        .map_err(|_| Trouble::Lost("the session ended".to_owned()))?;
                    look_at(&line, &head, &mut asked, &mut read).await
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
        let stored = async {
            while let Some(ended) = self.pulls.join_next().await {
                pass_panic_on(ended);
            }
        };
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
    line: &Line,
    head: &Head,
    asked: &mut Asked,
    read: &mut Read,
) -> Result<PullEnd, Trouble> {
    let origin = Origin::parse(&head.origin)
        .map_err(|e| Trouble::lie(&head.origin, "wrong-origin", chain(&e)))?;
    let context = &line.context;
    let Some(log) = context.store.log(&origin) else {
        return Ok(PullEnd::Done);
    };
    if log.is_own() {
        look_at_own(context, &line.peer, head)?;
    }
    if context.forks.stopped(&origin) {
        return carry_out(line, &log, head, read).await;
    }
    if log.is_own() {
        return Ok(PullEnd::Done);
    }
    if log.stored() == TreeSize::ZERO
        && log.pending().is_none()
        && let Some(chosen) = context.forks.chosen(&origin)
    {
        // The operator decided: only what extends this tree is pulled.
        let kept = context.store.set_pending(&origin, chosen).await;
        kept.map_err(NodeError::from)?;
    }
    pull(line, &origin, head, asked).await
}
