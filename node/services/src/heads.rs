//! What a caller is told of heads: those that differ from what it knows, in the order
//! of their origins, in answers that no message limit cuts off.
//!
//! `ListHeads` and `WatchHeads` tell the same in the same way; the one ends.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bytes::Bytes;
use prost::Message as _;
use wpsx_domain::{NodeError, access::Sight, blocking, served::ServedLog};
use wpsx_proto::{
    api::replication::v1::{Head, KnownHead},
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    heads::{MOST_HEADS, NOTE_HASH, note_hash},
    index::TreeSize,
};

use crate::{network::Network, records};

/// Bytes of heads in one answer; a message may have 64 KiB more. One head has at most
/// 16 KiB of note and 5 KiB of the rest, so that there is always room for some.
const MOST_BYTES: usize = 1 << 20;
/// What a caller knows, and which logs it asks for.
pub(crate) struct Telling {
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
    /// Tells a caller who sees `sight` and knows `known` of the logs called `only`; of all
    /// that it sees if that is empty.
    ///
    /// # Errors
    /// Too many logs are named, a name cannot be one, or a hash has not the length of one.
    pub(crate) fn new(
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
            sight,
            network,
            known: known.collect::<Result<_, NodeError>>()?,
            only: (!only.is_empty()).then(|| only.into_iter().collect()),
        })
    }

    fn heads(&self, after: &str, most: usize, cosignatures: bool) -> Result<Answer, NodeError> {
        let mut logs = self.sight.logs();
        logs.retain(|log| self.is_asked_for(log, after));
        logs.sort_by(|a, b| a.origin().cmp(b.origin()));
        let mut answer = Answer::default();
        let mut bytes = 0;
        for log in logs {
            let Some((head, told)) = self.head(&log, cosignatures)? else {
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

    /// The next heads behind the origin `after`, at most `most`: those of other sizes
    /// than known, and where `cosignatures` are wanted, those of other notes. Proofs
    /// are read from disk, hence on a thread that may block.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub(crate) async fn next(
        self,
        after: String,
        most: usize,
        cosignatures: bool,
    ) -> Result<(Self, Answer), NodeError> {
        blocking(move || {
            let answer = self.heads(&after, most, cosignatures)?;
            Ok((self, answer))
        })
        .await
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
