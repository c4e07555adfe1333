//! Adds and drops logs, and answers what needs a log and its views together.

use std::sync::{Arc, atomic::Ordering};

use bytes::Bytes;
use prost::Message as _;
use tokio::sync::oneshot;
use wpsx_proto::{
    envelope::{Envelope, Leaf},
    identity::Identity,
    index::{BUNDLE, LeafIndex},
    origin::{Origin, RecordId},
};

use super::{
    append::Appended,
    contents::Recent,
    error::StoreError,
    layout::{self, Sync},
    log::{Log, LogHandle, LogRole},
    poster::Job,
    request::RequestId,
    snapshot::name,
    state::State,
    store::{Shared, Store, signer_of, wait_blocking},
};

const VERSION: u32 = 1;
const NEXT_NUMBER: &str = "logs/next-number";

/// What is kept of a log for its whole life.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Kept {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(uint32, tag = "2")]
    pub(super) number: u32,
    #[prost(string, tag = "3")]
    pub(super) origin: String,
    #[prost(bool, tag = "4")]
    pub(super) own: bool,
    /// The operations of the publisher's identity.
    #[prost(bytes = "bytes", repeated, tag = "5")]
    pub(super) identity: Vec<Bytes>,
}

impl Kept {
    /// All logs of a store.
    pub(super) fn all(state: &State) -> Result<Vec<Self>, StoreError> {
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
    pub(super) fn next_number(state: &State) -> Result<u32, StoreError> {
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
        let log = super::open::new_log(&self.shared, &kept, origin.clone(), identity, key);
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
        let _turn = self.shared.turn.lock();
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
        wait_blocking(removed)?;
        self.shared
            .views()
            .forget(number)
            .map_err(StoreError::Views)?;
        self.shared.changed.send_modify(|n| *n += 1);
        Ok(())
    }

    /// Builds the views anew from the logs; `progress` gets the entries told and
    /// their number. Blocks until they are there.
    ///
    /// # Errors
    /// The views cannot be written.
    pub fn reindex(&self, mut progress: impl FnMut(u64, u64)) -> Result<(), StoreError> {
        let logs = self.logs();
        for log in &logs {
            // From here on nothing is remembered as newer than the views.
            log.inner.contents.write().recent_from = log.stored().value();
            self.shared
                .views()
                .forget(log.number())
                .map_err(StoreError::Views)?;
        }
        let total: u64 = logs.iter().map(|log| log.stored().value()).sum();
        loop {
            self.shared.feed.wake();
            let told: u64 = logs
                .iter()
                .map(|log| self.shared.views().position(log.number()))
                .sum();
            progress(told.min(total), total);
            if told >= total {
                let views = self.shared.views();
                views.flush().map_err(StoreError::Views)?;
                return views.leave_no_trace().map_err(StoreError::Views);
            }
            if let Some(reason) = self.shared.feed.failure() {
                return Err(StoreError::ReadOnly(reason));
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

impl LogHandle {
    /// What a request appended, if it was carried out before.
    pub(super) fn seen_request(&self, request: &RequestId) -> Result<Option<Appended>, StoreError> {
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

    /// Index and revision of a record's newest entry.
    pub(super) fn newest(
        &self,
        shared: &Shared,
        id: &RecordId,
    ) -> Result<Option<(u64, u32)>, StoreError> {
        self.inner.complete_recent(shared, self)?;
        if let Some(recent) = self.inner.contents.read().recent.get(id) {
            return Ok(Some((recent.index, recent.revision)));
        }
        let latest = shared
            .views()
            .latest(self.number(), id)
            .map_err(StoreError::Views)?;
        Ok(latest.map(|latest| (latest.index, latest.revision)))
    }
}

impl Log {
    /// Reads the entries that neither the views nor memory know: those between
    /// where the views were and where the log was when it was opened.
    fn complete_recent(&self, shared: &Shared, handle: &LogHandle) -> Result<(), StoreError> {
        let known = shared.views().position(self.number);
        let until = self.contents.read().recent_from;
        if known >= until {
            return Ok(());
        }
        let mut at = known;
        while at < until {
            let stop = until.min(at - at % BUNDLE + BUNDLE);
            let bundle = handle.entries(LeafIndex::new(at), LeafIndex::new(stop))?;
            let mut contents = self.contents.write();
            for (index, entry) in (at..).zip(bundle.iter()) {
                let Leaf::Known(envelope) = Leaf::read(entry) else {
                    continue;
                };
                let newer = contents.recent.get(&envelope.record_id);
                if newer.is_none_or(|newer| newer.index < index) {
                    let Envelope {
                        record_id,
                        revision,
                        ..
                    } = envelope;
                    contents
                        .recent
                        .insert(record_id, Recent { index, revision });
                }
            }
            at = stop;
        }
        self.contents.write().recent_from = known;
        Ok(())
    }
}
