//! Asking a peer for the payloads that are missing here.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use wpsx_client::{
    clock::monotonic,
    pull::{Erased, PayloadFilter, PullOptions, Puller, Run},
};
use wpsx_domain::{NodeError, blocking};
use wpsx_proto::{
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    payload::SlotState,
};
use wpsx_store::LogHandle;

use crate::{
    lease::Lease,
    line::Line,
    pace::Pace,
    pull_end::{PullEnd, failed},
    trouble::Trouble,
};

/// Holes that are asked for in one go.
const MOST_HOLES: u64 = 65_536;
/// A peer that did not hold a payload is asked for it again after this time.
const ASK_AGAIN: Duration = Duration::from_secs(3600);

/// How far one peer was asked for the payloads that a log lacks, so that it is not
/// asked at each of its heads for what it does not hold.
#[derive(Debug)]
pub(crate) struct Asked {
    upto: u64,
    since: Instant,
}

impl Asked {
    /// Nothing was asked for yet.
    pub(crate) fn nothing() -> Self {
        Self {
            upto: 0,
            since: monotonic(),
        }
    }
}

/// Which payloads of a log must never be taken again.
pub(crate) fn erased(log: &LogHandle) -> Erased {
    let log = log.clone();
    Arc::new(move |index| log.is_erased(index))
}

/// Whether there is a payload that this peer was not asked for and that our filter lets pass.
pub(crate) fn lacks_payloads(line: &Line, log: &LogHandle, asked: &Asked) -> bool {
    let size = log.head().map_or(0, |head| head.size().value());
    let holes = log.holes();
    let filtered_too = line.pull_options().payloads.countries.is_empty();
    let again = asked.since.elapsed() > ASK_AGAIN;
    (asked.upto < size || again) && (holes.not_held > 0 || filtered_too && holes.filtered > 0)
}

/// Asks this peer for the payloads that are missing and that our filter lets pass.
pub(crate) async fn fill(
    line: &Line,
    log: &LogHandle,
    lease: &Lease,
    asked: &mut Asked,
) -> Result<PullEnd, Trouble> {
    fill_with(line, log, lease, asked, line.pull_options()).await
}

/// The same with other options than those of the peer.
pub(crate) async fn fill_with(
    line: &Line,
    log: &LogHandle,
    lease: &Lease,
    asked: &mut Asked,
    mut options: PullOptions,
) -> Result<PullEnd, Trouble> {
    if asked.since.elapsed() > ASK_AGAIN {
        *asked = Asked::nothing();
    }
    let size = log.head().map_or(0, |head| head.size().value());
    if log.is_own() {
        // What we published is all ours to hold, whatever we fetch of others.
        options.payloads = PayloadFilter::everything();
    }
    // Only the peer can say which records a list of countries leaves out: what it
    // left out once is not asked for again.
    let filtered_too = options.payloads.countries.is_empty();
    let puller =
        Puller::new(line.connection.clone(), log.origin().clone(), log.key()).with_options(options);
    let mut pace = Pace::begin();
    let mut verified = 0;
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
                Err(error) => return failed(&line.context.forks, log.origin(), error),
            };
            let slots = frame.states().len() as u64;
            pace.count(slots);
            verified += slots;
            let filled = line.context.store.fill(log.origin(), frame).await;
            filled.map_err(NodeError::Store)?;
        }
        asked.upto = upto;
    }
    Ok(PullEnd::Done { verified })
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
        let states = log.slot_states(LeafIndex::new(at), LeafIndex::new(end))?;
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
            let leaf = Leaf::read(&log.entry(LeafIndex::new(index))?);
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
