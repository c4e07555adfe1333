//! Plans a group: what each request would change, checked against what is stored
//! and against the requests before it in the same group. Nothing is changed here;
//! a request that cannot be carried out is answered and leaves no trace.

mod append;
mod erase;
mod extend;
mod fill;
mod heads;
mod mend;
pub(crate) mod take;

use std::{collections::HashMap, sync::Arc};

use wpsx_proto::{
    hash::Hash,
    index::TreeSize,
    origin::{Origin, RecordId},
    tree::Frontier,
};

use super::{journal::Journal, shared::Shared};
use crate::{
    error::StoreError,
    follow::Newest,
    format::request::RequestId,
    log::handle::{Log, LogHandle},
};

/// Entries that a group may add to a log before a head of theirs in the same group: they are
/// hashed up to it twice.
const MOST_PLANNED: usize = 4_096;

/// Answers once it is known whether the group is durable.
pub(crate) type Later = Box<dyn FnOnce(Result<(), StoreError>)>;

/// Why a request is not in the group.
pub(crate) enum Not {
    /// It must see the group applied first.
    Now,
    /// It cannot be carried out.
    Ever(StoreError),
}

impl From<StoreError> for Not {
    fn from(error: StoreError) -> Self {
        Not::Ever(error)
    }
}

/// A group in the making.
pub(crate) struct Plan {
    pub(crate) shared: Arc<Shared>,
    pub(crate) buffer: Vec<u8>,
    pub(crate) replies: Vec<Later>,
    pub(crate) drafts: HashMap<u32, Draft>,
    /// Something in the group was erased.
    pub(crate) erases: bool,
}

/// A log as it will be after the requests so far.
pub(crate) struct Draft {
    pub(crate) size: u64,
    /// Kept for own logs.
    pub(crate) frontier: Frontier,
    pub(crate) recent: HashMap<RecordId, Newest>,
    pub(crate) requests: Vec<RequestId>,
    pub(crate) pending: Option<TreeSize>,
    pub(crate) growth: Growth,
}

/// What the requests so far do to a log, besides to its pending checkpoint.
#[derive(Default)]
pub(crate) enum Growth {
    #[default]
    Nothing,
    /// They add entries with these hashes that erase nothing.
    Entries(Vec<Hash>),
    /// They do something else.
    More,
}

impl Growth {
    /// Entries that erase nothing are added.
    fn add(&mut self, hashes: &[Hash]) {
        *self = match std::mem::take(self) {
            Self::Nothing if hashes.len() <= MOST_PLANNED => Self::Entries(hashes.to_vec()),
            Self::Entries(mut before) if before.len() + hashes.len() <= MOST_PLANNED => {
                before.extend(hashes);
                Self::Entries(before)
            }
            _ => Self::More,
        }
    }
}

impl Plan {
    pub(crate) fn new(shared: &Arc<Shared>, bytes: usize) -> Self {
        Self {
            shared: shared.clone(),
            buffer: Journal::group(bytes + bytes / 16 + 4096),
            replies: Vec::new(),
            drafts: HashMap::new(),
            erases: false,
        }
    }

    /// What the log will be after the requests so far.
    pub(crate) fn draft(&mut self, log: &Log) -> &mut Draft {
        self.drafts.entry(log.number).or_insert_with(|| {
            let contents = log.contents.read();
            Draft {
                size: contents.size(),
                frontier: if log.own {
                    contents.edge.frontier()
                } else {
                    Frontier::empty()
                },
                recent: HashMap::new(),
                requests: Vec::new(),
                pending: contents.pending.as_ref().map(|pending| pending.size()),
                growth: Growth::Nothing,
            }
        })
    }

    /// The request must see what is stored, not what is planned.
    pub(crate) fn fresh(&self, log: &Log) -> Result<(), Not> {
        match self.drafts.get(&log.number).map(|draft| &draft.growth) {
            None | Some(Growth::Nothing) => Ok(()),
            Some(_) => Err(Not::Now),
        }
    }

    /// The log into which something is pulled: a replica, or an own log whose missing part
    /// comes back while it is not signed.
    pub(crate) fn pulled(&self, origin: &Origin, into_own: bool) -> Result<LogHandle, StoreError> {
        let log = self.shared.known(origin)?;
        match (log.is_own(), into_own) {
            (false, false) => Ok(log),
            (true, true) if self.shared.standing.read_only().is_some() => Ok(log),
            (true, _) => Err(StoreError::Ours(origin.clone())),
            (false, true) => Err(StoreError::NotOurs(origin.clone())),
        }
    }
}
