//! Adds and drops logs, and answers what needs a log and its followers together.

use std::sync::{Arc, atomic::Ordering};

use prost::Message as _;
use wpsx_proto::{identity::Identity, origin::Origin};

use crate::{
    backend::Durable,
    damage::Part,
    error::StoreError,
    format::{
        kept::{Kept, VERSION},
        saved::name,
    },
    log::handle::{Log, LogHandle, LogRole},
    store::Store,
    wait::block_on,
    write::request::Remove,
};

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
        if let Some(refusal) = self.shared.standing.refusal() {
            return Err(refusal);
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
        let state = &self.shared.state;
        let folder = origin.hash_hex();
        if state.is_to_remove(&folder) {
            // Of a replica of the same name that could not be removed when it was dropped.
            let files = &self.shared.backend.files;
            files.remove_tree(&format!("logs/{folder}"))?;
            files.sync_names("logs")?;
            state.is_removed(&folder)?;
        }
        self.shared.refuse_what_was_there(origin)?;
        let key = identity
            .log_key(origin)
            .ok_or_else(|| StoreError::WrongIdentity(origin.clone()))?;
        let number = self.shared.numbers();
        let shelf = self.shared.shelf();
        let notes = identity.notes().to_vec();
        let log = Log::new(number, own, origin.clone(), identity, key, shelf);
        if let LogRole::Own(signer) = role {
            *log.signer.lock() = Some(log.signer_of(&signer)?);
        }
        let kept = Kept {
            version: VERSION,
            number,
            origin: origin.as_str().to_owned(),
            own,
            identity: notes,
        };
        let line = format!("{origin}\n");
        log.files
            .write(&log.name("origin"), &[line.as_bytes()], Durable::Now)?;
        log.files.sync_names(&log.dir)?;
        log.files.sync_names("logs")?;
        // The log is there once this is, and the number is used up.
        let note = format!("{} {origin}", if own { "own" } else { "replica" });
        state.put_noted(&name(number, "log"), &kept.encode_to_vec(), &note)?;
        let handle = LogHandle {
            inner: Arc::new(log),
        };
        self.shared.logs.write().insert(number, handle.clone());
        self.shared.news.of([number]);
        Ok(handle)
    }

    /// Forgets a replica and removes all that was stored of it, also of one that stands
    /// still because it cannot be read. Blocks shortly.
    ///
    /// # Errors
    /// It is not here, is our own or may be, or cannot be removed.
    pub fn drop_replica(&self, origin: &Origin) -> Result<(), StoreError> {
        let turn = self.shared.turn.lock();
        let (number, log) = self.replica(origin)?;
        if let Some(refusal) = self.shared.standing.refusal() {
            return Err(refusal);
        }
        let named = self.shared.named.lock();
        // The log is gone once this is ordered; a crash after it leaves files that the
        // next start removes.
        let folder = origin.hash_hex();
        let ordered = self.shared.state.drop_replica(number, &folder);
        if ordered.is_err() && !self.shared.state.is_to_remove(&folder) {
            return ordered;
        }
        if let Some(log) = &log {
            log.inner.dropped.store(true, Ordering::Release);
        }
        self.shared.logs.write().remove(&number);
        self.shared.damages.forget(number);
        self.shared.wanted.lock().remove(&number);
        // The poster needs it to come as far as the removal.
        drop(named);
        match log {
            // After what is under way for it.
            Some(log) => block_on(self.ask(Remove { log }))?,
            // Nothing is under way for what stands still.
            None => {
                let folder = format!("logs/{folder}");
                self.shared.backend.files.remove_tree(&folder)?;
            }
        }
        self.shared.backend.files.sync_names("logs")?;
        self.shared.state.is_removed(&folder)?;
        // No other log has to wait for what the followers do about this one.
        drop(turn);
        for mailbox in &self.shared.mailboxes {
            mailbox.forget([number]);
        }
        self.shared.news.of([number]);
        let mailboxes = self.shared.mailboxes.iter();
        mailboxes
            .map(|mailbox| block_on(mailbox.forgotten(number)))
            .fold(Ok(()), Result::and)
    }

    /// The number of a replica, and the log unless it stands still.
    fn replica(&self, origin: &Origin) -> Result<(u32, Option<LogHandle>), StoreError> {
        let refusal = match self.known(origin) {
            Ok(log) if log.is_own() => return Err(StoreError::Ours(origin.clone())),
            Ok(log) => return Ok((log.number(), Some(log))),
            Err(refusal) => refusal,
        };
        let damages = self.shared.damages.all();
        let stands_still = damages
            .iter()
            .find(|it| it.part == Part::Log && it.origin.as_ref() == Some(origin));
        match stands_still.map(|it| (it.log, it.own)) {
            Some((number, Some(false))) => Ok((number, None)),
            Some((_, Some(true))) => Err(StoreError::Ours(origin.clone())),
            _ => Err(refusal),
        }
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
