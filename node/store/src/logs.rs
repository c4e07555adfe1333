//! Adds and drops logs, and answers what needs a log and its followers together.

use std::sync::{Arc, atomic::Ordering};

use bytes::Bytes;
use prost::Message as _;
use tokio::sync::oneshot;
use wpsx_proto::{envelope::Envelope, identity::Identity, index::LeafIndex, origin::Origin};

use crate::{
    error::StoreError,
    format::layout::{self, Sync},
    format::request::RequestId,
    log::handle::{LogHandle, LogRole},
    state::State,
    store::{Store, signer_of},
    wait::block_on,
    write::append::Appended,
    write::poster::Job,
    write::snapshot::name,
};

const VERSION: u32 = 1;
const NEXT_NUMBER: &str = "logs/next-number";

/// What is kept of a log for its whole life.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Kept {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(uint32, tag = "2")]
    pub(crate) number: u32,
    #[prost(string, tag = "3")]
    pub(crate) origin: String,
    #[prost(bool, tag = "4")]
    pub(crate) own: bool,
    /// The operations of the publisher's identity.
    #[prost(bytes = "bytes", repeated, tag = "5")]
    pub(crate) identity: Vec<Bytes>,
}

impl Kept {
    /// All logs of a store.
    pub(crate) fn all(state: &State) -> Result<Vec<Self>, StoreError> {
        let mut kept = Vec::new();
        for file in state.list("logs/")? {
            if !file.ends_with("/log") {
                continue;
            }
            let Some(bytes) = state.get(&file)? else {
                continue;
            };
            let damaged = |reason: String| StoreError::damaged(&state.path_of(&file), reason);
            let log = Self::decode(bytes).map_err(|e| damaged(e.to_string()))?;
            if log.version != VERSION || name(log.number, "log") != file {
                return Err(damaged("it is not the file of this log".to_owned()));
            }
            kept.push(log);
        }
        Ok(kept)
    }

    /// The number that the next log gets.
    pub(crate) fn next_number(state: &State) -> Result<u32, StoreError> {
        let Some(bytes) = state.get(NEXT_NUMBER)? else {
            return Ok(0);
        };
        std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .ok_or_else(|| StoreError::damaged(&state.path_of(NEXT_NUMBER), "it is not a number"))
    }
}

impl Store {
    /// Keeps a log from now on; nothing happens if it is kept already. Blocks shortly.
    ///
    /// # Errors
    /// The origin is kept under another identity or role, or cannot be written.
    pub fn add_log(
        &self,
        origin: &Origin,
        identity: Identity,
        role: LogRole,
    ) -> Result<LogHandle, StoreError> {
        let _turn = self.shared.turn.lock();
        if let Some(reason) = self.shared.failure() {
            return Err(StoreError::ReadOnly(reason));
        }
        let own = matches!(role, LogRole::Own(_));
        if let Some(log) = self.log(origin) {
            if log.identity().id() != identity.id() || log.is_own() != own {
                return Err(StoreError::Conflict(origin.clone()));
            }
            if let LogRole::Own(signer) = role {
                self.set_signer(origin, signer)?;
            }
            return Ok(log);
        }
        let key = identity
            .log_key(origin)
            .ok_or_else(|| StoreError::WrongIdentity(origin.clone()))?;
        let signer = match role {
            LogRole::Own(signer) => Some(signer_of(origin, &key, &signer)?),
            LogRole::Replica => None,
        };
        let number = self.shared.numbers();
        let state = &self.shared.state;
        // The number is used up before it is used: it never stands for two logs.
        state.put(NEXT_NUMBER, format!("{}\n", number + 1).as_bytes())?;
        self.shared.next_number.store(number + 1, Ordering::Release);
        let kept = Kept {
            version: VERSION,
            number,
            origin: origin.as_str().to_owned(),
            own,
            identity: identity.notes().to_vec(),
        };
        let log = crate::open::new_log(&self.shared, &kept, origin.clone(), identity, key);
        let line = format!("{origin}\n");
        layout::write_whole(
            &log.dir.join("origin"),
            &[line.as_bytes()],
            Sync::BeforeRename,
        )?;
        layout::sync_dir(&log.dir)?;
        layout::sync_dir(&self.shared.dir.join("logs"))?;
        // The log is there once this is.
        state.put(&name(number, "log"), &kept.encode_to_vec())?;
        *log.signer.lock() = signer;
        let handle = LogHandle {
            inner: Arc::new(log),
        };
        self.shared.logs.write().insert(number, handle.clone());
        self.shared.changed.send_modify(|n| *n += 1);
        Ok(handle)
    }

    /// Forgets a replica and removes all that was stored of it. Blocks shortly.
    ///
    /// # Errors
    /// It is not here, is our own, or cannot be removed.
    pub fn drop_replica(&self, origin: &Origin) -> Result<(), StoreError> {
        let turn = self.shared.turn.lock();
        let log = self.known(origin)?;
        if log.is_own() {
            return Err(StoreError::Ours(origin.clone()));
        }
        let number = log.number();
        // The log is gone once this is; a crash after it leaves a directory that
        // the next start removes.
        self.shared.state.remove(&name(number, "log"))?;
        log.inner.dropped.store(true, Ordering::Release);
        self.shared.logs.write().remove(&number);
        for file in ["head", "erased", "requests"] {
            self.shared.state.remove(&name(number, file))?;
        }
        let (done, removed) = oneshot::channel();
        let job = Job::Remove {
            log: log.inner.clone(),
            done,
        };
        self.shared
            .jobs
            .lock()
            .send(job)
            .map_err(|_| StoreError::Closed)?;
        block_on(removed).unwrap_or(Err(StoreError::Closed))?;
        // No other log has to wait for what the followers do about this one.
        drop(turn);
        for mailbox in &self.shared.mailboxes {
            mailbox.forget([number]);
        }
        self.shared.changed.send_modify(|n| *n += 1);
        let mailboxes = self.shared.mailboxes.iter();
        mailboxes
            .map(|mailbox| block_on(mailbox.forgotten(number)))
            .fold(Ok(()), Result::and)
    }

    /// Builds anew from the logs what all followers keep; `progress` gets the entries
    /// told and their number. Blocks until all is there.
    ///
    /// # Errors
    /// A follower cannot be told, or cannot write.
    pub fn reindex(&self, mut progress: impl FnMut(u64, u64)) -> Result<(), StoreError> {
        let logs = self.logs();
        let mailboxes = &self.shared.mailboxes;
        for mailbox in mailboxes {
            mailbox.forget(logs.iter().map(LogHandle::number));
        }
        let size = |log: LogHandle| (log.stored().value(), log);
        let sizes: Vec<(u64, LogHandle)> = logs.into_iter().map(size).collect();
        let of_each: u64 = sizes.iter().map(|(size, _)| size).sum();
        let total = of_each * mailboxes.len() as u64;
        for (mailbox, before) in mailboxes.iter().zip((0..).map(|n| n * of_each)) {
            let told = mailbox.told_all(&sizes, |told| progress(before + told, total));
            block_on(told)?;
            mailbox.call(|follower| {
                follower.flush()?;
                follower.leave_no_trace()
            })?;
        }
        Ok(())
    }
}

impl LogHandle {
    /// What a request appended, if it was carried out before.
    pub(crate) fn seen_request(&self, request: &RequestId) -> Result<Option<Appended>, StoreError> {
        let (found, head) = {
            let contents = self.inner.contents.read();
            (contents.requests.get(request), contents.head.clone())
        };
        let (Some((start, count)), Some(head)) = (found, head) else {
            return Ok(None);
        };
        let mut entries = Vec::new();
        for index in start..start + count {
            let index = LeafIndex::new(index);
            let envelope = Envelope::parse(&self.entry(index)?)
                .map_err(|e| StoreError::damaged(&self.inner.dir, e))?;
            entries.push((index, envelope));
        }
        Ok(Some(Appended { entries, head }))
    }
}
