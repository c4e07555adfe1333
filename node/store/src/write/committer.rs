//! The one thread that writes. It takes what waits, plans it against what is
//! stored, and makes it durable as one group of the journal.
//!
//! The write order, and what a crash after each step leaves:
//!
//! 1. The group is written to the journal: entries, payload frames, signed
//!    checkpoints, request ids, and the commit mark. *Nobody was told; recovery
//!    finds a torn group and cuts it, or a whole one and keeps it. Both are true.*
//! 2. One fdatasync. *The group is there after a power cut. Recovery applies it.*
//! 3. The group is applied in memory and the writers get their answers.
//!    *As before: recovery applies the group by the same function.*
//! 4. Full bundles and tiles are written as files (poster thread).
//!    *Recovery writes the same files again.*
//! 5. The followers are told (a thread for each). *They are told again from where they
//!    are.*
//! 6. When the segment is full, old, or held a payload that was erased: the partial
//!    files are written, all files are synced, the state files are replaced, the
//!    segment is removed. *See the steps in `poster.rs`.*

use std::{
    collections::{BTreeSet, VecDeque},
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};

use tokio::sync::mpsc as requests;

use crate::{
    crash::{Step, reached},
    error::{StoreError, chain},
    format::change,
    format::journal::Journal,
    store::Shared,
    write::apply::Effects,
    write::plan::{Plan, Planned, Request},
    write::poster::{Done, Job},
    write::snapshot::Snapshot,
};

/// Requests that may wait; each holds at most a batch.
pub(crate) const MOST_WAITING: usize = 64;
/// A group takes no further request once it has so many bytes.
const GROUP_BYTES: usize = 16 << 20;
/// How often the committer looks at its segment and at cosignatures it owes.
const TICK: Duration = Duration::from_millis(250);

pub(crate) struct Committer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) journal: Journal,
    pub(crate) jobs: mpsc::Sender<Job>,
    /// Segments found at the start that are not dropped yet.
    pub(crate) segments: Vec<PathBuf>,
}

impl Committer {
    /// Runs until it is told to close or all senders are gone.
    pub(crate) fn run(mut self, mut waiting: requests::Receiver<Request>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                return self
                    .shared
                    .fail(&StoreError::io("start a thread for", &self.shared.dir)(
                        error,
                    ));
            }
        };
        loop {
            let next = runtime.block_on(async { tokio::time::timeout(TICK, waiting.recv()).await });
            let first = match next {
                Ok(Some(first)) => first,
                Ok(None) => break,
                Err(_) => {
                    self.tick();
                    continue;
                }
            };
            let mut bytes = first.weight();
            let mut taken = VecDeque::from([first]);
            while bytes < GROUP_BYTES
                && let Ok(request) = waiting.try_recv()
            {
                bytes += request.weight();
                taken.push_back(request);
            }
            if let Some(done) = self.serve(taken, bytes) {
                waiting.close();
                while let Some(request) = runtime.block_on(waiting.recv()) {
                    request.refuse(StoreError::Closed);
                }
                self.drop_journal(Some(done));
                return;
            }
            self.tick();
        }
        self.drop_journal(None);
    }

    /// Carries requests out, in as few groups as they allow. Gives who waits for the close.
    fn serve(&mut self, mut taken: VecDeque<Request>, bytes: usize) -> Option<Done> {
        // Memory is bounded here, before anything new is taken on.
        self.shared.backlog.wait(|| self.shared.failure().is_some());
        let mut close = None;
        while !taken.is_empty() {
            let mut plan = Plan::new(&self.shared, bytes);
            while let Some(request) = taken.pop_front() {
                match request {
                    Request::Close(done) => close = Some(done),
                    Request::Settle(done) => {
                        self.commit(plan);
                        self.drop_journal(Some(done));
                        plan = Plan::new(&self.shared, bytes);
                    }
                    request => match plan.add(request) {
                        Planned::Taken => {}
                        Planned::Later(request) => {
                            taken.push_front(*request);
                            break;
                        }
                    },
                }
            }
            self.commit(plan);
        }
        close
    }

    /// Steps 1 to 3 of the write order.
    fn commit(&mut self, plan: Plan) {
        let Plan {
            buffer,
            replies,
            erases,
            ..
        } = plan;
        if buffer.len() == Journal::group(0).len() {
            for reply in replies {
                reply(Ok(()));
            }
            return;
        }
        let number = self.journal.next_group();
        let result = match self.shared.failure() {
            Some(reason) => Err(StoreError::ReadOnly(reason)),
            None => self
                .journal
                .commit(buffer, self.shared.now())
                .and_then(|body| self.apply(number, body)),
        };
        if let Err(error) = result {
            // What the disk has is not known before it is read again: no second
            // try on this file (a later fsync may report success for pages that
            // were lost), no answer that could turn out false.
            self.shared.fail(&error);
            let reason = self.shared.failure().unwrap_or_default();
            for reply in replies {
                reply(Err(StoreError::ReadOnly(reason.clone())));
            }
            return;
        }
        for reply in replies {
            reply(Ok(()));
        }
        reached(Step::Answered);
        if erases {
            // The payloads that were erased must not stay in the journal.
            self.drop_journal(None);
        }
    }

    fn apply(&mut self, number: u64, body: bytes::Bytes) -> Result<(), StoreError> {
        apply_group(&self.shared, &self.jobs, number, body)
    }

    /// Looks after what is due by time.
    fn tick(&mut self) {
        let now = self.shared.now();
        if self.journal.is_due(now) {
            self.drop_journal(None);
        }
        for log in self.shared.logs() {
            log.inner.cosign_if_owed(&self.shared, now);
        }
    }

    /// Closes the segment and has it dropped once all it holds is elsewhere.
    pub(crate) fn drop_journal(&mut self, done: Option<Done>) {
        self.segments.extend(self.journal.seal());
        let logs = self.shared.logs();
        let snapshots = logs.iter().filter_map(|log| Snapshot::take(&log.inner));
        let job = Job::Drop {
            segments: std::mem::take(&mut self.segments),
            snapshots: snapshots.collect(),
            done,
        };
        // The poster lives as long as we do.
        let _ = self.jobs.send(job);
    }
}

/// Applies a durable group in memory and hands on what follows from it. The
/// committer and recovery both come through here.
pub(crate) fn apply_group(
    shared: &Shared,
    jobs: &mpsc::Sender<Job>,
    number: u64,
    body: bytes::Bytes,
) -> Result<(), StoreError> {
    let damaged = |reason: String| StoreError::damaged(&shared.dir.join("journal"), reason);
    let changes = change::read(body).map_err(damaged)?;
    let mut touched = BTreeSet::new();
    for run in changes.chunk_by(|a, b| a.log == b.log) {
        touched.insert(run[0].log);
    }
    let mut changes = changes.into_iter().peekable();
    while let Some(next) = changes.peek() {
        let log_number = next.log;
        let Some(log) = shared.log_numbered(log_number) else {
            if log_number >= shared.numbers() {
                return Err(damaged(format!(
                    "it names a log {log_number} that never was"
                )));
            }
            // The replica was dropped after this was written.
            touched.remove(&log_number);
            changes.next();
            continue;
        };
        let mut effects = Effects::default();
        let mut contents = log.inner.contents.write();
        while let Some(change) = changes.next_if(|change| change.log == log_number) {
            // The files have it already: recovery after a crash in step 6.
            if number > contents.applied {
                log.inner.apply(&mut contents, change.what, &mut effects)?;
            }
        }
        drop(contents);
        let Effects {
            files,
            bytes,
            refills,
        } = effects;
        if !files.is_empty() {
            shared.backlog.add(bytes);
            // The poster lives as long as its senders.
            let _ = jobs.send(Job::Files {
                log: log.inner.clone(),
                files,
                bytes,
            });
        }
        if !refills.is_empty() {
            for mailbox in &shared.mailboxes {
                mailbox.refill(log_number, refills.iter().copied());
            }
        }
    }
    for log_number in touched {
        if let Some(log) = shared.log_numbered(log_number) {
            let mut contents = log.inner.contents.write();
            contents.applied = contents.applied.max(number);
            drop(contents);
            log.inner.changed.send_modify(|n| *n += 1);
        }
    }
    shared.changed.send_modify(|n| *n += 1);
    for mailbox in &shared.mailboxes {
        mailbox.wake();
    }
    Ok(())
}

/// The sentence of a failure, with its causes.
pub(crate) fn sentence(error: &StoreError) -> String {
    format!(
        "{}; nothing more is written until the cause is removed and the node is started again",
        chain(error)
    )
}
