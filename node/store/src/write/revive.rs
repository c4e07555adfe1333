//! Has a log go on that stood still, once what it hung on is there again.

use std::sync::{Arc, mpsc::SyncSender};

use super::{job::Job, request::Revive, shared::Shared};
use crate::{
    backend::Durable, damage::Part, damaged_log, error::StoreError, format::kept::Kept, load::load,
    log::handle::LogHandle, set_aside,
};

/// Loads the log, with what was set aside of it.
pub(crate) fn revive(
    shared: &Shared,
    jobs: &SyncSender<Job>,
    ask: &Revive,
) -> Result<(), StoreError> {
    let number = ask.number;
    if let Some((name, bytes)) = &ask.file {
        let files = &shared.backend.files;
        files.write(name, &[bytes], Durable::Now)?;
    }
    let kept = Kept::read(&shared.state, number)?;
    let begins = set_aside::begin(shared, &[]).contains(&number);
    let log = load(shared, &kept, begins).map_err(|stuck| {
        damaged_log::wants(shared, number, stuck.wanted);
        stuck.error
    })?;
    let inner = Arc::new(log);
    if let Some(signer) = shared.signers.lock().get(&inner.origin) {
        *inner.signer.lock() = Some(inner.signer_of(signer)?);
    }
    let log = LogHandle { inner };
    shared.logs.write().insert(number, log.clone());
    shared.damages.mended(number, Part::Log);
    shared.wanted.lock().remove(&number);
    set_aside::take_up(shared, jobs, &log)?;
    shared.news.of([number]);
    for mailbox in &shared.mailboxes {
        mailbox.wake();
    }
    Ok(())
}
