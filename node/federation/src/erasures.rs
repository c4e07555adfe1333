//! Erasures in a log that stands still: stopped by a fork, an own log of which peers have
//! seen more than is here, or one for whose entries the disk has no room.
//!
//! Nothing is stored of such a log and nothing is cosigned until its operator decides,
//! but whoever asked for an erasure must not wait for that. So the entries of the heads
//! that peers show, of whichever signed tree, are read and proven, and what their erase
//! entries name is destroyed here. Of them nothing is kept but the packages that erase,
//! which prove themselves and are passed on to peers: those see the heads of this log
//! from nobody else, perhaps.

use wpsx_client::pull::{
    Fault, Held, PayloadFilter, PullError, PullOptions, Puller, Step, nothing_erased,
};
use wpsx_domain::{NodeError, blocking};
use wpsx_proto::{
    api::replication::v1::Head,
    chain,
    checkpoint::{SignedCheckpoint, VerifiedCheckpoint},
    erasure::ProvenErasure,
    index::{LeafIndex, TreeSize},
    origin::RecordId,
    tree::root_at,
};
use wpsx_store::LogHandle;

use crate::{
    context::Context,
    line::Line,
    pull_end::{PullEnd, failed},
    trouble::Trouble,
};

/// How far a tree was read that one peer shows of a log that stands still.
#[derive(Debug, Default)]
pub(crate) struct Read {
    held: Option<Held>,
}

impl Read {
    /// Whether more was read than so many entries.
    pub(crate) fn reaches_beyond(&self, stored: TreeSize) -> bool {
        let read = self.held.as_ref();
        read.is_some_and(|held| held.stored() > stored)
    }
}

/// Reads what is new in the tree of `head`, and destroys what it erases.
pub(crate) async fn carry_out(
    line: &Line,
    log: &LogHandle,
    head: &Head,
    read: &mut Read,
) -> Result<PullEnd, Trouble> {
    let theirs = signed(log, head)?;
    let (size, stored) = (theirs.size(), log.stored());
    if size <= stored && root_at(log, size).map_err(NodeError::Store)? == theirs.root() {
        return Ok(PullEnd::Passed);
    }
    let _lease = line.context.leases.take(log.origin()).await;
    let options = PullOptions {
        payloads: PayloadFilter::nothing(),
        ..line.pull_options()
    };
    let puller =
        Puller::new(line.connection.clone(), log.origin().clone(), log.key()).with_options(options);
    let mut held = match begin(&puller, log, head, read).await {
        Ok(held) => held,
        Err(error) => return failed(&line.context.forks, log.origin(), error),
    };
    let mut steps = puller.pull(held.clone(), head.clone(), nothing_erased());
    let mut proven: Vec<ProvenErasure> = Vec::new();
    let mut ended = Ok(PullEnd::Passed);
    while let Some(step) = steps.next().await {
        match step {
            Ok(Step::Target(target)) => held.verified = Some(target),
            Ok(Step::Package { package, .. }) => {
                proven.extend(ProvenErasure::of(&theirs, &held.open, &package));
                if let Err(error) = held.extend(&package) {
                    ended = failed(&line.context.forks, log.origin(), error);
                    break;
                }
            }
            Ok(Step::Head(_)) => {}
            Err(error) => {
                ended = failed(&line.context.forks, log.origin(), error);
                break;
            }
        }
    }
    // What was proven before the line broke is carried out all the same.
    destroy(&line.context, log, &proven).await?;
    // Where it goes on, the entries themselves travel.
    if line.context.stands_still(log) || line.context.no_room().is_some() {
        for erasure in &proven {
            line.context.erasures.keep(erasure)?;
        }
    }
    read.held = Some(held);
    ended
}

/// Carries out what a peer passed on, and passes it on in turn.
pub(crate) async fn take(context: &Context, erasure: ProvenErasure) -> Result<(), NodeError> {
    if context.erasures.has(&erasure.id()) {
        return Ok(());
    }
    let origin = erasure.origin();
    let log = context.store.log(origin);
    let log = log.ok_or_else(|| NodeError::not_found("log", origin))?;
    destroy(context, &log, std::slice::from_ref(&erasure)).await?;
    context.erasures.keep(&erasure)
}

/// Destroys what entries erase that are not in the stored tree.
async fn destroy(
    context: &Context,
    log: &LogHandle,
    proven: &[ProvenErasure],
) -> Result<(), NodeError> {
    let erased: Vec<(RecordId, LeafIndex)> =
        proven.iter().flat_map(ProvenErasure::erases).collect();
    if log.is_own() && !erased.is_empty() {
        // Before the content goes, and with it what its source calls the record.
        let names = context.names.clone();
        let (log, records) = (log.clone(), erased.iter().map(|(id, _)| *id).collect());
        blocking(move || names.remember_all_of(&log, records)).await?;
    }
    let store = &context.store;
    let gone = store.erase_elsewhere(log.origin(), erased).await?;
    if gone > 0 {
        tracing::info!(origin = %log.origin(), gone, "erased in a log that stands still");
        store.leave_no_trace().await?;
    }
    Ok(())
}

/// Where to begin: behind what was read before or what is stored, if `head` extends it;
/// else at the first entry.
async fn begin<T: wpsx_client::pull::Transport>(
    puller: &Puller<T>,
    log: &LogHandle,
    head: &Head,
    read: &Read,
) -> Result<Held, PullError> {
    let ours = log.head().map(|head| (*head).clone());
    let ours = ours.filter(|head| head.size() == log.stored());
    let ours = Held::of(log, log.stored(), ours)
        .map_err(|error| PullError::Held { why: chain(&error) })?;
    for held in read.held.iter().chain([&ours]) {
        match puller.prove(held, head).await {
            Ok(_) => return Ok(held.clone()),
            // Another tree, or one that does not reach so far.
            Err(error) if matches!(error.fault(), Fault::Peer | Fault::Behind | Fault::Unable) => {}
            Err(PullError::Fork(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Held::nothing())
}

fn signed(log: &LogHandle, head: &Head) -> Result<VerifiedCheckpoint, Trouble> {
    let lie = |code, reason: String| Trouble::lie(log.origin().as_str(), code, reason);
    let note =
        SignedCheckpoint::parse(&head.checkpoint).map_err(|e| lie("malformed", chain(&e)))?;
    note.verify(&log.key())
        .map_err(|e| lie("bad-signature", chain(&e)))
}
