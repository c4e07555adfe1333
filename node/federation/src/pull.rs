//! One head of one log from one peer: judge it, and pull what is missing.
//!
//! Each verified package is stored as it comes, so an interruption costs the
//! packages in flight and nothing else. Storing runs ahead of the answers of
//! the disk by a bounded number of packages.

use futures::{StreamExt as _, stream::FuturesOrdered};
use wpsx_client::pull::{Held, Judgement, Known, PullOptions, Puller, Source, Step, judge};
use wpsx_domain::NodeError;
use wpsx_proto::{
    api::replication::v1::Head,
    origin::{Audience, Origin},
};
use wpsx_store::LogHandle;

use crate::{
    fill::{Asked, erased, fill},
    line::Line,
    pace::Pace,
    peers::Peer,
    pull_end::{PullEnd, failed},
    trouble::Trouble,
};

/// Packages whose storing may be under way at once.
const STORING: usize = 64;

/// Pulls `head` of `origin` from `peer`.
pub(crate) async fn pull(
    line: &Line,
    origin: &Origin,
    head: &Head,
    asked: &mut Asked,
) -> Result<PullEnd, Trouble> {
    let (context, peer) = (&line.context, &line.peer);
    let store = &context.store;
    let link = context.links.of(peer.name());
    let lease = context.leases.take(origin).await;
    let Some(log) = store.log(origin) else {
        return Ok(PullEnd::Done);
    };
    match look(&log, head)? {
        Judgement::Same(theirs) => {
            link.told(origin.as_str(), theirs.size().value());
            if log.head().is_some_and(|held| held.size() == theirs.size()) {
                store.merge_cosignatures(origin, &theirs, &context.cosigners());
                return fill(line, &log, &lease, asked).await;
            }
        }
        Judgement::Behind(theirs) => {
            link.told(origin.as_str(), theirs.size().value());
            drop(lease);
            if hosts(peer, origin) {
                return ask_the_publisher(line, &log).await;
            }
            return Ok(PullEnd::Done);
        }
        Judgement::New(theirs) | Judgement::Unproven(theirs) => {
            link.told(origin.as_str(), theirs.size().value());
        }
        Judgement::Fork(fork) => {
            context.forks.record(*fork)?;
            return Ok(PullEnd::Done);
        }
        Judgement::Refused(error) => return Err(Trouble::refused(origin, &error)),
    }
    let held = held(&log)?;
    let puller = Puller::new(line.connection.clone(), origin.clone(), log.key())
        .with_options(line.pull_options());
    let mut steps = puller.pull(held, head.clone(), erased(&log));
    let mut storing = FuturesOrdered::new();
    let mut pace = Pace::begin();
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
                tracing::info!(%origin, peer = peer.name(), "slow: another peer goes first");
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
            Step::Target(target) => {
                let pending = store.set_pending(origin, target).await;
                pending.map_err(NodeError::Store)?;
            }
            Step::Package {
                package,
                frames,
                uncovered,
            } => {
                let count = package.leaves().len() as u64;
                pace.count(count);
                link.count(count);
                let stored = store.submit_extend(package, frames, uncovered).await;
                let stored = stored.map_err(NodeError::Store)?;
                storing.push_back(async move {
                    stored.await.map_err(|e| Trouble::Ours(NodeError::Store(e)))
                });
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
                let head = store.commit_head(origin, theirs).await;
                let head = head.map_err(NodeError::Store)?;
                tracing::debug!(%origin, size = %head.size(), peer = peer.name(), "head stored");
            }
        }
    }
    // What an earlier line broke off before is asked for now.
    fill(line, &log, &lease, asked).await
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
    let proven = async {
        match puller.head(&held).await? {
            Some(head) => puller.prove(&held, &head).await.map(drop),
            None => Ok(()),
        }
    };
    match proven.await {
        Ok(()) => Ok(PullEnd::Done),
        Err(error) => failed(&line.context.forks, log.origin(), error),
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
    };
    Ok(judge(head, log.origin(), &log.key(), log, known).map_err(NodeError::Store)?)
}
