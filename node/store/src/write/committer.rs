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
    collections::VecDeque,
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::mpsc::Receiver;

use super::{
    answer::Reply,
    group::apply_group,
    job::{Held, Job},
    journal::{Journal, Uncommitted},
    plan::{Later, Plan, take::Planned},
    request::{Asked, MendFile, Request},
    revive::revive,
    shared::Shared,
    snapshot::Snapshot,
};
use crate::{
    crash::{Step, reached},
    error::StoreError,
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
    pub(crate) jobs: SyncSender<Job>,
    /// Segments found at the start that are not dropped yet.
    pub(crate) segments: Vec<String>,
}

impl Committer {
    /// Runs until it is told to close or all senders are gone.
    pub(crate) fn run(mut self, mut waiting: Receiver<Request>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                let failed = StoreError::io("start a thread for", &self.shared.dir)(error);
                return self.shared.standing.fail(&failed);
            }
        };
        let mut due = {
            let _timed = runtime.enter();
            tokio::time::interval(TICK)
        };
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            // By its own time, and not after each group: it looks at every log.
            let next = runtime.block_on(async {
                tokio::select! {
                    biased;
                    _ = due.tick() => None,
                    request = waiting.recv() => Some(request),
                }
            });
            let first = match next {
                Some(Some(first)) => first,
                Some(None) => break,
                None => {
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
            let now = self.shared.now();
            if self.journal.is_due(now) {
                self.drop_journal(None);
            }
        }
        self.drop_journal(None);
    }

    /// Carries requests out, in as few groups as they allow. Gives who waits for the close.
    fn serve(&mut self, mut taken: VecDeque<Request>, bytes: usize) -> Option<Reply<()>> {
        // Memory is bounded here, before anything new is taken on.
        let (standing, room) = (&self.shared.standing, &self.shared.room);
        let backlog = &self.shared.backlog;
        backlog.wait(|| standing.has_failed() || room.is_full());
        let mut close = None;
        while !taken.is_empty() {
            let mut plan = Plan::new(&self.shared, bytes);
            while let Some(request) = taken.pop_front() {
                match request {
                    Request::Close(asked) => close = Some(asked.reply),
                    Request::Settle(asked) => {
                        self.commit(plan);
                        self.drop_journal(Some(asked.reply));
                        plan = Plan::new(&self.shared, bytes);
                    }
                    Request::Hold(asked) => {
                        self.commit(plan);
                        self.hold(asked.reply);
                        plan = Plan::new(&self.shared, bytes);
                    }
                    Request::Remove(asked) => {
                        self.commit(plan);
                        let log = asked.ask.log.inner;
                        let done = asked.reply;
                        self.hand_on(Job::Remove { log, done });
                        plan = Plan::new(&self.shared, bytes);
                    }
                    request if request.needs_room() && self.shared.room.is_full() => {
                        let full = self.shared.room.refusal();
                        request.refuse(full.unwrap_or(StoreError::Closed));
                    }
                    Request::MendFile(Asked { ask, reply: done }) => {
                        let MendFile { log, key, bytes } = ask;
                        self.hand_on(Job::Mend {
                            log,
                            key,
                            bytes,
                            done,
                        });
                    }
                    Request::Revive(asked) => {
                        self.commit(plan);
                        let done = revive(&self.shared, &self.jobs, &asked.ask);
                        let revived = done.is_ok();
                        asked.reply.send(done);
                        if revived {
                            self.drop_journal(None);
                        }
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
        if !self.shared.standing.has_failed() {
            let result = match self.journalled(buffer, erases) {
                Ok(body) => apply_group(&self.shared, &self.jobs, number, body, |_, e| Err(e)),
                Err(Uncommitted::NoRoom(error, _)) => {
                    self.shared.room.ran_out(&error);
                    let full = || self.shared.room.refusal().unwrap_or(StoreError::Closed);
                    return replies.into_iter().for_each(|reply| reply(Err(full())));
                }
                Err(Uncommitted::Failed(error)) => Err(error),
            };
            let standing = &self.shared.standing;
            if let Err(error) = result {
                // What the disk has is not known before it is read again: no second
                // try on this file (a later fsync may report success for pages that
                // were lost), no answer that could turn out false.
                standing.fail(&error);
            } else {
                return self.committed(replies, erases);
            }
        }
        for reply in replies {
            let refusal = self.shared.standing.refusal();
            reply(Err(refusal.unwrap_or(StoreError::Closed)));
        }
    }

    /// Steps 1 and 2. An erasure that finds no room gets the reserve.
    fn journalled(&mut self, buffer: Vec<u8>, erases: bool) -> Result<Bytes, Uncommitted> {
        let now = self.shared.now();
        match self.journal.commit(buffer, now) {
            Err(Uncommitted::NoRoom(error, buffer)) if erases => {
                self.shared.room.ran_out(&error);
                self.shared.room.for_erasing();
                self.journal.commit(buffer, now)
            }
            other => other,
        }
    }

    fn committed(&mut self, replies: Vec<Later>, erases: bool) {
        for reply in replies {
            reply(Ok(()));
        }
        reached(Step::Answered);
        if erases {
            // The payloads that were erased must not stay in the journal.
            self.drop_journal(None);
        }
    }

    /// Looks after what is due by time.
    fn tick(&mut self) {
        let now = self.shared.now();
        self.shared.room.look();
        if self.journal.is_due(now) {
            self.drop_journal(None);
        }
        for log in self.shared.logs() {
            log.inner.cosign_if_owed(&self.shared, now);
        }
    }

    /// Closes the segment and has it dropped once all it holds is elsewhere.
    pub(crate) fn drop_journal(&mut self, done: Option<Reply<()>>) {
        self.segments.extend(self.journal.seal());
        let logs = self.shared.logs();
        let snapshots = logs.iter().filter_map(|log| Snapshot::take(&log.inner));
        let job = Job::Drop {
            segments: std::mem::take(&mut self.segments),
            snapshots: snapshots.collect(),
            done,
        };
        self.hand_on(job);
    }

    /// Has all before this put into its files, says so, and writes nothing until whoever
    /// heard it lets go. The poster has nothing to do then: nobody else gives it jobs.
    fn hold(&mut self, held: Reply<Held>) {
        self.drop_journal(None);
        let (until_dropped, dropped) = sync_channel(0);
        let until = Held {
            _until_dropped: until_dropped,
        };
        self.hand_on(Job::Hold { held, until });
        // Nothing is ever sent: it ends when the other side is gone.
        let _ = dropped.recv();
    }

    /// Without a poster the store has stopped, and who waits for the job hears it.
    fn hand_on(&self, job: Job) {
        let _ = self.jobs.send(job);
    }
}
