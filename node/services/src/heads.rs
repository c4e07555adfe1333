//! What a caller is told of heads: those that differ from what it knows, in the order
//! of their origins, in answers that no message limit cuts off.
//!
//! `ListHeads` and `WatchHeads` tell the same in the same way; the one ends. After its first
//! round a watch looks at those logs alone that changed, so that what a change costs does
//! not depend on how many others there are.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use prost::Message as _;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use wpsx_domain::{
    NodeError,
    access::{Changes, Sight},
    served::ServedLog,
};
use wpsx_listen::{Caller, Holding};
use wpsx_proto::{
    api::replication::v1::{Head, KnownHead, WatchHeadsResponse},
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    heads::{MOST_HEADS, NOTE_HASH, note_hash},
    index::TreeSize,
};

use crate::{
    calls::{Answers, Cost, at_cost, parts_while},
    codes::public_refusal,
    network::Network,
    records,
};

/// Bytes of heads in one answer; a message may have 64 KiB more. One head has at most
/// 16 KiB of note and 5 KiB of the rest, so that there is always room for some.
const MOST_BYTES: usize = 1 << 20;
/// New cosignatures on a known size are told of at most this often.
const COSIGNATURE_PACE: Duration = Duration::from_secs(1);
/// About what is kept of each log that a caller was told of.
const TOLD_BYTES: usize = 256;

/// What a caller knows, and which logs it asks for.
pub(crate) struct Telling {
    caller: Caller,
    sight: Sight,
    network: Arc<dyn Network>,
    known: HashMap<String, Told>,
    only: Option<HashSet<String>>,
}

/// What the caller knows of one log.
#[derive(Clone, Copy)]
struct Told {
    size: u64,
    note_hash: Option<[u8; NOTE_HASH]>,
}

/// Some heads, in the order of their origins.
#[derive(Default)]
pub(crate) struct Answer {
    /// At most as many as asked for, and within the message limit.
    pub(crate) heads: Vec<Head>,
    /// What whoever takes them knows then.
    told: Vec<(String, Told)>,
    /// There are others, behind the last of these.
    pub(crate) more: bool,
}

impl Telling {
    /// Tells `caller`, who sees `sight` and knows `known`, of the logs called `only`; of
    /// all that it sees if that is empty.
    ///
    /// # Errors
    /// Too many logs are named, a name cannot be one, or a hash has not the length of one.
    pub(crate) fn new(
        caller: Caller,
        sight: Sight,
        network: Arc<dyn Network>,
        known: Vec<KnownHead>,
        only: Vec<String>,
    ) -> Result<Self, NodeError> {
        if known.len() > MOST_HEADS {
            return Err(NodeError::invalid(
                "known",
                "at most 1,000 logs in one call",
            ));
        }
        if only.len() > MOST_HEADS {
            return Err(NodeError::invalid(
                "origins",
                "at most 1,000 logs in one call",
            ));
        }
        for name in &only {
            records::origin("origins", name)?;
        }
        let known = known.into_iter().map(|known| {
            let told = Told {
                size: known.tree_size,
                note_hash: note_hash_of(&known)?,
            };
            Ok((known.origin, told))
        });
        Ok(Self {
            caller,
            sight,
            network,
            known: known.collect::<Result<_, NodeError>>()?,
            only: (!only.is_empty()).then(|| only.into_iter().collect()),
        })
    }

    /// The next heads of all logs behind the origin `after`, at most `most`.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub(crate) async fn all(self, after: String, most: usize) -> Result<(Self, Answer), NodeError> {
        let round = Round {
            after,
            ..Round::of_all()
        };
        self.next(round, most).await
    }

    /// The next heads of a round, at most `most`: those of other sizes than known, and where
    /// cosignatures are wanted, those of other notes. Proofs are read from disk, hence on a
    /// thread that may block.
    async fn next(self, round: Round, most: usize) -> Result<(Self, Answer), NodeError> {
        let caller = self.caller.clone();
        at_cost(&caller, Cost::HEADS, move |_| {
            let answer = self.heads(&round, most)?;
            Ok((self, answer))
        })
        .await
    }

    fn heads(&self, round: &Round, most: usize) -> Result<Answer, NodeError> {
        let mut logs = match &round.logs {
            None => self.sight.logs(),
            Some(numbers) => {
                let logs = numbers.iter();
                logs.filter_map(|log| self.sight.numbered(*log)).collect()
            }
        };
        logs.retain(|log| self.is_asked_for(log, &round.after));
        logs.sort_by(|a, b| a.origin().cmp(b.origin()));
        let mut answer = Answer::default();
        let mut bytes = 0;
        for log in logs {
            let Some((head, told)) = self.head(&log, round.cosignatures)? else {
                continue;
            };
            bytes += head.encoded_len() + 8;
            if answer.heads.len() == most || bytes > MOST_BYTES {
                answer.more = true;
                return Ok(answer);
            }
            answer.told.push((head.origin.clone(), told));
            answer.heads.push(head);
        }
        Ok(answer)
    }

    /// From now on the caller knows what this answer tells.
    pub(crate) fn tell(&mut self, answer: Answer) -> Vec<Head> {
        self.known.extend(answer.told);
        answer.heads
    }

    fn is_asked_for(&self, log: &ServedLog, after: &str) -> bool {
        let origin = log.origin();
        origin.as_str() > after
            && self
                .only
                .as_ref()
                .is_none_or(|only| only.contains(origin.as_str()))
    }

    /// The log's head, if it is news.
    fn head(&self, log: &ServedLog, cosignatures: bool) -> Result<Option<(Head, Told)>, NodeError> {
        let Some(head) = log.head() else {
            return Ok(None);
        };
        let told = self.known.get(log.origin().as_str());
        let note = head.note_bytes();
        let now = Told {
            size: head.size().value(),
            note_hash: Some(note_hash(&note)),
        };
        let is_news = told.is_none_or(|told| {
            told.size != now.size
                || cosignatures && told.note_hash.is_some() && told.note_hash != now.note_hash
        });
        if !is_news {
            return Ok(None);
        }
        let from = told.map_or(0, |told| told.size);
        let consistency = consistency(log, from, &head)?;
        let head = Head {
            origin: log.origin().to_string(),
            checkpoint: note,
            consistency_from: if consistency.is_empty() { 0 } else { from },
            consistency,
            stopped: self.network.is_stopped(log.origin()),
        };
        Ok(Some((head, now)))
    }
}

/// What is looked at for news, in the order of origins.
struct Round {
    /// These logs; all if there is none.
    logs: Option<Vec<u32>>,
    /// Those behind this one are to come.
    after: String,
    /// Other cosignatures on a known size are news, too.
    cosignatures: bool,
}

impl Round {
    fn of_all() -> Self {
        Self {
            logs: None,
            after: String::new(),
            cosignatures: true,
        }
    }

    fn of(logs: impl IntoIterator<Item = u32>, cosignatures: bool) -> Self {
        Self {
            logs: Some(logs.into_iter().collect()),
            after: String::new(),
            cosignatures,
        }
    }
}

/// A caller who is told of heads as they come.
pub(crate) struct Watching {
    telling: Telling,
    changes: Changes,
    stop: CancellationToken,
    paced: Interval,
    round: Option<Round>,
    /// Logs that changed since cosignatures were looked at.
    unpaced: BTreeSet<u32>,
    /// Whether logs of the network were in sight.
    reached: bool,
    /// What the message holds that was told last.
    held: Holding,
}

impl Watching {
    /// Tells all that is news now, and from then on of `changes`, until `stop`.
    pub(crate) fn begin(telling: Telling, changes: Changes, stop: CancellationToken) -> Self {
        let mut paced = interval(COSIGNATURE_PACE);
        paced.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            reached: telling.sight.reaches_the_network(),
            telling,
            changes,
            stop,
            paced,
            round: Some(Round::of_all()),
            unpaced: BTreeSet::new(),
            held: Holding::default(),
        }
    }

    /// What is told, one message when the one before was taken.
    pub(crate) fn answers(self) -> Answers<WatchHeadsResponse> {
        parts_while(self, |watching| async move {
            let next = watching.next().await.map_err(public_refusal)?;
            Ok::<_, Status>(next.map(|(heads, watching)| (WatchHeadsResponse { heads }, watching)))
        })
    }

    async fn next(mut self) -> Result<Option<(Vec<Head>, Self)>, NodeError> {
        // What it held was taken.
        drop(std::mem::take(&mut self.held));
        loop {
            let Some(round) = self.round.take() else {
                if !self.has_news().await {
                    return Ok(None);
                }
                continue;
            };
            let allowance = self.telling.caller.allowance().clone();
            let mut held = allowance.memory(Cost::HEADS.memory).await;
            let logs = round.logs.clone();
            let cosignatures = round.cosignatures;
            let (telling, answer) = self.telling.next(round, MOST_HEADS).await?;
            self.telling = telling;
            let more = answer.more;
            let known = self.telling.known.len();
            let heads = self.telling.tell(answer);
            let Some(last) = heads.last() else {
                continue;
            };
            if more {
                self.round = Some(Round {
                    logs,
                    after: last.origin.clone(),
                    cosignatures,
                });
            }
            held.shrink(2 * heads.iter().map(prost::Message::encoded_len).sum::<usize>());
            self.held = held;
            let grown = self.telling.known.len() - known;
            if grown > 0 {
                let full = NodeError::Busy("it remembers as much for callers as it may");
                let kept = allowance.call(grown * TOLD_BYTES).map_err(|_| full)?;
                self.telling.caller.hold(kept);
            }
            return Ok(Some((heads, self)));
        }
    }

    /// Waits until there is something to look at. False when there never will be.
    async fn has_news(&mut self) -> bool {
        tokio::select! {
            comes = self.changes.come() => {
                let changed = self.changes.take();
                self.unpaced.extend(&changed);
                self.round = Some(Round::of(changed, false));
                return comes;
            }
            _ = self.paced.tick() => {}
            () = self.stop.cancelled() => return false,
        }
        let reaches = self.telling.sight.reaches_the_network();
        if reaches != self.reached {
            self.reached = reaches;
            self.unpaced.clear();
            self.round = Some(Round::of_all());
        } else if !self.unpaced.is_empty() {
            self.round = Some(Round::of(std::mem::take(&mut self.unpaced), true));
        }
        true
    }
}

fn note_hash_of(known: &KnownHead) -> Result<Option<[u8; NOTE_HASH]>, NodeError> {
    if known.note_hash.is_empty() {
        return Ok(None);
    }
    let hash = known.note_hash.as_ref().try_into();
    hash.map(Some)
        .map_err(|_| NodeError::invalid("known", "a note_hash has 8 bytes, or is absent"))
}

fn consistency(log: &ServedLog, from: u64, head: &VerifiedCheckpoint) -> Result<Bytes, NodeError> {
    if from == 0 || from >= head.size().value() {
        return Ok(Bytes::new());
    }
    let proof = log.consistency(TreeSize::new(from), head.size())?;
    Ok(Hash::list_to_bytes(&proof))
}
