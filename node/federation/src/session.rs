//! One session with one peer: say hello, watch its heads, and let each head be
//! judged and pulled by the task of its log.
//!
//! What the peer sends is only ever a claim. A claim about a log that fails a proof is
//! that log's trouble, kept on both sides (`log_task`); the session goes on with the others.

use std::{collections::HashMap, convert::Infallible, pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, broadcast, watch},
    task::JoinSet,
};
use wpsx_proto::{
    api::replication::v1::{
        Head, KnownHead, ListHeadsRequest, WatchHeadsRequest, WatchHeadsResponse,
    },
    chain,
    heads::note_hash,
    origin::Origin,
};
use wpsx_store::LogHandle;

use crate::{
    failed_task::pass_panic_on,
    fork_news::{News, tell},
    healing::heal,
    introductions::{MOST_INTRODUCED, hello, may_introduce, still_there},
    line::{Line, bounded},
    link::{Holder, LinkState, Standing},
    log_task::follow_log,
    reporting::refuse,
    trouble::Trouble,
};

/// Logs that are pulled from one peer at the same time.
const AT_ONCE: usize = 4;
/// How long what came over a lost line may take to be stored.
const STORING_BOUND: Duration = Duration::from_secs(10);
/// How often a peer is asked whether it is there.
const STILL_THERE: Duration = Duration::from_secs(60);

/// Why a session is over.
pub(crate) enum Ended {
    /// The line or the peer went away.
    Lost(String),
    /// The peer said something of all its logs that is not so.
    Refused(String),
}

/// A session over an open line.
pub(crate) struct Session<'a> {
    line: Line,
    holder: &'a Holder,
    /// The state of the line once the peer has answered.
    open: LinkState,
}

impl<'a> Session<'a> {
    pub(crate) fn new(line: Line, holder: &'a Holder, open: LinkState) -> Self {
        Self { line, holder, open }
    }

    /// Runs until the line is lost, or an answer that is about no log alone is refused.
    pub(crate) async fn run(self) -> Ended {
        let trouble = match self.watch().await {
            Ok(never) => match never {},
            Err(trouble) => trouble,
        };
        match trouble {
            Trouble::Lost(reason) => Ended::Lost(reason),
            Trouble::Ours(error) => Ended::Lost(chain(&error)),
            Trouble::Lie(lie) => {
                refuse(&self.line, &lie).await;
                Ended::Refused(format!("{}: {}", lie.code, lie.reason))
            }
        }
    }

    async fn watch(&self) -> Result<Infallible, Trouble> {
        let followed = self.line.context.follows.news();
        let mut heads = self.answered(self.begin()).await?;
        self.holder.set_state(self.open);
        let mut watched = Watched::new();
        let Err(trouble) = self.follow_heads(&mut heads, followed, &mut watched).await;
        if matches!(trouble, Trouble::Lost(_)) {
            watched.finish().await;
        }
        Err(trouble)
    }

    /// Says hello and asks for the heads.
    async fn begin(&self) -> Result<tonic::Streaming<WatchHeadsResponse>, Trouble> {
        hello(&self.line).await?;
        let logs = self.line.context.store.logs();
        let request = WatchHeadsRequest {
            known: logs.iter().take(MOST_INTRODUCED).map(known).collect(),
            ..Default::default()
        };
        let heads = bounded(self.line.client().watch_heads(request)).await??;
        Ok(heads.into_inner())
    }

    /// Notes it of a peer that takes connections and does not answer.
    async fn answered<T>(
        &self,
        asked: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let answer = asked.await;
        if matches!(answer, Err(Trouble::Lost(_))) && !self.line.connection.is_closed() {
            self.line.link.set_standing(Standing::Silent);
        }
        answer
    }

    /// Asks now and then whether the peer is there: on a line on which there is nothing to
    /// say, one that hangs looks like one that has nothing new.
    async fn watch_over(&self) -> Trouble {
        loop {
            tokio::time::sleep(STILL_THERE).await;
            if let Err(trouble) = self.answered(still_there(&self.line)).await {
                return trouble;
            }
        }
    }

    async fn follow_heads(
        &self,
        heads: &mut tonic::Streaming<WatchHeadsResponse>,
        mut followed: broadcast::Receiver<Origin>,
        watched: &mut Watched,
    ) -> Result<Infallible, Trouble> {
        let mut telling = pin!(tell(&self.line, News::Forks));
        let mut telling_erasures = pin!(tell(&self.line, News::Erasures));
        let mut watching_over = pin!(self.watch_over());
        let mut healing = pin!(heal(&self.line));
        loop {
            tokio::select! {
                message = heads.message() => {
                    let Some(message) = message? else {
                        return Err(Trouble::Lost("the peer ended the stream of heads".to_owned()));
                    };
                    for head in message.heads {
                        self.take(head, watched);
                    }
                }
                Some(ended) = watched.pulls.join_next(), if !watched.pulls.is_empty() => {
                    pass_panic_on(ended);
                }
                origin = followed.recv() => {
                    let Ok(origin) = origin else {
                        let why = "many logs were added at once; asking for all heads again";
                        return Err(Trouble::Lost(why.to_owned()));
                    };
                    for head in self.heads_of(&origin).await? {
                        self.take(head, watched);
                    }
                }
                trouble = &mut watching_over => return Err(trouble),
                never = &mut telling => match never {},
                never = &mut telling_erasures => match never {},
                never = &mut healing => match never {},
                closed = self.line.connection.closed() => return Err(Trouble::Lost(closed.to_string())),
            }
        }
    }

    /// Gives a head to the task of its log, if we follow that log or the peer may
    /// introduce it.
    fn take(&self, head: Head, watched: &mut Watched) {
        if let Some(latest) = watched.logs.get(&head.origin) {
            latest.send_replace(head);
            return;
        }
        let line = &self.line;
        let ours = Origin::parse(&head.origin).is_ok_and(|origin| {
            line.context.store.log(&origin).is_some()
                || watched.logs.len() < 2 * MOST_INTRODUCED && may_introduce(line, &origin)
        });
        if !ours {
            line.link.told_unknown(&head.origin);
            return;
        }
        let (latest, heads) = watch::channel(head.clone());
        watched.logs.insert(head.origin, latest);
        let task = follow_log(line.clone(), heads, watched.places.clone());
        watched.pulls.spawn(task);
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
}

/// The logs of which a session has seen a head that counts, each with its task.
struct Watched {
    logs: HashMap<String, watch::Sender<Head>>,
    pulls: JoinSet<()>,
    places: Arc<Semaphore>,
}

impl Watched {
    fn new() -> Self {
        Self {
            logs: HashMap::new(),
            pulls: JoinSet::new(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
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
