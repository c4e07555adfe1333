//! One head of one log from one peer: judge it, and pull what is missing.
//!
//! Each verified package is stored as it comes, so an interruption costs the
//! packages in flight and nothing else. Storing runs ahead of the answers of
//! the disk by a bounded number of packages.

use std::time::Duration;

use futures::{StreamExt as _, stream::FuturesOrdered};
use tokio::time::{Instant, Interval, interval_at};
use wpsx_client::clock::monotonic;
use wpsx_client::pull::{
    Erased, Fault, Held, Judgement, Known, PayloadFilter, PullError, PullOptions, Puller, Run,
    Source, Step, judge,
};
use wpsx_client::transport::Connection;
use wpsx_proto::{
    api::replication::v1::Head,
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    origin::{Audience, Origin},
    payload::SlotState,
};

use crate::{
    calls::blocking,
    capabilities,
    error::{NodeError, chain},
    node::Node,
    peers::Peer,
    replicate::{
        Lease,
        session::{Lie, Trouble},
    },
    store::LogHandle,
};

/// Packages whose storing may be under way at once.
const STORING: usize = 64;
/// A holder slower than this gives way to a peer that waits.
const SLOW: u64 = 1_000;
/// How long a holder is left alone before its speed counts.
const TRIAL: Duration = Duration::from_secs(3);
/// How often its speed is looked at then.
const LOOK_UP: Duration = Duration::from_millis(250);
/// Holes that are asked for in one go.
const MOST_HOLES: u64 = 65_536;
/// A peer that did not hold a payload is asked for it again after this time.
const ASK_AGAIN: Duration = Duration::from_secs(3600);

/// How a pull ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PullEnd {
    /// Nothing of this head is missing any more, or nothing can be taken from it.
    Done,
    /// Another peer waited for the log and this one was slow.
    GaveWay,
}

/// How far one peer was asked for the payloads that a log lacks, so that it is not
/// asked at each of its heads for what it does not hold.
#[derive(Debug)]
pub(super) struct Asked {
    upto: u64,
    since: Instant,
}

impl Asked {
    /// Nothing was asked for yet.
    pub(super) fn nothing() -> Self {
        Self {
            upto: 0,
            since: monotonic(),
        }
    }
}

/// Pulls `head` of `origin` from `peer`.
pub(super) async fn pull(
    node: &Node,
    peer: &Peer,
    connection: &Connection,
    origin: &Origin,
    head: &Head,
    asked: &mut Asked,
) -> Result<PullEnd, Trouble> {
    let link = node.links().of(peer.name());
    let lease = node.lease(origin).await;
    let Some(log) = node.store().log(origin) else {
        return Ok(PullEnd::Done);
    };
    match look(&log, head)? {
        Judgement::Same(theirs) => {
            link.told(origin.as_str(), theirs.size().value());
            if log.head().is_some_and(|held| held.size() == theirs.size()) {
                node.store()
                    .merge_cosignatures(origin, &theirs, &node.cosigners());
                return fill(node, peer, connection, &log, &lease, asked).await;
            }
        }
        Judgement::Behind(theirs) => {
            link.told(origin.as_str(), theirs.size().value());
            drop(lease);
            if hosts(peer, origin) {
                return ask_the_publisher(node, peer, connection, &log).await;
            }
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
    let held = held(&log)?;
    let puller = Puller::new(connection.clone(), origin.clone(), log.key())
        .with_options(options(node, peer));
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
                return failed(node, origin, error);
            }
        };
        match step {
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
                pace.count(count);
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
    // What an earlier line broke off before is asked for now.
    fill(node, peer, connection, &log, &lease, asked).await
}

/// How fast a log comes in from the peer that holds its lease.
struct Pace {
    since: Instant,
    entries: u64,
    tick: Interval,
}

impl Pace {
    fn begin() -> Self {
        let since = monotonic();
        Self {
            since,
            entries: 0,
            tick: interval_at(since + TRIAL, LOOK_UP),
        }
    }

    fn count(&mut self, entries: u64) {
        self.entries += entries;
    }

    /// Waits until the log comes in slowly, or not at all, while another peer waits for it.
    async fn too_slow(&mut self, lease: &Lease) {
        loop {
            self.tick.tick().await;
            let slow = self.entries < SLOW * self.since.elapsed().as_secs();
            if slow && lease.is_wanted() {
                return;
            }
        }
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
async fn ask_the_publisher(
    node: &Node,
    peer: &Peer,
    connection: &Connection,
    log: &LogHandle,
) -> Result<PullEnd, Trouble> {
    let options = PullOptions {
        source: Source::Publisher,
        ..options(node, peer)
    };
    let puller =
        Puller::new(connection.clone(), log.origin().clone(), log.key()).with_options(options);
    let held = held(log)?;
    let proven = async {
        match puller.head(&held).await? {
            Some(head) => puller.prove(&held, &head).await.map(drop),
            None => Ok(()),
        }
    };
    match proven.await {
        Ok(()) => Ok(PullEnd::Done),
        Err(error) => failed(node, log.origin(), error),
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
        keep_entries: true,
        ..PullOptions::default()
    }
}

fn erased(log: &LogHandle) -> Erased {
    let log = log.clone();
    std::sync::Arc::new(move |index| log.is_erased(index))
}

/// Asks this peer for the payloads that are missing and that our filter lets pass.
async fn fill(
    node: &Node,
    peer: &Peer,
    connection: &Connection,
    log: &LogHandle,
    lease: &Lease,
    asked: &mut Asked,
) -> Result<PullEnd, Trouble> {
    if asked.since.elapsed() > ASK_AGAIN {
        *asked = Asked::nothing();
    }
    let size = log.head().map_or(0, |head| head.size().value());
    let options = options(node, peer);
    // Only the peer can say which records a list of countries leaves out: what it
    // left out once is not asked for again.
    let filtered_too = options.payloads.countries.is_empty();
    let puller =
        Puller::new(connection.clone(), log.origin().clone(), log.key()).with_options(options);
    let mut pace = Pace::begin();
    while asked.upto < size {
        let holes = log.holes();
        if holes.not_held == 0 && !(filtered_too && holes.filtered > 0) {
            asked.upto = size;
            break;
        }
        let (runs, upto) = {
            let (log, from) = (log.clone(), asked.upto);
            blocking(move || missing(&log, from, size, filtered_too)).await?
        };
        let mut frames = puller.fill(runs, erased(log));
        loop {
            let frame = tokio::select! {
                frame = frames.next() => frame,
                () = pace.too_slow(lease) => return Ok(PullEnd::GaveWay),
            };
            let Some(frame) = frame else { break };
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => return failed(node, log.origin(), error),
            };
            pace.count(frame.states().len() as u64);
            node.store()
                .fill(log.origin(), frame)
                .await
                .map_err(NodeError::Store)?;
        }
        asked.upto = upto;
    }
    Ok(PullEnd::Done)
}

/// The first entries from `from` on whose payload is missing, in runs within one
/// bundle, and how far they reach.
fn missing(
    log: &LogHandle,
    from: u64,
    size: u64,
    filtered_too: bool,
) -> Result<(Vec<Run>, u64), NodeError> {
    let mut runs = Vec::new();
    let mut found = 0;
    let mut at = from;
    while at < size && found < MOST_HOLES {
        let end = size.min(at - at % BUNDLE + BUNDLE);
        let states = log
            .slot_states(LeafIndex::new(at), LeafIndex::new(end))
            .map_err(NodeError::Store)?;
        let mut open: Option<Run> = None;
        for (index, state) in (at..).zip(states) {
            let wanted = match state {
                SlotState::NotHeld => true,
                SlotState::Filtered => filtered_too,
                SlotState::Full | SlotState::None | SlotState::Erased => false,
            };
            if !wanted {
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
        at = end;
    }
    Ok((runs, at))
}

/// What a failed pull means for the session. A fork stops its log and nothing else.
fn failed(node: &Node, origin: &Origin, error: PullError) -> Result<PullEnd, Trouble> {
    if let PullError::Fork(fork) = error {
        node.record_fork(*fork)?;
        return Ok(PullEnd::Done);
    }
    match error.fault() {
        Fault::Peer => Err(refused(origin, &error)),
        Fault::Behind | Fault::Connection | Fault::Ours => Err(Trouble::Lost(chain(&error))),
    }
}

fn refused(origin: &Origin, error: &PullError) -> Trouble {
    Trouble::Lie(Lie {
        origin: origin.to_string(),
        code: error.code(),
        reason: chain(error),
    })
}
