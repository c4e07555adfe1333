//! One head of one log from one peer: judge it, and pull what is missing.
//!
//! Each verified package is stored as it comes, so an interruption costs the
//! packages in flight and nothing else. Storing runs ahead of the answers of
//! the disk by a bounded number of packages.

use std::{collections::VecDeque, time::Duration};

use futures::{StreamExt as _, stream::FuturesOrdered};
use tokio::time::Instant;
use wpsx_client::pull::{
    Erased, Fault, Held, Judgement, Known, PayloadFilter, PullError, PullOptions, Puller, Run,
    Source, Step, judge,
};
use wpsx_client::transport::Connection;
use wpsx_proto::{
    api::replication::v1::Head,
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    origin::Origin,
    payload::SlotState,
};

use crate::{
    capabilities,
    error::{NodeError, chain},
    node::Node,
    peers::Peer,
    replicate::session::{Lie, Trouble},
    store::LogHandle,
};

/// Packages whose storing may be under way at once.
const STORING: usize = 64;
/// A holder slower than this gives way to a peer that waits.
const SLOW: u64 = 1_000;
/// How long a holder is left alone before its speed counts.
const TRIAL: Duration = Duration::from_secs(3);
/// Holes that are asked for in one go.
const MOST_HOLES: u64 = 65_536;

/// How a pull ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PullEnd {
    /// Nothing of this head is missing any more, or nothing can be taken from it.
    Done,
    /// Another peer waited for the log and this one was slow.
    GaveWay,
}

/// Pulls `head` of `origin` from `peer`.
pub(super) async fn pull(
    node: &Node,
    peer: &Peer,
    connection: &Connection,
    origin: &Origin,
    head: &Head,
) -> Result<PullEnd, Trouble> {
    let Some(log) = node.store().log(origin) else {
        return Ok(PullEnd::Done);
    };
    let link = node.links().of(peer.name());
    let lease = node.lease(origin).await;
    match look(node, &log, head)? {
        Judgement::Same(theirs) => {
            link.told(origin.as_str(), theirs.size().value());
            if log.head().is_some_and(|held| held.size() == theirs.size()) {
                node.store()
                    .merge_cosignatures(origin, &theirs, &node.cosigners());
                return fill(node, peer, connection, &log)
                    .await
                    .map(|()| PullEnd::Done);
            }
        }
        Judgement::Behind(theirs) => {
            link.told(origin.as_str(), theirs.size().value());
            return Ok(PullEnd::Done);
        }
        Judgement::New(theirs) | Judgement::Unproven(theirs) => {
            link.told(origin.as_str(), theirs.size().value());
        }
        Judgement::Fork(fork) => {
            node.record_fork(*fork)?;
            return Ok(PullEnd::Done);
        }
        Judgement::Refused(error) => return Err(refused(origin, &error)),
    }
    let held = Held::of(&log, log.stored(), log.pending().map(|p| (*p).clone()))
        .map_err(NodeError::Store)?;
    let puller = Puller::new(connection.clone(), origin.clone(), log.key())
        .with_options(options(node, peer));
    let mut steps = puller.pull(held, head.clone(), erased(&log));
    let mut storing = FuturesOrdered::new();
    let (since, mut entries) = (Instant::now(), 0u64);
    loop {
        let step = tokio::select! {
            step = steps.next() => step,
            Some(stored) = storing.next(), if !storing.is_empty() => {
                let () = stored?;
                continue;
            }
        };
        let Some(step) = step else { break };
        match step.map_err(|error| failed(node, origin, error))? {
            Step::Target(target) => {
                node.store()
                    .set_pending(origin, target)
                    .await
                    .map_err(NodeError::Store)?;
            }
            Step::Package {
                package,
                frames,
                uncovered,
            } => {
                let count = package.leaves().len() as u64;
                entries += count;
                link.count(count);
                let stored = node
                    .store()
                    .submit_extend(package, frames, uncovered)
                    .await
                    .map_err(NodeError::Store)?;
                storing.push_back(async move {
                    stored.await.map_err(|e| Trouble::Ours(NodeError::Store(e)))
                });
                while storing.len() >= STORING {
                    if let Some(stored) = storing.next().await {
                        stored?;
                    }
                }
                let slow =
                    since.elapsed() > TRIAL && entries < SLOW * since.elapsed().as_secs().max(1);
                if slow && lease.is_wanted() {
                    while let Some(stored) = storing.next().await {
                        stored?;
                    }
                    tracing::info!(%origin, peer = peer.name(), "slow: another peer goes first");
                    return Ok(PullEnd::GaveWay);
                }
            }
            Step::Head(theirs) => {
                while let Some(stored) = storing.next().await {
                    stored?;
                }
                let head = node
                    .store()
                    .commit_head(origin, theirs)
                    .await
                    .map_err(NodeError::Store)?;
                tracing::debug!(%origin, size = %head.size(), peer = peer.name(), "head stored");
            }
        }
    }
    drop(lease);
    Ok(PullEnd::Done)
}

fn look(node: &Node, log: &LogHandle, head: &Head) -> Result<Judgement, Trouble> {
    let (held, pending) = (log.head(), log.pending());
    let known = Known {
        head: held.as_deref(),
        pending: pending.as_deref(),
    };
    let _ = node;
    Ok(judge(head, log.origin(), &log.key(), log, known).map_err(NodeError::Store)?)
}

fn options(node: &Node, peer: &Peer) -> PullOptions {
    let config = &node.config().replication;
    let kinds: Vec<u32> = match (config.kinds.as_slice(), peer.filter.kinds.as_slice()) {
        ([], kinds) | (kinds, []) => kinds.to_vec(),
        (ours, of_peer) => of_peer
            .iter()
            .copied()
            .filter(|k| ours.contains(k))
            .collect(),
    };
    let countries = if peer.filter.countries.is_empty() {
        config.countries.clone()
    } else {
        peer.filter.countries.clone()
    };
    let all_kinds = config.kinds.is_empty() && peer.filter.kinds.is_empty();
    let listed = node.links().of(peer.name()).capabilities();
    PullOptions {
        payloads: PayloadFilter {
            kinds: (!all_kinds).then(|| kinds.into_iter().collect()),
            max_length: Some(config.max_payload),
            countries,
        },
        zstd: listed.iter().any(|name| name == capabilities::ZSTD),
        source: Source::Relay,
        ..PullOptions::default()
    }
}

fn erased(log: &LogHandle) -> Erased {
    let log = log.clone();
    std::sync::Arc::new(move |index| log.is_erased(index))
}

/// Asks this peer for payloads that are not held for no reason of ours.
async fn fill(
    node: &Node,
    peer: &Peer,
    connection: &Connection,
    log: &LogHandle,
) -> Result<(), Trouble> {
    if log.holes().not_held == 0 {
        return Ok(());
    }
    let runs = {
        let log = log.clone();
        tokio::task::spawn_blocking(move || missing(&log))
            .await
            .map_err(|e| NodeError::Internal(e.to_string()))??
    };
    let puller = Puller::new(connection.clone(), log.origin().clone(), log.key())
        .with_options(options(node, peer));
    let mut frames = puller.fill(runs, erased(log));
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|error| failed(node, log.origin(), error))?;
        node.store()
            .fill(log.origin(), frame)
            .await
            .map_err(NodeError::Store)?;
    }
    Ok(())
}

/// The first entries whose payload is not held, in runs within one bundle.
fn missing(log: &LogHandle) -> Result<Vec<Run>, NodeError> {
    let mut runs: VecDeque<Run> = VecDeque::new();
    let size = log.head().map_or(0, |head| head.size().value());
    let mut found = 0;
    let mut bundle = 0;
    while bundle < size && found < MOST_HOLES {
        let end = (bundle + BUNDLE).min(size);
        let slots = log
            .slots(LeafIndex::new(bundle), LeafIndex::new(end))
            .map_err(NodeError::Store)?;
        let mut open: Option<Run> = None;
        for (index, (state, _)) in (bundle..).zip(slots) {
            if state != SlotState::NotHeld {
                runs.extend(open.take());
                continue;
            }
            found += 1;
            let leaf = Leaf::read(&log.entry(LeafIndex::new(index)).map_err(NodeError::Store)?);
            open.get_or_insert_with(|| Run {
                start: LeafIndex::new(index),
                leaves: Vec::new(),
            })
            .leaves
            .push(leaf);
        }
        runs.extend(open);
        bundle = end;
    }
    Ok(runs.into())
}

/// What a failed pull means for the session.
fn failed(node: &Node, origin: &Origin, error: PullError) -> Trouble {
    if let PullError::Fork(fork) = error {
        return match node.record_fork(*fork) {
            Ok(()) => Trouble::Lost(format!(
                "{origin} is forked; it is stopped, the rest goes on"
            )),
            Err(error) => Trouble::Ours(error),
        };
    }
    match error.fault() {
        Fault::Peer => refused(origin, &error),
        Fault::Behind | Fault::Connection | Fault::Ours => Trouble::Lost(chain(&error)),
    }
}

fn refused(origin: &Origin, error: &PullError) -> Trouble {
    Trouble::Lie(Lie {
        origin: origin.to_string(),
        code: error.code(),
        reason: chain(error),
    })
}
