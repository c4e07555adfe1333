//! What all peers show of our own logs, compared with what is stored and with each other.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::join_all;
use wpsx_client::pull::{Held, Judgement, Known, PullError, Puller, judge};
use wpsx_domain::{NodeError, publishing::PublisherKeys};
use wpsx_proto::{
    api::replication::v1::{GetIdentityRequest, Head},
    chain,
    checkpoint::{SignedCheckpoint, VerifiedCheckpoint},
    identity::Identity,
    note::VerifierKey,
    origin::{Audience, Origin, PublisherName},
    tree::Frontier,
};
use wpsx_store::LogHandle;

use crate::{
    context::Context,
    forks::Decision,
    line::{Line, bounded},
    peers::Peer,
};

/// How long one peer may take to be reached and to answer.
const BOUND: Duration = Duration::from_secs(30);

/// What one peer shows.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The peer.
    pub peer: String,
    /// The log; empty where the peer could not be asked.
    pub origin: String,
    /// Entries that are stored here.
    pub held: u64,
    /// Entries of its head.
    pub size: u64,
    /// The newest time in that head's cosignatures, in seconds since 1970; 0: unknown.
    pub time: u64,
    /// Why it could not be asked, or why what it shows does not count.
    pub reason: String,
}

/// An own log of which a peer shows more than is stored.
pub(crate) struct Lost {
    /// The largest head that any peer shows.
    pub(crate) theirs: VerifiedCheckpoint,
    /// All peers that show the log, those with the largest heads first: where one breaks
    /// off, the next goes on.
    pub(crate) tellers: Vec<Told>,
    /// All peers that could be asked.
    pub(crate) lines: Vec<Line>,
}

impl Lost {
    /// Those that show the largest head.
    fn largest(&self) -> impl Iterator<Item = &Told> {
        let is_largest = |told: &&Told| {
            let (one, other) = (&told.theirs, &self.theirs);
            one.size() == other.size() && one.root() == other.root()
        };
        self.tellers.iter().filter(is_largest)
    }
}

/// What was found out.
pub(crate) struct Survey {
    lines: Vec<Line>,
    /// The lines that were opened for this alone.
    dialled: Vec<Line>,
    shown: Vec<Shown>,
    lost: Vec<Lost>,
    /// Heads that count, of each log, with who shows them.
    heads: BTreeMap<Origin, Vec<Told>>,
}

/// A line over which a peer is asked.
struct Asking {
    line: Line,
    dialled: Option<Line>,
}

impl Asking {
    fn over(line: Line) -> Self {
        Self {
            line,
            dialled: None,
        }
    }

    fn dialled(line: Line) -> Self {
        Self {
            dialled: Some(line.clone()),
            line,
        }
    }
}

impl Drop for Survey {
    fn drop(&mut self) {
        for line in &self.dialled {
            line.connection.close();
        }
    }
}

/// A head of an own log, signed with its key.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) identity: Identity,
    pub(crate) head: Head,
    pub(crate) theirs: VerifiedCheckpoint,
    pub(crate) line: Line,
}

/// An own log: stored, or known by its key alone.
struct Own {
    origin: Origin,
    key: VerifierKey,
    log: Option<LogHandle>,
}

impl Survey {
    /// Asks every peer that can be dialled, all at once.
    ///
    /// # Errors
    /// No peer can be asked, or our files cannot be read.
    pub(crate) async fn of(
        context: &Arc<Context>,
        keys: &dyn PublisherKeys,
    ) -> Result<Self, NodeError> {
        let own = own_logs(context, keys)?;
        let mut survey = Self {
            lines: Vec::new(),
            dialled: Vec::new(),
            shown: Vec::new(),
            lost: Vec::new(),
            heads: BTreeMap::new(),
        };
        let peers = context.peers.all();
        let dialled = join_all(peers.iter().map(|peer| dial(context, peer))).await;
        for (peer, line) in peers.iter().zip(dialled) {
            match line {
                Ok(asking) => {
                    survey.dialled.extend(asking.dialled);
                    survey.lines.push(asking.line);
                }
                Err(reason) => survey.shown.push(Shown {
                    peer: peer.name().to_owned(),
                    reason,
                    ..Shown::default()
                }),
            }
        }
        if survey.lines.is_empty() {
            let reasons: Vec<String> = survey.shown.iter().map(told).collect();
            let reasons = match reasons.is_empty() {
                true => "there is none; add one with `wpsx peer add`".to_owned(),
                false => reasons.join("; "),
            };
            return Err(NodeError::ReadOnly(format!(
                "no peer can be asked what it holds: {reasons}"
            )));
        }
        for line in survey.lines.clone() {
            for own in &own {
                survey.ask(context, &line, own).await?;
            }
        }
        survey.find_lost(&own);
        Ok(survey)
    }

    /// One line for each peer and log.
    pub(crate) fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// The logs that lack something.
    pub(crate) fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// Entries that are missing, in all.
    pub(crate) fn missing(&self) -> u64 {
        let missing = self.lost.iter().map(|lost| {
            let own = self
                .shown
                .iter()
                .filter(|shown| shown.origin == lost.theirs.origin().as_str());
            let held = own.map(|shown| shown.held).max().unwrap_or_default();
            lost.theirs.size().value().saturating_sub(held)
        });
        missing.sum()
    }

    /// Makes sure that all peers show one history, and that nothing that was seen before
    /// is nowhere now.
    ///
    /// # Errors
    /// It is not so. Evidence of two histories is kept.
    pub(crate) async fn check(&self, context: &Context) -> Result<(), NodeError> {
        for lost in &self.lost {
            let heads = self.heads.get(lost.theirs.origin());
            for told in heads.into_iter().flatten() {
                one_tree(context, lost, told).await?;
            }
        }
        let origins: Vec<&Origin> = self.heads.keys().collect();
        for log in context.store.logs().iter().filter(|log| log.is_own()) {
            if context.forks.stopped(log.origin()) {
                return Err(NodeError::Stopped(log.origin().to_string()));
            }
            let Some(seen) = context.ahead.of(log.origin()) else {
                continue;
            };
            let lost = self
                .lost
                .iter()
                .find(|lost| lost.theirs.origin() == log.origin());
            let shown = lost.map_or(log.stored().value(), |lost| lost.theirs.size().value());
            if shown < seen.size {
                let asked = match origins.contains(&log.origin()) {
                    true => "the peers that can be reached show less",
                    false => "no peer that can be reached shows the log",
                };
                return Err(NodeError::ReadOnly(format!(
                    "peer {} has seen {} entries of {}, and {asked}; signing on would fork the \
                     log; run `wpsx recover` when that peer can be reached",
                    seen.peer,
                    seen.size,
                    log.origin()
                )));
            }
        }
        Ok(())
    }

    async fn ask(&mut self, context: &Context, line: &Line, own: &Own) -> Result<(), NodeError> {
        let held = own.log.as_ref().map_or(0, |log| log.stored().value());
        let mut shown = Shown {
            peer: line.peer.name().to_owned(),
            origin: own.origin.to_string(),
            held,
            ..Shown::default()
        };
        let asked = tokio::time::timeout(BOUND, told_by(line, own)).await;
        match asked.unwrap_or_else(|_| Err("it did not answer in time".to_owned())) {
            Ok(None) => shown.reason = "it does not hold this log".to_owned(),
            Err(reason) => shown.reason = reason,
            Ok(Some(told)) => {
                shown.size = told.theirs.size().value();
                let cosignatures = told.theirs.cosignatures(&context.cosigners());
                shown.time = cosignatures.iter().map(|one| one.time).max().unwrap_or(0);
                match compare(context, own, &told).await? {
                    Ok(()) => self.heads.entry(own.origin.clone()).or_default().push(told),
                    Err(reason) => shown.reason = reason,
                }
            }
        }
        self.shown.push(shown);
        Ok(())
    }

    /// Of each log the largest head, where that is more than is stored.
    fn find_lost(&mut self, own: &[Own]) {
        for own in own {
            let mut tellers = self.heads.get(&own.origin).cloned().unwrap_or_default();
            tellers.sort_by_key(|told| Reverse(told.theirs.size()));
            let Some(largest) = tellers.first() else {
                continue;
            };
            let stored = own.log.as_ref();
            let whole = stored.and_then(|log| {
                let head = log.head()?;
                (head.size() >= largest.theirs.size() && head.size() == log.stored()).then_some(())
            });
            if whole.is_some() {
                continue;
            }
            self.lost.push(Lost {
                theirs: largest.theirs.clone(),
                tellers,
                lines: self.lines.clone(),
            });
        }
    }
}

/// What is stored of an own log, under its head if that covers all of it.
pub(crate) fn held(log: &LogHandle) -> Result<Held, NodeError> {
    let head = log.head().filter(|head| head.size() == log.stored());
    Ok(Held::of(
        log,
        log.stored(),
        head.map(|head| (*head).clone()),
    )?)
}

/// The own logs that are stored, and those of keys without a log.
fn own_logs(context: &Context, keys: &dyn PublisherKeys) -> Result<Vec<Own>, NodeError> {
    let stored = context.store.logs().into_iter();
    let mut own: Vec<Own> = stored
        .filter(LogHandle::is_own)
        .map(|log| Own {
            origin: log.origin().clone(),
            key: log.key(),
            log: Some(log),
        })
        .collect();
    for signer in keys.kept()? {
        let Ok(name) = PublisherName::parse(signer.name()) else {
            continue;
        };
        let origin = Origin::new(&name, Audience::Public);
        if own.iter().any(|own| own.origin == origin) {
            continue;
        }
        let named = signer.named(origin.as_str());
        let named = named.map_err(|e| NodeError::Internal(chain(&e)))?;
        own.push(Own {
            key: named.verifier_key(),
            origin,
            log: None,
        });
    }
    Ok(own)
}

async fn dial(context: &Arc<Context>, peer: &Arc<Peer>) -> Result<Asking, String> {
    let line = |connection| Line {
        context: context.clone(),
        peer: peer.clone(),
        connection,
        speed: Arc::default(),
        link: context.links.of(peer.name()),
    };
    let why = match peer.card.endpoints().is_empty() {
        true => {
            "it has to connect first: start this node with `wpsx serve` and ask again".to_owned()
        }
        // A line of our own: that of the session ends when the session does.
        false => match tokio::time::timeout(BOUND, context.dial(peer)).await {
            Ok(Ok(connection)) => return Ok(Asking::dialled(line(connection))),
            Ok(Err(why)) => why,
            Err(_) => "it cannot be reached in time".to_owned(),
        },
    };
    // That of its session, which the peer may have opened because nobody can dial it.
    let open = context.links.of(peer.name()).open();
    let connection = open.filter(|open| !open.is_closed()).ok_or(why)?;
    Ok(Asking::over(line(connection)))
}

/// The peer's head of an own log; none if it holds nothing of it.
async fn told_by(line: &Line, own: &Own) -> Result<Option<Told>, String> {
    let identity = match &own.log {
        Some(log) => log.identity().clone(),
        None => match identity_by(line, own).await? {
            Some(identity) => identity,
            None => return Ok(None),
        },
    };
    let connection = line.connection.clone();
    let puller = Puller::new(connection, own.origin.clone(), own.key.clone());
    // As if nothing were held: a peer shows only what differs.
    let head = puller.head(&Held::nothing()).await;
    let head = match head {
        Ok(Some(head)) => head,
        Ok(None) => return Ok(None),
        Err(error) => return Err(chain(&error)),
    };
    let theirs = SignedCheckpoint::parse(&head.checkpoint).map_err(|e| chain(&e))?;
    let theirs = theirs
        .verify(&own.key)
        .map_err(|_| "what it shows is not signed with this log's key".to_owned())?;
    if theirs.origin() != &own.origin {
        return Err("what it shows is of another log".to_owned());
    }
    Ok(Some(Told {
        identity,
        head,
        theirs,
        line: line.clone(),
    }))
}

/// The identity of a publisher of whom only the key is here. The key has to be its own.
async fn identity_by(line: &Line, own: &Own) -> Result<Option<Identity>, String> {
    let request = GetIdentityRequest {
        origin: own.origin.to_string(),
    };
    let answer = match bounded(line.client().get_identity(request)).await {
        Ok(Ok(answer)) => answer.into_inner(),
        Ok(Err(status)) if status.code() == tonic::Code::NotFound => return Ok(None),
        Ok(Err(status)) => return Err(status.message().to_owned()),
        Err(_) => return Err("it did not answer in time".to_owned()),
    };
    let identity = Identity::verify(&answer.operations).map_err(|e| chain(&e))?;
    if identity.origin(Audience::Public) != own.origin
        || identity.log_key(&own.origin) != Some(own.key.clone())
    {
        return Err("the identity that it knows by this name has another key".to_owned());
    }
    Ok(Some(identity))
}

/// Whether a head is of the tree that is stored; else why it does not count.
async fn compare(
    context: &Context,
    own: &Own,
    told: &Told,
) -> Result<Result<(), String>, NodeError> {
    let Some(log) = own.log.as_ref().filter(|log| !log.stored().is_empty()) else {
        return Ok(Ok(()));
    };
    let decided = context.forks.decision(log.origin()) == Some(Decision::Keep);
    let fork = if told.theirs.size() > log.stored() {
        let connection = told.line.connection.clone();
        let puller = Puller::new(connection, own.origin.clone(), own.key.clone());
        match puller.prove(&held(log)?, &told.head).await {
            Ok(_) => return Ok(Ok(())),
            Err(PullError::Fork(fork)) => fork,
            Err(error) => return Ok(Err(chain(&error))),
        }
    } else {
        let head = log.head();
        let known = Known {
            head: head.as_deref(),
            pending: head.as_deref(),
            stored: log.stored(),
        };
        match judge(&told.head, log.origin(), &log.key(), log, known)? {
            Judgement::Fork(fork) => fork,
            Judgement::Refused(error) => return Ok(Err(chain(&error))),
            _ => return Ok(Ok(())),
        }
    };
    context.forks.record(*fork)?;
    match decided {
        true => Ok(Err("it is of the tree that was decided against".to_owned())),
        false => Err(NodeError::Stopped(log.origin().to_string())),
    }
}

/// Another peer's head has to be of the tree that is to be pulled. Whoever shows that tree
/// may prove it.
async fn one_tree(context: &Context, lost: &Lost, told: &Told) -> Result<(), NodeError> {
    if told.theirs.size() == lost.theirs.size() && told.theirs.root() == lost.theirs.root() {
        return Ok(());
    }
    let origin = lost.theirs.origin();
    let other = Held {
        frontier: Frontier::empty(),
        open: Vec::new(),
        verified: Some(told.theirs.clone()),
    };
    let mut reasons = Vec::new();
    for teller in lost.largest() {
        let connection = teller.line.connection.clone();
        let puller = Puller::new(connection, origin.clone(), lost.theirs.key().clone());
        match puller.prove(&other, &teller.head).await {
            Ok(_) => return Ok(()),
            Err(PullError::Fork(fork)) => {
                context.forks.record(*fork)?;
                return Err(NodeError::Stopped(origin.to_string()));
            }
            Err(error) => reasons.push(format!("{}: {}", teller.line.peer.name(), chain(&error))),
        }
    }
    Err(NodeError::ReadOnly(format!(
        "nobody proves that what peer {} shows of {origin} is of the same tree as what others \
         show: {}",
        told.line.peer.name(),
        reasons.join("; ")
    )))
}

fn told(shown: &Shown) -> String {
    format!("{}: {}", shown.peer, shown.reason)
}
