//! One head of one log from one peer: judge it, and pull what is missing.
//!
//! Each verified package is stored as it comes, so an interruption costs the
//! packages in flight and nothing else. Storing runs ahead of the answers of
//! the disk by a bounded number of packages, and the head is handed in behind the
//! last one, so that little news is synced to the disk once: it is proven, whatever
//! the peer does after that.

use futures::{StreamExt as _, future::BoxFuture, stream::FuturesOrdered};
use tokio::sync::Semaphore;
use wpsx_client::pull::{
    Held, Judgement, Known, PullError, PullOptions, Puller, Source, Step, judge,
};
use wpsx_domain::NodeError;
use wpsx_proto::{
    api::replication::v1::Head,
    checkpoint::VerifiedCheckpoint,
    origin::{Audience, Origin},
};
use wpsx_store::{LogHandle, StoreError};

use crate::{
    fill::{Asked, erased, fill, lacks_payloads},
    line::Line,
    pace::Pace,
    peers::Peer,
    place::lease_and_place,
    pull_end::{PullEnd, failed},
    trouble::Trouble,
};

/// Packages whose storing may be under way at once.
const STORING: usize = 64;

/// Pulls `head` of `origin` from a peer, once one of `places` and the log's lease are free.
pub(crate) async fn pull(
    line: &Line,
    origin: &Origin,
    head: &Head,
    places: &Semaphore,
    asked: &mut Asked,
) -> Result<PullEnd, Trouble> {
    let (context, peer) = (&line.context, &line.peer);
    let store = &context.store;
    let Some(log) = store.log(origin) else {
        return Ok(PullEnd::Passed);
    };
    // Where nothing is to be fetched, nobody waits for the log's turn.
    if let Need::Nothing(end) = need(line, &log, head, asked).await? {
        return Ok(end);
    }
    let (lease, _place) = lease_and_place(&context.leases, places, origin).await?;
    // While it waited the log may have been stopped, or dropped and begun anew.
    let Some(log) = store.log(origin).filter(|_| !context.forks.stopped(origin)) else {
        return Ok(PullEnd::Passed);
    };
    match need(line, &log, head, asked).await? {
        Need::Nothing(end) => return Ok(end),
        Need::Payloads => return fill(line, &log, &lease, asked).await,
        Need::Entries => {}
    }
    let held = held(&log)?;
    let puller = Puller::new(line.connection.clone(), origin.clone(), log.key())
        .with_options(line.pull_options());
    let mut steps = puller.pull(held, head.clone(), erased(&log));
    let mut storing: FuturesOrdered<BoxFuture<'_, Result<(), Trouble>>> = FuturesOrdered::new();
    let mut pace = Pace::begin();
    let mut verified = 0;
    let mut target = None;
    loop {
        let step = tokio::select! {
            step = steps.next() => step,
            Some(stored) = storing.next(), if !storing.is_empty() => {
                let () = stored?;
                continue;
            }
            () = pace.too_slow(&lease) => {
                while let Some(stored) = storing.next().await {
                    stored?;
                }
                if let Some(left_out) = context.quiet.may_say(peer.name(), "slow") {
                    tracing::info!(%origin, peer = peer.name(), left_out, "slow: another peer goes first");
                }
                return Ok(PullEnd::GaveWay);
            }
        };
        let Some(step) = step else { break };
        let step = match step {
            Ok(step) => step,
            Err(error) => {
                while let Some(stored) = storing.next().await {
                    stored?;
                }
                return failed(&context.forks, origin, error);
            }
        };
        match step {
            Step::Target(checkpoint) => {
                let pending = store.set_pending(origin, checkpoint.clone()).await;
                pending.map_err(NodeError::Store)?;
                target = Some(checkpoint);
            }
            Step::Package {
                package,
                frames,
                uncovered,
            } => {
                let count = package.leaves().len() as u64;
                pace.count(count);
                line.link.count(count);
                verified += count;
                let end = package.end();
                let stored = store.submit_extend(package, frames, uncovered).await;
                let stored = stored.map_err(NodeError::Store)?;
                storing.push_back(Box::pin(async move { stored.await.map_err(ours) }));
                if let Some(target) = target.take_if(|target| target.size() == end) {
                    let head = store.submit_head(origin, target).await;
                    let head = head.map_err(NodeError::Store)?;
                    storing.push_back(Box::pin(async move { head.await.map(drop).map_err(ours) }));
                }
                while storing.len() >= STORING {
                    if let Some(stored) = storing.next().await {
                        stored?;
                    }
                }
            }
            Step::Head(theirs) => {
                while let Some(stored) = storing.next().await {
                    stored?;
                }
                let size = theirs.size();
                if target.take().is_some() {
                    let head = store.commit_head(origin, theirs).await;
                    head.map_err(NodeError::Store)?;
                }
                tracing::debug!(%origin, %size, peer = peer.name(), "head stored");
            }
        }
    }
    // What an earlier line broke off before is asked for now.
    Ok(match fill(line, &log, &lease, asked).await? {
        PullEnd::Done { verified: filled } => PullEnd::Done {
            verified: verified + filled,
        },
        other => other,
    })
}

fn ours(error: StoreError) -> Trouble {
    Trouble::Ours(NodeError::Store(error))
}

/// What has to be fetched for a head.
enum Need {
    Nothing(PullEnd),
    Payloads,
    Entries,
}

/// Judges `head`, and says what it takes to have all of it.
async fn need(line: &Line, log: &LogHandle, head: &Head, asked: &Asked) -> Result<Need, Trouble> {
    let (context, origin) = (&line.context, log.origin());
    let told = |theirs: &VerifiedCheckpoint| {
        line.link.told(origin.as_str(), theirs.size().value());
    };
    match look(log, head)? {
        Judgement::Same(theirs) => {
            told(&theirs);
            if log.head().is_none_or(|held| held.size() != theirs.size()) {
                return Ok(Need::Entries);
            }
            let cosigners = context.cosigners();
            context
                .store
                .merge_cosignatures(origin, &theirs, &cosigners);
            Ok(match lacks_payloads(line, log, asked) {
                true => Need::Payloads,
                false => Need::Nothing(PullEnd::Done { verified: 0 }),
            })
        }
        Judgement::Behind(theirs) => {
            told(&theirs);
            if hosts(&line.peer, origin) {
                return ask_the_publisher(line, log).await.map(Need::Nothing);
            }
            Ok(Need::Nothing(PullEnd::Passed))
        }
        Judgement::Smaller(theirs) => {
            told(&theirs);
            Ok(Need::Nothing(PullEnd::Later(theirs.size())))
        }
        Judgement::New(theirs) | Judgement::Unproven(theirs) => {
            told(&theirs);
            Ok(Need::Entries)
        }
        Judgement::Fork(fork) => {
            context.forks.record(*fork)?;
            Ok(Need::Nothing(PullEnd::Passed))
        }
        Judgement::Refused(error) => Err(Trouble::refused(origin, &error)),
    }
}

/// Whether the log's publisher lives on the peer's node.
fn hosts(peer: &Peer, origin: &Origin) -> bool {
    let publishers = peer.card.publishers().iter();
    publishers
        .map(|identity| identity.origin(Audience::Public))
        .any(|hosted| hosted == *origin)
}

/// A smaller head of the publisher's own node may only have been overtaken by a relay.
/// What the publisher says when asked now must not be smaller than what we hold of it.
async fn ask_the_publisher(line: &Line, log: &LogHandle) -> Result<PullEnd, Trouble> {
    let options = PullOptions {
        source: Source::Publisher,
        ..line.pull_options()
    };
    let puller =
        Puller::new(line.connection.clone(), log.origin().clone(), log.key()).with_options(options);
    let held = held(log)?;
    let (origin, forks) = (log.origin(), &line.context.forks);
    let head = match puller.head(&held).await {
        Ok(Some(head)) => head,
        Ok(None) => return Ok(PullEnd::Done { verified: 0 }),
        Err(error) => return failed(forks, origin, error),
    };
    // Our own tree says more of a smaller head than the publisher would prove.
    match look(log, &head)? {
        Judgement::Behind(theirs) => {
            let rolled_back = PullError::RolledBack {
                origin: origin.clone(),
                theirs: theirs.size(),
                ours: log.pending().map_or(log.stored(), |pending| pending.size()),
            };
            return Err(Trouble::refused(origin, &rolled_back));
        }
        Judgement::Smaller(theirs) => return Ok(PullEnd::Later(theirs.size())),
        Judgement::Fork(fork) => {
            forks.record(*fork)?;
            return Ok(PullEnd::Passed);
        }
        Judgement::Refused(error) => return Err(Trouble::refused(origin, &error)),
        Judgement::New(_) | Judgement::Unproven(_) | Judgement::Same(_) => {}
    }
    match puller.prove(&held, &head).await {
        Ok(_) => Ok(PullEnd::Done { verified: 0 }),
        Err(error) => failed(forks, origin, error),
    }
}

fn held(log: &LogHandle) -> Result<Held, NodeError> {
    let pending = log.pending().map(|pending| (*pending).clone());
    Held::of(log, log.stored(), pending).map_err(NodeError::Store)
}

fn look(log: &LogHandle, head: &Head) -> Result<Judgement, Trouble> {
    let (held, pending) = (log.head(), log.pending());
    let known = Known {
        head: held.as_deref(),
        pending: pending.as_deref(),
        stored: log.stored(),
    };
    Ok(judge(head, log.origin(), &log.key(), log, known).map_err(NodeError::Store)?)
}
